// SPDX-License-Identifier: Apache-2.0
// What a test does to a browser and its storage.
import { randomBytes } from 'node:crypto';
import { type BrowserContext, chromium, type Page } from '@playwright/test';
import { CHROMIUM_ARGS, ensureChromium } from '../../../scripts/find-browsers.ts';

/** A browser with its profile on the disk, as people have it. */
export async function onDisk(profile: string): Promise<BrowserContext> {
  return chromium.launchPersistentContext(profile, {
    executablePath: ensureChromium(),
    args: [...CHROMIUM_ARGS],
  });
}

/** Gives an origin so many bytes, or without a number what it had. */
export async function overrideQuota(page: Page, origin: string, quotaSize?: number): Promise<void> {
  const session = await page.context().newCDPSession(page);
  const quota = quotaSize === undefined ? {} : { quotaSize };
  await session.send('Storage.overrideQuotaForOrigin', { origin, ...quota });
}

/** Makes a page hang: while its script waits for an answer it hears nothing, IndexedDB's events among it. */
export async function hang(page: Page): Promise<void> {
  const asked = new Promise<void>((resolve) => {
    page.on('dialog', () => resolve());
  });
  page.evaluate(() => alert('still there?')).catch(() => {});
  await asked;
}

/** Text that does not get smaller on its way to the disk. */
export function randomText(length: number): string {
  return randomBytes(Math.ceil((length * 3) / 4))
    .toString('base64url')
    .slice(0, length);
}
