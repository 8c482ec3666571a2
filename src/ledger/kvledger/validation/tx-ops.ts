// SPDX-License-Identifier: Apache-2.0
// Turns the write set of one valid transaction into updates (validation/tx_ops.go and types.go). A write of a value keeps
// the metadata of the key, a write of metadata keeps its value; both look at earlier transactions of the block first.
//
// Quirk kept on purpose: Fabric ADDS the flags of the writes of a key, in a byte. A crafted set with two writes of one key sums
// to the flag of a metadata update, and behaves as one: the written value is replaced by the committed one.
// Where Fabric's own peer panics (an update that leaves no value), the key is left alone.
import type { kvrwset } from '../../../common/protos/index.ts';
import { EMPTY_BYTES } from '../../../common/runtime/bytes.ts';
import type { Version, VersionedValue } from '../../types.ts';
import { toBinary, utf8ToBinary } from '../../util/binary-string.ts';
import { serializeMetadata } from '../txmgmt/rwsetutil/state-metadata.ts';
import {
  isKVWriteDelete,
  isKVWriteHashDelete,
  type TxRwSet,
} from '../txmgmt/rwsetutil/tx-rw-set.ts';
import type { UpdateBatch } from '../txmgmt/statedb/update-batch.ts';

const UPSERT = 1;
const METADATA_UPDATE = 2;
const METADATA_DELETE = 4;
const DELETE = 8;

interface KeyOps {
  flag: number;
  value: Uint8Array;
  metadata: Uint8Array;
}

/** The committed value of a key; the collection is `''` for public keys, the key a binary string. */
export type CommittedReader = (
  namespace: string,
  collection: string,
  key: string,
) => VersionedValue | undefined;

/** Adds the updates of a transaction to the batch of its block. */
export function applyWriteSet(
  txRwSet: TxRwSet,
  version: Version,
  batch: UpdateBatch,
  committed: CommittedReader,
): void {
  const resolved: [string, string, string, KeyOps][] = [];
  for (const [namespace, collection, key, ops] of keyOpsOf(txRwSet)) {
    if (resolve(namespace, collection, key, ops, batch, committed)) {
      resolved.push([namespace, collection, key, ops]);
    }
  }
  for (const [namespace, collection, key, { flag, value, metadata }] of resolved) {
    const isDelete = (flag & DELETE) !== 0;
    batch.put(namespace, collection, key, {
      value: isDelete ? undefined : value,
      metadata: isDelete ? EMPTY_BYTES : metadata,
      version,
    });
  }
}

// Completes what the transaction does not say of the key; false when nothing is to be done.
function resolve(
  namespace: string,
  collection: string,
  key: string,
  ops: KeyOps,
  batch: UpdateBatch,
  committed: CommittedReader,
): boolean {
  const { flag } = ops;
  if ((flag & DELETE) !== 0) return true;
  if ((flag & UPSERT) !== 0 && (flag & (METADATA_UPDATE | METADATA_DELETE)) !== 0) return true;
  const earlier = batch.get(namespace, collection, key);
  const latest = earlier ?? committed(namespace, collection, key);
  if ((flag | UPSERT) === UPSERT) {
    ops.metadata = latest?.metadata ?? EMPTY_BYTES;
    return ops.value.length > 0;
  }
  if (latest?.value === undefined) return false;
  ops.value = latest.value;
  return true;
}

function keyOpsOf(txRwSet: TxRwSet): [string, string, string, KeyOps][] {
  const all = new Map<string, [string, string, string, KeyOps]>();
  const opsOf = (namespace: string, collection: string, key: string): KeyOps => {
    const id = `${namespace}\0${collection}\0${key}`;
    const known = all.get(id);
    if (known) return known[3];
    const ops = { flag: 0, value: EMPTY_BYTES, metadata: EMPTY_BYTES };
    all.set(id, [namespace, collection, key, ops]);
    return ops;
  };
  for (const { namespace, kv, collections } of txRwSet) {
    for (const write of kv.writes) {
      const ops = opsOf(namespace, '', utf8ToBinary(write.key));
      addWrite(ops, isKVWriteDelete(write), write.value);
    }
    for (const { key, entries } of kv.metadata_writes) {
      addMetadata(opsOf(namespace, '', utf8ToBinary(key)), entries);
    }
    for (const { collection, hashed } of collections) {
      for (const write of hashed.hashed_writes) {
        const ops = opsOf(namespace, collection, toBinary(write.key_hash));
        addWrite(ops, isKVWriteHashDelete(write), write.value_hash);
      }
      for (const { key_hash, entries } of hashed.metadata_writes) {
        addMetadata(opsOf(namespace, collection, toBinary(key_hash)), entries);
      }
    }
  }
  return [...all.values()];
}

function addFlag(ops: KeyOps, flag: number): void {
  ops.flag = (ops.flag + flag) & 0xff;
}

function addWrite(ops: KeyOps, isDelete: boolean, value: Uint8Array): void {
  addFlag(ops, isDelete ? DELETE : UPSERT);
  if (!isDelete) ops.value = value;
}

function addMetadata(ops: KeyOps, entries: readonly kvrwset.KVMetadataEntry[]): void {
  addFlag(ops, entries.length === 0 ? METADATA_DELETE : METADATA_UPDATE);
  if (entries.length > 0) ops.metadata = serializeMetadata(entries);
}
