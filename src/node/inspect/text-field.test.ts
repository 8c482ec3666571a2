// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fromBase64, utf8 } from '../../common/runtime/bytes.ts';
import { textField } from './text-field.ts';

test('text is told as it is, even when it holds a replacement character', () => {
  for (const text of ['', 'blue', '蓝色', 'a\uFFFDb', '\uFEFFmark'])
    expect(textField('value', utf8(text))).toEqual({ value: text });
});

test('whatever the bytes are, they can be had back', () => {
  expect(textField('value', Uint8Array.of(0x08, 0x96, 0x01, 0xff, 0x00))).toEqual({
    value: '\b\uFFFD\u0001\uFFFD\0',
    valueBase64: 'CJYB/wA=',
  });
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 12 }), (bytes) => {
      const { value, valueBase64 } = textField('value', bytes);
      const back = valueBase64 === undefined ? utf8(value) : fromBase64(valueBase64);
      expect([...back]).toEqual([...bytes]);
    }),
  );
});
