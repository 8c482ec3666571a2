// SPDX-License-Identifier: Apache-2.0
// Opens, lists and deletes the IndexedDB databases of a peer, and tells when one is lost while it is open. Browser only.
import { deleteDB } from 'idb';
import type { KVStore, KVStoreProvider } from '../kv-store.ts';
import { LedgerError } from '../types.ts';
import { foreign, openError, storeError } from './idb-errors.ts';
import { IdbKVStore } from './idb-object-store.ts';
import { type Migration, openMigrated, SCHEMA, STORE } from './idb-schema.ts';

/**
 * How an open database is lost, so that every use of it is rejected with STORE_CLOSED:
 * - upgraded: a page of a newer version makes it its own
 * - deleted: another page deletes it
 * - terminated: the browser closed it, since site data were cleared or its own files failed
 */
export type IdbLoss = 'upgraded' | 'deleted' | 'terminated';

export interface IdbKVStoreOptions {
  /** Called once for each open database that is lost. */
  readonly onLost?: (name: string, loss: IdbLoss) => void;
  /** What the databases are made of; `SCHEMA` but for tests. */
  readonly schema?: readonly Migration[];
  /** How long other tabs have to let go of a database. */
  readonly patienceMs?: number;
}

const PATIENCE_MS = 10_000;

/** IndexedDB databases whose names begin with a prefix. */
export class IdbKVStoreProvider implements KVStoreProvider {
  readonly chargesByRecord = true;
  readonly #prefix: string;
  readonly #onLost: (name: string, loss: IdbLoss) => void;
  readonly #schema: readonly Migration[];
  readonly #patienceMs: number;

  /** @param prefix tells the databases of one peer from those of others of the same origin. */
  constructor(prefix = '', options: IdbKVStoreOptions = {}) {
    const { onLost = () => {}, schema = SCHEMA, patienceMs = PATIENCE_MS } = options;
    this.#prefix = prefix;
    this.#onLost = onLost;
    this.#schema = schema;
    this.#patienceMs = patienceMs;
  }

  /**
   * Brings a database of an older version up to this one's. Rejects with STORE_LOCKED when another tab does not let go of an older
   * version, or of a deleted database, and with STORE_UNREADABLE when the database is of a newer version, or not ours.
   */
  async open(name: string): Promise<KVStore> {
    const fullName = this.#prefix + name;
    const opening = this.#open(name, fullName);
    try {
      return new IdbKVStore(await this.#patiently(opening, fullName));
    } catch (cause) {
      // Given up, but not withdrawn: the browser has no way to.
      opening.then(
        (late) => late.close(),
        () => {},
      );
      throw openError(cause, fullName);
    }
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
      await this.#patiently(deleteDB(fullName), fullName);
    } catch (cause) {
      throw storeError(cause, fullName);
    }
  }

  // Async, so that a browser that throws at once rejects as others do.
  async #open(name: string, fullName: string): Promise<IDBDatabase> {
    const db = await openMigrated(fullName, this.#schema, {
      onVersionChange: (old, newVersion) => {
        old.close();
        this.#onLost(name, newVersion === undefined ? 'deleted' : 'upgraded');
      },
      onClose: () => this.#onLost(name, 'terminated'),
    });
    if (db.objectStoreNames.contains(STORE)) return db;
    db.close();
    throw foreign(fullName);
  }

  // An upgrade waits for connections to the older version, opening for a deletion, and a deletion for all connections;
  // each without end. Other tabs are asked to close theirs, but one that hangs does not hear it. The `blocked` event
  // tells less: it comes also when a connection is just about to close.
  async #patiently<T>(request: Promise<T>, name: string): Promise<T> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const impatience = new Promise<never>((_, reject) => {
      const text = `another tab holds ${name} and does not let go of it; close the other tabs of this site, then try again`;
      timer = setTimeout(() => reject(new LedgerError('STORE_LOCKED', text)), this.#patienceMs);
    });
    try {
      return await Promise.race([request, impatience]);
    } finally {
      clearTimeout(timer);
    }
  }
}
