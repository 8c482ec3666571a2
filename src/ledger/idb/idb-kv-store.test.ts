// SPDX-License-Identifier: Apache-2.0
import 'fake-indexeddb/auto';
import { forceCloseDatabase, IDBFactory } from 'fake-indexeddb';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { fromUtf8, utf8 } from '../../common/runtime/bytes.ts';
import type { KVOperation, KVStore } from '../kv-store.ts';
import { IdbKVStoreProvider } from './idb-kv-store.ts';
import { type Migration, SCHEMA, STORE } from './idb-schema.ts';

const put = (key: string): KVOperation => ({ type: 'put', key: utf8(key), value: utf8('v') });

// Gives every key a letter in front.
const prepend =
  (letter: string): Migration =>
  async (_db, tx) => {
    const store = tx.objectStore(STORE);
    const keys = store.getAllKeys();
    const values = store.getAll();
    await ended(values);
    let last: IDBRequest | undefined;
    for (const [i, key] of keys.result.entries()) {
      store.delete(key);
      last = store.put(
        values.result[i],
        utf8(letter + fromUtf8(new Uint8Array(key as ArrayBuffer))) as BufferSource,
      );
    }
    if (last) await ended(last);
  };

const VERSION_3: readonly Migration[] = [...SCHEMA, prepend('x'), prepend('y')];

async function ended(request: IDBRequest): Promise<void> {
  await new Promise((resolve, reject) => {
    request.onsuccess = resolve;
    request.onerror = () => reject(request.error);
  });
}

async function rawOpen(name: string, version: number): Promise<IDBDatabase> {
  const request = indexedDB.open(name, version);
  await ended(request);
  return request.result;
}

async function keys(store: KVStore): Promise<string[]> {
  const found: string[] = [];
  for await (const [key] of store.range({})) found.push(fromUtf8(key));
  return found;
}

beforeEach(() => {
  globalThis.indexedDB = new IDBFactory();
});

afterEach(() => vi.restoreAllMocks());

describe('IdbKVStoreProvider', () => {
  test('keeps peers apart by prefix', async () => {
    const store = await new IdbKVStoreProvider('peer0/').open('a');
    expect(await new IdbKVStoreProvider('peer1/').list()).toEqual([]);
    expect(await new IdbKVStoreProvider('peer0/').list()).toEqual(['a']);
    await store.close();
  });

  test.each([
    ['SecurityError', 'STORAGE_REFUSED', 'refuses storage'],
    ['InvalidStateError', 'STORAGE_REFUSED', 'refuses storage'],
    ['UnknownError', 'STORE_FAILED', 'restart the browser'],
    ['QuotaExceededError', 'QUOTA_EXCEEDED', 'free disk space'],
  ])('says what to do when opening throws %s', async (name, code, text) => {
    vi.spyOn(indexedDB, 'open').mockImplementation(() => {
      throw new DOMException('no', name);
    });
    await expect(new IdbKVStoreProvider().open('a')).rejects.toMatchObject({
      code,
      message: expect.stringContaining(text),
    });
  });

  test('says that there is no IndexedDB at all', async () => {
    vi.stubGlobal('indexedDB', undefined);
    Reflect.deleteProperty(globalThis, 'indexedDB');
    const open = new IdbKVStoreProvider().open('a');
    await expect(open).rejects.toMatchObject({ code: 'STORAGE_REFUSED' });
    vi.unstubAllGlobals();
  });

  test('refuses a database of somebody else', async () => {
    (await rawOpen('a', 1)).close();
    const open = new IdbKVStoreProvider().open('a');
    await expect(open).rejects.toMatchObject({ code: 'STORE_UNREADABLE' });
  });
});

