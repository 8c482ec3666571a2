// SPDX-License-Identifier: Apache-2.0
// Runs on an IndexedDB in memory, where the browser's failures can be made at will; e2e/storage.spec.ts runs the same code in real
// browsers.
import 'fake-indexeddb/auto';
import { forceCloseDatabase, IDBFactory, IDBObjectStore as ObjectStore } from 'fake-indexeddb';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { utf8 } from '../../common/runtime/bytes.ts';
import { describeKVStore } from '../kv-store.contract.ts';
import type { KVOperation, KVStore } from '../kv-store.ts';
import { IdbKVStoreProvider } from './idb-kv-store.ts';

const put = (key: string): KVOperation => ({ type: 'put', key: utf8(key), value: utf8('v') });

beforeEach(() => {
  globalThis.indexedDB = new IDBFactory();
});

afterEach(() => vi.restoreAllMocks());

describeKVStore('IdbKVStore', async () => ({ provider: new IdbKVStoreProvider('peer0/') }));

describe('IdbKVStore', () => {
  let store: KVStore;

  beforeEach(async () => {
    store = await new IdbKVStoreProvider().open('a');
  });

  afterEach(() => store.close());

  // Calls `act` in place of a put, with the number of the put.
  function onPut(act: (count: number, transaction: IDBTransaction) => void): void {
    const realPut = ObjectStore.prototype.put;
    let count = 0;
    vi.spyOn(ObjectStore.prototype, 'put').mockImplementation(function (
      this: IDBObjectStore,
      ...args
    ) {
      act(++count, this.transaction);
      return realPut.apply(this, args);
    });
  }

  test('writes nothing of a batch when one put fails, and names the quota', async () => {
    onPut((count) => {
      if (count === 2) throw new DOMException('disk full', 'QuotaExceededError');
    });
    const write = store.write([put('a'), put('b'), put('c')]);
    await expect(write).rejects.toMatchObject({ code: 'QUOTA_EXCEEDED' });
    expect(await store.get(utf8('a'))).toBeUndefined();
    await store.write([put('d')]);
    expect(await store.get(utf8('d'))).toEqual(utf8('v'));
  });

  test('names the quota when the transaction fails as it ends', async () => {
    onPut((_, transaction) => {
      Object.defineProperty(transaction, 'error', {
        get: () => new DOMException('', 'QuotaExceededError'),
      });
      queueMicrotask(() => transaction.abort());
    });
    await expect(store.write([put('a')])).rejects.toMatchObject({ code: 'QUOTA_EXCEEDED' });
    expect(await store.get(utf8('a'))).toBeUndefined();
  });

  test('writes nothing of a batch that the browser gives up midway, and says so', async () => {
    onPut((count, transaction) => {
      if (count === 2) queueMicrotask(() => transaction.abort());
    });
    await expect(store.write([put('a'), put('b'), put('c')])).rejects.toMatchObject({
      code: 'STORE_FAILED',
      message: expect.stringContaining('nothing of it was stored (a: '),
    });
    vi.restoreAllMocks();
    expect(await store.getMany([utf8('a'), utf8('b'), utf8('c')])).toEqual(Array(3));
    await store.write([put('a')]);
    expect(await store.get(utf8('a'))).toEqual(utf8('v'));
  });

  test('tells why a request failed, and not only that its transaction ended', async () => {
    await store.write([put('a')]);
    vi.spyOn(ObjectStore.prototype, 'put').mockImplementation(function (
      this: IDBObjectStore,
      value,
      key,
    ) {
      return this.add(value, key);
    });
    await expect(store.write([put('b'), put('a'), put('c')])).rejects.toMatchObject({
      code: 'STORE_FAILED',
      cause: expect.objectContaining({ name: 'ConstraintError' }),
    });
    expect(await store.get(utf8('b'))).toBeUndefined();
  });

  test('does not wait for transactions that a closing browser forgets', async () => {
    await store.close();
    const opening = vi.spyOn(indexedDB, 'open');
    store = await new IdbKVStoreProvider().open('a');
    const { result: db } = opening.mock.results[0]?.value ?? {};
    const never = { objectStore: () => ({ get: () => ({}), put: () => ({}) }) };
    vi.spyOn(db, 'transaction').mockReturnValue(never as unknown as IDBTransaction);
    const read = expect(store.get(utf8('a'))).rejects.toMatchObject({ code: 'STORE_CLOSED' });
    const write = expect(store.write([put('a')])).rejects.toMatchObject({ code: 'STORE_CLOSED' });
    forceCloseDatabase(db);
    await Promise.all([read, write]);
  });

  test.each(['DataError', 'NotReadableError'])(
    'says that a stored value cannot be read back (%s)',
    async (name) => {
      await store.write([put('a')]);
      const get = vi.spyOn(ObjectStore.prototype, 'get');
      get.mockImplementation(function (this: IDBObjectStore) {
        const { transaction } = this;
        Object.defineProperty(transaction, 'error', { get: () => new DOMException('gone', name) });
        queueMicrotask(() => transaction.abort());
        return {} as IDBRequest;
      });
      await expect(store.get(utf8('a'))).rejects.toMatchObject({
        code: 'STORE_UNREADABLE',
        message: expect.stringContaining('clear the data of this site'),
      });
    },
  );

  test('refuses records of somebody else, whichever way it walks', async () => {
    const { result: db } = await opened(indexedDB.open('a', 1));
    const tx = db.transaction('kv', 'readwrite');
    tx.objectStore('kv').put('text', 'key');
    await new Promise((resolve) => {
      tx.oncomplete = resolve;
    });
    db.close();
    for (const reverse of [false, true]) {
      const first = store.range({ reverse })[Symbol.asyncIterator]().next();
      await expect(first).rejects.toMatchObject({ code: 'STORE_UNREADABLE' });
    }
  });
});

async function opened<R extends IDBRequest>(request: R): Promise<R> {
  await new Promise((resolve, reject) => {
    request.onsuccess = resolve;
    request.onerror = () => reject(request.error);
  });
  return request;
}
