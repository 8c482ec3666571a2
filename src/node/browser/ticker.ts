// SPDX-License-Identifier: Apache-2.0
// A Clock whose timers run in a worker, for everything on the page that must go on while the tab is hidden.
import { type Clock, makeClock, systemClock } from '../../common/runtime/clock.ts';
import { type HeapTimer, TimerHeap } from '../../common/runtime/timer-heap.ts';
import type { WakeRequest } from './ticker-worker.ts';

/** What is used of a Worker. */
export interface TickerPort {
  postMessage(request: WakeRequest): void;
  onmessage: ((event: MessageEvent<WakeRequest>) => void) | null;
}

/** A longer one would be over at once: `setTimeout` takes 31 bits. */
const LONGEST_MS = 2 ** 31 - 1;

interface PageTimer extends HeapTimer {
  readonly callback: () => void;
}

/**
 * A clock woken by the worker. Timers are kept on the page: most are deadlines that are cancelled long before they are due, and the worker
 * is asked only when one comes before all others.
 *
 * @param elapsed milliseconds of a clock that nobody sets, such as performance.now().
 */
export function tickerClock(port: TickerPort, elapsed: () => number): Clock {
  const timers = new TimerHeap<PageTimer>();
  let order = 0;
  /** When the worker will answer. */
  let wakeAt = Number.POSITIVE_INFINITY;
  const arm = (): void => {
    const { at } = timers.first() ?? { at: Number.POSITIVE_INFINITY };
    if (at >= wakeAt) return;
    wakeAt = at;
    port.postMessage(Math.min(Math.max(0, Math.ceil(at - elapsed())), LONGEST_MS));
  };
  port.onmessage = () => {
    wakeAt = Number.POSITIVE_INFINITY;
    const now = elapsed();
    try {
      for (let due = timers.takeDue(now); due; due = timers.takeDue(now)) due.callback();
    } finally {
      // Also when a callback throws: the others wait for the next answer.
      arm();
    }
  };
  return makeClock(
    () => Date.now(),
    (callback, ms) => {
      const timer = { at: elapsed() + ms, order: order++, callback };
      timers.add(timer);
      arm();
      return () => timers.cancel(timer);
    },
  );
}

export interface Ticker {
  readonly clock: Clock;
  stop(): void;
}

/** Starts the worker; on a page that may not have workers, the page's own timers must do. */
export function startTicker(): Ticker {
  try {
    const worker = new Worker(new URL('./ticker-worker.ts', import.meta.url), {
      type: 'module',
      name: 'ticker',
    });
    return { clock: tickerClock(worker, () => performance.now()), stop: () => worker.terminate() };
  } catch {
    return { clock: systemClock, stop: () => {} };
  }
}
