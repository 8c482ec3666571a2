// SPDX-License-Identifier: Apache-2.0
// The part of a read-write set that is of one private collection (collHashRwBuilder and collPvtRwBuilder of
// rwsetutil/rwset_builder.go): hashes for the public set, clear text for the private one.
import { sha256 } from '@noble/hashes/sha2.js';
import { kvrwset } from '../../../../common/protos/index.ts';
import { compareUtf8, EMPTY_BYTES, utf8 } from '../../../../common/runtime/bytes.ts';
import type { Version } from '../../../types.ts';

/** Name and value of metadata entries, by name. */
type Metadata = ReadonlyMap<string, Uint8Array>;

/** The hashed set, and the hash of the private set, which is empty when nothing is written. */
export interface HashedCollection {
  readonly hashed_rwset: Uint8Array;
  readonly pvt_rwset_hash: Uint8Array;
}

/** All maps are by clear key. */
export class CollectionBuilder {
  readonly #hashedReads = new Map<string, kvrwset.IKVReadHash>();
  readonly #hashedWrites = new Map<string, kvrwset.IKVWriteHash>();
  readonly #hashedMetadata = new Map<string, kvrwset.IKVMetadataWriteHash>();
  readonly #writes = new Map<string, kvrwset.IKVWrite>();
  readonly #metadataKeys = new Map<string, kvrwset.IKVMetadataWrite>();

  get hasWrites(): boolean {
    return this.#writes.size + this.#metadataKeys.size > 0;
  }

  addRead(key: string, version: Version | undefined): void {
    const key_hash = sha256(utf8(key));
    const read = version && { block_num: version.blockNum, tx_num: version.txNum };
    this.#hashedReads.set(key, read ? { key_hash, version: read } : { key_hash });
  }

  /** An empty value deletes the key; nothing of it is hashed then. */
  addWrite(key: string, value: Uint8Array): void {
    const is_delete = value.length === 0;
    const value_hash = is_delete ? EMPTY_BYTES : sha256(value);
    this.#writes.set(key, { key, is_delete, value });
    this.#hashedWrites.set(key, { key_hash: sha256(utf8(key)), is_delete, value_hash });
  }

  /** A deletion that also asks peers to forget the history of the key. */
  addPurge(key: string): void {
    this.#writes.set(key, { key, is_delete: true });
    const key_hash = sha256(utf8(key));
    this.#hashedWrites.set(key, { key_hash, is_delete: true, is_purge: true });
  }

  /** Metadata stands with the hashes only; the private set just names the key. */
  addMetadataWrite(key: string, metadata: Metadata): void {
    const entries = [...metadata]
      .sort(([a], [b]) => compareUtf8(a, b))
      .map(([name, value]) => ({ name, value }));
    this.#metadataKeys.set(key, { key });
    this.#hashedMetadata.set(key, { key_hash: sha256(utf8(key)), entries });
  }

  /** Serialized kvrwset.KVRWSet; undefined when nothing is written. */
  buildPrivate(): Uint8Array | undefined {
    if (!this.hasWrites) return undefined;
    const writes = sortedValues(this.#writes);
    const metadata_writes = sortedValues(this.#metadataKeys);
    return kvrwset.KVRWSet.encode({ writes, metadata_writes }).finish();
  }

  buildHashed(): HashedCollection {
    const hashed_rwset = kvrwset.HashedRWSet.encode({
      hashed_reads: sortedValues(this.#hashedReads),
      hashed_writes: sortedValues(this.#hashedWrites),
      metadata_writes: sortedValues(this.#hashedMetadata),
    }).finish();
    const bytes = this.buildPrivate();
    return { hashed_rwset, pvt_rwset_hash: bytes ? sha256(bytes) : EMPTY_BYTES };
  }
}

function sortedValues<V>(map: ReadonlyMap<string, V>): V[] {
  return [...map].sort(([a], [b]) => compareUtf8(a, b)).map(([, value]) => value);
}
