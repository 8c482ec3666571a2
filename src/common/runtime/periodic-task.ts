// SPDX-License-Identifier: Apache-2.0
import type { Clock } from './clock.ts';
import { messageOf } from './errors.ts';
import type { Logger } from './log.ts';

/** What is done again and again while its owner runs. The next turn is counted from the end of the last, so turns never overlap. */
export interface PeriodicTaskOptions {
  /** Stands in the log when a turn fails; the turns go on. */
  readonly name: string;
  /** Milliseconds before each turn, the first too. */
  readonly everyMs: number;
  readonly clock: Clock;
  readonly log: Logger;
  readonly run: (signal: AbortSignal) => void | Promise<void>;
}

export class PeriodicTask {
  readonly #options: PeriodicTaskOptions;
  #stop: AbortController | undefined;

  constructor(options: PeriodicTaskOptions) {
    this.#options = options;
  }

  start(): void {
    if (this.#stop) return;
    this.#stop = new AbortController();
    void this.#repeat(this.#stop.signal);
  }

  stop(): void {
    this.#stop?.abort(new Error('stopping'));
    this.#stop = undefined;
  }

  async #repeat(signal: AbortSignal): Promise<void> {
    const { name, everyMs, clock, log, run } = this.#options;
    while (!signal.aborted) {
      try {
        await clock.sleep(everyMs, { signal });
        await run(signal);
      } catch (error) {
        if (!signal.aborted) log.error(name, { reason: messageOf(error) });
      }
    }
  }
}
