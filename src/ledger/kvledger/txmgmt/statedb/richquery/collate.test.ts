// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from 'vitest';
import { compareId, compareJson, isSameJson } from './collate.ts';
import type { Json } from './json.ts';

// The order that CouchDB's documentation of view collation gives.
const IN_ORDER: readonly Json[] = [
  null,
  false,
  true,
  1,
  2,
  3,
  4,
  'a',
  'A',
  'aa',
  'b',
  'B',
  'ba',
  'bb',
  ['a'],
  ['b'],
  ['b', 'c'],
  ['b', 'c', 'a'],
  ['b', 'd'],
  ['b', 'd', 'e'],
  { a: 1 },
  { a: 2 },
  { b: 1 },
  { b: 2 },
  { b: 2, c: 2 },
];

describe('collation', () => {
  test('is the documented order of JSON values', () => {
    const shuffled = IN_ORDER.toReversed().sort(compareJson);
    expect(shuffled).toEqual(IN_ORDER);
    IN_ORDER.forEach((a, i) => {
      IN_ORDER.forEach((b, j) => {
        expect(Math.sign(compareJson(a, b)), JSON.stringify([a, b])).toBe(Math.sign(i - j));
      });
    });
  });

  test('orders punctuation before digits before letters, as the documentation lists ASCII', () => {
    const text =
      '` ^ _ - , ; : ! ? . \' " ( ) [ ] { } @ * / \\ & # % + < = > | ~ $ 0 1 2 a A b B z Z';
    const listed = text.split(' ');
    const sorted = [...listed].sort(compareJson);
    const letters = /^[0-9a-zA-Z]$/;
    expect(sorted.filter((c) => letters.test(c))).toEqual(listed.filter((c) => letters.test(c)));
    expect(sorted.findIndex((c) => letters.test(c))).toBe(listed.findIndex((c) => letters.test(c)));
  });

  test('takes no notice of the order in which fields were written', () => {
    expect(compareJson({ a: 1, b: 2 }, { b: 2, a: 1 })).toBe(0);
  });

  test('compares `_id` by bytes, above all that is no text', () => {
    expect(compareId('B', 'a')).toBeLessThan(0);
    expect(compareJson('B', 'a')).toBeGreaterThan(0);
    expect(compareId('a', { z: 1 })).toBeGreaterThan(0);
  });

  test('knows the same value without collation', () => {
    expect(isSameJson([1, { a: ['x'] }], [1, { a: ['x'] }])).toBe(true);
    expect(isSameJson({ a: 1 }, { b: 1 })).toBe(false);
    expect(isSameJson([], {})).toBe(false);
    expect(isSameJson('e\u0301', '\u00e9')).toBe(false);
    expect(compareJson('e\u0301', '\u00e9')).toBe(0);
  });
});
