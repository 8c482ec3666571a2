// SPDX-License-Identifier: Apache-2.0
// The world state: versioned values over a key-value store (statedb/stateleveldb of Fabric).
//
// Fabric writes the state of each block at once, and a read-write lock keeps commits off while simulations run. A put
// into IndexedDB is dear, and a simulation may hang; so here
// - blocks are applied to a table in memory, and stored many at a time, together with a savepoint: what a crash
//   loses is replayed from the block store;
// - a reader takes a snapshot, which keeps seeing the state as of its block while later blocks are applied. Only
//   storing waits for snapshots; when memory runs full, the old ones are told SNAPSHOT_EXPIRED instead.
import type { KVOperation, KVStore } from '../../../kv-store.ts';
import { LedgerError, type Version, type VersionedValue } from '../../../types.ts';
import { binaryToUtf8, fromBinary, toBinary, utf8ToBinary } from '../../../util/binary-string.ts';
import { readUint64, uint64Bytes } from '../../../util/codec.ts';
import { Mutex } from '../../../util/mutex.ts';
import type { BinaryRange } from '../../../util/sorted-map.ts';
import { Memtable } from './memtable.ts';
import { ReadCache, type ReadCacheLimits } from './read-cache.ts';
import { afterNamespace, splitStateKey } from './state-key.ts';
import { decodeStateRecord, encodeStateRecord } from './state-record.ts';
import {
  ReadSnapshot,
  type StateReader,
  type StateRow,
  type StateSnapshot,
} from './state-snapshot.ts';
import { type Update, type UpdateBatch, versionedValueOf } from './update-batch.ts';

export interface StateDBOptions extends ReadCacheLimits {
  /** From this many entries in memory on, they are stored. */
  readonly flushEntries: number;
  /** From this many bytes in memory on, they are stored. */
  readonly flushBytes: number;
  /** From this many blocks in memory on, they are stored, since each must be replayed after a crash. */
  readonly flushBlocks: number;
  /** At this multiple of the bounds above, commits wait for storing, and snapshots that hinder it expire. */
  readonly hardFactor: number;
}

export const DEFAULT_STATE_DB_OPTIONS: StateDBOptions = Object.freeze({
  // IndexedDB locks reads out while it writes; this many take it about 200 ms.
  flushEntries: 2048,
  flushBytes: 4 * 1024 * 1024,
  flushBlocks: 128,
  hardFactor: 4,
  cacheBytes: 16 * 1024 * 1024,
  // Some 90 bytes each.
  cacheVersions: 512 * 1024,
});

export const DATA = 'd';
export const SAVEPOINT = 's';
export const METADATA_HINT = 'm';

export type { StateRow, StateSnapshot } from './state-snapshot.ts';

export class StateDB implements StateReader {
  readonly #store: KVStore;
  readonly #options: StateDBOptions;
  readonly #memtable = new Memtable();
  readonly #cache: ReadCache;
  readonly #snapshots = new Set<ReadSnapshot>();
  readonly #flushing = new Mutex();
  readonly #metadataNamespaces: Set<string>;
  #lastBlock: number;
  #savepoint: number;
  #durableSavepoint = -1;
  // Counts the times that the store changed.
  #generation = 0;

  private constructor(
    store: KVStore,
    options: StateDBOptions,
    found: { savepoint: number; metadataNamespaces: Set<string> },
  ) {
    this.#store = store;
    this.#options = options;
    this.#cache = new ReadCache(options);
    this.#savepoint = found.savepoint;
    this.#lastBlock = found.savepoint;
    this.#metadataNamespaces = found.metadataNamespaces;
  }

  static async open(store: KVStore, options: Partial<StateDBOptions> = {}): Promise<StateDB> {
    const stored = await store.get(fromBinary(SAVEPOINT));
    const hint = fromBinary(METADATA_HINT);
    const metadataNamespaces = new Set<string>();
    for await (const [key] of store.range({ gte: hint, lt: fromBinary('n') })) {
      metadataNamespaces.add(binaryToUtf8(toBinary(key).slice(1)));
    }
    const savepoint = stored ? readUint64(stored) : -1;
    const all = { ...DEFAULT_STATE_DB_OPTIONS, ...options };
    return new StateDB(store, all, { savepoint, metadataNamespaces });
  }

