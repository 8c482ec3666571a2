// SPDX-License-Identifier: Apache-2.0
// Brings a store whose entries stand by themselves into pages. Entries are written into pages before they are deleted, so it may be
// interrupted at any write and done again.
import type { KeyRange, KVEntry, KVOperation, KVStore } from '../kv-store.ts';
import { fromBinary } from '../util/binary-string.ts';
import { PagedKVStore, type PagedKVStoreOptions } from './paged-kv-store.ts';

const BATCH = 2048;

// All but the records of pages: j…, p…, x.
const OTHERS: readonly KeyRange[] = [
  { lt: fromBinary('j') },
  { gte: fromBinary('k'), lt: fromBinary('p') },
  { gte: fromBinary('q'), lt: fromBinary('x') },
  { gte: fromBinary('y') },
];

/** No key of the store may begin with j, p or x unless it is in pages already. Leaves the store open. */
export async function moveIntoPages(
  store: KVStore,
  options: Partial<PagedKVStoreOptions> = {},
): Promise<void> {
  const pages = await PagedKVStore.openUnchecked(leftOpen(store), options);
  try {
    for await (const batch of batches(store)) {
      await pages.write(batch.map(([key, value]) => ({ type: 'put', key, value })));
    }
  } finally {
    await pages.close();
  }
  for await (const batch of batches(store)) {
    await store.write(batch.map(([key]): KVOperation => ({ type: 'delete', key })));
  }
}

async function* batches(store: KVStore): AsyncGenerator<KVEntry[]> {
  for (const range of OTHERS) {
    let batch: KVEntry[] = [];
    for await (const entry of store.range(range)) {
      if (batch.push(entry) < BATCH) continue;
      yield batch;
      batch = [];
    }
    if (batch.length > 0) yield batch;
  }
}

function leftOpen(store: KVStore): KVStore {
  return {
    get: (key) => store.get(key),
    getMany: (keys) => store.getMany(keys),
    range: (range) => store.range(range),
    write: (operations, options) => store.write(operations, options),
    close: async () => {},
  };
}
