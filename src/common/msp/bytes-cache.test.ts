// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from 'vitest';
import { BytesCache } from './bytes-cache.ts';

const key = (...bytes: number[]): Uint8Array => Uint8Array.from(bytes);

/** Keys of 1000 bytes that differ only at a place which the hash does not look at. */
function twin(n: number): Uint8Array {
  const bytes = new Uint8Array(1000).fill(7);
  bytes[1] = n;
  return bytes;
}

describe('BytesCache', () => {
  test('finds by content, not by identity or by being alike', () => {
    const cache = new BytesCache<string>(10);
    cache.add(key(1, 2, 3), 'a');
    cache.add(key(1, 2, 4), 'b');
    cache.add(key(), 'empty');
    expect(cache.get(key(1, 2, 3))).toBe('a');
    expect(cache.get(key(1, 2, 4))).toBe('b');
    expect(cache.get(key())).toBe('empty');
    expect(cache.get(key(1, 2))).toBeUndefined();
    expect(cache.get(key(1, 2, 3, 0))).toBeUndefined();
  });

  test('tells apart keys of one hash', () => {
    const cache = new BytesCache<number>(10);
    for (let n = 0; n < 4; n++) cache.add(twin(n), n);
    expect([0, 1, 2, 3, 4].map((n) => cache.get(twin(n)))).toEqual([0, 1, 2, 3, undefined]);
  });

  test('lets the oldest go when it is full', () => {
    const cache = new BytesCache<number>(3);
    for (let n = 0; n < 5; n++) cache.add(key(n), n);
    expect(cache.size).toBe(3);
    expect([0, 1, 2, 3, 4].map((n) => cache.get(key(n)))).toEqual([undefined, undefined, 2, 3, 4]);
  });

  test('keeps few keys of one hash, and all others beside them', () => {
    const cache = new BytesCache<number>(1000);
    cache.add(key(1), -1);
    for (let n = 0; n < 200; n++) cache.add(twin(n), n);
    expect(cache.size).toBe(9);
    expect(cache.get(key(1))).toBe(-1);
    expect(cache.get(twin(199))).toBe(199);
    expect(cache.get(twin(0))).toBeUndefined();
  });
});