  /** The last block applied; -1 before the first. */
  get lastBlock(): number {
    return this.#lastBlock;
  }

  /** The last block stored. */
  get savepoint(): number {
    return this.#savepoint;
  }

  /** True when some key of a namespace, or of its collections, ever had metadata. */
  hasMetadata(namespace: string): boolean {
    return this.#metadataNamespaces.has(namespace);
  }

  /** The state as of the last block. */
  snapshot(): StateSnapshot {
    const snapshot = new ReadSnapshot(this.#lastBlock, this, () =>
      this.#snapshots.delete(snapshot),
    );
    this.#snapshots.add(snapshot);
    return snapshot;
  }

  /** Applies the next block, in memory; `privateUpdates` by state key are what the batch does not hold. */
  apply(
    blockNum: number,
    batch: UpdateBatch,
    privateUpdates: ReadonlyMap<string, Update> = new Map(),
  ): void {
    if (blockNum !== this.#lastBlock + 1) {
      const text = `state expects block ${this.#lastBlock + 1}, not ${blockNum}`;
      throw new LedgerError('LEDGER_CORRUPT', text);
    }
    for (const [key, namespace, update] of batch.stateUpdates()) {
      this.#memtable.put(key, { blockNum, value: owned(versionedValueOf(update)) });
      if (update.metadata.length > 0) this.#metadataNamespaces.add(namespace);
    }
    for (const [key, update] of privateUpdates) {
      this.#memtable.put(key, { blockNum, value: owned(versionedValueOf(update)) });
    }
    this.#lastBlock = blockNum;
  }

  /** True when the blocks in memory should be stored. */
  get flushDue(): boolean {
    return this.#exceeds(1);
  }

  /** Stores what is in memory if there is too much of it, at the cost of snapshots. Call before a commit. */
  async makeRoom(): Promise<void> {
    if (!this.#exceeds(this.#options.hardFactor)) return;
    for (const snapshot of this.#snapshots) {
      if (snapshot.asOf < this.#lastBlock) snapshot.expire();
    }
    await this.flush();
  }

  /**
   * Stores blocks, as many as snapshots allow. Rejects when the store fails; nothing is lost then. A power cut may take back
   * what was stored.
   */
  async flush(): Promise<void> {
    await this.#flushing.run(async () => {
      const asOf = Math.min(
        this.#lastBlock,
        ...[...this.#snapshots].map((snapshot) => snapshot.asOf),
      );
      if (asOf <= this.#savepoint) return;
      const entries = this.#memtable.collect(asOf);
      const operations: KVOperation[] = entries.map(([key, value]) => {
        const stored = fromBinary(DATA + key);
        return value
          ? { type: 'put', key: stored, value: encodeStateRecord(value) }
          : { type: 'delete', key: stored };
      });
      for (const namespace of this.#metadataNamespaces) {
        const key = fromBinary(METADATA_HINT + utf8ToBinary(namespace));
        operations.push({ type: 'put', key, value: new Uint8Array(0) });
      }
      operations.push({ type: 'put', key: fromBinary(SAVEPOINT), value: uint64Bytes(asOf) });
      await this.#store.write(operations);
      this.#generation++;
      this.#savepoint = asOf;
      this.#memtable.drop(asOf);
      for (const [key, value] of entries) this.#cache.set(key, value);
    });
  }

  /** Makes what is stored survive a power cut. Gives the savepoint of which that is true. */
  async sync(): Promise<number> {
    return this.#flushing.run(async () => {
      const savepoint = this.#savepoint;
      if (this.#durableSavepoint < savepoint) {
        const operation = { key: fromBinary(SAVEPOINT), value: uint64Bytes(savepoint) };
        await this.#store.write([{ type: 'put', ...operation }], { durable: true });
        this.#durableSavepoint = savepoint;
      }
      return savepoint;
    });
  }

