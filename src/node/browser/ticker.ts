// SPDX-License-Identifier: Apache-2.0
// A Clock whose timers run in a worker, for everything on the page that must go on while the tab is hidden.
import { type Clock, makeClock, systemClock } from '../../common/runtime/clock.ts';
import type { TimerRequest } from './ticker-worker.ts';

/** What is used of a Worker. */
export interface TickerPort {
  postMessage(request: TimerRequest): void;
  onmessage: ((event: MessageEvent<number>) => void) | null;
}

/** A clock over the worker's timers. */
export function tickerClock(port: TickerPort): Clock {
  const callbacks = new Map<number, () => void>();
  let last = 0;
  port.onmessage = ({ data: id }) => {
    const callback = callbacks.get(id);
    callbacks.delete(id);
    callback?.();
  };
  return makeClock(
    () => Date.now(),
    (callback, ms) => {
      const id = ++last;
      callbacks.set(id, callback);
      port.postMessage({ id, ms });
      return () => {
        if (callbacks.delete(id)) port.postMessage({ id });
      };
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
    return { clock: tickerClock(worker), stop: () => worker.terminate() };
  } catch {
    return { clock: systemClock, stop: () => {} };
  }
}
