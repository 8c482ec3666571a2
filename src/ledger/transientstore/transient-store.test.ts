// SPDX-License-Identifier: Apache-2.0
import 'fake-indexeddb/auto';
import { IDBFactory } from 'fake-indexeddb';
import { beforeEach, describe, expect, test } from 'vitest';
import { utf8 } from '../../common/runtime/bytes.ts';
import { systemRandomBytes } from '../../common/runtime/clock.ts';
import { IdbKVStoreProvider } from '../idb/idb-kv-store.ts';
import type { KVOperation, KVStore, KVStoreProvider } from '../kv-store.ts';
import { MemoryKVStoreProvider } from '../memory/memory-kv-store.ts';
import type { TransientStore } from './transient-store.ts';
import { TransientStoreProvider } from './transient-store-provider.ts';

const results = (text: string) => ({
  endorsed_at: 7,
  pvt_rwset: {
    ns_pvt_rwset: [
      {
        namespace: 'cc',
        collection_pvt_rwset: [{ collection_name: 'coll', rwset: utf8(text) }],
      },
    ],
  },
});

/** The sets of a transaction as text, with the heights they came at. */
async function setsOf(store: TransientStore, txId: string): Promise<string[]> {
  const found = await store.getTxPvtRWSetByTxid(txId);
  return found
    .map(({ receivedAtBlockHeight, results: { pvt_rwset } }) => {
      const [ns] = pvt_rwset?.ns_pvt_rwset ?? [];
      const [coll] = ns?.collection_pvt_rwset ?? [];
      return `${receivedAtBlockHeight}:${new TextDecoder().decode(coll?.rwset)}`;
    })
    .sort();
}

async function rowsIn(store: KVStore): Promise<number> {
  let rows = 0;
  for await (const _ of store.range({})) rows++;
  return rows;
}

const providers: [string, () => KVStoreProvider][] = [
  ['memory', () => new MemoryKVStoreProvider()],
  ['IndexedDB', () => new IdbKVStoreProvider('peer0/')],
];

describe.each(providers)('a transient store in %s', (_name, make) => {
  let provider: KVStoreProvider;
  let kv: KVStore;
  let store: TransientStore;

  const open = async (options = {}): Promise<TransientStore> => {
    kv = await provider.open('transientstore');
    return new TransientStoreProvider(kv, systemRandomBytes, options).openStore('mychannel');
  };
  const reopen = async (options = {}): Promise<TransientStore> => {
    await kv.close();
    return open(options);
  };

  beforeEach(async () => {
    globalThis.indexedDB = new IDBFactory();
    provider = make();
    store = await open();
  });

  test('gives all sets of a transaction, and only of it', async () => {
    await store.persist('aa', 5, results('one'));
    await store.persist('aa', 6, results('two'));
    await store.persist('aab', 6, results('other'));
    expect(await setsOf(store, 'aa')).toEqual(['5:one', '6:two']);
    expect(await setsOf(store, 'aab')).toEqual(['6:other']);
    expect(await setsOf(store, 'a')).toEqual([]);
    expect([store.has('aa'), store.has('a')]).toEqual([true, false]);
  });

  test('is the same after it was opened again', async () => {
    await store.persist('aa', 5, results('one'));
    await store.persist('bb', 5, results('two'));
    const { totalBytes } = store;
    store = await reopen();
    expect(await setsOf(store, 'aa')).toEqual(['5:one']);
    expect(store.totalBytes).toBe(totalBytes);
    expect(store.has('bb')).toBe(true);
  });

  test('forgets transactions, rows and indexes', async () => {
    await store.persist('aa', 5, results('one'));
    await store.persist('aa', 6, results('two'));
    await store.persist('bb', 6, results('three'));
    await store.purgeByTxids(['aa', 'aa', 'unknown']);
    expect(await setsOf(store, 'aa')).toEqual([]);
    expect(await setsOf(store, 'bb')).toEqual(['6:three']);
    await store.purgeByTxids(['bb']);
    expect([store.totalBytes, await rowsIn(kv)]).toEqual([0, 0]);
  });

  test('forgets what came below a height, and no more', async () => {
    for (const height of [1, 255, 256, 1000])
      await store.persist(`tx${height}`, height, results('x'));
    expect(await store.getMinTransientBlkHt()).toBe(1);
    await store.purgeBelowHeight(256);
    expect(await store.getMinTransientBlkHt()).toBe(256);
    expect(['tx1', 'tx255', 'tx256', 'tx1000'].map((txId) => store.has(txId))).toEqual([
      false,
      false,
      true,
      true,
    ]);
    // By both ways at once: what is gone is not counted twice.
    await Promise.all([store.purgeBelowHeight(2000), store.purgeByTxids(['tx256', 'tx1000'])]);
    expect([store.totalBytes, await rowsIn(kv)]).toEqual([0, 0]);
    expect(await store.getMinTransientBlkHt()).toBeUndefined();
  });

  test('keeps channels apart, and drops one', async () => {
    const stores = new TransientStoreProvider(kv, systemRandomBytes);
    const other = await stores.openStore('mychannel2');
    await store.persist('aa', 5, results('one'));
    await other.persist('aa', 9, results('two'));
    expect(await setsOf(store, 'aa')).toEqual(['5:one']);
    await stores.drop('mychannel');
    expect(await setsOf(await stores.openStore('mychannel'), 'aa')).toEqual([]);
    expect(await setsOf(await stores.openStore('mychannel2'), 'aa')).toEqual(['9:two']);
  });

  test('refuses what does not fit, and takes it when there is room again', async () => {
    await store.persist('aa', 1, results('x'.repeat(600)));
    store = await reopen({ maxTotalBytes: 1000 });
    const large = results('y'.repeat(600));
    await expect(store.persist('bb', 1, large)).rejects.toMatchObject({
      code: 'TRANSIENT_STORE_FULL',
    });
    expect(store.has('bb')).toBe(false);
    await store.purgeByTxids(['aa']);
    await store.persist('bb', 1, large);
    expect(await setsOf(store, 'bb')).toHaveLength(1);
  });

  test('refuses too many sets of one transaction', async () => {
    store = await reopen({ maxSetsPerTx: 2 });
    const three = [1, 2, 3].map((height) => store.persist('aa', height, results('x')));
    const outcomes = await Promise.allSettled(three);
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected']);
  });
});

test('what could not be written is not counted', async () => {
  const kv = await new MemoryKVStoreProvider().open('transientstore');
  const failing: KVStore = {
    get: (key) => kv.get(key),
    getMany: (keys) => kv.getMany(keys),
    range: (range) => kv.range(range),
    write: async (_operations: readonly KVOperation[]) => {
      throw new Error('the disk is full');
    },
    close: () => kv.close(),
  };
  const store = await new TransientStoreProvider(failing, systemRandomBytes).openStore('c');
  await expect(store.persist('aa', 1, results('x'))).rejects.toThrow('the disk is full');
  expect([store.has('aa'), store.totalBytes]).toEqual([false, 0]);
});
