// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compareBytes, compareUtf8, utf8 } from '../../common/runtime/bytes.ts';
import { binaryToUtf8, fromBinary, toBinary, utf8ToBinary } from './binary-string.ts';
import { byCode, SortedMap } from './sorted-map.ts';

const unicode = fc.string({ unit: 'binary' });

test('binary strings hold bytes and sort as bytes do', () => {
  fc.assert(
    fc.property(fc.uint8Array(), fc.uint8Array(), (a, b) => {
      expect(fromBinary(toBinary(a))).toEqual(a);
      expect(byCode(toBinary(a), toBinary(b))).toBe(Math.sign(compareBytes(a, b)));
    }),
  );
});

test('texts keep every character and sort by UTF-8 bytes', () => {
  fc.assert(
    fc.property(unicode, unicode, (a, b) => {
      expect(binaryToUtf8(utf8ToBinary(a))).toBe(a);
      expect(fromBinary(utf8ToBinary(a))).toEqual(utf8(a));
      expect(byCode(utf8ToBinary(a), utf8ToBinary(b))).toBe(Math.sign(compareUtf8(a, b)));
    }),
  );
  expect(binaryToUtf8(utf8ToBinary('\ufeffbom'))).toBe('\ufeffbom');
});

test('a sorted map walks its keys in order, whatever was set and deleted', () => {
  const step = fc.tuple(fc.constantFrom('set', 'delete', 'walk'), fc.constantFrom(...'abcdefgh'));
  fc.assert(
    fc.property(fc.array(step), (steps) => {
      const map = new SortedMap<number>();
      const model = new Map<string, number>();
      for (const [i, [action, key]] of steps.entries()) {
        if (action === 'set') {
          map.set(key, i);
          model.set(key, i);
        } else if (action === 'delete') {
          map.delete(key);
          model.delete(key);
        } else {
          expect(map.keys({ gte: 'b', lt: 'g' })).toEqual(
            [...model.keys()].filter((k) => k >= 'b' && k < 'g').sort(),
          );
        }
        expect(map.get(key)).toBe(model.get(key));
      }
      expect(map.keys()).toEqual([...model.keys()].sort());
      expect(map.size).toBe(model.size);
    }),
  );
});
