// SPDX-License-Identifier: Apache-2.0
// A part of a store: all keys that begin with a prefix, seen without it. Several ledgers may share a database.
import { concat } from '../../common/runtime/bytes.ts';
import type { KeyRange, KVEntry, KVOperation, KVStore } from '../kv-store.ts';
import { prefixEnd } from './codec.ts';

/** Closing it leaves the store beneath open. */
export class PrefixedKVStore implements KVStore {
  readonly #store: KVStore;
  readonly #prefix: Uint8Array;
  readonly #end: Uint8Array;

  /** @param prefix must hold a byte below 0xff. */
  constructor(store: KVStore, prefix: Uint8Array) {
    this.#store = store;
    this.#prefix = prefix;
    this.#end = prefixEnd(prefix);
  }

  get(key: Uint8Array): Promise<Uint8Array | undefined> {
    return this.#store.get(concat(this.#prefix, key));
  }

  getMany(keys: readonly Uint8Array[]): Promise<(Uint8Array | undefined)[]> {
    return this.#store.getMany(keys.map((key) => concat(this.#prefix, key)));
  }

  async *range({ gte, lt, ...rest }: KeyRange): AsyncGenerator<KVEntry> {
    const bounds = {
      gte: gte ? concat(this.#prefix, gte) : this.#prefix,
      lt: lt ? concat(this.#prefix, lt) : this.#end,
    };
    for await (const [key, value] of this.#store.range({ ...rest, ...bounds })) {
      yield [key.subarray(this.#prefix.length), value];
    }
  }

  write(operations: readonly KVOperation[], options?: { durable?: boolean }): Promise<void> {
    const prefixed = operations.map((op) => ({ ...op, key: concat(this.#prefix, op.key) }));
    return this.#store.write(prefixed, options);
  }

  async close(): Promise<void> {}
}
