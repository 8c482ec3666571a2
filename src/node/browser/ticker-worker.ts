// SPDX-License-Identifier: Apache-2.0
// Timers of a worker, which a hidden page does not slow down: the page's own drop to one tick in two seconds, or in a minute.

/** Page to worker: start the timer `id`, or drop it when `ms` is absent. Worker to page: the id of a timer that is due. */
export interface TimerRequest {
  readonly id: number;
  readonly ms?: number;
}

const timers = new Map<number, ReturnType<typeof setTimeout>>();

self.onmessage = ({ data: { id, ms } }: MessageEvent<TimerRequest>): void => {
  clearTimeout(timers.get(id));
  timers.delete(id);
  if (ms === undefined) return;
  const due = (): void => {
    timers.delete(id);
    self.postMessage(id);
  };
  timers.set(id, setTimeout(due, ms));
};
