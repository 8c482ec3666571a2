// SPDX-License-Identifier: Apache-2.0
// Over an IndexedDB in memory, and locks that need no browser.
import 'fake-indexeddb/auto';
import { IDBFactory } from 'fake-indexeddb';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { expectedBlocks, readBlock } from '../../../common/testdata/mychannel.ts';
import { OpenLedgers } from './open-ledgers.ts';
import { ViewerStores } from './viewer-stores.ts';

const about = { files: ['blockfile_000000'], bytes: 1234 };
let tabs: OpenLedgers[] = [];
let made = 0;

/** Who asks for a lock that is held is refused, as if all the patience there is had been spent. */
class TestLocks {
  readonly #held = new Set<string>();

  async request(
    name: string,
    { ifAvailable }: LockOptions,
    use: (lock: object | null) => unknown,
  ): Promise<void> {
    if (this.#held.has(name)) {
      if (!ifAvailable) throw new DOMException('no lock in time', 'TimeoutError');
      await use(null);
      return;
    }
    this.#held.add(name);
    await use({ name });
    this.#held.delete(name);
  }
}

async function newTab(): Promise<OpenLedgers> {
  const random = (length: number): Uint8Array<ArrayBuffer> => new Uint8Array(length).fill(++made);
  const tab = new OpenLedgers({ stores: await ViewerStores.open(), random, now: () => made });
  tabs.push(tab);
  return tab;
}

beforeEach(() => {
  globalThis.indexedDB = new IDBFactory();
  vi.stubGlobal('navigator', { locks: new TestLocks() });
  tabs = [];
});

afterEach(async () => {
  for (const tab of tabs) {
    for (const { id } of await tab.stores.entries()) await tab.close(id);
  }
  vi.unstubAllGlobals();
});

describe('opened ledgers', () => {
  test('are kept, listed newest first, and opened again', async () => {
    const first = await newTab();
    const { entry, ledger } = await first.create(readBlock(0), about);
    await ledger.commit(readBlock(1), Uint8Array.from(expectedBlocks[1]?.transactionsFilter ?? []));
    const { entry: newer } = await first.create(readBlock(0), about);
    expect(entry.id).toMatch(/^mychannel-[0-9a-f]{6}$/);
    await first.close(entry.id);

    const second = await newTab();
    const listed = await second.stores.entries();
    expect(listed.map(({ id }) => id)).toEqual([newer.id, entry.id]);
    expect(await second.view(entry.id)).toMatchObject({ entry, height: 2, stored: true });
  });

  test('are open in one tab at a time', async () => {
    const [one, two] = [await newTab(), await newTab()];
    const { entry } = await one.create(readBlock(0), about);
    await expect(two.view(entry.id)).rejects.toMatchObject({ code: 'LEDGER_LOCKED' });
    await expect(two.remove(entry.id)).rejects.toMatchObject({ code: 'LEDGER_LOCKED' });
    await one.close(entry.id);
    expect(await two.view(entry.id)).toMatchObject({ height: 1 });
  });

  test('leave nothing behind when they are deleted, or not even made', async () => {
    const tab = await newTab();
    const { entry } = await tab.create(readBlock(0), about);
    await expect(tab.create(readBlock(5), about)).rejects.toMatchObject({
      code: 'BLOCK_MALFORMED',
    });
    await tab.remove(entry.id);
    expect(await tab.stores.entries()).toEqual([]);
    await expect(tab.view(entry.id)).rejects.toMatchObject({ code: 'LEDGER_NOT_FOUND' });
    const left = (await indexedDB.databases()).map(({ name }) => name);
    expect(left).toEqual(['ledger-viewer/ledgers']);
  });

  test('are in memory when the browser refuses storage', async () => {
    vi.spyOn(indexedDB, 'open').mockImplementation(() => {
      throw new DOMException('no', 'SecurityError');
    });
    const tab = await newTab();
    const { entry } = await tab.create(readBlock(0), about);
    await tab.close(entry.id);
    expect(await tab.view(entry.id)).toMatchObject({ height: 1, stored: false });
  });
});
