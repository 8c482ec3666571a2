// SPDX-License-Identifier: Apache-2.0
// Time is a component, so that tests decide what it is and a hidden tab can take its ticks from a worker.

import { type HeapTimer, TimerHeap } from './timer-heap.ts';

/** The time source of a node. */
export interface Clock {
  /** Milliseconds since the Unix epoch. */
  now(): number;
  /** Calls `callback` once after `ms` milliseconds; the result cancels it. */
  setTimer(callback: () => void, ms: number): () => void;
  /** Resolves after `ms` milliseconds; rejects with the signal's reason when aborted. */
  sleep(ms: number, options?: { signal?: AbortSignal | undefined }): Promise<void>;
}

/** A Clock over any `setTimer`, which is all that implementations differ in. */
export function makeClock(now: () => number, setTimer: Clock['setTimer']): Clock {
  return {
    now,
    setTimer,
    sleep: (ms, { signal } = {}) =>
      new Promise<void>((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason);
        const abort = (): void => {
          cancel();
          reject(signal?.reason);
        };
        const cancel = setTimer(() => {
          signal?.removeEventListener('abort', abort);
          resolve();
        }, ms);
        signal?.addEventListener('abort', abort, { once: true });
      }),
  };
}

/** The machine's own clock. */
export const systemClock: Clock = makeClock(
  () => Date.now(),
  (callback, ms) => {
    const handle = setTimeout(callback, ms);
    return () => clearTimeout(handle);
  },
);

/** A clock that stands still until a test moves it. */
export class FakeClock implements Clock {
  #now: number;
  readonly #timers = new TimerHeap<HeapTimer & { readonly callback: () => void }>();
  #order = 0;
  readonly #clock: Clock;

  constructor(start = 1_700_000_000_000) {
    this.#now = start;
    this.#clock = makeClock(
      () => this.#now,
      (callback, ms) => {
        const timer = { at: this.#now + ms, order: this.#order++, callback };
        this.#timers.add(timer);
        return () => this.#timers.cancel(timer);
      },
    );
  }

  now(): number {
    return this.#now;
  }

  setTimer(callback: () => void, ms: number): () => void {
    return this.#clock.setTimer(callback, ms);
  }

  sleep(ms: number, options?: { signal?: AbortSignal | undefined }): Promise<void> {
    return this.#clock.sleep(ms, options);
  }

  /** Moves time on by `ms`, firing due timers in order and letting promises settle between them. */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms;
    await settle();
    for (;;) {
      const due = this.#timers.takeDue(end);
      if (!due) break;
      this.#now = Math.max(this.#now, due.at);
      due.callback();
      await settle();
    }
    this.#now = end;
    await settle();
  }
}

// Enough turns of the microtask queue (and one macrotask) for chains of awaits to run dry.
async function settle(): Promise<void> {
  for (let i = 0; i < 20; i++) await Promise.resolve();
  await new Promise<void>((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(0);
  });
}

export { type RandomBytes, systemRandomBytes } from './random.ts';
