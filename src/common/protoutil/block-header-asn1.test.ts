// SPDX-License-Identifier: Apache-2.0

import Long from 'long';
import { describe, expect, it } from 'vitest';
import { toHex } from '../runtime/bytes.ts';
import { blockHeaderBytes } from './block-header-asn1.ts';

describe('blockHeaderBytes', () => {
  it.each([
    [0, '020100'],
    [1, '020101'],
    [127, '02017f'],
    [128, '02020080'],
    [255, '020200ff'],
    [256, '02020100'],
    [2 ** 53 - 1, '02071fffffffffffff'],
    [Long.fromString('9223372036854775807', true), '02087fffffffffffffff'],
    [Long.fromString('9223372036854775808', true), '0209008000000000000000'],
    [Long.MAX_UNSIGNED_VALUE, '020900ffffffffffffffff'],
  ])('writes number %s in its shortest form', (number, integer) => {
    const content = `${integer}04000400`;
    const length = (content.length / 2).toString(16).padStart(2, '0');
    expect(toHex(blockHeaderBytes({ number }))).toBe(`30${length}${content}`);
  });

  it('puts previous hash before data hash', () => {
    const header = { number: 5, previous_hash: Uint8Array.of(1, 2), data_hash: Uint8Array.of(3) };
    expect(toHex(blockHeaderBytes(header))).toBe('300a020105040201020401 03'.replace(' ', ''));
  });

  it('writes long lengths', () => {
    const bytes = blockHeaderBytes({
      previous_hash: new Uint8Array(200),
      data_hash: new Uint8Array(70_000),
    });
    expect(toHex(bytes.subarray(0, 11))).toBe(
      `3083${(211 + 70_000).toString(16).padStart(6, '0')}0201000481c8`,
    );
    expect(toHex(bytes.subarray(211, 216))).toBe('0483011170');
  });
});