  /** Values as of a block that is not before the savepoint. */
  async readMany(
    stateKeys: readonly string[],
    asOf: number,
  ): Promise<(VersionedValue | undefined)[]> {
    const values = new Map<string, VersionedValue | undefined>();
    const missing: string[] = [];
    for (const key of stateKeys) {
      const entry = this.#memtable.get(key, asOf);
      if (entry) values.set(key, entry.value);
      else if (this.#cache.has(key)) values.set(key, this.#cache.get(key));
      else missing.push(key);
    }
    if (missing.length > 0) {
      const generation = this.#generation;
      const stored = await this.#store.getMany(missing.map((key) => fromBinary(DATA + key)));
      missing.forEach((key, i) => {
        const bytes = stored[i];
        const value = bytes && decodeStateRecord(bytes);
        values.set(key, value);
        if (generation === this.#generation) this.#cache.set(key, value);
      });
    }
    return stateKeys.map((key) => values.get(key));
  }

  /** Versions as of a block that is not before the savepoint. */
  async readVersions(stateKeys: readonly string[], asOf: number): Promise<(Version | undefined)[]> {
    const versions = new Map<string, Version | undefined>();
    const missing: string[] = [];
    for (const key of stateKeys) {
      const entry = this.#memtable.get(key, asOf);
      if (entry) versions.set(key, entry.value?.version);
      else if (this.#cache.hasVersion(key)) versions.set(key, this.#cache.version(key));
      else missing.push(key);
    }
    if (missing.length > 0) {
      const values = await this.readMany(missing, asOf);
      missing.forEach((key, i) => {
        versions.set(key, values[i]?.version);
      });
    }
    return stateKeys.map((key) => versions.get(key));
  }

  /** Rows as of a block that is not before the savepoint. */
  async *scan(range: BinaryRange, asOf: number): AsyncGenerator<StateRow> {
    // Taken before the store is read: what leaves the memory meanwhile is in it, and what was stored is the same.
    const recent = this.#memtable.slice(range, asOf);
    let next = 0;
    for await (const [stored, bytes] of this.#store.range(storeRange(range))) {
      const key = toBinary(stored).slice(DATA.length);
      for (; next < recent.length; next++) {
        const [recentKey, value] = recent[next] ?? [key, undefined];
        if (recentKey >= key) break;
        if (value) yield [recentKey, value];
      }
      const [recentKey, value] = recent[next] ?? [];
      if (recentKey !== key) yield [key, decodeStateRecord(bytes)];
      else {
        next++;
        if (value) yield [key, value];
      }
    }
    for (const [key, value] of recent.slice(next)) if (value) yield [key, value];
  }

  /** Namespaces that hold a key, in byte order, collections among them. */
  async namespaces(): Promise<string[]> {
    const found: string[] = [];
    const snapshot = this.snapshot();
    try {
      for (let from = ''; ; ) {
        const { value: row } = await snapshot.range({ gte: from }).next();
        if (!row) return found;
        const { namespace } = splitStateKey(row[0]);
        found.push(namespace);
        from = afterNamespace(namespace);
      }
    } finally {
      snapshot.release();
    }
  }

  #exceeds(factor: number): boolean {
    const { flushEntries, flushBytes, flushBlocks } = this.#options;
    return (
      this.#memtable.entries >= factor * flushEntries ||
      this.#memtable.bytes >= factor * flushBytes ||
      this.#lastBlock - this.#savepoint >= factor * flushBlocks
    );
  }
}

function storeRange({ gte = '', lt }: BinaryRange): { gte: Uint8Array; lt: Uint8Array } {
  return {
    gte: fromBinary(DATA + gte),
    lt: lt === undefined ? fromBinary('e') : fromBinary(DATA + lt),
  };
}

// Values of a batch are views into a block, which would stay in memory for their sake.
function owned(value: VersionedValue | undefined): VersionedValue | undefined {
  return value && { ...value, value: value.value.slice(), metadata: value.metadata.slice() };
}
