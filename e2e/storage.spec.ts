// SPDX-License-Identifier: Apache-2.0
// IndexedDB as real browsers do it: the contract of the store, several versions of it in several tabs, full disks, lost data; and what
// a peer makes of it all.
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BrowserContext, chromium, type Page } from '@playwright/test';
import { CHROMIUM_ARGS, ensureChromium } from '../scripts/find-chromium.ts';
import { KV_STORE_CASES } from '../src/ledger/kv-store-cases.contract.ts';
import { openStoragePage, STORAGE_ORIGIN } from './support/storage/storage-site.ts';
import { expect, test } from './support/test.ts';

/** A browser with its profile on the disk, as people have it. */
async function onDisk(profile: string): Promise<BrowserContext> {
  return chromium.launchPersistentContext(profile, {
    executablePath: ensureChromium(),
    args: [...CHROMIUM_ARGS],
  });
}

async function overrideQuota(page: Page, origin: string, quotaSize?: number): Promise<void> {
  const session = await page.context().newCDPSession(page);
  const quota = quotaSize === undefined ? {} : { quotaSize };
  await session.send('Storage.overrideQuotaForOrigin', { origin, ...quota });
}

test.describe('IdbKVStore in Chromium is a KVStore', () => {
  const profile = mkdtempSync(join(tmpdir(), 'tabric-profile-'));
  let context: BrowserContext;
  let page: Page;

  test.beforeAll(async () => {
    context = await onDisk(profile);
    page = await openStoragePage(context);
  });
  test.afterAll(async () => {
    await context.close();
    rmSync(profile, { recursive: true, force: true });
  });

  for (const where of ['page', 'worker'] as const) {
    for (const { name } of KV_STORE_CASES) {
      test(`in a ${where}: ${name}`, () =>
        page.evaluate(([thread, title]) => storage[thread].runCase(title), [where, name] as const));
    }
  }
});

