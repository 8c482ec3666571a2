// SPDX-License-Identifier: Apache-2.0
// Clear private data, block by block, and when it is to go (core/ledger/pvtdatastorage/store.go, and the expiry keeper of
// pvtstatepurgemgmt). It is written before the block store, so after a crash it may be ahead of it: what
// it has of a block is used again when the block comes again.
//
// What expires or is purged leaves the state at its block. The rows here stay until the state of that block is stored,
// because a replay after a crash needs them to know which clear keys to delete.
import { sha256 } from '@noble/hashes/sha2.js';
import { kvrwset } from '../../common/protos/index.ts';
import { EMPTY_BYTES, utf8 } from '../../common/runtime/bytes.ts';
import { type CollectionInfo, expiringBlock } from '../collection-info.ts';
import type { KVOperation, KVStore } from '../kv-store.ts';
import type { PvtData, PvtDataId, Version } from '../types.ts';
import { fromBinary, toBinary } from '../util/binary-string.ts';
import { readUint64 } from '../util/codec.ts';
import { PvtImporter } from './pvt-importer.ts';
import {
  blockRange,
  byKeyKey,
  byKeyRange,
  DATA,
  EXPIRY,
  expiryKey,
  MAX_KEY_HASH_BYTES,
  MISSING,
  PURGE,
  type PvtKeyId,
  parsePairKey,
  parsePvtDataKey,
  placeOf,
  purgeKey,
  pvtDataKey,
  upTo,
} from './pvt-keys.ts';
import {
  type HashedSet,
  keysWithHash,
  type PrivateData,
  suppliedSet,
  trimmedSet,
  writtenHashes,
} from './pvt-write-set.ts';

export interface PvtDataStoreOptions {
  /** The peer's organisation; data of collections it is no member of is not expected here. All is, when absent. */
  readonly mspId?: string;
}

/** The configuration of a collection when a block is validated. */
export type CollectionInfoAt = (
  namespace: string,
  collection: string,
  blockNum: number,
) => CollectionInfo | undefined;

/** What a block does to private data. */
export interface PvtCommit {
  /** For the store, before the block. */
  readonly operations: readonly KVOperation[];
  /** The sets in clear, for the state. */
  readonly data: readonly PvtData[];
  /** Sets that were supplied, but are not what the block says. */
  readonly mismatches: readonly PvtDataId[];
}

/** What is to be known of a block to commit it. */
export interface PvtBlock {
  readonly blockNum: number;
  readonly sets: readonly HashedSet[];
  /** Absent when the block is replayed. */
  readonly supplied?: PrivateData;
}

// By the hash of the key, as a binary string.
type LastPurges = Map<string, Version>;

const CLEANUP_ROWS = 1000;
const NONE = Number.POSITIVE_INFINITY;

export class PvtDataStore {
  readonly #store: KVStore;
  readonly #infoAt: CollectionInfoAt;
  readonly #mspId: string | undefined;
  // The first block at which something expires that is still here, and the first that purged something.
  #firstExpiry: number;
  #firstPurge: number;
  // Counts the commits, which go on while rows are cleaned up.
  #commits = 0;

  private constructor(
    store: KVStore,
    infoAt: CollectionInfoAt,
    mspId: string | undefined,
    first: { expiry: number; purge: number },
  ) {
    this.#store = store;
    this.#infoAt = infoAt;
    this.#mspId = mspId;
    this.#firstExpiry = first.expiry;
    this.#firstPurge = first.purge;
  }

  static async open(
    store: KVStore,
    infoAt: CollectionInfoAt,
    { mspId }: PvtDataStoreOptions = {},
  ): Promise<PvtDataStore> {
    const first = { expiry: await firstOf(store, EXPIRY), purge: await firstOf(store, PURGE) };
    return new PvtDataStore(store, infoAt, mspId, first);
  }

