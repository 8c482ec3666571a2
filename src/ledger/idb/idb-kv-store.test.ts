// SPDX-License-Identifier: Apache-2.0
// Runs on an IndexedDB in memory; the same code in a real browser is covered end to end.
import 'fake-indexeddb/auto';
import { forceCloseDatabase, IDBFactory, IDBObjectStore as ObjectStore } from 'fake-indexeddb';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { utf8 } from '../../common/runtime/bytes.ts';
import { describeKVStore } from '../kv-store.contract.ts';
import type { KVOperation } from '../kv-store.ts';
import { IdbKVStoreProvider } from './idb-kv-store.ts';

const put = (key: string): KVOperation => ({ type: 'put', key: utf8(key), value: utf8('v') });

beforeEach(() => {
  globalThis.indexedDB = new IDBFactory();
});

afterEach(() => vi.restoreAllMocks());

describeKVStore('IdbKVStore', async () => ({ provider: new IdbKVStoreProvider('peer0/') }));

describe('IdbKVStoreProvider', () => {
  test('keeps peers apart by prefix', async () => {
    const store = await new IdbKVStoreProvider('peer0/').open('a');
    expect(await new IdbKVStoreProvider('peer1/').list()).toEqual([]);
    expect(await new IdbKVStoreProvider('peer0/').list()).toEqual(['a']);
    await store.close();
  });

  test('writes nothing of a batch when one put fails, and names the quota', async () => {
    const store = await new IdbKVStoreProvider('').open('a');
    const realPut = ObjectStore.prototype.put;
    let count = 0;
    vi.spyOn(ObjectStore.prototype, 'put').mockImplementation(function (
      this: IDBObjectStore,
      ...args
    ) {
      if (++count === 2) throw new DOMException('disk full', 'QuotaExceededError');
      return realPut.apply(this, args);
    });
    const write = store.write([put('a'), put('b'), put('c')]);
    await expect(write).rejects.toMatchObject({ code: 'QUOTA_EXCEEDED' });
    expect(await store.get(utf8('a'))).toBeUndefined();
    await store.write([put('d')]);
    expect(await store.get(utf8('d'))).toEqual(utf8('v'));
    await store.close();
  });

  test('names the quota when the transaction fails as it ends', async () => {
    const store = await new IdbKVStoreProvider('').open('a');
    const realPut = ObjectStore.prototype.put;
    vi.spyOn(ObjectStore.prototype, 'put').mockImplementation(function (
      this: IDBObjectStore,
      ...args
    ) {
      const { transaction } = this;
      Object.defineProperty(transaction, 'error', {
        get: () => new DOMException('disk full', 'QuotaExceededError'),
      });
      queueMicrotask(() => transaction.abort());
      return realPut.apply(this, args);
    });
    await expect(store.write([put('a')])).rejects.toMatchObject({ code: 'QUOTA_EXCEEDED' });
    await store.close();
  });

  test.each(['SecurityError', 'InvalidStateError'])(
    'says that storage is refused (%s)',
    async (name) => {
      vi.spyOn(indexedDB, 'open').mockImplementation(() => {
        throw new DOMException('no', name);
      });
      const open = new IdbKVStoreProvider('').open('a');
      await expect(open).rejects.toMatchObject({ code: 'STORAGE_REFUSED' });
    },
  );

  test('gives way to a deletion elsewhere, and says so', async () => {
    const onBlocking = vi.fn();
    const store = await new IdbKVStoreProvider('', { onBlocking }).open('a');
    await store.write([put('a')]);
    await new IdbKVStoreProvider('').destroy('a');
    expect(onBlocking).toHaveBeenCalledExactlyOnceWith('a');
    await expect(store.get(utf8('a'))).rejects.toMatchObject({ code: 'STORE_CLOSED' });
  });

  test('does not wait for ever for a tab that keeps a database', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      const request = indexedDB.open('a', 1);
      await new Promise((resolve) => {
        request.onsuccess = resolve;
      });
      const destroyed = new IdbKVStoreProvider('').destroy('a');
      const refused = expect(destroyed).rejects.toMatchObject({ code: 'STORE_LOCKED' });
      await vi.advanceTimersByTimeAsync(10_000);
      await refused;
      request.result.close();
    } finally {
      vi.useRealTimers();
    }
  });

  test('tells that the browser closed the database', async () => {
    const onTerminated = vi.fn();
    const open = vi.spyOn(indexedDB, 'open');
    const store = await new IdbKVStoreProvider('', { onTerminated }).open('a');
    const [request] = open.mock.results;
    forceCloseDatabase(request?.value.result);
    expect(onTerminated).toHaveBeenCalledExactlyOnceWith('a');
    await expect(store.get(utf8('a'))).rejects.toMatchObject({ code: 'STORE_CLOSED' });
  });

  test('refuses a database of somebody else', async () => {
    const request = indexedDB.open('a', 3);
    await new Promise((resolve) => {
      request.onsuccess = resolve;
    });
    request.result.close();
    const open = new IdbKVStoreProvider('').open('a');
    await expect(open).rejects.toMatchObject({ code: 'STORE_UNREADABLE' });
  });
});
