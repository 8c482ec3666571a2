// SPDX-License-Identifier: Apache-2.0
// Small JSON records over the storage port: what the relay remembers of its network, its CAs and its invitations.
import { fromUtf8Strict, utf8 } from '../../src/common/runtime/bytes.ts';
import { FabricError } from '../../src/common/runtime/errors.ts';
import type { KVOperation, KVStore } from '../../src/ledger/kv-store.ts';

/** Records of one kind under `prefix`; `T` is trusted, since only this relay writes its data directory. */
export class Records<T> {
  readonly #store: KVStore;
  readonly #prefix: string;

  constructor(store: KVStore, prefix: string) {
    this.#store = store;
    this.#prefix = `${prefix}/`;
  }

  async get(id: string): Promise<T | undefined> {
    const bytes = await this.#store.get(this.#key(id));
    return bytes === undefined ? undefined : this.#decode(id, bytes);
  }

  /** Every record in byte order of its id. */
  async list(): Promise<[id: string, record: T][]> {
    const found: [string, T][] = [];
    const range = { gte: utf8(this.#prefix), lt: utf8(`${this.#prefix.slice(0, -1)}0`) };
    for await (const [key, value] of this.#store.range(range)) {
      const id = fromUtf8Strict(key).slice(this.#prefix.length);
      found.push([id, this.#decode(id, value)]);
    }
    return found;
  }

  /** The operation that stores a record, to be written with others at once. */
  put(id: string, record: T): KVOperation {
    return { type: 'put', key: this.#key(id), value: utf8(JSON.stringify(record)) };
  }

  remove(id: string): KVOperation {
    return { type: 'delete', key: this.#key(id) };
  }

  #key(id: string): Uint8Array {
    return utf8(this.#prefix + id);
  }

  #decode(id: string, bytes: Uint8Array): T {
    try {
      return JSON.parse(fromUtf8Strict(bytes)) as T;
    } catch (cause) {
      const message = `the record ${this.#prefix}${id} is damaged; restore the data directory from a backup`;
      throw new FabricError('DATA_DAMAGED', message, { cause });
    }
  }
}

/** Runs tasks one after another, so that a read and the write that depends on it are not interleaved with others. */
export class Serial {
  #tail: Promise<unknown> = Promise.resolve();

  run<T>(task: () => Promise<T>): Promise<T> {
    const result = this.#tail.then(task);
    this.#tail = result.catch(() => {});
    return result;
  }
}
