// SPDX-License-Identifier: Apache-2.0
// The storage port. IndexedDB (tab), LevelDB (relay) and memory (tests, private windows) implement it and pass one
// contract suite. Keys are bytes in byte order, which is LevelDB's order and the order Fabric's ledger relies on.

/** Half-open range of keys in byte order: `gte` <= key < `lt`; an absent bound is open. */
export interface KeyRange {
  readonly gte?: Uint8Array;
  readonly lt?: Uint8Array;
  readonly reverse?: boolean;
  /** At most this many entries. */
  readonly limit?: number;
}

export type KVEntry = readonly [key: Uint8Array, value: Uint8Array];

export type KVOperation =
  | { readonly type: 'put'; readonly key: Uint8Array; readonly value: Uint8Array }
  | { readonly type: 'delete'; readonly key: Uint8Array };

/** One ordered key-value store. Every method rejects with a LedgerError when the store fails or is closed. */
export interface KVStore {
  get(key: Uint8Array): Promise<Uint8Array | undefined>;
  /** Values in the order of `keys`. */
  getMany(keys: readonly Uint8Array[]): Promise<(Uint8Array | undefined)[]>;
  /** Entries in byte order (or its reverse). Entries written while iterating may or may not appear. */
  range(range: KeyRange): AsyncIterable<KVEntry>;
  /**
   * All or nothing, in order. `durable` resolves only when the bytes would survive a power cut (fsync, strict durability).
   * Rejects with code QUOTA_EXCEEDED when the disk or the origin's quota is full; then nothing was written.
   */
  write(operations: readonly KVOperation[], options?: { durable?: boolean }): Promise<void>;
  close(): Promise<void>;
}

/** Opens stores by name; a name is one IndexedDB database, one LevelDB directory, one Map. */
export interface KVStoreProvider {
  /** True when a write costs by the record more than by the byte: many small entries are better kept in pages. */
  readonly chargesByRecord?: boolean;
  open(name: string): Promise<KVStore>;
  list(): Promise<string[]>;
  /** Deletes a closed store and all it holds. */
  destroy(name: string): Promise<void>;
}
