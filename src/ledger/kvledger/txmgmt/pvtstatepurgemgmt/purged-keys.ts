// SPDX-License-Identifier: Apache-2.0
// Private data that leaves the state at a block: what has lived its blocks (purge_mgr.go), and the clear values of purged keys.
// Neither shows in the commit hash, as in Fabric.
import { EMPTY_BYTES } from '../../../../common/runtime/bytes.ts';
import type { PvtDataStore } from '../../../pvtdatastorage/pvt-data-store.ts';
import type { PvtKeyId } from '../../../pvtdatastorage/pvt-keys.ts';
import { type HashedSet, keysWithHash } from '../../../pvtdatastorage/pvt-write-set.ts';
import type { PvtData } from '../../../types.ts';
import { toBinary } from '../../../util/binary-string.ts';
import type { StateUpdates } from '../../validation/pvt-updates.ts';
import type { StateSnapshot } from '../statedb/state-db.ts';
import { hashedDataNs, pvtDataNs, stateKey, stateKeyOfBinary } from '../statedb/state-key.ts';
import type { Update, UpdateBatch } from '../statedb/update-batch.ts';

type ClearKeys = Pick<PvtDataStore, 'clearKeysOf' | 'expiringAt'>;

/**
 * Adds the deletion of every key that expires at a block, unless a later block gave it another version, or this block
 * does.
 */
export async function expiredUpdates(
  store: ClearKeys,
  blockNum: number,
  batch: UpdateBatch,
  state: StateSnapshot,
  updates: StateUpdates,
): Promise<void> {
  // By state key, with the block that wrote the value that is to go.
  const candidates = new Map<string, number>();
  for await (const { committed, ...id } of store.expiringAt(blockNum)) {
    const binaryKey = toBinary(id.keyHash);
    if (!batch.get(id.namespace, id.collection, binaryKey)) {
      const hashNs = hashedDataNs(id.namespace, id.collection);
      candidates.set(stateKeyOfBinary(hashNs, binaryKey), committed);
    }
    for (const key of await store.clearKeysOf(id, committed, committed + 1)) {
      const clear = clearStateKey(id, key);
      if (!updates.has(clear)) candidates.set(clear, committed);
    }
  }
  if (candidates.size === 0) return;
  const keys = [...candidates.keys()];
  const values = await state.getMany(keys);
  keys.forEach((key, i) => {
    if (values[i]?.version.blockNum !== candidates.get(key)) return;
    updates.set(key, deletion(blockNum, 0));
  });
}

/** Adds the deletion of the clear values of keys that a block purges, whether or not it came with private data. */
export async function purgedUpdates(
  store: ClearKeys,
  sets: readonly HashedSet[],
  data: readonly PvtData[],
  updates: StateUpdates,
): Promise<void> {
  for (const { namespace, collection, hashed, blockNum, txNum } of sets) {
    for (const { key_hash: keyHash, is_purge } of hashed.hashed_writes) {
      if (!is_purge) continue;
      const id = { namespace, collection, keyHash };
      for (const key of await store.clearKeysOf(id, 0, blockNum)) {
        const clear = clearStateKey(id, key);
        if (!updates.has(clear)) updates.set(clear, deletion(blockNum, txNum));
      }
      for (const clear of clearKeysIn(id, data)) {
        const update = updates.get(clear);
        if (update && update.version.txNum < txNum) updates.set(clear, deletion(blockNum, txNum));
      }
    }
  }
}

function clearKeysIn(id: PvtKeyId, data: readonly PvtData[]): string[] {
  return data
    .filter((set) => set.namespace === id.namespace && set.collection === id.collection)
    .flatMap((set) => keysWithHash(set.rwset, id.keyHash))
    .map((key) => clearStateKey(id, key));
}

function clearStateKey({ namespace, collection }: PvtKeyId, key: string): string {
  return stateKey(pvtDataNs(namespace, collection), key);
}

function deletion(blockNum: number, txNum: number): Update {
  return { value: undefined, metadata: EMPTY_BYTES, version: { blockNum, txNum } };
}
