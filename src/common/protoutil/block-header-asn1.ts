// SPDX-License-Identifier: Apache-2.0
//
// The DER encoding of a block header, over which header hashes and block signatures are made
// (BlockHeaderBytes in Fabric's protoutil/blockutils.go):
//   SEQUENCE { number INTEGER, previous_hash OCTET STRING, data_hash OCTET STRING }

import Long from 'long';
import type { common } from '../protos/index.ts';
import { concat, EMPTY_BYTES } from '../runtime/bytes.ts';

const INTEGER = 0x02;
const OCTET_STRING = 0x04;
const SEQUENCE = 0x30;

/** DER bytes of a block header. */
export function blockHeaderBytes(header: common.IBlockHeader): Uint8Array<ArrayBuffer> {
  return tagged(
    SEQUENCE,
    concat(
      tagged(INTEGER, integerContent(header.number ?? 0)),
      tagged(OCTET_STRING, header.previous_hash ?? EMPTY_BYTES),
      tagged(OCTET_STRING, header.data_hash ?? EMPTY_BYTES),
    ),
  );
}

function tagged(tag: number, content: Uint8Array): Uint8Array<ArrayBuffer> {
  return concat(Uint8Array.of(tag, ...lengthBytes(content.length)), content);
}

// Short form below 128; otherwise the count of length bytes, then the length, most significant first.
function lengthBytes(length: number): number[] {
  if (length < 0x80) return [length];
  const bytes: number[] = [];
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) bytes.unshift(rest % 256);
  return [0x80 | bytes.length, ...bytes];
}

// Shortest form of a non-negative integer: one leading zero byte only where the sign bit would be set.
function integerContent(value: number | Long): Uint8Array {
  const bytes = Long.fromValue(value, true).toBytesBE();
  const first = bytes.findIndex((byte) => byte !== 0);
  if (first < 0) return Uint8Array.of(0);
  const digits = bytes.slice(first);
  return Uint8Array.from((digits[0] ?? 0) >= 0x80 ? [0, ...digits] : digits);
}
