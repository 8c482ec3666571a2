// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compareBytes, concat, fromHex, toHex } from '../../common/runtime/bytes.ts';
import { MemoryKVStore } from '../memory/memory-kv-store.ts';
import {
  orderPreservingVarint,
  prefixEnd,
  readOrderPreservingVarint,
  readUint64,
  uint64Bytes,
} from './codec.ts';
import { PrefixedKVStore } from './prefixed-kv-store.ts';

// Numbers of every length, and those at the edges of a byte.
const number = fc.oneof(
  fc.nat(300),
  fc.maxSafeNat(),
  fc.integer({ min: 0, max: 6 }).map((bytes) => 256 ** bytes),
  fc.integer({ min: 1, max: 6 }).map((bytes) => 256 ** bytes - 1),
);

describe('numbers as bytes', () => {
  test.each([
    [0, '00'],
    [1, '0101'],
    [255, '01ff'],
    [256, '020100'],
    [65_536, '03010000'],
    [Number.MAX_SAFE_INTEGER, '071fffffffffffff'],
  ])('%i is %s, as EncodeOrderPreservingVarUint64 writes it', (value, hex) => {
    expect(toHex(orderPreservingVarint(value))).toBe(hex);
  });

  test('keep their order, and are read again wherever they stand', () => {
    fc.assert(
      fc.property(number, number, fc.uint8Array({ maxLength: 3 }), (a, b, before) => {
        for (const encode of [orderPreservingVarint, uint64Bytes]) {
          expect(Math.sign(compareBytes(encode(a), encode(b)))).toBe(Math.sign(a - b));
        }
        const bytes = concat(before, orderPreservingVarint(a), orderPreservingVarint(b));
        const first = readOrderPreservingVarint(bytes, before.length);
        expect(first.value).toBe(a);
        expect(readOrderPreservingVarint(bytes, first.next)).toEqual({
          value: b,
          next: bytes.length,
        });
        expect(readUint64(concat(before, uint64Bytes(a)), before.length)).toBe(a);
      }),
    );
  });

  test.each([
    ['', 'cut off'],
    ['02', 'cut off'],
    ['0201', 'cut off'],
    ['09', 'cut off'],
    ['ff', 'cut off'],
    ['0720000000000000', 'too large'],
    ['08ffffffffffffffff', 'too large'],
  ])('%s is no number: %s', (hex, reason) => {
    expect(() => readOrderPreservingVarint(fromHex(hex), 0)).toThrow(reason);
  });
});

describe('a part of a store', () => {
  const bytes = fc.uint8Array({ maxLength: 3 });
  const prefix = fc
    .uint8Array({ minLength: 1, maxLength: 3 })
    .filter((given) => given.some((byte) => byte < 0xff));

  test('ends with the keys that begin with its prefix', () => {
    fc.assert(
      fc.property(prefix, fc.uint8Array({ maxLength: 6 }), (given, key) => {
        const begins = given.every((byte, i) => key[i] === byte);
        const within = compareBytes(key, given) >= 0 && compareBytes(key, prefixEnd(given)) < 0;
        expect(within).toBe(begins);
      }),
    );
    expect(() => prefixEnd(Uint8Array.of(0xff, 0xff))).toThrow('no end');
  });

  test('has its own keys only, whatever stands around it', async () => {
    await fc.assert(
      fc.asyncProperty(
        prefix,
        fc.array(fc.tuple(bytes, fc.boolean()), { maxLength: 8 }),
        fc.array(bytes, { maxLength: 8 }),
        fc.record({ gte: bytes, lt: bytes, reverse: fc.boolean() }, { requiredKeys: [] }),
        async (given, own, foreign, range) => {
          const store = new MemoryKVStore();
          const part = new PrefixedKVStore(store, given);
          await store.write(foreign.map((key) => ({ type: 'put', key, value: key })));
          const model = new Map<string, Uint8Array>();
          for await (const [key, value] of part.range({})) model.set(toHex(key), value);
          for (const [key, isPut] of own) {
            const value = concat(key, key);
            await part.write([isPut ? { type: 'put', key, value } : { type: 'delete', key }]);
            if (isPut) model.set(toHex(key), value);
            else model.delete(toHex(key));
          }
          const expected = [...model.keys()]
            .filter((hex) => !range.gte || hex >= toHex(range.gte))
            .filter((hex) => !range.lt || hex < toHex(range.lt))
            .sort();
          const found: string[] = [];
          for await (const [key, value] of part.range(range)) {
            found.push(toHex(key));
            expect(value).toEqual(model.get(toHex(key)));
          }
          expect(found).toEqual(range.reverse ? expected.reverse() : expected);
          const keys = own.map(([key]) => key);
          expect(await part.getMany(keys)).toEqual(keys.map((key) => model.get(toHex(key))));
        },
      ),
      { numRuns: 300 },
    );
  });
});
