// SPDX-License-Identifier: Apache-2.0
// The timer of a worker, which a hidden page does not slow down: the page's own drop to one tick in two seconds, or in a minute.

/** Page to worker: after how many milliseconds to answer, instead of what was asked before. The worker answers with it. */
export type WakeRequest = number;

let timer: ReturnType<typeof setTimeout> | undefined;

self.onmessage = ({ data: ms }: MessageEvent<WakeRequest>): void => {
  clearTimeout(timer);
  timer = setTimeout(() => self.postMessage(ms), ms);
};
