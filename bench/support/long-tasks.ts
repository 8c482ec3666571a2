// SPDX-License-Identifier: Apache-2.0
// Whether a page could be used: the tasks of its thread that took so long that a person notices.
import type { BrowserContext, Page } from 'playwright';

interface LongTask {
  /** Milliseconds since the page began to load. */
  readonly startTime: number;
  readonly duration: number;
}

/** Pages that the context opens from now on note their tasks of over 50 ms, which is what browsers call long. */
export async function watchLongTasks(context: BrowserContext): Promise<void> {
  await context.addInitScript(() => {
    const seen: LongTask[] = [];
    window.longTasks = seen;
    new PerformanceObserver((list) => {
      for (const { startTime, duration } of list.getEntries()) seen.push({ startTime, duration });
    }).observe({ type: 'longtask' });
  });
}

/** Durations of the long tasks that began at or after a time, in milliseconds. */
export async function longTasksOf(page: Page, { since = 0 } = {}): Promise<number[]> {
  const all = await page.evaluate(() => window.longTasks ?? []);
  return all.filter(({ startTime }) => startTime >= since).map(({ duration }) => duration);
}

/** `3 (longest 71 ms)`. */
export function longTasksText(durations: readonly number[]): string {
  if (durations.length === 0) return '0';
  return `${durations.length} (longest ${Math.max(...durations).toFixed(0)} ms)`;
}

declare global {
  interface Window {
    longTasks?: LongTask[];
  }
}
