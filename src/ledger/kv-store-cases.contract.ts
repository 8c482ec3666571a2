// SPDX-License-Identifier: Apache-2.0
// What every KVStore must do, as cases that need no test runner: Vitest runs them for each implementation
// (kv-store.contract.ts), and the end-to-end tests run them in real browsers.
import fc from 'fast-check';
import { compareBytes, toHex, utf8 } from '../common/runtime/bytes.ts';
import type { KeyRange, KVEntry, KVOperation, KVStore, KVStoreProvider } from './kv-store.ts';

export interface KVStoreContext {
  readonly provider: KVStoreProvider;
  /** Open, empty, called `ledger/one`; what a case puts here instead is closed after it. */
  store: KVStore;
}

/** One thing that a store must do; `run` rejects when it does not. */
export interface KVStoreCase {
  readonly name: string;
  readonly run: (context: KVStoreContext) => Promise<void>;
}

/** A provider without stores, and what to do after a case. */
export type KVStoreSetup = () => Promise<{
  readonly provider: KVStoreProvider;
  readonly teardown?: () => Promise<void>;
}>;

/** Runs a case on the store of a fresh provider. */
export async function runKVStoreCase({ run }: KVStoreCase, setup: KVStoreSetup): Promise<void> {
  const { provider, teardown } = await setup();
  const context: KVStoreContext = { provider, store: await provider.open('ledger/one') };
  try {
    await run(context);
  } finally {
    await context.store.close();
    await teardown?.();
  }
}

const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);
const put = (key: Uint8Array, value: Uint8Array): KVOperation => ({ type: 'put', key, value });
const remove = (key: Uint8Array): KVOperation => ({ type: 'delete', key });
const numbered = (i: number): Uint8Array => bytes(i >> 8, i & 255);

async function all(store: KVStore, range: KeyRange = {}): Promise<KVEntry[]> {
  const entries: KVEntry[] = [];
  for await (const entry of store.range(range)) entries.push(entry);
  return entries;
}

const keysOf = (entries: readonly KVEntry[]): number[][] => entries.map(([key]) => [...key]);

function show(value: unknown): string {
  const plain = (_: string, inner: unknown): unknown =>
    inner instanceof Uint8Array ? `bytes ${toHex(inner)}` : inner === undefined ? 'none' : inner;
  return JSON.stringify(value, plain) ?? 'none';
}

// Compares plain data and bytes.
function expectEqual(actual: unknown, expected: unknown): void {
  const [found, wanted] = [show(actual), show(expected)];
  if (found !== wanted) throw new Error(`expected ${cut(wanted)}, not ${cut(found)}`);
}

const cut = (text: string): string => (text.length > 400 ? `${text.slice(0, 400)}…` : text);

async function expectRejection(promise: Promise<unknown>, code: string): Promise<void> {
  const outcome = await promise.then(
    () => 'success',
    (error: { code?: unknown }) => error.code,
  );
  expectEqual(outcome, code);
}

// Bytes that look random and are the same everywhere.
function noise(length: number, seed: number): Uint8Array {
  const result = new Uint8Array(length);
  let state = seed;
  for (let i = 0; i < length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    result[i] = state >>> 24;
  }
  return result;
}

