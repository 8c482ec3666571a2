// SPDX-License-Identifier: Apache-2.0
// What a tab does when its storage is refused, damaged, full, newer or lost. The databases are IndexedDB's, in memory.
import 'fake-indexeddb/auto';
import { forceCloseDatabase, IDBFactory, IDBObjectStore } from 'fake-indexeddb';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { utf8 } from '../../common/runtime/bytes.ts';
import type { FabricError } from '../../common/runtime/errors.ts';
import { readBlock } from '../../common/testdata/mychannel.ts';
import { IdbKVStoreProvider } from '../../ledger/idb/idb-kv-store.ts';
import { SCHEMA } from '../../ledger/idb/idb-schema.ts';
import { openLedgers, type PeerStorage } from './peer-storage.ts';
import { Wallet, type WalletEntry } from './wallet.ts';

const NAME = 'tabric/net/Org1MSP/0';

let lost: FabricError[];
const onLost = (why: FabricError): void => {
  lost.push(why);
};
const open = (stored = true): Promise<PeerStorage> => openLedgers(NAME, { stored, onLost });
const names = async (): Promise<(string | undefined)[]> =>
  (await indexedDB.databases()).map(({ name }) => name);

function failToOpen(name: string): void {
  vi.spyOn(indexedDB, 'open').mockImplementation(() => {
    throw new DOMException('the browser says no', name);
  });
}

beforeEach(() => {
  globalThis.indexedDB = new IDBFactory();
  lost = [];
});

afterEach(() => vi.restoreAllMocks());

describe('openLedgers', () => {
  test('keeps ledgers and packages in databases of the peer', async () => {
    const { stored, packages, ledgers } = await open();
    expect(stored).toBe(true);
    const parts = ['chaincodes', 'ledgers/ledgerProvider', 'transientstore'];
    expect((await names()).sort()).toEqual(parts.map((part) => `${NAME}/${part}`));
    await packages.write([{ type: 'put', key: utf8('k'), value: utf8('v') }]);
    await packages.close();
    await ledgers.close();
    const again = await open();
    expect(await again.packages.get(utf8('k'))).toEqual(utf8('v'));
    expect(lost).toEqual([]);
  });

  test('makes no history database where it is off', async () => {
    for (const enableHistoryDatabase of [false, true]) {
      const options = { stored: true, onLost, enableHistoryDatabase };
      const { ledgers } = await openLedgers(NAME, options);
      if (enableHistoryDatabase) await ledgers.open('mychannel');
      else await ledgers.create(readBlock(0));
      const history = `${NAME}/ledgers/mychannel/history`;
      expect((await names()).includes(history)).toBe(enableHistoryDatabase);
      await ledgers.close();
    }
  });

  test('stores nothing when asked not to', async () => {
    expect(await open(false)).toMatchObject({ stored: false });
    expect(await names()).toEqual([]);
  });

  // Firefox's private windows, blocked site data, and a context that may not use storage.
  test.each(['InvalidStateError', 'SecurityError', 'NotAllowedError'])(
    'works in memory where the browser refuses storage with %s',
    async (name) => {
      failToOpen(name);
      const { stored, packages } = await open();
      expect(stored).toBe(false);
      await packages.write([{ type: 'put', key: utf8('k'), value: utf8('v') }]);
      expect(await packages.get(utf8('k'))).toEqual(utf8('v'));
    },
  );

  test.each([
    ['QuotaExceededError', 'QUOTA_EXCEEDED'],
    ['UnknownError', 'STORE_FAILED'],
  ])('does not hide a ledger that is there behind one in memory: %s', async (name, code) => {
    failToOpen(name);
    await expect(open()).rejects.toMatchObject({ code });
  });

  test('does not read a ledger of a newer version', async () => {
    const newer = new IdbKVStoreProvider(`${NAME}/`, { schema: [...SCHEMA, () => {}] });
    await (await newer.open('ledgers/ledgerProvider')).close();
    await expect(open()).rejects.toMatchObject({ code: 'STORE_UNREADABLE' });
    // Nothing is left open that would be in a newer page's way.
    await (await newer.open('chaincodes')).close();
    expect(lost).toEqual([]);
  });

  test('tells once that a newer page took the ledger over', async () => {
    await open();
    const newer = new IdbKVStoreProvider(`${NAME}/`, { schema: [...SCHEMA, () => {}] });
    for (const name of ['chaincodes', 'ledgers/ledgerProvider'])
      await (await newer.open(name)).close();
    expect(lost).toHaveLength(1);
    expect(lost[0]).toMatchObject({
      code: 'STORE_LOST',
      message: expect.stringMatching(/newer version.*reload this tab/),
      data: { loss: 'upgraded' },
    });
  });

  test('tells that the ledger was deleted elsewhere', async () => {
    await open();
    await new IdbKVStoreProvider(`${NAME}/`).destroy('chaincodes');
    expect(lost).toMatchObject([{ code: 'STORE_LOST', data: { loss: 'deleted' } }]);
  });

  test('tells that the browser closed the ledger', async () => {
    const opening = vi.spyOn(indexedDB, 'open');
    await open();
    for (const { value } of opening.mock.results) forceCloseDatabase(value.result);
    expect(lost).toMatchObject([{ code: 'STORE_LOST', data: { loss: 'terminated' } }]);
  });
});

describe('Wallet', () => {
  test.each([
    ['InvalidStateError', 'STORAGE_REFUSED'],
    ['SecurityError', 'STORAGE_REFUSED'],
    ['UnknownError', 'STORE_FAILED'],
    ['QuotaExceededError', 'QUOTA_EXCEEDED'],
  ])('tells a refusal from a failure: %s is %s', async (name, code) => {
    failToOpen(name);
    await expect(Wallet.open('net')).rejects.toMatchObject({ code });
  });

  test('says that there is no room for an identity', async () => {
    const wallet = await Wallet.open('net');
    vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(() => {
      throw new DOMException('', 'QuotaExceededError');
    });
    const entry = { org: 'Org1MSP', slot: 0 } as WalletEntry;
    await expect(wallet.put(entry)).rejects.toMatchObject({ code: 'QUOTA_EXCEEDED' });
    const invitation = { org: 'Org1MSP', secret: 's' };
    const keeping = wallet.keepInvitation(invitation);
    await expect(keeping).rejects.toMatchObject({ code: 'QUOTA_EXCEEDED' });
    wallet.close();
  });

  test('does not pass over identities that a newer version keeps', async () => {
    const request = indexedDB.open('tabric/net/wallet', 99);
    await new Promise((resolve) => {
      request.onsuccess = resolve;
    });
    request.result.close();
    await expect(Wallet.open('net')).rejects.toMatchObject({ code: 'STORE_UNREADABLE' });
  });
});
