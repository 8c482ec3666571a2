// SPDX-License-Identifier: Apache-2.0
import { signal } from '@preact/signals';
import { describe, expect, it } from 'vitest';
import { isSame, setIfChanged, setItemsIfChanged } from './same.ts';

interface Item {
  readonly id: string;
  readonly height: number;
  readonly links: readonly string[];
}

const item = (id: string, height: number): Item => ({ id, height, links: ['a', 'b'] });
const idOf = ({ id }: Item): string => id;

describe('plain data', () => {
  it('is the same by what it holds', () => {
    expect(isSame({ a: [1, { b: 2 }] }, { a: [1, { b: 2 }] })).toBe(true);
    expect(isSame({ a: undefined }, { b: undefined })).toBe(false);
    expect(isSame([1, 2], [1, 2, 3])).toBe(false);
    expect(isSame([], {})).toBe(false);
    expect(isSame(Number.NaN, Number.NaN)).toBe(true);
    expect(isSame(null, {})).toBe(false);
  });

  it('is set only when it differs', () => {
    const target = signal({ name: 'a', faults: [{ code: 'X' }] });
    const before = target.value;
    expect(setIfChanged(target, { name: 'a', faults: [{ code: 'X' }] })).toBe(false);
    expect(target.value).toBe(before);
    expect(setIfChanged(target, { name: 'a', faults: [] })).toBe(true);
    expect(target.value.faults).toEqual([]);
  });

  it('keeps the items of a list that have not changed, whatever comes or goes around them', () => {
    const target = signal<readonly Item[]>([item('a', 1), item('b', 1), item('c', 1)]);
    const [, b, c] = target.value;
    expect(setItemsIfChanged(target, [item('a', 1), item('b', 1), item('c', 1)], idOf)).toBe(false);
    expect(setItemsIfChanged(target, [item('b', 1), item('c', 2)], idOf)).toBe(true);
    expect(target.value[0]).toBe(b);
    expect(target.value[1]).not.toBe(c);
    expect(target.value).toHaveLength(2);
  });
});
