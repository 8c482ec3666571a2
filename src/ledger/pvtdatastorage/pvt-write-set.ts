// SPDX-License-Identifier: Apache-2.0
// Private write sets as they are supplied with a block, checked against the hashes that the block's transactions carry
// (validateAndPreparePvtBatch and validatePvtdata of core/ledger/kvledger/txmgmt).
import { sha256 } from '@noble/hashes/sha2.js';
import { kvrwset, rwset } from '../../common/protos/index.ts';
import { equalBytes, utf8 } from '../../common/runtime/bytes.ts';
import type { PvtDataId } from '../types.ts';
import { toBinary } from '../util/binary-string.ts';

/** Serialized rwset.TxPvtReadWriteSet by the number of the transaction. */
export type PrivateData = ReadonlyMap<number, Uint8Array>;

/** A collection that a valid transaction writes, by what the block tells of it. */
export interface HashedSet extends PvtDataId {
  readonly pvtRwSetHash: Uint8Array;
  readonly hashed: kvrwset.HashedRWSet;
}

/** The supplied clear set of a collection, or why there is none that counts. */
export function suppliedSet(
  { txNum, namespace, collection, pvtRwSetHash }: HashedSet,
  supplied: PrivateData,
): Uint8Array | 'absent' | 'mismatch' {
  const bytes = supplied.get(txNum);
  if (!bytes) return 'absent';
  try {
    const sets = rwset.TxPvtReadWriteSet.decode(bytes).ns_pvt_rwset.filter(
      (ns) => ns.namespace === namespace,
    );
    const found = sets
      .flatMap((ns) => ns.collection_pvt_rwset)
      .find((coll) => coll.collection_name === collection);
    if (!found) return 'absent';
    kvrwset.KVRWSet.decode(found.rwset);
    return equalBytes(sha256(found.rwset), pvtRwSetHash) ? found.rwset.slice() : 'mismatch';
  } catch {
    return 'mismatch';
  }
}

/** Hashes of the keys that a hashed set writes; those of metadata as well. */
export function writtenHashes({ hashed }: HashedSet): Uint8Array[] {
  return [...hashed.hashed_writes, ...hashed.metadata_writes].map(({ key_hash }) => key_hash);
}

/** Keys in a clear set that have the hash; there is one at most. */
export function keysWithHash(bytes: Uint8Array, keyHash: Uint8Array): string[] {
  const { writes, metadata_writes } = kvrwset.KVRWSet.decode(bytes);
  return [...writes, ...metadata_writes]
    .filter(({ key }) => equalBytes(sha256(utf8(key)), keyHash))
    .map(({ key }) => key);
}

/** A clear set without the keys of these hashes (binary strings); the keys that were taken out besides. */
export function trimmedSet(
  bytes: Uint8Array,
  purged: ReadonlySet<string>,
): { bytes: Uint8Array; keys: string[] } {
  const set = kvrwset.KVRWSet.decode(bytes);
  const isPurged = ({ key }: { key: string }): boolean => purged.has(toBinary(sha256(utf8(key))));
  const all = [...set.writes, ...set.metadata_writes];
  const keys = [...new Set(all.filter(isPurged).map(({ key }) => key))];
  if (keys.length === 0) return { bytes, keys };
  const writes = set.writes.filter((write) => !isPurged(write));
  const metadata_writes = set.metadata_writes.filter((write) => !isPurged(write));
  return { bytes: kvrwset.KVRWSet.encode({ ...set, writes, metadata_writes }).finish(), keys };
}
