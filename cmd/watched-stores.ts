// SPDX-License-Identifier: Apache-2.0
// Stores whose reads of blocks are watched. Databases are made again of blocks, without a word from the ledger on how far
// it is; and each read is a place where it can be stopped, since what was begun is gone on with at the next start.
import { blockKey } from '../src/ledger/blkstorage/block-keys.ts';
import type { KVStore, KVStoreProvider } from '../src/ledger/kv-store.ts';

/** @param onRead is called before each block is read; what it throws is what reading throws. */
export function watchBlockReads(stores: KVStoreProvider, onRead: () => void): KVStoreProvider {
  return {
    open: async (name) => {
      const store = await stores.open(name);
      const [, ledgerId] = /^[^/]+\/(.+)\/blocks$/.exec(name) ?? [];
      return ledgerId === undefined ? store : watched(store, ledgerId, onRead);
    },
    list: () => stores.list(),
    destroy: (name) => stores.destroy(name),
  };
}

function watched(store: KVStore, ledgerId: string, onRead: () => void): KVStore {
  const kindAt = ledgerId.length + 1;
  const key = blockKey(0);
  return {
    get: async (wanted) => {
      if (wanted.length === kindAt + key.length && wanted[kindAt] === key[0]) onRead();
      return store.get(wanted);
    },
    getMany: (keys) => store.getMany(keys),
    range: (range) => store.range(range),
    write: (operations, options) => store.write(operations, options),
    close: () => store.close(),
  };
}