  /** Works out what a block does; changes nothing. */
  async prepare(block: PvtBlock): Promise<PvtCommit> {
    const { sets, blockNum } = block;
    const operations: KVOperation[] = [];
    const mismatches: PvtDataId[] = [];
    const data: PvtData[] = [];
    const stored = sets.length > 0 ? await this.#dataOf(blockNum) : new Map<string, Uint8Array>();
    for (const set of sets) {
      const known = stored.get(idText(set));
      const found = known ?? suppliedSet(set, block.supplied ?? new Map());
      if (found === 'mismatch') mismatches.push(idOf(set));
      if (found instanceof Uint8Array) data.push({ ...idOf(set), rwset: found });
      else if (block.supplied) operations.push(this.#missingRow(set));
      if (!known && found instanceof Uint8Array) operations.push(...dataRows(set, found));
      operations.push(...this.#schedule(set));
    }
    return { operations, data, mismatches };
  }

  /** The keys that expire at a block, with the block that wrote them. */
  async *expiringAt(blockNum: number): AsyncGenerator<PvtKeyId & { readonly committed: number }> {
    if (this.#firstExpiry > blockNum) return;
    for await (const [key] of this.#store.range(blockRange(EXPIRY, blockNum))) {
      const { second: committed, ...id } = parsePairKey(key);
      yield { ...id, committed };
    }
  }

  /** The key of a hash, as the clear sets of blocks `from` to before `to` name it; empty when none is here. */
  async clearKeysOf(id: PvtKeyId, from: number, to: number): Promise<ReadonlySet<string>> {
    const found = new Set<string>();
    for await (const [byKey] of this.#store.range(byKeyRange(id, from, to))) {
      const bytes = await this.#store.get(pvtDataKey(DATA, { ...id, ...placeOf(byKey) }));
      for (const key of bytes ? keysWithHash(bytes, id.keyHash) : []) found.add(key);
    }
    return found;
  }

  /** Stores what `prepare` worked out; durable on return. */
  async commit({ operations }: PvtCommit, more: readonly KVOperation[] = []): Promise<void> {
    const all = [...operations, ...more];
    if (all.length === 0) return;
    await this.#store.write(all, { durable: true });
    this.#commits++;
    this.#noteFirst(all);
  }

  /** True when something expired or was purged up to a block. */
  isCleanUpDue(blockNum: number): boolean {
    return this.#firstExpiry <= blockNum || this.#firstPurge <= blockNum;
  }

  /** Forgets what expired or was purged up to a block whose state is stored for good. */
  async cleanUp(savepoint: number): Promise<void> {
    if (this.#firstExpiry <= savepoint) {
      await this.#forgetExpired(savepoint);
      await this.#refreshFirst(EXPIRY, (first) => {
        this.#firstExpiry = first;
      });
    }
    if (this.#firstPurge <= savepoint) {
      await this.#forgetPurged(savepoint);
      await this.#refreshFirst(PURGE, (first) => {
        this.#firstPurge = first;
      });
    }
  }

  /** The clear sets of a block, but for what has been purged or has expired since, at ledger height `height`. */
  async getPvtDataByBlockNum(blockNum: number, height: number): Promise<PvtData[]> {
    const purged = await this.#purgedHashes();
    const found: PvtData[] = [];
    for (const [text, bytes] of await this.#dataOf(blockNum)) {
      const id = parsePvtDataKey(fromBinary(text));
      const info = this.#infoAt(id.namespace, id.collection, blockNum);
      if ((expiringBlock(info, blockNum) ?? NONE) < height) continue;
      const hashes = hashesPurgedAfter(id, purged.get(collText(id)));
      found.push({ ...id, rwset: hashes.size > 0 ? trimmedSet(bytes, hashes).bytes : bytes });
    }
    return found;
  }

  /** Up to `limit` sets that this peer lacks, oldest first; by default those that it should have. */
  async getMissingPvtData(limit: number, { eligible = true } = {}): Promise<PvtDataId[]> {
    const found: PvtDataId[] = [];
    const range = { gte: Uint8Array.of(MISSING), lt: Uint8Array.of(MISSING + 1) };
    for await (const [key, value] of this.#store.range(range)) {
      if (found.length >= limit) break;
      if ((value[0] === 1) === eligible) found.push(parsePvtDataKey(key));
    }
    return found;
  }

  /** Takes hashes of a snapshot whose last block is `lastBlock`. The store must be opened again afterwards. */
  importer(lastBlock: number): PvtImporter {
    const infoOf = (namespace: string, collection: string): CollectionInfo | undefined =>
      this.#infoAt(namespace, collection, lastBlock + 1);
    return new PvtImporter(this.#store, infoOf, (id) => this.#missingRow(id));
  }

  #missingRow(set: PvtDataId): KVOperation {
    const info = this.#infoAt(set.namespace, set.collection, set.blockNum);
    const isMember = !info || !this.#mspId || info.memberOrgs.includes(this.#mspId);
    return { type: 'put', key: pvtDataKey(MISSING, set), value: Uint8Array.of(isMember ? 1 : 0) };
  }

  // When the keys of a set expire, and which are purged.
  #schedule(set: HashedSet): KVOperation[] {
    const { blockNum, txNum } = set;
    const rows = set.hashed.hashed_writes
      .filter(({ is_purge, key_hash }) => is_purge && key_hash.length <= MAX_KEY_HASH_BYTES)
      .map(({ key_hash }) => purgeKey(blockNum, txNum, { ...set, keyHash: key_hash }));
    const info = this.#infoAt(set.namespace, set.collection, blockNum);
    const expiry = expiringBlock(info, blockNum);
    if (expiry !== undefined) {
      for (const keyHash of writtenHashes(set)) {
        if (keyHash.length > MAX_KEY_HASH_BYTES) continue;
        rows.push(expiryKey(expiry, blockNum, { ...set, keyHash }));
      }
    }
    return rows.map((key) => ({ type: 'put', key, value: EMPTY_BYTES }));
  }

  // What a commit added while the store was asked must not be overlooked, so nothing may come between the look at the count and
  // `set`; not even the tick that a returned promise takes.
  async #refreshFirst(kind: number, set: (first: number) => void): Promise<void> {
    for (;;) {
      const commits = this.#commits;
      const first = await firstOf(this.#store, kind);
      if (commits !== this.#commits) continue;
      set(first);
      return;
    }
  }

  #noteFirst(operations: readonly KVOperation[]): void {
    for (const { key } of operations) {
      if (key[0] === EXPIRY) this.#firstExpiry = Math.min(this.#firstExpiry, readUint64(key, 1));
      if (key[0] === PURGE) this.#firstPurge = Math.min(this.#firstPurge, readUint64(key, 1));
    }
  }

  // By the text of its key.
  async #dataOf(blockNum: number): Promise<Map<string, Uint8Array>> {
    const found = new Map<string, Uint8Array>();
    for await (const [key, value] of this.#store.range(blockRange(DATA, blockNum))) {
      found.set(toBinary(key), value);
    }
    return found;
  }

  // Where each key of a collection was purged last.
  async #purgedHashes(): Promise<Map<string, LastPurges>> {
    const found = new Map<string, LastPurges>();
    if (this.#firstPurge === NONE) return found;
    const range = { gte: Uint8Array.of(PURGE), lt: Uint8Array.of(PURGE + 1) };
    for await (const [key] of this.#store.range(range)) {
      const row = parsePairKey(key);
      const purges: LastPurges = found.get(collText(row)) ?? new Map();
      purges.set(toBinary(row.keyHash), { blockNum: row.first, txNum: row.second });
      found.set(collText(row), purges);
    }
    return found;
  }

  async #forgetExpired(savepoint: number): Promise<void> {
    const operations: KVOperation[] = [];
    const range = { ...upTo(EXPIRY, savepoint), limit: CLEANUP_ROWS };
    for await (const [key] of this.#store.range(range)) {
      const row = parsePairKey(key);
      operations.push({ type: 'delete', key });
      for await (const [byKey] of this.#store.range(byKeyRange(row, row.second, row.second + 1))) {
        operations.push({ type: 'delete', key: byKey });
      }
      for (const kind of [DATA, MISSING]) {
        for await (const [dataKey] of this.#store.range(blockRange(kind, row.second))) {
          const id = parsePvtDataKey(dataKey);
          if (collText(id) === collText(row)) operations.push({ type: 'delete', key: dataKey });
        }
      }
    }
    await this.#store.write(operations);
  }

  // A set may lose several keys at once, so each is trimmed in turn.
  async #forgetPurged(savepoint: number): Promise<void> {
    const range = { ...upTo(PURGE, savepoint), limit: CLEANUP_ROWS };
    const rows: Uint8Array[] = [];
    for await (const [key] of this.#store.range(range)) rows.push(key);
    for (const key of rows) {
      const row = parsePairKey(key);
      const operations: KVOperation[] = [{ type: 'delete', key }];
      const purged = new Set([toBinary(row.keyHash)]);
      for await (const [byKey] of this.#store.range(byKeyRange(row, 0, row.first + 1))) {
        const place = placeOf(byKey);
        if (place.blockNum === row.first && place.txNum >= row.second) continue;
        const dataKey = pvtDataKey(DATA, { ...row, ...place });
        const bytes = await this.#store.get(dataKey);
        operations.push({ type: 'delete', key: byKey });
        if (!bytes) continue;
        operations.push({ type: 'put', key: dataKey, value: trimmedSet(bytes, purged).bytes });
      }
      await this.#store.write(operations);
    }
  }
}

