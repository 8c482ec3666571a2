// SPDX-License-Identifier: Apache-2.0
// A tab whose ledger cannot be opened: its page offers what can be done about it, and afterwards the tab is the same peer as before,
// with the same blocks and the same state as the others.
import { encodeLedgerMetadata } from '../src/ledger/kvledger/ledger-metadata.ts';
import { SAVEPOINT } from '../src/ledger/kvledger/txmgmt/statedb/state-db.ts';
import { encodeJournal } from '../src/ledger/paged/records.ts';
import { fromBinary } from '../src/ledger/util/binary-string.ts';
import { uint64Bytes } from '../src/ledger/util/codec.ts';
import type { Tab } from '../src/playwright/tab.ts';
import type { TestNetwork } from '../src/playwright/test-network.ts';
import { ledgerDatabases } from './support/storage/peer-faults.ts';
import { openStoragePage } from './support/storage/storage-site.ts';
import { expect, relayFor, test } from './support/test.ts';

const relays = relayFor();
let relay: TestNetwork;

test.beforeAll(async () => {
  relay = await relays.start();
});
test.afterAll(() => relays.stop());

interface Edit {
  readonly key: Uint8Array;
  /** Absent to delete the record. */
  readonly value?: Uint8Array;
}

const BLOCKS = '/ledgers/mychannel/blocks';
const STATE = '/ledgers/mychannel/state';
const LEDGERS = '/ledgers/ledgerProvider';

/** A block's own record. */
const blockKey = (number: number): Uint8Array =>
  Uint8Array.of(...fromBinary('mychannel\0b'), ...uint64Bytes(number));
/** A place in the journal behind all that is there. */
const JOURNAL_END = Uint8Array.of(...fromBinary('j'), ...uint64Bytes(1_000_000));

/** Leaves the page, changes records beneath the closed ledger, and opens the page again. */
async function damage(tab: Tab, part: string, edits: readonly Edit[]): Promise<void> {
  const page = await openStoragePage(tab.page.context(), new URL(relay.url).origin);
  await tab.page.goto('about:blank');
  const [name] = (await ledgerDatabases(page)).filter((found) => found.endsWith(part));
  if (name === undefined) throw new Error(`there is no database ${part}`);
  const records = edits.map(({ key, value }) => ({ key: [...key], value: value && [...value] }));
  await page.evaluate(
    async ([database, changes]) => {
      const outcome = <T>(request: IDBRequest<T>): Promise<T> =>
        new Promise((resolve, reject) => {
          request.onsuccess = () => resolve(request.result);
          request.onerror = () => reject(request.error);
        });
      const db = await outcome(indexedDB.open(database));
      const store = db.transaction('kv', 'readwrite').objectStore('kv');
      for (const { key, value } of changes) {
        const at = Uint8Array.from(key);
        if (value) await outcome(store.put(Uint8Array.from(value), at));
        else await outcome(store.delete(at));
      }
      db.close();
    },
    [name, records] as const,
  );
  await page.close();
  await tab.page.goto(relay.url);
}

/** A tab and another one with some blocks in both. */
async function withBlocks(tabs: {
  open(relay: TestNetwork, mspId: string): Promise<Tab>;
}): Promise<{ tab: Tab; other: Tab; height: number }> {
  const tab = await tabs.open(relay, 'Org1MSP');
  const other = await tabs.open(relay, 'Org2MSP');
  let height = 0;
  for (const colour of ['blue', 'red', 'green']) {
    const args = [`${colour}${Math.random()}`, colour, '5', 'Tomoko', '300'];
    height = (await tab.submit('basic', 'CreateAsset', ...args)).blockNumber + 1;
  }
  await Promise.all([tab.waitForHeight(height), other.waitForHeight(height)]);
  return { tab, other, height };
}

const ledgerOf = ({ page }: Tab) =>
  page.evaluate(async () => {
    const [last] = await window.tabric.blocks({ limit: 1 });
    const states = await window.tabric.states('basic', { limit: 1000 });
    const histories = states.map(({ key }) => window.tabric.history('basic', key));
    return { last, states, histories: await Promise.all(histories) };
  });

/** It is the peer that it was, has what others have, and goes on. */
async function expectSame(tab: Tab, other: Tab, name: string): Promise<void> {
  expect((await tab.me()).name).toBe(name);
  expect(await tab.height()).toBe(await other.height());
  const mine = await ledgerOf(tab);
  expect(mine.states.length).toBeGreaterThanOrEqual(3);
  expect(mine).toEqual(await ledgerOf(other));
  const { blockNumber } = await tab.submit('basic', 'CreateAsset', name, 'c', '1', 'o', '1');
  await Promise.all([tab, other].map((each) => each.waitForHeight(blockNumber + 1)));
  await other.evaluate('basic', 'DeleteAsset', name);
}

