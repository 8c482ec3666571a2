// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { utf8 } from '../../common/runtime/bytes.ts';
import { describeKVStore } from '../kv-store.contract.ts';
import type { KVEntry, KVOperation, KVStore, KVStoreProvider } from '../kv-store.ts';
import { FaultyStores } from '../kvledger/testing/faulty-stores.ts';
import { MemoryKVStoreProvider } from '../memory/memory-kv-store.ts';
import { toBinary } from '../util/binary-string.ts';
import { moveIntoPages } from './move-into-pages.ts';
import { PagedKVStore, type PagedKVStoreOptions } from './paged-kv-store.ts';

/** Everything happens within a few entries. */
const TINY: PagedKVStoreOptions = {
  pageBytes: 40,
  journalRecordBytes: 30,
  checkpointBytes: 300,
  maxCheckpointBytes: 500,
  pagesPerStep: 2,
};

class PagedStores implements KVStoreProvider {
  readonly #stores: KVStoreProvider;
  readonly #options: Partial<PagedKVStoreOptions>;

  constructor(stores: KVStoreProvider, options: Partial<PagedKVStoreOptions>) {
    this.#stores = stores;
    this.#options = options;
  }

  async open(name: string): Promise<KVStore> {
    return PagedKVStore.open(await this.#stores.open(name), this.#options);
  }

  list = (): Promise<string[]> => this.#stores.list();
  destroy = (name: string): Promise<void> => this.#stores.destroy(name);
}

describeKVStore('PagedKVStore', async () => ({
  provider: new PagedStores(new MemoryKVStoreProvider(), {}),
}));

describeKVStore('PagedKVStore of tiny pages', async () => ({
  provider: new PagedStores(new MemoryKVStoreProvider(), TINY),
}));

type Model = Map<string, string>;

const key = fc.integer({ min: 0, max: 60 }).map((i) => utf8(`key${String(i).padStart(2, '0')}`));
const operation = fc.oneof(
  { weight: 3, arbitrary: fc.tuple(key, fc.string({ maxLength: 30 })) },
  { weight: 1, arbitrary: fc.tuple(key, fc.constant(undefined)) },
);
const batches = fc.array(fc.array(operation, { maxLength: 12 }), { maxLength: 25 });
type Batch = readonly (readonly [Uint8Array, string | undefined])[];

const operationsOf = (batch: Batch): KVOperation[] =>
  batch.map(([one, value]) =>
    value === undefined
      ? { type: 'delete', key: one }
      : { type: 'put', key: one, value: utf8(value) },
  );

function applyTo(model: Model, batch: Batch): void {
  for (const [one, value] of batch) {
    if (value === undefined) model.delete(toBinary(one));
    else model.set(toBinary(one), toBinary(utf8(value)));
  }
}

async function contentsOf(entries: AsyncIterable<KVEntry>): Promise<[string, string][]> {
  const found: [string, string][] = [];
  for await (const [one, value] of entries) found.push([toBinary(one), toBinary(value)]);
  return found;
}

const sorted = (model: Model): [string, string][] =>
  [...model].sort(([a], [b]) => (a < b ? -1 : 1));

/** A store whose requests take turns that a test draws by lot. */
function slow(store: KVStore, turns: () => number): KVStore {
  const wait = async (): Promise<void> => {
    for (let i = turns(); i > 0; i--) await Promise.resolve();
  };
  // Requests of a real store are served in order, whatever they wait for afterwards.
  let last: Promise<unknown> = Promise.resolve();
  const inOrder = async <T>(request: () => Promise<T>): Promise<T> => {
    const served = last.then(async () => {
      await wait();
      return request();
    });
    last = served.catch(() => {});
    const result = await served;
    await wait();
    return result;
  };
  return {
    get: (one) => inOrder(() => store.get(one)),
    getMany: (keys) => inOrder(() => store.getMany(keys)),
    range: (range) => store.range(range),
    write: (operations) => inOrder(() => store.write(operations)),
    close: () => inOrder(() => store.close()),
  };
}

describe('a store in pages', () => {
  test('holds what a map holds, at every time and after opening again', async () => {
    await fc.assert(
      fc.asyncProperty(batches, key, key, async (all, low, high) => {
        const stores = new MemoryKVStoreProvider();
        let store = await PagedKVStore.open(await stores.open('a'), TINY);
        const model: Model = new Map();
        for (const [i, batch] of all.entries()) {
          await store.write(operationsOf(batch));
          applyTo(model, batch);
          expect(await contentsOf(store.range({}))).toEqual(sorted(model));
          if (i % 7 === 6) {
            await store.close();
            store = await PagedKVStore.open(await stores.open('a'), TINY);
          }
        }
        const [gte, lt] = [toBinary(low), toBinary(high)];
        const inside = sorted(model).filter(([one]) => one >= gte && one < lt);
        const limit = 3;
        const bounds = { gte: low, lt: high };
        expect(await contentsOf(store.range(bounds))).toEqual(inside);
        expect(await contentsOf(store.range({ ...bounds, limit }))).toEqual(inside.slice(0, limit));
        expect(await contentsOf(store.range({ ...bounds, reverse: true, limit }))).toEqual(
          inside.toReversed().slice(0, limit),
        );
        await store.close();
      }),
      { numRuns: 150 },
    );
  });

  test('is read well while a checkpoint moves entries from page to page', async () => {
    await fc.assert(
      fc.asyncProperty(
        batches,
        fc.infiniteStream(fc.integer({ min: 0, max: 9 })),
        async (all, waits) => {
          const inner = await new MemoryKVStoreProvider().open('a');
          const turns = (): number => waits.next().value as number;
          const store = await PagedKVStore.open(slow(inner, turns), TINY);
          const model: Model = new Map();
          for (const batch of all) {
            await store.write(operationsOf(batch));
            applyTo(model, batch);
            // A checkpoint may be under way; nothing is written meanwhile, so that the answers are known.
            const keys = Array.from({ length: 61 }, (_, i) =>
              utf8(`key${String(i).padStart(2, '0')}`),
            );
            const [values, entries, back] = await Promise.all([
              store.getMany(keys),
              contentsOf(store.range({})),
              contentsOf(store.range({ reverse: true })),
            ]);
            const found = keys.map((one, i) => [toBinary(one), values[i]] as const);
            const present = found.flatMap(([one, value]) =>
              value ? [[one, toBinary(value)]] : [],
            );
            expect(present).toEqual(sorted(model));
            expect(entries).toEqual(sorted(model));
            expect(back).toEqual(sorted(model).toReversed());
          }
          await store.close();
        },
      ),
      { numRuns: 150 },
    );
  });

  test('has all that was written, and nothing by halves, after a power cut at any write', async () => {
    const life: Batch[] = Array.from({ length: 30 }, (_, i) =>
      Array.from({ length: 6 }, (_, j): [Uint8Array, string | undefined] => {
        const number = (i * 17 + j * 5) % 61;
        const value = (i + j) % 4 === 0 ? undefined : `value ${i} of ${number}`;
        return [utf8(`key${String(number).padStart(2, '0')}`), value];
      }),
    );
    let cuts = 0;
    for (const isWritten of [true, false]) {
      for (let cut = 0; ; cut++) {
        const stores = new FaultyStores();
        stores.cutAt(cut, isWritten);
        const states: Model[] = [new Map()];
        try {
          const store = await PagedKVStore.open(await stores.open('a'), TINY);
          for (const batch of life) {
            const next = new Map(states.at(-1));
            applyTo(next, batch);
            states.push(next);
            await store.write(operationsOf(batch), { durable: true });
          }
          await store.close();
        } catch (error) {
          if (!stores.isDead) throw error;
        }
        if (!stores.isDead) break;
        cuts++;
        await stores.restart();
        const store = await PagedKVStore.open(await stores.open('a'), TINY);
        const found = await contentsOf(store.range({}));
        // The write that was cut is there or not; those before it are.
        const [before, after] = states.slice(-2).map(sorted);
        expect([before, after], `power cut at write ${cut}`).toContainEqual(found);
        // It goes on from there.
        const model: Model = new Map(found);
        for (const batch of life) {
          await store.write(operationsOf(batch));
          applyTo(model, batch);
        }
        expect(await contentsOf(store.range({}))).toEqual(sorted(model));
        await store.close();
      }
    }
    expect(cuts).toBeGreaterThan(100);
  });

  test('waits for a checkpoint that fails, and loses nothing by it', async () => {
    const inner = await new MemoryKVStoreProvider().open('a');
    let full = false;
    const store = await PagedKVStore.open(
      {
        get: (one) => inner.get(one),
        getMany: (keys) => inner.getMany(keys),
        range: (range) => inner.range(range),
        write: async (operations) => {
          const isPage = operations.some(({ key: [kind] }) => kind === 'p'.charCodeAt(0));
          if (full && isPage) throw new Error('no space');
          await inner.write(operations);
        },
        close: () => inner.close(),
      },
      TINY,
    );
    full = true;
    const model: Model = new Map();
    const write = async (i: number): Promise<void> => {
      const batch: Batch = [[utf8(`key${i}`), `value ${i}`]];
      await store.write(operationsOf(batch));
      applyTo(model, batch);
    };
    let failure: unknown;
    for (let i = 0; i < 40 && !failure; i++) {
      await write(i).catch((error) => {
        failure = error;
      });
    }
    expect(failure).toMatchObject({ message: 'no space' });
    expect(await contentsOf(store.range({}))).toEqual(sorted(model));
    full = false;
    for (let i = 0; i < 40; i++) await write(i);
    expect(await contentsOf(store.range({}))).toEqual(sorted(model));
    await store.close();
  });

  test('keeps few journal records, and pages of the size asked for', async () => {
    const inner = await new MemoryKVStoreProvider().open('a');
    const store = await PagedKVStore.open(inner, { ...TINY, pageBytes: 400 });
    for (let i = 0; i < 500; i++) {
      const number = (i * 37) % 500;
      await store.write([{ type: 'put', key: utf8(`key${number}`), value: utf8('v'.repeat(20)) }]);
    }
    const entries = await contentsOf(inner.range({}));
    const pages = entries.filter(([one]) => one.startsWith('p')).map(([, page]) => page.length);
    expect(entries.filter(([one]) => one.startsWith('j')).length).toBeLessThan(20);
    expect(Math.max(...pages)).toBeLessThan(900);
    expect(pages.length).toBeGreaterThan(15);
    expect(pages.length).toBeLessThan(60);
    await store.close();
  });

  test('goes back to one page when all is deleted', async () => {
    const inner = await new MemoryKVStoreProvider().open('a');
    const store = await PagedKVStore.open(inner, TINY);
    const keys = Array.from({ length: 100 }, (_, i) => utf8(`key${i}`));
    await store.write(keys.map((one) => ({ type: 'put', key: one, value: utf8('v') })));
    await store.write(keys.map((one) => ({ type: 'delete', key: one })));
    for (let i = 0; i < 9; i++)
      await store.write([{ type: 'put', key: utf8('z'), value: utf8('v'.repeat(99)) }]);
    expect(await contentsOf(store.range({}))).toEqual([['z', 'v'.repeat(99)]]);
    const kept = await contentsOf(inner.range({ gte: utf8('p'), lt: utf8('q') }));
    expect(kept).toHaveLength(1);
    await store.close();
  });

  test('refuses a store of something else, and pages that are cut off', async () => {
    const foreign = await new MemoryKVStoreProvider().open('a');
    await foreign.write([{ type: 'put', key: utf8('dkey'), value: utf8('v') }]);
    await expect(PagedKVStore.open(foreign)).rejects.toMatchObject({ code: 'STORE_UNREADABLE' });
    const damaged = await new MemoryKVStoreProvider().open('a');
    await damaged.write([{ type: 'put', key: utf8('p'), value: Uint8Array.of(3, 1) }]);
    const store = await PagedKVStore.open(damaged);
    await expect(store.get(utf8('a'))).rejects.toMatchObject({ code: 'STORE_UNREADABLE' });
  });
});

describe('moveIntoPages', () => {
  const entries = Array.from({ length: 40 }, (_, i): KVOperation => {
    const key = utf8(`${'dms'[i % 3]}key${i}`);
    return { type: 'put', key, value: utf8(`value ${i}`) };
  });

  test.each([true, false])('may be cut off at any write (done: %s)', async (isWritten) => {
    const expected = await new MemoryKVStoreProvider().open('a');
    await expected.write(entries);
    let cuts = 0;
    for (let cut = 1; ; cut++) {
      const stores = new FaultyStores();
      const store = await stores.open('a');
      await store.write(entries);
      stores.cutAt(cut - 1, isWritten);
      const moved = await moveIntoPages(store, TINY).then(
        () => true,
        (error) => (stores.isDead ? false : Promise.reject(error)),
      );
      if (!moved) {
        cuts++;
        await stores.restart();
        const again = await stores.open('a');
        await moveIntoPages(again, TINY);
        await again.close();
      }
      await store.close();
      const pages = await PagedKVStore.open(await stores.open('a'), TINY);
      expect(await contentsOf(pages.range({}))).toEqual(await contentsOf(expected.range({})));
      await pages.close();
      if (moved && !stores.isDead) break;
    }
    expect(cuts).toBeGreaterThan(5);
  });
});