// What is written behind a purge is there again.
function hashesPurgedAfter(set: PvtDataId, purges: LastPurges = new Map()): Set<string> {
  const later = [...purges].filter(
    ([, { blockNum, txNum }]) =>
      blockNum > set.blockNum || (blockNum === set.blockNum && txNum > set.txNum),
  );
  return new Set(later.map(([hash]) => hash));
}

function dataRows(set: HashedSet, bytes: Uint8Array): KVOperation[] {
  const { blockNum, txNum, namespace, collection } = set;
  const { writes, metadata_writes } = kvrwset.KVRWSet.decode(bytes);
  const keys = new Set([...writes, ...metadata_writes].map(({ key }) => key));
  const byKey = [...keys].map((key): KVOperation => {
    const id = { namespace, collection, keyHash: sha256(utf8(key)) };
    return { type: 'put', key: byKeyKey(id, blockNum, txNum), value: EMPTY_BYTES };
  });
  return [
    { type: 'put', key: pvtDataKey(DATA, set), value: bytes },
    { type: 'delete', key: pvtDataKey(MISSING, set) },
    ...byKey,
  ];
}

async function firstOf(store: KVStore, kind: number): Promise<number> {
  const range = { gte: Uint8Array.of(kind), lt: Uint8Array.of(kind + 1), limit: 1 };
  for await (const [key] of store.range(range)) return readUint64(key, 1);
  return NONE;
}

function idOf({ blockNum, txNum, namespace, collection }: PvtDataId): PvtDataId {
  return { blockNum, txNum, namespace, collection };
}

function idText(id: PvtDataId): string {
  return toBinary(pvtDataKey(DATA, id));
}

function collText({ namespace, collection }: { namespace: string; collection: string }): string {
  return `${namespace}\0${collection}`;
}
