// SPDX-License-Identifier: Apache-2.0
// IndexedDB as real browsers do it: the contract of the store, several versions of it in several tabs, full disks, lost data; and what
// a peer makes of it all.
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BrowserContext, Page } from '@playwright/test';
import { KV_STORE_CASES } from '../src/ledger/kv-store-cases.contract.ts';
import { openTabIn, Tab } from '../src/playwright/tab.ts';
import type { TestNetwork } from '../src/playwright/test-network.ts';
import { hang, onDisk, overrideQuota, randomText } from './support/storage/browser-storage.ts';
import {
  expectStopped,
  faultsOf,
  ledgerDatabases,
  waitForFault,
} from './support/storage/peer-faults.ts';
import { openStoragePage, STORAGE_ORIGIN } from './support/storage/storage-site.ts';
import { expect, relayFor, test } from './support/test.ts';

test.describe('IdbKVStore in Chromium is a KVStore', () => {
  let profile: string;
  let context: BrowserContext;
  let page: Page;

  test.beforeAll(async () => {
    profile = mkdtempSync(join(tmpdir(), 'tabric-profile-'));
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

test.describe('a peer', () => {
  const relays = relayFor();
  let relay: TestNetwork;
  let origin: string;

  test.beforeAll(async () => {
    relay = await relays.start();
    origin = new URL(relay.url).origin;
  });
  test.afterAll(() => relays.stop());

  test('stops and says so when a newer page takes its ledger over, and does not read that after a reload', async ({
    tabs,
  }) => {
    const tab = await tabs.open(relay, 'Org1MSP');
    const other = await tabs.open(relay, 'Org2MSP');
    await Promise.all([tab.waitForPeers(2), other.waitForPeers(2)]);
    const newer = await openStoragePage(tab.page.context(), origin);
    for (const name of await ledgerDatabases(newer)) {
      const opened = newer.evaluate((db) => storage.page.open(db, { version: 2 }), name);
      expect(await opened).toBe('ok');
    }
    await expectStopped(tab, other, /newer version of this page/);
    await tab.page.reload();
    const note = tab.page.getByTestId('fault-STORE_UNREADABLE');
    await expect(note).toContainText('If a newer version of this page made it, reload');
    await expect(note).toContainText('made by a newer version of Tabric');
  });

  test('stops and says so when its data are cleared, and begins again with the invitation', async ({
    tabs,
  }) => {
    const tab = await tabs.open(relay, 'Org1MSP');
    const other = await tabs.open(relay, 'Org2MSP');
    await Promise.all([tab.waitForPeers(2), other.waitForPeers(2)]);
    const before = await tab.me();
    const session = await tab.page.context().newCDPSession(tab.page);
    await session.send('Storage.clearDataForOrigin', { origin, storageTypes: 'indexeddb' });
    await expectStopped(tab, other, /data of this site were cleared/);
    await tab.page.goto('about:blank');
    const after = await tab.goto(relay.join('Org1MSP'));
    expect(after.pkiId).not.toBe(before.pkiId);
    const { blockNumber } = await tab.submit('basic', 'CreateAsset', 'new', 'c', '1', 'o', '1');
    await other.waitForHeight(blockNumber + 1);
  });

  test('says which tabs to close when one of them holds its ledger, and starts once they are', async ({
    tabs,
  }) => {
    test.slow();
    const tab = await tabs.open(relay, 'Org1MSP');
    const context = tab.page.context();
    const [hanging, third] = [
      await openStoragePage(context, origin),
      await openStoragePage(context, origin),
    ];
    const again = new Tab(await context.newPage());
    const [name = ''] = (await ledgerDatabases(hanging)).filter((db) => db.endsWith('/chaincodes'));
    expect(await hanging.evaluate((db) => storage.page.open(db), name)).toBe('ok');
    await hang(hanging);
    await tab.close();
    const destroyed = third.evaluate((db) => storage.page.destroy(db, 300), name);
    expect(await destroyed).toMatchObject({ code: 'STORE_LOCKED' });

    await again.page.goto(relay.url);
    const note = again.page.getByTestId('fault-STORE_LOCKED');
    await expect(note).toContainText('Close the other tabs of this site', { timeout: 40_000 });
    await hanging.close();
    await again.page.getByRole('button', { name: 'Try again' }).click();
    await again.ready();
    await again.submit('basic', 'CreateAsset', 'unlocked', 'c', '1', 'o', '1');
  });

  test('commits nothing while the quota is used up, loses nothing, and goes on when there is room', async ({
    tabs,
  }) => {
    test.slow();
    const context = await tabs.browser.newContext();
    try {
      const page = await context.newPage();
      // In force before the first database is opened: Chromium trusts what it has read of it for half a minute.
      await overrideQuota(page, origin, 2_500_000);
      const small = new Tab(page);
      await small.goto(relay.join('Org1MSP'));
      const other = await tabs.open(relay, 'Org2MSP');
      await Promise.all([small.waitForPeers(2), other.waitForPeers(2)]);
      let height = 0;
      let count = 0;
      while (!(await faultsOf(small)).includes('QUOTA_EXCEEDED')) {
        expect(++count).toBeLessThan(30);
        const text = randomText(200_000);
        const args = [`big${count}`, text, '1', 'o', '1'];
        height = (await other.submit('basic', 'CreateAsset', ...args)).blockNumber + 1;
        await Promise.race([small.waitForHeight(height), waitForFault(small, 'QUOTA_EXCEEDED')]);
      }
      expect(await small.height()).toBeLessThan(height);
      expect(await small.page.evaluate(() => window.tabric.state('basic', 'big1'))).toBeDefined();
      await overrideQuota(page, origin);
      await small.waitForHeight(height, 60_000);
      await expect.poll(() => faultsOf(small)).not.toContain('QUOTA_EXCEEDED');
      await small.reload();
      expect(await small.height()).toBeGreaterThanOrEqual(height);
      const last = await small.evaluate('basic', 'ReadAsset', `big${count}`);
      expect(last).toBe(await other.evaluate('basic', 'ReadAsset', `big${count}`));
    } finally {
      await context.close();
    }
  });

  test('says that there is no room for it, and joins when there is', async ({ tabs }) => {
    const context = await tabs.browser.newContext();
    try {
      const page = await context.newPage();
      await overrideQuota(page, origin, 1000);
      await page.goto(relay.join('Org1MSP'));
      await expect(page.getByTestId('fault-QUOTA_EXCEEDED')).toContainText('Free disk space');
      await overrideQuota(page, origin);
      await page.getByRole('button', { name: 'Try again' }).click();
      const tab = new Tab(page);
      await tab.ready();
      expect(await faultsOf(tab)).toEqual([]);
      const { storage: kept } = await page.evaluate(() => window.tabric.network);
      expect(kept.kind).toBe('indexeddb');
    } finally {
      await context.close();
    }
  });

  test('goes on, and loses nothing, when its state cannot be stored behind the blocks', async ({
    tabs,
  }) => {
    const context = await tabs.browser.newContext();
    try {
      await context.route('**/*peer-worker*', async (route) => {
        const response = await route.fetch();
        const body = `
          let full = false;
          const disk = new BroadcastChannel('test/disk');
          disk.onmessage = ({ data }) => { if (typeof data === 'boolean') full = data; };
          const put = IDBObjectStore.prototype.put;
          IDBObjectStore.prototype.put = function (...args) {
            if (!full || !this.transaction.db.name.endsWith('/state')) return put.apply(this, args);
            disk.postMessage('failed');
            throw new DOMException('the disk is full', 'QuotaExceededError');
          };\n${await response.text()}`;
        await route.fulfill({ response, body });
      });
      const small = await openTabIn(context, relay.join('Org1MSP'));
      const failed = small.page.evaluate(async () => {
        const disk = new BroadcastChannel('test/disk');
        disk.postMessage(true);
        await new Promise((resolve) => {
          disk.onmessage = resolve;
        });
      });
      // State is stored from 4 MB on.
      let height = 0;
      for (let i = 0; i < 6; i++) {
        const args = [`behind${i}`, randomText(1_000_000), '1', 'o', '1'];
        height = (await small.submit('basic', 'CreateAsset', ...args)).blockNumber + 1;
      }
      await failed;
      expect(await faultsOf(small)).toEqual([]);
      const first = await small.evaluate('basic', 'ReadAsset', 'behind0');
      await small.reload();
      expect(await small.height()).toBeGreaterThanOrEqual(height);
      expect(await small.evaluate('basic', 'ReadAsset', 'behind0')).toBe(first);
    } finally {
      await context.close();
    }
  });
});