const READS_AND_WRITES: readonly KVStoreCase[] = [
  {
    name: 'gives what was put, and nothing for the rest',
    run: async ({ store }) => {
      await store.write([put(bytes(1), bytes(9, 8)), put(bytes(2), bytes())]);
      expectEqual(await store.get(bytes(1)), bytes(9, 8));
      expectEqual(await store.get(bytes(2)), bytes());
      expectEqual(await store.get(bytes(3)), undefined);
      expectEqual(await store.getMany([]), []);
      const many = await store.getMany([bytes(3), bytes(1), bytes(1)]);
      expectEqual(many, [undefined, bytes(9, 8), bytes(9, 8)]);
    },
  },
  {
    name: 'applies a batch in order, durable or not',
    run: async ({ store }) => {
      const key = bytes(7);
      for (const options of [undefined, {}, { durable: false }, { durable: true }]) {
        await store.write(
          [put(key, bytes(1)), remove(key), put(key, bytes(2)), remove(bytes(8))],
          options,
        );
        expectEqual(await store.get(key), bytes(2));
        await store.write([put(key, bytes(3)), remove(key)], options);
        expectEqual(await store.get(key), undefined);
        await store.write([], options);
      }
    },
  },
  {
    name: 'shares no bytes with its caller',
    run: async ({ store }) => {
      const backing = bytes(1, 2, 3, 4, 5, 6);
      const key = backing.subarray(0, 2);
      await store.write([put(key, backing.subarray(2, 4))]);
      backing.fill(0);
      const read = await store.get(bytes(1, 2));
      expectEqual(read, bytes(3, 4));
      expectEqual(read?.buffer.byteLength, 2);
      read?.fill(0);
      expectEqual(await store.get(bytes(1, 2)), bytes(3, 4));
    },
  },
  {
    name: 'keeps values of any size, a block of megabytes among small records',
    run: async ({ store }) => {
      const sizes = [0, 1, 65_535, 65_536, 65_537, 1_000_000, 5_000_000];
      const values = sizes.map((size, i) => noise(size, i));
      await store.write(
        values.map((value, i) => put(bytes(i), value)),
        { durable: true },
      );
      const read = await store.getMany(sizes.map((_, i) => bytes(i)));
      const walked = await all(store, { reverse: true });
      for (const [i, value] of values.entries()) {
        expectEqual(compareBytes(read[i] ?? bytes(9), value), 0);
        expectEqual(compareBytes(walked.at(-1 - i)?.[1] ?? bytes(9), value), 0);
      }
    },
  },
  {
    name: 'answers many readers at once, while it is written to',
    run: async ({ store }) => {
      const keys = Array.from({ length: 500 }, (_, i) => numbered(i));
      await store.write(keys.map((key) => put(key, key)));
      const reads = keys.map((key) => store.get(key));
      const many = [keys, keys.toReversed()].map((some) => store.getMany(some));
      const ranges = [false, true].map((reverse) => all(store, { reverse, lt: numbered(500) }));
      const write = store.write(keys.map((_, i) => put(numbered(1000 + i), bytes(1))));
      expectEqual(await Promise.all(reads), keys);
      expectEqual(await Promise.all(many), [keys, keys.toReversed()]);
      const entries = keys.map((key) => [key, key]);
      expectEqual(await Promise.all(ranges), [entries, entries.toReversed()]);
      await write;
    },
  },
  {
    name: 'shows all of a batch or nothing of it',
    run: async ({ store }) => {
      const keys = Array.from({ length: 100 }, (_, i) => numbered(i));
      for (let round = 1; round <= 5; round++) {
        const write = store.write(keys.map((key) => put(key, bytes(round))));
        const seen = new Set((await store.getMany(keys)).map(show));
        expectEqual(seen.size, 1);
        await write;
        expectEqual(new Set((await store.getMany(keys)).map(show)).size, 1);
      }
    },
  },
];