test('a state ahead of the blocks is made again from them', async ({ tabs }) => {
  const { tab, other } = await withBlocks(tabs);
  const { name } = await tab.me();
  const ahead = encodeJournal(
    [{ type: 'put', key: fromBinary(SAVEPOINT), value: uint64Bytes(999) }],
    1024,
  );
  await damage(tab, STATE, [{ key: JOURNAL_END, value: ahead[0] ?? new Uint8Array() }]);
  const note = tab.page.getByTestId('fault-LEDGER_CORRUPT');
  await expect(note).toContainText('state of 1000');
  await expect(tab.page.getByTestId('remedy-remove')).toBeVisible();
  // A remedy must be chosen: opening it once more does not help.
  await tab.page.reload();
  await tab.page.getByTestId('remedy-rebuildDBs').click();
  await tab.ready();
  await expectSame(tab, other, name);
});

test('a state that cannot be read is made again', async ({ tabs }) => {
  const { tab, other } = await withBlocks(tabs);
  const { name } = await tab.me();
  await damage(tab, STATE, [{ key: JOURNAL_END, value: Uint8Array.of(0xff, 0xff, 0xff) }]);
  await expect(tab.page.getByTestId('fault-STORE_UNREADABLE')).toContainText('cut off');
  await tab.page.getByTestId('remedy-rebuildDBs').click();
  await tab.ready();
  await expectSame(tab, other, name);
});

test('a ledger that lacks a block is deleted and fetched again, under the same name', async ({
  tabs,
}) => {
  const { tab, other, height } = await withBlocks(tabs);
  const before = await tab.me();
  await damage(tab, BLOCKS, [{ key: blockKey(height - 2) }]);
  const { page } = tab;
  await expect(page.getByTestId('fault-LEDGER_CORRUPT')).toContainText('missing');
  // The blocks themselves are damaged, so that this is of no use, and is not offered again.
  await page.getByTestId('remedy-rebuildDBs').click();
  await expect(page.getByTestId('remedy-rebuildDBs')).toBeHidden();
  await page.getByTestId('remedy-remove').click();
  await expect(page.getByRole('button', { name: 'Keep it' })).toBeFocused();
  await page.getByRole('button', { name: 'Keep it' }).click();
  await page.getByTestId('remedy-remove').click();
  await expect(page.getByText('is lost for good')).toBeVisible();
  await page.getByTestId('remedy-remove-yes').click();
  const after = await tab.ready();
  expect(after).toMatchObject({ name: before.name, pkiId: before.pkiId, peerId: before.peerId });
  await expectSame(tab, other, before.name);
});

test('a ledger of a newer version is left alone', async ({ tabs }) => {
  const tab = await tabs.open(relay, 'Org1MSP');
  const { page } = tab;
  const newer = await openStoragePage(page.context(), new URL(relay.url).origin);
  await page.goto('about:blank');
  const [name = ''] = (await ledgerDatabases(newer)).filter((found) => found.endsWith(STATE));
  expect(await newer.evaluate((db) => storage.page.open(db, { version: 2 }), name)).toBe('ok');
  await page.goto(relay.url);
  await expect(page.getByTestId('fault-STORE_UNREADABLE')).toContainText('newer version');
  await expect(page.getByRole('button', { name: 'Reload' })).toBeVisible();
  await expect(page.getByRole('button', { name: 'Try again' })).toBeHidden();
  await expect(page.getByTestId('remedy-rebuildDBs')).toBeHidden();
  await expect(page.getByTestId('remedy-remove')).toBeHidden();
});

test('a paused ledger is resumed', async ({ tabs }) => {
  const { tab, other } = await withBlocks(tabs);
  const { name } = await tab.me();
  const value = encodeLedgerMetadata({ status: 'INACTIVE', stateDatabase: 'goleveldb' });
  await damage(tab, LEDGERS, [{ key: fromBinary('smychannel'), value }]);
  await expect(tab.page.getByTestId('fault-LEDGER_PAUSED')).toBeVisible();
  await expect(tab.page.getByTestId('remedy-remove')).toBeHidden();
  await tab.page.getByTestId('remedy-resume').click();
  await tab.ready();
  await expectSame(tab, other, name);
});

test('the databases of a running peer are made again on demand', async ({ tabs }) => {
  const { tab, other } = await withBlocks(tabs);
  const { name } = await tab.me();
  const loaded = tab.page.waitForEvent('load');
  await tab.page.evaluate(() => void window.tabric.maintenance.rebuildDBs());
  await loaded;
  await tab.ready();
  await expectSame(tab, other, name);
});
