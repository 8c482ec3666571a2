// SPDX-License-Identifier: Apache-2.0
// What the processes below one process use: processor time by process and by thread, and memory. Linux tells; elsewhere a
// sample has no processes.
import { readdirSync, readFileSync } from 'node:fs';
import { type ProcMemory, parseMemory, parseStat, threadGroup, treeOf } from './proc.ts';

export interface ThreadSample {
  readonly name: string;
  readonly cpuMs: number;
}

export interface ProcessSample {
  readonly commandLine: string;
  /** With what its ended threads used. */
  readonly cpuMs: number;
  readonly threads: ReadonlyMap<number, ThreadSample>;
}

/** Processes of a tree by id, at one moment. */
export interface TreeSample {
  readonly atMs: number;
  readonly processes: ReadonlyMap<number, ProcessSample>;
}

export interface ThreadUse {
  readonly pid: number;
  /** The process's id for what its threads used that are gone. */
  readonly tid: number;
  readonly group: string;
  readonly cpuMs: number;
}

export function sampleTree(...roots: readonly number[]): TreeSample {
  const parents = new Map<number, number>();
  for (const pid of numbersIn('/proc')) {
    const stat = parseStat(read(`/proc/${pid}/stat`));
    if (stat) parents.set(pid, stat.parent);
  }
  const processes = new Map<number, ProcessSample>();
  for (const pid of roots.flatMap((root) => treeOf(root, parents))) {
    const sample = sampleProcess(pid);
    if (sample) processes.set(pid, sample);
  }
  return { atMs: performance.now(), processes };
}

/** Private and proportional memory of a process; undefined when it has ended or is not ours to read. */
export function memoryOf(pid: number): ProcMemory | undefined {
  return parseMemory(read(`/proc/${pid}/smaps_rollup`));
}

/** What every thread used between two samples. A process that ended in between counts for nothing, a new one in full. */
export function usedBetween(before: TreeSample, after: TreeSample): ThreadUse[] {
  return [...after.processes].flatMap(([pid, now]) => {
    const then = before.processes.get(pid);
    const threads = [...now.threads].map(([tid, { name, cpuMs }]): ThreadUse => {
      const group = threadGroup(name, tid === pid);
      return { pid, tid, group, cpuMs: cpuMs - (then?.threads.get(tid)?.cpuMs ?? 0) };
    });
    const living = threads.reduce((sum, { cpuMs }) => sum + cpuMs, 0);
    const ended = Math.max(0, now.cpuMs - (then?.cpuMs ?? 0) - living);
    return [...threads, { pid, tid: pid, group: 'ended', cpuMs: ended }];
  });
}

/** Sums of `cpuMs` by key, largest first. */
export function sumBy(
  uses: readonly ThreadUse[],
  keyOf: (use: ThreadUse) => string,
): Map<string, number> {
  const sums = new Map<string, number>();
  for (const use of uses) sums.set(keyOf(use), (sums.get(keyOf(use)) ?? 0) + use.cpuMs);
  return new Map([...sums].toSorted(([, a], [, b]) => b - a));
}

function sampleProcess(pid: number): ProcessSample | undefined {
  const stat = parseStat(read(`/proc/${pid}/stat`));
  if (!stat) return undefined;
  const threads = new Map<number, ThreadSample>();
  for (const tid of numbersIn(`/proc/${pid}/task`)) {
    const thread = parseStat(read(`/proc/${pid}/task/${tid}/stat`));
    if (thread) threads.set(tid, { name: thread.name, cpuMs: thread.cpuMs });
  }
  const commandLine = read(`/proc/${pid}/cmdline`).replaceAll('\0', ' ');
  return { commandLine, cpuMs: stat.cpuMs, threads };
}

function numbersIn(folder: string): number[] {
  try {
    return readdirSync(folder).map(Number).filter(Number.isInteger);
  } catch {
    return [];
  }
}

// Processes and threads end while they are read.
function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