describe('IdbKVStoreProvider, when a database is lost', () => {
  test('gives way to a deletion elsewhere, and says so', async () => {
    const onLost = vi.fn();
    const store = await new IdbKVStoreProvider('', { onLost }).open('a');
    await store.write([put('a')]);
    await new IdbKVStoreProvider().destroy('a');
    expect(onLost).toHaveBeenCalledExactlyOnceWith('a', 'deleted');
    await expect(store.get(utf8('a'))).rejects.toMatchObject({ code: 'STORE_CLOSED' });
  });

  test('gives way to a newer version, which gets the data', async () => {
    const onLost = vi.fn();
    const old = await new IdbKVStoreProvider('p/', { onLost }).open('a');
    await old.write([put('a')]);
    const store = await new IdbKVStoreProvider('p/', { schema: VERSION_3 }).open('a');
    expect(onLost).toHaveBeenCalledExactlyOnceWith('a', 'upgraded');
    await expect(old.write([put('b')])).rejects.toMatchObject({ code: 'STORE_CLOSED' });
    expect(await keys(store)).toEqual(['yxa']);
    await store.close();
  });

  test('tells that the browser closed the database', async () => {
    const onLost = vi.fn();
    const open = vi.spyOn(indexedDB, 'open');
    const store = await new IdbKVStoreProvider('', { onLost }).open('a');
    const [request] = open.mock.results;
    forceCloseDatabase(request?.value.result);
    expect(onLost).toHaveBeenCalledExactlyOnceWith('a', 'terminated');
    await expect(store.get(utf8('a'))).rejects.toMatchObject({ code: 'STORE_CLOSED' });
  });

  test('is silent about one that was closed here', async () => {
    const onLost = vi.fn();
    const store = await new IdbKVStoreProvider('', { onLost }).open('a');
    await store.close();
    await new IdbKVStoreProvider().destroy('a');
    expect(onLost).not.toHaveBeenCalled();
  });

  test('waits only so long for a tab that keeps a database, and gets it once that tab closes', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      const held = await rawOpen('a', 1);
      const newer = new IdbKVStoreProvider('', { schema: VERSION_3 });
      for (const attempt of [() => newer.open('a'), () => newer.destroy('a')]) {
        const refused = expect(attempt()).rejects.toMatchObject({
          code: 'STORE_LOCKED',
          message: expect.stringContaining('close the other tabs of this site'),
        });
        await vi.advanceTimersByTimeAsync(10_000);
        await refused;
      }
      held.close();
      const store = await newer.open('a');
      expect(await keys(store)).toEqual([]);
      await store.close();
    } finally {
      vi.useRealTimers();
    }
  });
});

describe('IdbKVStoreProvider, with databases of other versions', () => {
  const opens = (schema: readonly Migration[]) => new IdbKVStoreProvider('', { schema }).open('a');

  test('migrates step by step, from whichever version it finds', async () => {
    const steps: string[] = [];
    const noted = VERSION_3.map(
      (migration, i): Migration =>
        async (db, tx) => {
          steps.push(`begin ${i + 1}`);
          await migration(db, tx);
          steps.push(`end ${i + 1}`);
        },
    );
    for (const from of [0, 1, 2, 3]) {
      globalThis.indexedDB = new IDBFactory();
      if (from > 0) {
        const old = await opens(VERSION_3.slice(0, from));
        await old.write([put('a')]);
        await old.close();
      }
      steps.length = 0;
      const store = await opens(noted);
      const versions = [1, 2, 3].filter((version) => version > from);
      expect(steps).toEqual(versions.flatMap((version) => [`begin ${version}`, `end ${version}`]));
      const letters = ['', 'x', 'y'].slice(from).reverse().join('');
      expect(await keys(store)).toEqual(from === 0 ? [] : [`${letters}a`]);
      await store.close();
    }
  });

  test.each([
    [
      'throws',
      () => Promise.reject(new DOMException('full', 'QuotaExceededError')),
      'QUOTA_EXCEEDED',
    ],
    ['is aborted', (_db: IDBDatabase, tx: IDBTransaction) => tx.abort(), 'STORE_FAILED'],
  ])('leaves everything as it was when a migration %s', async (_, migration, code) => {
    const old = await opens(SCHEMA);
    await old.write([put('a')]);
    await old.close();
    await expect(opens([...SCHEMA, prepend('x'), migration])).rejects.toMatchObject({ code });
    const again = await opens(SCHEMA);
    expect(await keys(again)).toEqual(['a']);
    await again.close();
  });

  test('says that a newer version made the database, and leaves it alone', async () => {
    await (await opens(VERSION_3)).close();
    await expect(opens(SCHEMA)).rejects.toMatchObject({
      code: 'STORE_UNREADABLE',
      message: expect.stringMatching(/newer version of Tabric; reload the page/),
    });
    await (await opens(VERSION_3)).close();
  });
});
