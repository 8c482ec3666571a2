// SPDX-License-Identifier: Apache-2.0
// The storage port over one IndexedDB database with one object store of binary keys. Browser only.
//
// The price of IndexedDB is per request, so a write is one transaction of raw puts without a promise each,
// and many reads are concurrent requests of one transaction. Nothing but requests is awaited inside one.
import { compareBytes } from '../../common/runtime/bytes.ts';
import type { KeyRange, KVEntry, KVOperation, KVStore } from '../kv-store.ts';
import { foreign, storeError } from './idb-errors.ts';
import { STORE } from './idb-schema.ts';

// A range is read page by page, each in a transaction of its own, because a cursor dies when its reader
// awaits anything else. Pages grow, so that a short scan reads little and a long one needs few requests.
const FIRST_PAGE = 64;
const LARGEST_PAGE = 1024;

/** One IndexedDB database. */
export class IdbKVStore implements KVStore {
  readonly #db: IDBDatabase;
  /** Reject the operations that are under way. */
  readonly #giveUp = new Set<(error: DOMException) => void>();

  constructor(db: IDBDatabase) {
    this.#db = db;
    // Chromium can close a database and never end the transactions that were just beginning.
    db.addEventListener('close', () => {
      const error = new DOMException('the browser closed the database', 'InvalidStateError');
      for (const reject of this.#giveUp) reject(error);
    });
  }

  async get(key: Uint8Array): Promise<Uint8Array | undefined> {
    const [value] = await this.getMany([key]);
    return value;
  }

  async getMany(keys: readonly Uint8Array[]): Promise<(Uint8Array | undefined)[]> {
    if (keys.length === 0) return [];
    return this.#run(async () => {
      const { store, ended } = this.#begin('readonly', 'relaxed');
      const requests = keys.map((key) => store.get(key as BufferSource));
      await ended;
      return requests.map((request) => bytesOf(request.result, this.#db.name));
    });
  }

  async *range({ gte, lt, reverse = false, limit }: KeyRange): AsyncGenerator<KVEntry> {
    let lower = gte;
    let upper = lt;
    let open = false;
    let left = limit ?? Number.POSITIVE_INFINITY;
    for (let size = FIRST_PAGE; left > 0; size = Math.min(4 * size, LARGEST_PAGE)) {
      const bounds = keyRange(lower, upper, open);
      if (bounds === 'empty') return;
      const count = Math.min(size, left);
      const page = await this.#run(() =>
        reverse ? this.#pageBack(bounds, count) : this.#page(bounds, count),
      );
      yield* page;
      const last = page.at(-1);
      if (last === undefined || page.length < count) return;
      left -= page.length;
      if (reverse) upper = last[0];
      else {
        lower = last[0];
        open = true;
      }
    }
  }

  async write(
    operations: readonly KVOperation[],
    { durable = false }: { durable?: boolean } = {},
  ): Promise<void> {
    await this.#run(async () => {
      const { tx, store, ended } = this.#begin('readwrite', durable ? 'strict' : 'relaxed');
      try {
        for (const operation of operations) {
          const key = operation.key as BufferSource;
          if (operation.type === 'put') store.put(ownBytes(operation.value), key);
          else store.delete(key);
        }
      } catch (error) {
        tx.abort();
        await ended.catch(() => {});
        throw error;
      }
      await ended;
    });
  }

  async close(): Promise<void> {
    this.#db.close();
  }

  #begin(mode: 'readonly' | 'readwrite', durability: 'strict' | 'relaxed') {
    const tx = this.#db.transaction(STORE, mode, { durability });
    return { tx, store: tx.objectStore(STORE), ended: this.#endOf(tx) };
  }

  // A request that fails takes its transaction down, which knows why only when it has ended.
  #endOf(tx: IDBTransaction): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#giveUp.add(reject);
      tx.oncomplete = () => {
        this.#giveUp.delete(reject);
        resolve();
      };
      tx.onabort = () => {
        this.#giveUp.delete(reject);
        reject(tx.error ?? new DOMException('aborted', 'AbortError'));
      };
    });
  }

  async #page(bounds: IDBKeyRange | undefined, count: number): Promise<KVEntry[]> {
    const { store, ended } = this.#begin('readonly', 'relaxed');
    const keys = store.getAllKeys(bounds, count);
    const values = store.getAll(bounds, count);
    await ended;
    return keys.result.map((key, i) => this.#entry(key, values.result[i]));
  }

  async #pageBack(bounds: IDBKeyRange | undefined, count: number): Promise<KVEntry[]> {
    const { store, ended } = this.#begin('readonly', 'relaxed');
    const page: [IDBValidKey, unknown][] = [];
    const request = store.openCursor(bounds, 'prev');
    request.onsuccess = () => {
      const cursor = request.result;
      if (cursor === null) return;
      page.push([cursor.key, cursor.value]);
      if (page.length < count) cursor.continue();
    };
    await ended;
    return page.map(([key, value]) => this.#entry(key, value));
  }

  #entry(key: IDBValidKey, value: unknown): KVEntry {
    const bytes = bytesOf(value, this.#db.name);
    if (!(key instanceof ArrayBuffer) || bytes === undefined) throw foreign(this.#db.name);
    return [new Uint8Array(key), bytes];
  }

  async #run<T>(action: () => Promise<T>): Promise<T> {
    try {
      return await action();
    } catch (cause) {
      throw storeError(cause, this.#db.name);
    }
  }
}

function keyRange(
  lower: Uint8Array | undefined,
  upper: Uint8Array | undefined,
  open: boolean,
): IDBKeyRange | undefined | 'empty' {
  if (lower && upper) {
    if (compareBytes(lower, upper) >= 0) return 'empty';
    return IDBKeyRange.bound(lower, upper, open, true);
  }
  if (lower) return IDBKeyRange.lowerBound(lower, open);
  return upper && IDBKeyRange.upperBound(upper, true);
}

// Storing a view stores the whole buffer behind it.
function ownBytes(value: Uint8Array): Uint8Array {
  return value.byteLength === value.buffer.byteLength ? value : value.slice();
}

function bytesOf(value: unknown, name: string): Uint8Array | undefined {
  if (value === undefined || value instanceof Uint8Array) return value;
  throw foreign(name);
}
