// SPDX-License-Identifier: Apache-2.0
// The IndexedDB store by itself in a browser, for a test to use from outside: in a page as `storage.page`, in a worker of it as
// `storage.worker`. The same file is the script of both.
import * as Comlink from 'comlink';
import { fromUtf8, utf8 } from '../../../src/common/runtime/bytes.ts';
import { IdbKVStoreProvider } from '../../../src/ledger/idb/idb-kv-store.ts';
import { type Migration, SCHEMA, STORE } from '../../../src/ledger/idb/idb-schema.ts';
import type { KVStore } from '../../../src/ledger/kv-store.ts';
import { KV_STORE_CASES, runKVStoreCase } from '../../../src/ledger/kv-store-cases.contract.ts';

/** What came of an operation: 'ok', or the code and the text of its error. */
export type Outcome = 'ok' | { readonly code: string; readonly message: string };

// A version of the future: puts a mark before every value.
const mark: Migration = (_db, tx) => {
  const request = tx.objectStore(STORE).openCursor();
  return new Promise((resolve, reject) => {
    request.onerror = () => reject(request.error);
    request.onsuccess = () => {
      const cursor = request.result;
      if (!cursor) return resolve();
      cursor.update(utf8(`migrated ${fromUtf8(cursor.value)}`));
      cursor.continue();
    };
  });
};

export interface OpenOptions {
  /** Of the schema; 2 is one of the future. */
  readonly version?: 1 | 2;
  readonly patienceMs?: number;
}

export class StorageHarness {
  readonly #stores = new Map<string, KVStore>();
  readonly #losses: string[] = [];
  #cases = 0;

  /** Runs one case of the contract in databases of its own. */
  async runCase(name: string): Promise<void> {
    const found = KV_STORE_CASES.find((one) => one.name === name);
    if (!found) throw new Error(`there is no case "${name}"`);
    const provider = new IdbKVStoreProvider(`case ${++this.#cases} ${Math.random()}/`);
    const teardown = async (): Promise<void> => {
      for (const store of await provider.list()) await provider.destroy(store);
    };
    await runKVStoreCase(found, async () => ({ provider, teardown }));
  }

  open(name: string, { version = 1, patienceMs = 10_000 }: OpenOptions = {}): Promise<Outcome> {
    const provider = new IdbKVStoreProvider('', {
      schema: version === 2 ? [...SCHEMA, mark] : SCHEMA,
      patienceMs,
      onLost: (lost, why) => this.#losses.push(`${lost} ${why}`),
    });
    return outcomeOf(async () => {
      this.#stores.set(name, await provider.open(name));
    });
  }

  /** Names of the databases that begin so. */
  list(prefix: string): Promise<string[]> {
    return new IdbKVStoreProvider(prefix).list();
  }

  destroy(name: string, patienceMs: number): Promise<Outcome> {
    return outcomeOf(() => new IdbKVStoreProvider('', { patienceMs }).destroy(name));
  }

  put(name: string, key: string, value: string): Promise<Outcome> {
    const operation = { type: 'put', key: utf8(key), value: utf8(value) } as const;
    return outcomeOf(() => this.#store(name).write([operation], { durable: true }));
  }

  /** Puts values of so many bytes each, as large on disk, all or none. */
  putMany(name: string, count: number, bytes: number): Promise<Outcome> {
    const operations = Array.from({ length: count }, (_, i) => ({
      type: 'put' as const,
      key: utf8(`many ${i}`),
      value: incompressible(bytes),
    }));
    return outcomeOf(() => this.#store(name).write(operations));
  }

  async get(name: string, key: string): Promise<string | undefined> {
    const value = await this.#store(name).get(utf8(key));
    return value && fromUtf8(value);
  }

  tryGet(name: string, key: string): Promise<Outcome> {
    return outcomeOf(() => this.#store(name).get(utf8(key)));
  }

  async keys(name: string): Promise<string[]> {
    const found: string[] = [];
    for await (const [key] of this.#store(name).range({})) found.push(fromUtf8(key));
    return found;
  }

  /** What was lost here, as `<database> <how>`. */
  async losses(): Promise<readonly string[]> {
    return this.#losses;
  }

  async close(name: string): Promise<void> {
    await this.#store(name).close();
  }

  #store(name: string): KVStore {
    const store = this.#stores.get(name);
    if (!store) throw new Error(`${name} is not open here`);
    return store;
  }
}

function incompressible(bytes: number): Uint8Array {
  const value = new Uint8Array(bytes);
  // No more at once, says its specification.
  for (let at = 0; at < bytes; at += 65_536)
    crypto.getRandomValues(value.subarray(at, at + 65_536));
  return value;
}

async function outcomeOf(action: () => Promise<unknown>): Promise<Outcome> {
  try {
    await action();
    return 'ok';
  } catch (error) {
    const { code = '', message } = error as Error & { code?: string };
    return { code, message };
  }
}

type StorageApi = Pick<StorageHarness, keyof StorageHarness>;

/** What the script puts on a page. */
export interface StoragePage {
  readonly page: StorageApi;
  readonly worker: StorageApi;
}

declare global {
  var storage: StoragePage;
}

if (typeof document === 'undefined') Comlink.expose(new StorageHarness());
else {
  const script = (document.currentScript as HTMLScriptElement).src;
  globalThis.storage = {
    page: new StorageHarness(),
    worker: Comlink.wrap<StorageHarness>(new Worker(script)),
  };
}
