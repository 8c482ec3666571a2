// SPDX-License-Identifier: Apache-2.0
// The storage port over IndexedDB: one database with one object store of binary keys a name. Browser only.
//
// The price of IndexedDB is per request, so a write is one transaction of raw puts without a promise each,
// and many reads are concurrent requests of one transaction. Nothing but requests is awaited inside one.
import { deleteDB, type IDBPDatabase, openDB, unwrap } from 'idb';
import { compareBytes } from '../../common/runtime/bytes.ts';
import { messageOf } from '../../common/runtime/errors.ts';
import type { KeyRange, KVEntry, KVOperation, KVStore, KVStoreProvider } from '../kv-store.ts';
import { LedgerError } from '../types.ts';

const STORE = 'kv';
// A range is read page by page, each in a transaction of its own, because a cursor dies when its reader
// awaits anything else. Pages grow, so that a short scan reads little and a long one needs few requests.
const FIRST_PAGE = 64;
const LARGEST_PAGE = 1024;
const BLOCKED_TIMEOUT_MS = 10_000;

/** What happens to an open database from outside. */
export interface IdbEvents {
  /** Another tab deletes or upgrades the database; it is closed here, and unusable from now on. */
  readonly onBlocking?: (name: string) => void;
  /** The browser closed the database: site data were cleared, or the backing store failed. */
  readonly onTerminated?: (name: string) => void;
}

/** One IndexedDB database. */
export class IdbKVStore implements KVStore {
  readonly #db: IDBPDatabase;

  constructor(db: IDBPDatabase) {
    this.#db = db;
  }

  async get(key: Uint8Array): Promise<Uint8Array | undefined> {
    const [value] = await this.getMany([key]);
    return value;
  }

