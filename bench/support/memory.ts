// SPDX-License-Identifier: Apache-2.0
// How much memory the pages of a browser took.
import { readFileSync } from 'node:fs';
import type { Browser } from 'playwright';

/** The largest resident set that a renderer process alive now ever had, in bytes; NaN where the system does not tell (it is Linux that does). */
export async function peakMemoryOfRenderers(browser: Browser): Promise<number> {
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send('SystemInfo.getProcessInfo');
  await session.detach();
  const renderers = processInfo.filter(({ type }) => type === 'renderer');
  return Math.max(...renderers.map(({ id }) => peakOf(id)));
}

function peakOf(pid: number): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    return Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1]) * 1024;
  } catch {
    return Number.NaN;
  }
}
