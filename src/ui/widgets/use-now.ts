// SPDX-License-Identifier: Apache-2.0
// The present, for ages: one timer for the whole page, and only while somebody reads it and the page is seen. Ages are told in
// minutes, so that most ticks change nothing on the page.
import { signal } from '@preact/signals';
import { pageVisibility } from '../model/page-updates.ts';

const INTERVAL_MS = 15_000;

const now = signal(Date.now(), { watched: start, unwatched: stop });
let timer: ReturnType<typeof setInterval> | undefined;
let stopFollowing: (() => void) | undefined;

function start(): void {
  stopFollowing = pageVisibility.onChange(follow);
  follow();
}

function stop(): void {
  stopFollowing?.();
  clearInterval(timer);
}

function follow(): void {
  clearInterval(timer);
  if (pageVisibility.isHidden()) return;
  // Not within the rendering that began to read it.
  queueMicrotask(tick);
  timer = setInterval(tick, INTERVAL_MS);
}

function tick(): void {
  now.value = Date.now();
}

/** Milliseconds since the Unix epoch, as of a few seconds ago. */
export function useNow(): number {
  return now.value;
}