test.describe('a database of several tabs', () => {
  let context: BrowserContext;
  test.beforeEach(async ({ browser }) => {
    context = await browser.newContext();
  });
  test.afterEach(() => context.close());

  test('is migrated by the first tab of a newer version, and the older tab gives way', async () => {
    const [older, newer] = [await openStoragePage(context), await openStoragePage(context)];
    expect(await older.evaluate(() => storage.worker.open('db'))).toBe('ok');
    expect(await older.evaluate(() => storage.worker.put('db', 'k', 'v'))).toBe('ok');
    expect(await newer.evaluate(() => storage.worker.open('db', { version: 2 }))).toBe('ok');
    expect(await newer.evaluate(() => storage.worker.get('db', 'k'))).toBe('migrated v');
    expect(await older.evaluate(() => storage.worker.losses())).toEqual(['db upgraded']);
    expect(await older.evaluate(() => storage.worker.put('db', 'k', 'w'))).toMatchObject({
      code: 'STORE_CLOSED',
    });
    expect(await older.evaluate(() => storage.worker.open('db'))).toMatchObject({
      code: 'STORE_UNREADABLE',
      message: expect.stringContaining('newer version of Tabric; reload the page'),
    });
    expect(await newer.evaluate(() => storage.worker.get('db', 'k'))).toBe('migrated v');
  });

  test('is locked while a tab that hangs keeps an older version, and opens once that tab is closed', async () => {
    const [hanging, newer] = [await openStoragePage(context), await openStoragePage(context)];
    await hanging.evaluate(async () => {
      await storage.page.open('db');
      await storage.page.put('db', 'k', 'v');
    });
    await hang(hanging);
    const open = (patienceMs: number) =>
      newer.evaluate(
        (patience) => storage.page.open('db', { version: 2, patienceMs: patience }),
        patienceMs,
      );
    expect(await open(300)).toMatchObject({
      code: 'STORE_LOCKED',
      message: expect.stringContaining('close the other tabs of this site'),
    });
    expect(await newer.evaluate(() => storage.page.destroy('db', 300))).toMatchObject({
      code: 'STORE_LOCKED',
    });
    await hanging.close();
    expect(await open(10_000)).toBe('ok');
    // The deletion was asked for before.
    expect(await newer.evaluate(() => storage.page.keys('db'))).toEqual([]);
  });

  test('is told of as lost when the browser clears it, in mid-write or not', async () => {
    const page = await openStoragePage(context);
    await page.evaluate(() => storage.worker.open('db'));
    const write = page.evaluate(() => storage.worker.putMany('db', 2000, 4000));
    const session = await context.newCDPSession(page);
    await session.send('Storage.clearDataForOrigin', {
      origin: STORAGE_ORIGIN,
      storageTypes: 'indexeddb',
    });
    const outcome = await write;
    if (outcome !== 'ok') expect(outcome.code).toMatch(/^STORE_(FAILED|CLOSED)$/);
    await expect
      .poll(() => page.evaluate(() => storage.worker.losses()))
      .toEqual(['db terminated']);
    expect(await page.evaluate(() => storage.worker.tryGet('db', 'k'))).toMatchObject({
      code: 'STORE_CLOSED',
    });
    expect(await page.evaluate(() => storage.worker.open('db'))).toBe('ok');
    expect(await page.evaluate(() => storage.worker.keys('db'))).toEqual([]);
  });

  test('takes all of a batch or nothing when the quota is reached, and goes on when there is room', async () => {
    const page = await openStoragePage(context);
    await overrideQuota(page, STORAGE_ORIGIN, 1_000_000);
    await page.evaluate(() => storage.worker.open('db'));
    expect(await page.evaluate(() => storage.worker.put('db', 'k', 'v'))).toBe('ok');
    const batch = () => page.evaluate(() => storage.worker.putMany('db', 20, 100_000));
    const full = {
      code: 'QUOTA_EXCEEDED',
      message: expect.stringContaining('free disk space'),
    };
    expect(await batch()).toMatchObject(full);
    expect(await page.evaluate(() => storage.worker.keys('db'))).toEqual(['k']);
    expect(await page.evaluate(() => storage.worker.get('db', 'k'))).toBe('v');
    await overrideQuota(page, STORAGE_ORIGIN);
    expect(await batch()).toBe('ok');
    expect(await page.evaluate(() => storage.worker.keys('db'))).toHaveLength(21);
  });
});

test('a value whose file is gone from the disk is told from one that was never there', async () => {
  const profile = mkdtempSync(join(tmpdir(), 'tabric-profile-'));
  try {
    let context = await onDisk(profile);
    let page = await openStoragePage(context);
    await page.evaluate(() => storage.page.open('db'));
    await page.evaluate(() => storage.page.put('db', 'small', 'v'));
    // Chromium keeps large values in files of their own.
    expect(await page.evaluate(() => storage.page.putMany('db', 1, 200_000))).toBe('ok');
    await context.close();
    const files = readdirSync(profile, { recursive: true, withFileTypes: true });
    const values = files.filter((file) => file.isFile() && file.parentPath.includes('.blob'));
    expect(values).toHaveLength(1);
    for (const file of values) rmSync(join(file.parentPath, file.name));

    context = await onDisk(profile);
    page = await openStoragePage(context);
    expect(await page.evaluate(() => storage.page.open('db'))).toBe('ok');
    expect(await page.evaluate(() => storage.page.tryGet('db', 'many 0'))).toMatchObject({
      code: 'STORE_UNREADABLE',
      message: expect.stringContaining('clear the data of this site'),
    });
    expect(await page.evaluate(() => storage.page.get('db', 'small'))).toBe('v');
    expect(await page.evaluate(() => storage.page.get('db', 'other'))).toBeUndefined();
    await context.close();
  } finally {
    rmSync(profile, { recursive: true, force: true });
  }
});

// A page whose script waits for an answer hears nothing, IndexedDB's events among it.
async function hang(page: Page): Promise<void> {
  const asked = new Promise<void>((resolve) => {
    page.on('dialog', () => resolve());
  });
  page.evaluate(() => alert('still there?')).catch(() => {});
  await asked;
}
