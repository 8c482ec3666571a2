// SPDX-License-Identifier: Apache-2.0
// What Linux tells about processes in /proc: parsing alone, no files (man 5 proc).

/** A line of /proc/<pid>/stat or /proc/<pid>/task/<tid>/stat. */
export interface ProcStat {
  readonly id: number;
  /** At most 15 characters of the program's or thread's name. */
  readonly name: string;
  readonly parent: number;
  /** Time on processors, user and system. */
  readonly cpuMs: number;
}

export interface ProcMemory {
  /** Pages that this process alone maps: what ending it would give back. */
  readonly privateBytes: number;
  /** Proportional set size: private pages, and of shared ones this process's part. */
  readonly pssBytes: number;
}

/** USER_HZ, which is 100 on every architecture that Chromium and Node run on. */
const MS_PER_TICK = 10;

/** Undefined when the line is none. Names may hold spaces and brackets, so fields count from the last bracket. */
export function parseStat(text: string): ProcStat | undefined {
  const open = text.indexOf('(');
  const close = text.lastIndexOf(')');
  if (open < 0 || close < open) return undefined;
  const fields = text.slice(close + 2).split(' ');
  const [, parent, user, system] = [fields[0], fields[1], fields[11], fields[12]].map(Number);
  const id = Number.parseInt(text, 10);
  if (parent === undefined || user === undefined || system === undefined) return undefined;
  if (![id, parent, user, system].every(Number.isInteger)) return undefined;
  return { id, name: text.slice(open + 1, close), parent, cpuMs: (user + system) * MS_PER_TICK };
}

/** Sums of /proc/<pid>/smaps_rollup; undefined when it is none, as of a process that ended. */
export function parseMemory(rollup: string): ProcMemory | undefined {
  const bytesOf = (name: string): number | undefined => {
    const [, kb] = new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(rollup) ?? [];
    return kb === undefined ? undefined : Number(kb) * 1024;
  };
  const [clean, dirty, pssBytes] = ['Private_Clean', 'Private_Dirty', 'Pss'].map(bytesOf);
  if (clean === undefined || dirty === undefined || pssBytes === undefined) return undefined;
  return { privateBytes: clean + dirty, pssBytes };
}

/** The root's id and those of all its descendants, by the parents given. */
export function treeOf(root: number, parents: ReadonlyMap<number, number>): number[] {
  const children = new Map<number, number[]>();
  for (const [id, parent] of parents) {
    const siblings = children.get(parent);
    if (siblings) siblings.push(id);
    else children.set(parent, [id]);
  }
  const tree = [root];
  for (const id of tree) tree.push(...(children.get(id) ?? []));
  return tree;
}

/** What a process of Chromium is there for, by its command line. */
export function chromiumRole(commandLine: string): string {
  const [, type] = /--type=([\w-]+)/.exec(commandLine) ?? [];
  if (type === undefined) return 'browser';
  if (type === 'gpu-process') return 'GPU';
  if (type !== 'utility') return type;
  const [, service = 'utility'] =
    /--utility-sub-type=\w+\.mojom\.(\w+?)(?:Service)?(?:\s|$)/.exec(commandLine) ?? [];
  return service.toLowerCase();
}

/** Which group a thread of Chromium or Node counts to. `isMain`: its id is the process's. */
export function threadGroup(name: string, isMain: boolean): string {
  if (isMain) return 'main';
  const group = GROUPS.find(([pattern]) => pattern.test(name));
  return group?.[1] ?? 'other';
}

const GROUPS: readonly (readonly [RegExp, string])[] = [
  [/^DedicatedWorker/, 'worker'],
  [/^(Compositor|VizCompositor|CrGpuMain)/, 'compositor'],
  [/^Chrome_.*IO/, 'IO'],
  [/^WebRTC/, 'WebRTC'],
  [/^ThreadPool/, 'pool'],
  [/^libuv-worker/, 'libuv pool'],
  [/^(V8Worker|DelayedTaskSche)/, 'V8'],
];
