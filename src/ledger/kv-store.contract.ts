// SPDX-License-Identifier: Apache-2.0
// What every KVStore must do. Each implementation runs this suite in its own test file.
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { compareBytes, utf8 } from '../common/runtime/bytes.ts';
import type { KeyRange, KVEntry, KVOperation, KVStore, KVStoreProvider } from './kv-store.ts';

const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);
const put = (key: Uint8Array, value: Uint8Array): KVOperation => ({ type: 'put', key, value });
const remove = (key: Uint8Array): KVOperation => ({ type: 'delete', key });

async function all(store: KVStore, range: KeyRange = {}): Promise<KVEntry[]> {
  const entries: KVEntry[] = [];
  for await (const entry of store.range(range)) entries.push(entry);
  return entries;
}

const keysOf = (entries: readonly KVEntry[]): number[][] => entries.map(([key]) => [...key]);

/** Runs the suite on the stores of fresh providers. */
export function describeKVStore(
  name: string,
  setup: () => Promise<{ provider: KVStoreProvider; teardown?: () => Promise<void> }>,
): void {
  describe(`${name} is a KVStore`, () => {
    let provider: KVStoreProvider;
    let store: KVStore;
    let teardown: (() => Promise<void>) | undefined;

    beforeEach(async () => {
      ({ provider, teardown } = await setup());
      store = await provider.open('ledger/one');
    });

    afterEach(async () => {
      await store.close();
      await teardown?.();
    });

    test('gives what was put, and undefined for the rest', async () => {
      await store.write([put(bytes(1), bytes(9, 8)), put(bytes(2), bytes())]);
      expect(await store.get(bytes(1))).toEqual(bytes(9, 8));
      expect(await store.get(bytes(2))).toEqual(bytes());
      expect(await store.get(bytes(3))).toBeUndefined();
      expect(await store.getMany([])).toEqual([]);
      const many = await store.getMany([bytes(3), bytes(1), bytes(1)]);
      expect(many).toEqual([undefined, bytes(9, 8), bytes(9, 8)]);
    });

    test('applies a batch in order', async () => {
      const key = bytes(7);
      await store.write([put(key, bytes(1)), remove(key), put(key, bytes(2)), remove(bytes(8))]);
      expect(await store.get(key)).toEqual(bytes(2));
      await store.write([put(key, bytes(3)), remove(key)], { durable: true });
      expect(await store.get(key)).toBeUndefined();
      await store.write([]);
    });

    test('shares no bytes with its caller', async () => {
      const backing = bytes(1, 2, 3, 4, 5, 6);
      const key = backing.subarray(0, 2);
      await store.write([put(key, backing.subarray(2, 4))]);
      backing.fill(0);
      const read = await store.get(bytes(1, 2));
      expect(read).toEqual(bytes(3, 4));
      expect(read?.buffer.byteLength).toBe(2);
      read?.fill(0);
      expect(await store.get(bytes(1, 2))).toEqual(bytes(3, 4));
    });

    test('walks keys in byte order, within half-open bounds, both ways, up to a limit', async () => {
      const keys = [[0], [0, 0], [0, 255], [1], [127], [128], [200, 1], [255], [255, 255]];
      await store.write(keys.toReversed().map((key) => put(Uint8Array.from(key), bytes(1))));
      expect(keysOf(await all(store))).toEqual(keys);
      expect(keysOf(await all(store, { reverse: true }))).toEqual(keys.toReversed());
      const middle = { gte: bytes(0, 255), lt: bytes(255) };
      expect(keysOf(await all(store, middle))).toEqual(keys.slice(2, 7));
      const back = { ...middle, reverse: true, limit: 2 };
      expect(keysOf(await all(store, back))).toEqual([[200, 1], [128]]);
      expect(keysOf(await all(store, { gte: bytes(255), limit: 1 }))).toEqual([[255]]);
      expect(await all(store, { limit: 0 })).toEqual([]);
      expect(await all(store, { gte: bytes(3), lt: bytes(3) })).toEqual([]);
      expect(await all(store, { gte: bytes(4), lt: bytes(3) })).toEqual([]);
    });

    test('walks more entries than fit in one page', async () => {
      const key = (i: number): Uint8Array => bytes(i >> 8, i & 255);
      await store.write(Array.from({ length: 2500 }, (_, i) => put(key(i), key(i))));
      const forward = await all(store);
      expect(forward).toHaveLength(2500);
      expect(forward.every(([k, v], i) => compareBytes(k, key(i)) === 0 && v[1] === k[1])).toBe(
        true,
      );
      const backward = await all(store, { reverse: true, gte: key(100), limit: 1500 });
      expect(backward).toHaveLength(1500);
      expect(backward[0]?.[0]).toEqual(key(2499));
      expect(backward.at(-1)?.[0]).toEqual(key(1000));
    });

    test('lets its reader write and wait while walking', async () => {
      await store.write(Array.from({ length: 200 }, (_, i) => put(bytes(i), bytes(i))));
      const seen: number[] = [];
      for await (const [key] of store.range({})) {
        await store.write([put(bytes(250, key[0] ?? 0), bytes(1)), remove(bytes(key[0] ?? 0))]);
        if (key.length === 1) seen.push(key[0] ?? -1);
        if (seen.length === 150) break;
      }
      expect(seen).toEqual(Array.from({ length: 150 }, (_, i) => i));
    });

    test('keeps what was written after closing and opening again', async () => {
      await store.write([put(utf8('k'), utf8('v'))], { durable: true });
      await store.close();
      store = await provider.open('ledger/one');
      expect(await store.get(utf8('k'))).toEqual(utf8('v'));
    });

    test('keeps stores apart, lists and destroys them', async () => {
      const other = await provider.open('ledger/One.two');
      await other.write([put(utf8('k'), utf8('other'))]);
      expect(await store.get(utf8('k'))).toBeUndefined();
      expect(await provider.list()).toEqual(['ledger/One.two', 'ledger/one']);
      await other.close();
      await provider.destroy('ledger/One.two');
      expect(await provider.list()).toEqual(['ledger/one']);
      const again = await provider.open('ledger/One.two');
      expect(await again.get(utf8('k'))).toBeUndefined();
      await again.close();
      await provider.destroy('never there');
    });

    test('refuses everything once closed', async () => {
      await store.close();
      await store.close();
      const closed = { code: 'STORE_CLOSED' };
      await expect(store.get(bytes(1))).rejects.toMatchObject(closed);
      await expect(store.getMany([bytes(1)])).rejects.toMatchObject(closed);
      await expect(store.write([put(bytes(1), bytes(1))])).rejects.toMatchObject(closed);
      await expect(all(store)).rejects.toMatchObject(closed);
    });

    test('behaves as a sorted map does', async () => {
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
          expect(await all(store, { gte, lt, reverse })).toEqual(expected);
        }),
        { numRuns: 40 },
      );
    });
  });
}
