// SPDX-License-Identifier: Apache-2.0
//
// The scalar types that Fabric's messages use.

import Long from 'long';
import { DELIMITED, type Reader, VARINT, type Writer } from './wire.ts';

/** How values of one scalar type are read and written. */
export interface Scalar {
  readonly wireType: number;
  readonly zero: unknown;
  read(reader: Reader): unknown;
  /** Throws TypeError when `value` is of another type. */
  write(writer: Writer, value: unknown): void;
  /** True for the value that proto3 leaves out. */
  isZero(value: unknown): boolean;
}

function int(
  read: (reader: Reader) => number,
  write: (writer: Writer, value: number) => void,
): Scalar {
  return {
    wireType: VARINT,
    zero: 0,
    read,
    write: (writer, value) => {
      if (!Number.isInteger(value)) throw new TypeError(`${value} is not an integer`);
      write(writer, value as number);
    },
    isZero: (value) => value === 0,
  };
}

function long(unsigned: boolean): Scalar {
  return {
    wireType: VARINT,
    zero: unsigned ? Long.UZERO : Long.ZERO,
    read: (reader) => reader.long(unsigned),
    write: (writer, value) => {
      if (!Long.isLong(value) && !Number.isSafeInteger(value)) {
        throw new TypeError(`${value} is neither a Long nor a safe integer`);
      }
      writer.long(Long.fromValue(value as Long | number, unsigned));
    },
    isZero: (value) => value === 0 || (Long.isLong(value) && value.isZero()),
  };
}

const int32 = int(
  (reader) => reader.int32(),
  (writer, value) => writer.int32(value),
);

/** By the name in a .proto file; `enum` stands for any enum. */
export const SCALARS: Readonly<Record<string, Scalar>> = {
  int32,
  enum: int32,
  uint32: int(
    (reader) => reader.uint32(),
    (writer, value) => writer.uint32(value),
  ),
  int64: long(false),
  uint64: long(true),
  bool: {
    wireType: VARINT,
    zero: false,
    read: (reader) => reader.bool(),
    write: (writer, value) => writer.uint32(value === true ? 1 : 0),
    isZero: (value) => value === false,
  },
  string: {
    wireType: DELIMITED,
    zero: '',
    read: (reader) => reader.string(),
    write: (writer, value) => {
      if (typeof value !== 'string') throw new TypeError(`${typeof value} is not a string`);
      writer.string(value);
    },
    isZero: (value) => value === '',
  },
  bytes: {
    wireType: DELIMITED,
    zero: new Uint8Array(0),
    read: (reader) => reader.bytes(),
    write: (writer, value) => {
      if (!(value instanceof Uint8Array))
        throw new TypeError(`${typeof value} is not a Uint8Array`);
      writer.bytes(value);
    },
    isZero: (value) => value instanceof Uint8Array && value.length === 0,
  },
};
