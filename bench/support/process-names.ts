// SPDX-License-Identifier: Apache-2.0
// Which process of a browser holds a page, and which thread is which worker: Chromium tells neither. So each page and worker is kept
// busy for a moment, and the thread that used the time is the one.
import type { Page } from 'playwright';
import type { BenchBrowser } from './browsers.ts';
import { chromiumRole } from './proc.ts';
import { sampleTree, type ThreadUse, usedBetween } from './process-tree.ts';

/** Longer and longer: on a machine that has other work, a busy thread gets only a part of the time. */
const BUSY_MS = [80, 320, 1280] as const;
const LEAST_CPU_MS = 40;

type Busy = (ms: number) => unknown;
/** A page or a worker, as far as it can be kept busy. */
interface Runs {
  evaluate(busy: Busy, ms: number): Promise<unknown>;
}

const keepBusy: Busy = (ms) => {
  const end = performance.now() + ms;
  while (performance.now() < end);
};

/** Names of the processes and threads of one browser. */
export class ProcessNames {
  /** Processes with a page; other renderers hold sandboxed frames, or wait for a page. */
  readonly pages: ReadonlySet<number>;
  readonly #workers: ReadonlyMap<number, string>;

  private constructor(pages: ReadonlySet<number>, workers: ReadonlyMap<number, string>) {
    this.pages = pages;
    this.#workers = workers;
  }

  /** Of the pages given and the workers that they run now. */
  static async find(browser: BenchBrowser, pages: readonly Page[]): Promise<ProcessNames> {
    const processes = new Set<number>();
    const workers = new Map<number, string>();
    for (const page of pages) {
      const found = await threadOf(browser.pid, page, ({ group }) => group === 'main');
      if (found) processes.add(found.pid);
      // Chaincode in a sandbox has no clock to be busy by, and no name.
      for (const worker of page.workers().filter((one) => !one.url().startsWith('blob:'))) {
        const thread = await threadOf(browser.pid, worker, ({ group }) => group === 'worker');
        const name = await worker.evaluate(() => self.name);
        if (thread) workers.set(thread.tid, name || workerName(worker.url()));
      }
    }
    if (processes.size === 0) throw new Error('no process of a page was found');
    return new ProcessNames(processes, workers);
  }

  /** `page`, `sandbox`, `GPU`, `network`, `browser`, … */
  roleOf(pid: number, commandLine: string): string {
    const role = chromiumRole(commandLine);
    if (role !== 'renderer') return role;
    return this.pages.has(pid) ? 'page' : 'sandbox';
  }

  /** As the thread's group, but a known worker by its name. */
  groupOf({ tid, group }: ThreadUse): string {
    return group === 'worker' ? (this.#workers.get(tid) ?? group) : group;
  }
}

/** `verify` of `https://…/assets/verify-worker-DoKj4DPw.js`: what a worker without a name is called. */
export function workerName(url: string): string {
  const [, name] = /\/([\w.-]+?)(?:-worker)?(?:-[\w-]{8})?\.js$/.exec(new URL(url).pathname) ?? [];
  return name ?? 'worker';
}

async function threadOf(
  root: number,
  target: Runs,
  isCandidate: (use: ThreadUse) => boolean,
): Promise<ThreadUse | undefined> {
  for (const ms of BUSY_MS) {
    const before = sampleTree(root);
    await target.evaluate(keepBusy, ms);
    const after = sampleTree(root);
    const [first, second] = usedBetween(before, after)
      .filter(isCandidate)
      .toSorted((a, b) => b.cpuMs - a.cpuMs);
    if (!first || first.cpuMs < LEAST_CPU_MS) continue;
    if ((second?.cpuMs ?? 0) < first.cpuMs / 2) return first;
  }
  return undefined;
}