const RANGES: readonly KVStoreCase[] = [
  {
    name: 'walks keys in byte order, within half-open bounds, both ways, up to a limit',
    run: async ({ store }) => {
      const keys = [[0], [0, 0], [0, 255], [1], [127], [128], [200, 1], [255], [255, 255]];
      await store.write(keys.toReversed().map((key) => put(Uint8Array.from(key), bytes(1))));
      expectEqual(keysOf(await all(store)), keys);
      expectEqual(keysOf(await all(store, { reverse: true })), keys.toReversed());
      const middle = { gte: bytes(0, 255), lt: bytes(255) };
      expectEqual(keysOf(await all(store, middle)), keys.slice(2, 7));
      const back = { ...middle, reverse: true, limit: 2 };
      expectEqual(keysOf(await all(store, back)), [[200, 1], [128]]);
      expectEqual(keysOf(await all(store, { gte: bytes(255), limit: 1 })), [[255]]);
      expectEqual(await all(store, { limit: 0 }), []);
      expectEqual(await all(store, { gte: bytes(3), lt: bytes(3) }), []);
      expectEqual(await all(store, { gte: bytes(4), lt: bytes(3) }), []);
    },
  },
  {
    name: 'orders random binary keys by their bytes',
    run: async ({ store }) => {
      // Of few distinct bytes, so that keys are often beginnings of each other, and of all kinds.
      const byte = fc.oneof(fc.constantFrom(0, 1, 127, 128, 254, 255), fc.nat(255));
      const key = fc
        .array(byte, { minLength: 1, maxLength: 40 })
        .map((values) => Uint8Array.from(values));
      const keys = fc.uniqueArray(key, { minLength: 1, maxLength: 60, selector: toHex });
      await fc.assert(
        fc.asyncProperty(keys, async (some) => {
          const left = await all(store);
          await store.write([...left.map(([old]) => remove(old)), ...some.map((k) => put(k, k))]);
          const sorted = some.toSorted(compareBytes);
          expectEqual(
            keysOf(await all(store)),
            sorted.map((k) => [...k]),
          );
          const back = await all(store, { reverse: true });
          expectEqual(
            keysOf(back),
            sorted.toReversed().map((k) => [...k]),
          );
        }),
        { numRuns: 30 },
      );
    },
  },
  {
    name: 'walks more entries than fit in one page',
    run: async ({ store }) => {
      const keys = Array.from({ length: 2500 }, (_, i) => numbered(i));
      await store.write(keys.map((key) => put(key, key)));
      expectEqual(
        await all(store),
        keys.map((key) => [key, key]),
      );
      const backward = await all(store, { reverse: true, gte: numbered(100), limit: 1500 });
      const last = keys.slice(1000).toReversed();
      expectEqual(
        backward,
        last.map((key) => [key, key]),
      );
    },
  },
  {
    name: 'lets its reader write and wait while walking, both ways',
    run: async ({ store }) => {
      for (const reverse of [false, true]) {
        const keys = Array.from({ length: 200 }, (_, i) => i);
        await store.write(keys.map((i) => put(bytes(1, i), bytes(i))));
        const seen: number[] = [];
        for await (const [key] of store.range({ gte: bytes(1), lt: bytes(2), reverse })) {
          const i = key[1] ?? 0;
          // Before and behind what is walked, and the key itself.
          await store.write([put(bytes(0, i), key), put(bytes(2, i), key), remove(key)]);
          seen.push(i);
          if (seen.length === 150) break;
        }
        const expected = reverse ? keys.toReversed() : keys;
        expectEqual(seen, expected.slice(0, 150));
        const left = keysOf(await all(store, { gte: bytes(1), lt: bytes(2) }));
        expectEqual(left.length, 50);
      }
    },
  },
  {
    name: 'walks every key that stays, whatever is written around it meanwhile',
    run: async ({ store }) => {
      const stay = Array.from({ length: 1200 }, (_, i) => numbered(2 * i));
      for (const reverse of [false, true]) {
        await store.write(stay.map((key) => put(key, key)));
        let round = 0;
        let writing = true;
        const writes = (async () => {
          while (writing) {
            const odd = numbered(2 * (round++ % 1200) + 1);
            await store.write([round % 3 === 0 ? remove(odd) : put(odd, odd)]);
          }
        })();
        const walked = keysOf(await all(store, { reverse }));
        writing = false;
        await writes;
        const even = walked.filter((key) => (key[1] ?? 0) % 2 === 0);
        const expected = reverse ? stay.toReversed() : stay;
        expectEqual(
          even,
          expected.map((key) => [...key]),
        );
        const sorted = walked.map((key) => Uint8Array.from(key)).toSorted(compareBytes);
        if (reverse) sorted.reverse();
        expectEqual(
          walked,
          sorted.map((key) => [...key]),
        );
      }
    },
  },
  {
    name: 'behaves as a sorted map does',
    run: async ({ store }) => {
      const key = fc.uint8Array({ minLength: 1, maxLength: 3 });
      const operation = fc.oneof(
        fc.record({
          type: fc.constant('put' as const),
          key,
          value: fc.uint8Array({ maxLength: 4 }),
        }),
        fc.record({ type: fc.constant('delete' as const), key }),
      );
      const model = new Map<string, KVEntry>();
      const batches = fc.array(fc.array(operation, { maxLength: 8 }), { maxLength: 4 });
      await fc.assert(
        fc.asyncProperty(batches, key, key, fc.boolean(), async (writes, gte, lt, reverse) => {
          for (const batch of writes) {
            await store.write(batch);
            for (const op of batch) {
              if (op.type === 'put') model.set(op.key.join(), [op.key, op.value]);
              else model.delete(op.key.join());
            }
          }
          const expected = [...model.values()]
            .filter(([k]) => compareBytes(k, gte) >= 0 && compareBytes(k, lt) < 0)
            .sort(([a], [b]) => compareBytes(a, b));
          if (reverse) expected.reverse();
          expectEqual(await all(store, { gte, lt, reverse }), expected);
        }),
        { numRuns: 40 },
      );
    },
  },
];

