// SPDX-License-Identifier: Apache-2.0
// The storage port over maps: for tests, and for windows to which the browser refuses storage. What is
// written lives as long as the provider.
import type { KeyRange, KVEntry, KVOperation, KVStore, KVStoreProvider } from '../kv-store.ts';
import { LedgerError } from '../types.ts';
import { fromBinary, toBinary } from '../util/binary-string.ts';
import { SortedMap } from '../util/sorted-map.ts';

type Contents = SortedMap<Uint8Array>;

/** A store in memory. Bytes are copied on the way in and on the way out, as a real store does. */
export class MemoryKVStore implements KVStore {
  readonly #contents: Contents;
  readonly #onClose: () => void;
  #closed = false;

  constructor(contents: Contents = new SortedMap(), onClose: () => void = () => {}) {
    this.#contents = contents;
    this.#onClose = onClose;
  }

  async get(key: Uint8Array): Promise<Uint8Array | undefined> {
    this.#check();
    return this.#contents.get(toBinary(key))?.slice();
  }

  async getMany(keys: readonly Uint8Array[]): Promise<(Uint8Array | undefined)[]> {
    this.#check();
    return keys.map((key) => this.#contents.get(toBinary(key))?.slice());
  }

  async *range({ gte, lt, reverse = false, limit }: KeyRange): AsyncGenerator<KVEntry> {
    this.#check();
    const keys = this.#contents.keys({ gte: gte && toBinary(gte), lt: lt && toBinary(lt) });
    if (reverse) keys.reverse();
    let left = limit ?? Number.POSITIVE_INFINITY;
    for (const key of keys) {
      if (left-- <= 0) return;
      this.#check();
      const value = this.#contents.get(key);
      if (value !== undefined) yield [fromBinary(key), value.slice()];
    }
  }

  async write(operations: readonly KVOperation[]): Promise<void> {
    this.#check();
    for (const operation of operations) {
      const key = toBinary(operation.key);
      if (operation.type === 'put') this.#contents.set(key, operation.value.slice());
      else this.#contents.delete(key);
    }
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#onClose();
  }

  #check(): void {
    if (this.#closed) throw new LedgerError('STORE_CLOSED', 'the store in memory is closed');
  }
}

/** Named stores in memory. */
export class MemoryKVStoreProvider implements KVStoreProvider {
  readonly #stores = new Map<string, Contents>();
  readonly #open = new Set<string>();

  async open(name: string): Promise<KVStore> {
    if (this.#open.has(name)) {
      throw new LedgerError('STORE_LOCKED', `the store ${name} is open already`);
    }
    const contents = this.#stores.get(name) ?? new SortedMap<Uint8Array>();
    this.#stores.set(name, contents);
    this.#open.add(name);
    return new MemoryKVStore(contents, () => this.#open.delete(name));
  }

  async list(): Promise<string[]> {
    return [...this.#stores.keys()].sort();
  }

  async destroy(name: string): Promise<void> {
    if (this.#open.has(name)) throw new LedgerError('STORE_LOCKED', `the store ${name} is open`);
    this.#stores.delete(name);
  }
}
