// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { KVStore } from '../kv-store.ts';
import { MemoryKVStore } from '../memory/memory-kv-store.ts';
import { BloomFilter } from './bloom-filter.ts';
import { PostingIndex } from './posting-index.ts';
import type { Posting } from './segment.ts';

const SMALL = { flushPostings: 5, flushBlocks: 4, fanIn: 3, maxSegmentPostings: 60 };

async function flush(index: PostingIndex, store: KVStore): Promise<void> {
  const flushed = await index.prepareFlush();
  if (!flushed) return;
  await store.write(flushed.operations);
  flushed.apply();
}

async function find(index: PostingIndex, key: string, reverse = false): Promise<Posting[]> {
  const found: Posting[] = [];
  for await (const posting of index.find(key, { reverse })) found.push(posting);
  return found;
}

describe('PostingIndex', () => {
  test('finds what a map would, through flushes, merges and reopening', async () => {
    const key = fc.constantFrom('a', 'ab', 'abc', 'b', '', '\u00ff', '\u0000x', 'c');
    const block = fc.array(key, { maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(fc.array(block, { maxLength: 60 }), fc.nat(), async (blocks, seed) => {
        const store = new MemoryKVStore();
        let index = await PostingIndex.open(store, SMALL);
        const model = new Map<string, Posting[]>();
        for (let blockNum = 0; blockNum < blocks.length; blockNum++) {
          if (index.flushDue) await flush(index, store);
          const keys = (blocks[blockNum] ?? []).map((k, txNum) => [k, txNum] as const);
          index.add(blockNum, keys);
          for (const [k, txNum] of keys)
            model.set(k, [...(model.get(k) ?? []), { blockNum, txNum }]);
          if ((seed + blockNum) % 7 === 0) {
            index = await PostingIndex.open(store, SMALL);
            for (let lost = index.nextBlock; lost <= blockNum; lost++) {
              index.add(
                lost,
                (blocks[lost] ?? []).map((k, txNum) => [k, txNum] as const),
              );
            }
          }
        }
        for (const k of ['a', 'ab', 'abc', 'b', '', '\u00ff', '\u0000x', 'c', 'absent']) {
          expect(await find(index, k)).toEqual(model.get(k) ?? []);
          expect(await find(index, k, true)).toEqual(model.get(k)?.toReversed() ?? []);
          expect(await index.has(k)).toBe(model.has(k));
        }
      }),
      { numRuns: 60 },
    );
  });

  test('a walk survives merges under it', async () => {
    const store = new MemoryKVStore();
    const index = await PostingIndex.open(store, SMALL);
    let next = 0;
    const grow = async (): Promise<void> => {
      index.add(next, [['k', next++]]);
      await flush(index, store);
    };
    for (let i = 0; i < 10; i++) await grow();
    const forward: number[] = [];
    for await (const { blockNum } of index.find('k')) {
      if (next < 30) await grow();
      forward.push(blockNum);
    }
    expect(forward).toEqual(Array.from({ length: 30 }, (_, i) => i));
    const backward: number[] = [];
    for await (const { blockNum } of index.find('k', { reverse: true })) {
      if (next < 50) await grow();
      backward.push(blockNum);
    }
    expect(backward).toEqual(Array.from({ length: 30 }, (_, i) => 29 - i));
  });

  test('keeps few records for many postings', async () => {
    const store = new MemoryKVStore();
    const index = await PostingIndex.open(store);
    for (let blockNum = 0; blockNum < 200; blockNum++) {
      if (index.flushDue) await flush(index, store);
      index.add(
        blockNum,
        Array.from(
          { length: 100 },
          (_, i) => [`key of transaction ${blockNum * 100 + i}`, i] as const,
        ),
      );
    }
    let records = 0;
    for await (const _ of store.range({})) records++;
    expect(records).toBeLessThan(40);
    expect(await find(index, 'key of transaction 12345')).toEqual([{ blockNum: 123, txNum: 45 }]);
  });

  test('refuses a block out of order', async () => {
    const index = await PostingIndex.open(new MemoryKVStore());
    expect(() => index.add(1, [])).toThrow(expect.objectContaining({ code: 'LEDGER_CORRUPT' }));
  });
});

describe('BloomFilter', () => {
  test('has all its keys and few others', () => {
    const keys = Array.from({ length: 4000 }, (_, i) => `transaction ${i}`);
    const filter = BloomFilter.of(keys, keys.length);
    expect(keys.every((key) => filter.mayHave(key))).toBe(true);
    const foreign = Array.from({ length: 20_000 }, (_, i) => `another ${i}`);
    expect(foreign.filter((key) => filter.mayHave(key)).length).toBeLessThan(60);
    expect(new BloomFilter(new Uint8Array(0)).mayHave('x')).toBe(false);
  });
});
