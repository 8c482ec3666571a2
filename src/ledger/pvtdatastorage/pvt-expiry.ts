// SPDX-License-Identifier: Apache-2.0
// Private data that leaves the state at a block: what has lived its blocks (pvtstatepurgemgmt/purge_mgr.go), and the clear
// values of purged keys. Neither shows in the commit hash, as in Fabric.
import { sha256 } from '@noble/hashes/sha2.js';
import { kvrwset } from '../../common/protos/index.ts';
import { EMPTY_BYTES, equalBytes, utf8 } from '../../common/runtime/bytes.ts';
import type { KVStore } from '../kv-store.ts';
import type { StateSnapshot } from '../kvledger/txmgmt/statedb/state-db.ts';
import {
  hashedDataNs,
  pvtDataNs,
  stateKey,
  stateKeyOfBinary,
} from '../kvledger/txmgmt/statedb/state-key.ts';
import type { Update, UpdateBatch } from '../kvledger/txmgmt/statedb/update-batch.ts';
import type { PvtData } from '../types.ts';
import { toBinary } from '../util/binary-string.ts';
import {
  blockRange,
  byKeyRange,
  DATA,
  EXPIRY,
  type PvtKeyId,
  parsePairKey,
  placeOf,
  pvtDataKey,
} from './pvt-keys.ts';
import type { StateUpdates } from './pvt-updates.ts';
import type { HashedSet } from './pvt-write-set.ts';

/**
 * Adds the deletion of every key that expires at a block, unless a later block gave it another version, or this block
 * does.
 */
export async function expiredUpdates(
  store: KVStore,
  blockNum: number,
  batch: UpdateBatch,
  state: StateSnapshot,
  updates: StateUpdates,
): Promise<void> {
  // By state key, with the block that wrote the value that is to go.
  const candidates = new Map<string, number>();
  for await (const [key] of store.range(blockRange(EXPIRY, blockNum))) {
    const { second: committing, ...id } = parsePairKey(key);
    const binaryKey = toBinary(id.keyHash);
    if (!batch.get(id.namespace, id.collection, binaryKey)) {
      const hashNs = hashedDataNs(id.namespace, id.collection);
      candidates.set(stateKeyOfBinary(hashNs, binaryKey), committing);
    }
    for (const clear of await clearKeysOf(store, id, committing, committing + 1)) {
      if (!updates.has(clear)) candidates.set(clear, committing);
    }
  }
  const keys = [...candidates.keys()];
  const values = await state.getMany(keys);
  keys.forEach((key, i) => {
    if (values[i]?.version.blockNum !== candidates.get(key)) return;
    updates.set(key, deletion(blockNum, 0));
  });
}

/** Adds the deletion of the clear values of keys that a block purges, whether or not it came with private data. */
export async function purgedUpdates(
  store: KVStore,
  sets: readonly HashedSet[],
  data: readonly PvtData[],
  updates: StateUpdates,
): Promise<void> {
  for (const { namespace, collection, hashed, blockNum, txNum } of sets) {
    for (const { key_hash, is_purge } of hashed.hashed_writes) {
      if (!is_purge) continue;
      const id = { namespace, collection, keyHash: key_hash };
      for (const clear of await clearKeysOf(store, id, 0, blockNum)) {
        if (!updates.has(clear)) updates.set(clear, deletion(blockNum, txNum));
      }
      for (const clear of data.flatMap((set) => clearKeysIn(id, set, set.rwset))) {
        const update = updates.get(clear);
        if (update && update.version.txNum < txNum) updates.set(clear, deletion(blockNum, txNum));
      }
    }
  }
}

// State keys of the clear key of a hash, as writes in blocks `from` to before `to` name it.
async function clearKeysOf(
  store: KVStore,
  id: PvtKeyId,
  from: number,
  to: number,
): Promise<Set<string>> {
  const found = new Set<string>();
  for await (const [byKey] of store.range(byKeyRange(id, from, to))) {
    const bytes = await store.get(pvtDataKey(DATA, { ...id, ...placeOf(byKey) }));
    for (const clear of bytes ? clearKeysIn(id, id, bytes) : []) found.add(clear);
  }
  return found;
}

// State keys of the keys in a clear set of a collection that have the hash; there is one at most.
function clearKeysIn(
  id: PvtKeyId,
  { namespace, collection }: { namespace: string; collection: string },
  bytes: Uint8Array,
): string[] {
  if (namespace !== id.namespace || collection !== id.collection) return [];
  const { writes, metadata_writes } = kvrwset.KVRWSet.decode(bytes);
  return [...writes, ...metadata_writes]
    .filter(({ key }) => equalBytes(sha256(utf8(key)), id.keyHash))
    .map(({ key }) => stateKey(pvtDataNs(namespace, collection), key));
}

function deletion(blockNum: number, txNum: number): Update {
  return { value: undefined, metadata: EMPTY_BYTES, version: { blockNum, txNum } };
}