const LIFE: readonly KVStoreCase[] = [
  {
    name: 'keeps what was written after closing and opening again, durable or not',
    run: async (context) => {
      await context.store.write([put(utf8('k'), utf8('v'))], { durable: true });
      await context.store.write([put(utf8('l'), utf8('w'))]);
      await context.store.close();
      context.store = await context.provider.open('ledger/one');
      expectEqual(await context.store.getMany([utf8('k'), utf8('l')]), [utf8('v'), utf8('w')]);
    },
  },
  {
    name: 'finishes a write that was under way when it was closed, or says that it did not',
    run: async (context) => {
      const write = context.store.write([put(utf8('k'), utf8('v'))], { durable: true });
      const outcome = write.then(
        () => utf8('v'),
        () => undefined,
      );
      await context.store.close();
      const expected = await outcome;
      context.store = await context.provider.open('ledger/one');
      expectEqual(await context.store.get(utf8('k')), expected);
    },
  },
  {
    name: 'keeps stores apart, lists and destroys them',
    run: async ({ provider, store }) => {
      const other = await provider.open('ledger/One.two');
      await other.write([put(utf8('k'), utf8('other'))]);
      expectEqual(await store.get(utf8('k')), undefined);
      expectEqual(await provider.list(), ['ledger/One.two', 'ledger/one']);
      await other.close();
      await provider.destroy('ledger/One.two');
      expectEqual(await provider.list(), ['ledger/one']);
      const again = await provider.open('ledger/One.two');
      expectEqual(await again.get(utf8('k')), undefined);
      await again.close();
      await provider.destroy('never there');
    },
  },
  {
    name: 'refuses everything once closed',
    run: async ({ store }) => {
      await store.close();
      await store.close();
      await expectRejection(store.get(bytes(1)), 'STORE_CLOSED');
      await expectRejection(store.getMany([bytes(1)]), 'STORE_CLOSED');
      await expectRejection(store.write([put(bytes(1), bytes(1))]), 'STORE_CLOSED');
      await expectRejection(all(store), 'STORE_CLOSED');
      await expectRejection(all(store, { reverse: true }), 'STORE_CLOSED');
    },
  },
];

export const KV_STORE_CASES: readonly KVStoreCase[] = [...READS_AND_WRITES, ...RANGES, ...LIFE];
