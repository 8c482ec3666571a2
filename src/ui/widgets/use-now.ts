// SPDX-License-Identifier: Apache-2.0
// The present, for ages: one slow timer for the whole page.
import { signal } from '@preact/signals';

const INTERVAL_MS = 5000;
const now = signal(Date.now());
setInterval(() => {
  if (!document.hidden) now.value = Date.now();
}, INTERVAL_MS);

/** Milliseconds since the Unix epoch, refreshed every few seconds. */
export function useNow(): number {
  return now.value;
}