  async getMany(keys: readonly Uint8Array[]): Promise<(Uint8Array | undefined)[]> {
    if (keys.length === 0) return [];
    return this.#run(async () => {
      const { tx, store } = this.#begin('readonly', 'relaxed');
      const requests = keys.map((key) => store.get(key as BufferSource));
      await tx.done;
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
      const { tx, store } = this.#begin('readwrite', durable ? 'strict' : 'relaxed');
      try {
        for (const operation of operations) {
          const key = operation.key as BufferSource;
          if (operation.type === 'put') store.put(ownBytes(operation.value), key);
          else store.delete(key);
        }
      } catch (error) {
        tx.abort();
        await tx.done.catch(() => {});
        throw error;
      }
      await tx.done;
    });
  }

  async close(): Promise<void> {
    this.#db.close();
  }

  #begin(mode: 'readonly' | 'readwrite', durability: 'strict' | 'relaxed') {
    const tx = this.#db.transaction(STORE, mode, { durability });
    return { tx, store: unwrap(tx.objectStore(STORE)) as IDBObjectStore };
  }

  async #page(bounds: IDBKeyRange | undefined, count: number): Promise<KVEntry[]> {
    const { tx, store } = this.#begin('readonly', 'relaxed');
    const keys = store.getAllKeys(bounds, count);
    const values = store.getAll(bounds, count);
    await tx.done;
    return keys.result.map((key, i) => this.#entry(key, values.result[i]));
  }

  async #pageBack(bounds: IDBKeyRange | undefined, count: number): Promise<KVEntry[]> {
    const { tx, store } = this.#begin('readonly', 'relaxed');
    const page: KVEntry[] = [];
    const request = store.openCursor(bounds, 'prev');
    request.onsuccess = () => {
      const cursor = request.result;
      if (cursor === null) return;
      page.push(this.#entry(cursor.key, cursor.value));
      if (page.length < count) cursor.continue();
    };
    await tx.done;
    return page;
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

/** IndexedDB databases whose names begin with a prefix. */
export class IdbKVStoreProvider implements KVStoreProvider {
  readonly #prefix: string;
  readonly #events: IdbEvents;

  /** @param prefix tells the databases of one peer from those of others of the same origin. */
  constructor(prefix = '', events: IdbEvents = {}) {
    this.#prefix = prefix;
    this.#events = events;
  }

  /** Rejects with STORE_LOCKED when another tab keeps the database from being opened. */
  async open(name: string): Promise<KVStore> {
    const fullName = this.#prefix + name;
    const opening = this.#open(name, fullName);
    try {
      return new IdbKVStore(await patiently(opening, fullName));
    } catch (cause) {
      opening.then(
        (late) => late.close(),
        () => {},
      );
      throw openError(cause, fullName);
    }
  }

  // Async, so that a browser that throws at once rejects as others do.
  async #open(name: string, fullName: string): Promise<IDBPDatabase> {
    return openDB(fullName, 1, {
      upgrade: (fresh) => {
        fresh.createObjectStore(STORE);
      },
      blocking: (_current, _blocked, event) => {
        (event.target as IDBDatabase).close();
        this.#events.onBlocking?.(name);
      },
      terminated: () => this.#events.onTerminated?.(name),
    });
  }

  async list(): Promise<string[]> {
    try {
      const names = (await indexedDB.databases()).map(({ name }) => name ?? '');
      const own = names.filter((name) => name.startsWith(this.#prefix));
      return own.map((name) => name.slice(this.#prefix.length)).sort();
    } catch (cause) {
      throw storeError(cause, this.#prefix);
    }
  }

  /** Rejects with STORE_LOCKED when a tab goes on using the database; it is deleted when that tab closes. */
  async destroy(name: string): Promise<void> {
    const fullName = this.#prefix + name;
    try {
      await patiently(deleteDB(fullName), fullName);
    } catch (cause) {
      throw storeError(cause, fullName);
    }
  }
}

// Opening waits for a pending deletion, deletion waits for open connections, and both without end: other tabs
// are asked to close (`blocking`), but one that is frozen does not hear it. The `blocked` event tells less: it
// comes also when a connection is just about to close.
async function patiently<T>(request: Promise<T>, name: string): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const impatience = new Promise<never>((_, reject) => {
    const text = `${name} is in use in another tab; close that tab and try again`;
    timer = setTimeout(() => reject(new LedgerError('STORE_LOCKED', text)), BLOCKED_TIMEOUT_MS);
  });
  try {
    return await Promise.race([request, impatience]);
  } finally {
    clearTimeout(timer);
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

function foreign(name: string): LedgerError {
  return new LedgerError('STORE_UNREADABLE', `${name} holds records that Tabric did not write`);
}

type Code = ConstructorParameters<typeof LedgerError>[0];

// Firefox refuses private windows with InvalidStateError, others with SecurityError or by having no
// `indexedDB` at all (ReferenceError).
function openError(error: unknown, name: string): LedgerError {
  const refused = error instanceof Error && error.name === 'InvalidStateError';
  return storeError(error, name, refused ? 'STORAGE_REFUSED' : undefined);
}

const CODES: Readonly<Record<string, Code>> = {
  QuotaExceededError: 'QUOTA_EXCEEDED',
  SecurityError: 'STORAGE_REFUSED',
  ReferenceError: 'STORAGE_REFUSED',
  NotAllowedError: 'STORAGE_REFUSED',
  // Once open, this means that the connection is closed.
  InvalidStateError: 'STORE_CLOSED',
  VersionError: 'STORE_UNREADABLE',
  NotFoundError: 'STORE_UNREADABLE',
};

const TEXTS: Partial<Record<Code, string>> = {
  QUOTA_EXCEEDED: 'the storage of this site is full; free disk space',
  STORAGE_REFUSED: 'the browser refuses storage to this page',
  STORE_CLOSED: 'the database is closed',
  STORE_UNREADABLE: 'the database is not of this version of Tabric',
};

function storeError(error: unknown, name: string, as?: Code): LedgerError {
  if (error instanceof LedgerError) return error;
  const code = as ?? CODES[error instanceof Error ? error.name : ''] ?? 'STORE_FAILED';
  const text = `${TEXTS[code] ?? 'the database failed'} (${name}: ${messageOf(error)})`;
  return new LedgerError(code, text, { cause: error });
}
