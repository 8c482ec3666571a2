// SPDX-License-Identifier: Apache-2.0
// A transaction's read-write set, decoded through all its layers (rwsetutil/rwset_proto_util.go).
import { sha256 } from '@noble/hashes/sha2.js';
import { kvrwset, rwset } from '../../../../common/protos/index.ts';
import { EMPTY_BYTES, equalBytes } from '../../../../common/runtime/bytes.ts';
import type { Version } from '../../../types.ts';

export interface CollHashedRwSet {
  readonly collection: string;
  readonly hashed: kvrwset.HashedRWSet;
  /** SHA-256 of the serialized private writes; empty when there are none. */
  readonly pvtRwSetHash: Uint8Array;
}

export interface NsRwSet {
  readonly namespace: string;
  readonly kv: kvrwset.KVRWSet;
  readonly collections: readonly CollHashedRwSet[];
}

export type TxRwSet = readonly NsRwSet[];

/** Decodes a serialized rwset.TxReadWriteSet; throws when any layer is malformed. */
export function txRwSetFromBytes(bytes: Uint8Array): TxRwSet {
  return rwset.TxReadWriteSet.decode(bytes).ns_rwset.map((ns) => ({
    namespace: ns.namespace,
    kv: kvrwset.KVRWSet.decode(ns.rwset),
    collections: ns.collection_hashed_rwset.map((coll) => ({
      collection: coll.collection_name,
      hashed: kvrwset.HashedRWSet.decode(coll.hashed_rwset),
      pvtRwSetHash: coll.pvt_rwset_hash,
    })),
  }));
}

/** An empty value counts as a deletion, whatever the flag says (FAB-18386). */
export function isKVWriteDelete(write: kvrwset.KVWrite): boolean {
  return write.is_delete || write.value.length === 0;
}

const HASH_OF_NOTHING = sha256(EMPTY_BYTES);

/** A private write is a deletion also when its value is the hash of an empty one. */
export function isKVWriteHashDelete(write: kvrwset.KVWriteHash): boolean {
  const { is_delete, value_hash } = write;
  return is_delete || value_hash.length === 0 || equalBytes(value_hash, HASH_OF_NOTHING);
}

/** True when a version that was read is the one that is committed; both may be absent. */
export function isSameVersion(
  read: kvrwset.IVersion | null | undefined,
  committed: Version | undefined,
): boolean {
  if (!read || !committed) return !read && !committed;
  // A number beyond the safe integers, in a hostile set, is rounded and still equals no committed one.
  return (
    numberOf(read.block_num) === committed.blockNum && numberOf(read.tx_num) === committed.txNum
  );
}

function numberOf(value: kvrwset.IVersion['block_num']): number {
  return typeof value === 'object' ? (value?.toNumber() ?? 0) : (value ?? 0);
}
