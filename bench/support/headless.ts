// SPDX-License-Identifier: Apache-2.0
// Headless peers: `tabric peer start --json` in a process of its own, many peers in each.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

const PROGRAM = 'cmd/tabric.ts';
const READY_TIMEOUT_MS = 180_000;
const STOP_TIMEOUT_MS = 20_000;

export interface ReadyPeer {
  readonly name: string;
  readonly height: number;
  /** Since its process was started. */
  readonly atMs: number;
}

/** Whether this commit has the command. */
export function hasHeadlessPeers(): boolean {
  const { stdout } = spawnSync(process.execPath, [PROGRAM, 'peer', 'start', '--help']);
  // Asked for help about a command that it does not know, the program tells about itself.
  return String(stdout).includes('--join');
}

export class HeadlessPeers implements AsyncDisposable {
  readonly #process: ChildProcess;
  readonly #ready: ReadyPeer[] = [];
  readonly #changed = new EventTarget();
  #stderr = '';

  /** Starts so many peers of one organisation. */
  constructor(link: string, count: number) {
    const began = performance.now();
    const args = ['peer', 'start', '--join', link, '--count', String(count), '--json'];
    this.#process = spawn(process.execPath, [PROGRAM, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#process.stderr?.on('data', (chunk: Buffer) => {
      this.#stderr = (this.#stderr + chunk.toString()).slice(-4000);
    });
    this.#process.once('exit', () => this.#changed.dispatchEvent(new Event('change')));
    const { stdout } = this.#process;
    if (!stdout) throw new Error('the peers have no stdout');
    createInterface({ input: stdout }).on('line', (line) => {
      const ready = readyEvent(line);
      if (!ready) return;
      this.#ready.push({ ...ready, atMs: performance.now() - began });
      this.#changed.dispatchEvent(new Event('change'));
    });
  }

  get pid(): number {
    const { pid } = this.#process;
    if (pid === undefined) throw new Error('the peers did not start');
    return pid;
  }

  /** Resolves with all peers when so many are at the tip. */
  async ready(count: number): Promise<readonly ReadyPeer[]> {
    const deadline = AbortSignal.timeout(READY_TIMEOUT_MS);
    while (this.#ready.length < count) {
      if (this.#process.exitCode !== null) {
        throw new Error(`the peers ended with ${this.#process.exitCode}:\n${this.#stderr}`);
      }
      if (deadline.aborted) {
        throw new Error(`${this.#ready.length} of ${count} peers were ready:\n${this.#stderr}`);
      }
      await this.#change(deadline);
    }
    return this.#ready;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#process.exitCode !== null) return;
    const ended = new Promise<void>((resolve) => this.#process.once('exit', () => resolve()));
    this.#process.kill('SIGINT');
    const timer = setTimeout(() => this.#process.kill('SIGKILL'), STOP_TIMEOUT_MS);
    await ended;
    clearTimeout(timer);
  }

  #change(deadline: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      this.#changed.addEventListener('change', () => resolve(), { once: true });
      deadline.addEventListener('abort', () => resolve(), { once: true });
    });
  }
}

/** What a line of output says about a peer that is at the tip; undefined for other lines. */
export function readyEvent(line: string): { name: string; height: number } | undefined {
  const event = jsonOf(line);
  if (event?.event !== 'ready') return undefined;
  const { name, height } = event;
  if (typeof name !== 'string' || typeof height !== 'number') return undefined;
  return { name, height };
}

function jsonOf(line: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}

/** Bytes that a process has written so far, to sockets, pipes and files together. UDP is not in it. NaN where the system does not tell. */
export function bytesWrittenBy(pid: number): number {
  try {
    return Number(/^wchar: (\d+)$/m.exec(readFileSync(`/proc/${pid}/io`, 'utf8'))?.[1]);
  } catch {
    return Number.NaN;
  }
}

/** A figure in place of one that this commit cannot have. */
export const NO_HEADLESS_PEERS = Object.freeze({
  value: 'left out',
  method: 'this commit has no `tabric peer start`',
});
