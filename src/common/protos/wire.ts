// SPDX-License-Identifier: Apache-2.0
//
// The protobuf wire format, read and written by protobufjs, and checked here to be just as strict as
// Go's: a varint has at most 64 bits, a tag or length that needs more than 32 is refused rather than
// cut, a string is valid UTF-8. 64-bit integers are always Long, so that the highest uint64 survives.
// `protobufjs/minimal.js` is the part without reflection; it generates no code at run time, which the
// page's Content-Security-Policy would not allow.

import Long from 'long';
import protobuf from 'protobufjs/minimal.js';

// protobufjs finds a Long of its own (a global, or the CommonJS one), or none in a bundle.
protobuf.util.Long = Long;
protobuf.configure();

type WireReader = protobuf.Reader;

/** How deep messages may nest. */
export const MAX_DEPTH = 256;

export const VARINT = 0;
export const FIXED64 = 1;
export const DELIMITED = 2;
export const START_GROUP = 3;
export const END_GROUP = 4;
export const FIXED32 = 5;

const MAX_VARINT_BYTES = 10;

const LONE_SURROGATE = /\p{Surrogate}/gu;

const readUint32 = (wire: WireReader): number => wire.uint32();
const readInt32 = (wire: WireReader): number => wire.int32();
const readBool = (wire: WireReader): boolean => wire.bool();
const readInt64 = (wire: WireReader): Long => asLong(wire.int64());
const readUint64 = (wire: WireReader): Long => asLong(wire.uint64());

// protobufjs declares a Long with nothing but its bits.
function asLong(value: unknown): Long {
  if (!Long.isLong(value)) throw new TypeError('protobufjs has another Long');
  return value;
}

/** Reads fields from bytes; throws RangeError beyond their end and Error on what is no protobuf. */
export class Reader {
  readonly #wire: WireReader;

  constructor(input: Uint8Array) {
    if (!(input instanceof Uint8Array)) throw new TypeError('input is not a Uint8Array');
    // A Buffer would make every field of type bytes a Buffer.
    this.#wire = new protobuf.Reader(
      input.constructor === Uint8Array
        ? input
        : new Uint8Array(input.buffer, input.byteOffset, input.byteLength),
    );
  }

  /** Position of the next byte. */
  get pos(): number {
    return this.#wire.pos;
  }

  set pos(position: number) {
    this.#wire.pos = position;
  }

  /** End of the message being read. */
  get end(): number {
    return this.#wire.len;
  }

  set end(position: number) {
    this.#wire.len = position;
  }

  uint32(): number {
    return this.#varint(readUint32);
  }

  int32(): number {
    return this.#varint(readInt32);
  }

  bool(): boolean {
    return this.#varint(readBool);
  }

  /** A 64-bit integer. */
  long(unsigned: boolean): Long {
    return this.#varint(unsigned ? readUint64 : readInt64);
  }

  /** Field number and wire type, as `number << 3 | type`. */
  tag(): number {
    const tag = this.#small();
    if (tag === undefined || tag < 8) throw new Error('invalid field number');
    return tag;
  }

  /** A view into the input. */
  bytes(): Uint8Array {
    const { from, to } = this.limit();
    this.#wire.pos = to;
    return this.#wire.raw(from, to);
  }

  string(): string {
    const { from, to } = this.limit();
    this.#wire.pos = to;
    return protobuf.util.utf8.readStrict(this.#wire.buf, from, to);
  }

  /** Reads a length; the range it spans from here. */
  limit(): { from: number; to: number } {
    const length = this.#small();
    const from = this.pos;
    if (length === undefined || length > this.end - from) throw endOfMessage();
    return { from, to: from + length };
  }

  /** A view of what was read since `start`. */
  since(start: number): Uint8Array {
    return this.#wire.raw(start, this.pos);
  }

  /** Passes over the value of a field whose tag has been read. */
  skip(tag: number, depth = 0): void {
    if (depth > MAX_DEPTH) throw new Error('message is nested too deeply');
    const wireType = tag & 7;
    if (wireType === VARINT) this.#varint(readUint32);
    else if (wireType === FIXED64) this.#moveBy(8);
    else if (wireType === DELIMITED) this.pos = this.limit().to;
    else if (wireType === FIXED32) this.#moveBy(4);
    else if (wireType === START_GROUP) this.#skipGroup(tag, depth);
    else throw new Error(`invalid wire type ${wireType}`);
  }

  // protobufjs skips groups too, but does not tell who began one from who ends it.
  #skipGroup(start: number, depth: number): void {
    const last = start - START_GROUP + END_GROUP;
    for (let tag = this.tag(); tag !== last; tag = this.tag()) this.skip(tag, depth + 1);
  }

  #moveBy(count: number): void {
    if (count > this.end - this.pos) throw endOfMessage();
    this.#wire.skip(count);
  }

  // A varint of at most 32 bits; undefined when it has more. protobufjs drops the upper half.
  #small(): number | undefined {
    const wire = this.#wire;
    const start = wire.pos;
    const first = wire.buf[start] ?? 0x80;
    // Nearly all tags and lengths have one byte or two.
    if (first < 0x80 && start < wire.len) {
      wire.pos = start + 1;
      return first;
    }
    const second = wire.buf[start + 1] ?? 0x80;
    if (second < 0x80 && start + 1 < wire.len) {
      wire.pos = start + 2;
      return (first & 0x7f) | (second << 7);
    }
    const value = this.#varint(readUint32);
    if (this.pos - start < 5) return value;
    this.pos = start;
    return this.#varint(readUint64).high === 0 ? value : undefined;
  }

  #varint<T>(read: (wire: WireReader) => T): T {
    const wire = this.#wire;
    const start = wire.pos;
    let value: T;
    try {
      value = read(wire);
    } catch (cause) {
      throw cause instanceof RangeError ? endOfMessage() : new Error('varint of more than 64 bits');
    }
    if (wire.pos - start >= MAX_VARINT_BYTES && (wire.buf[wire.pos - 1] ?? 0) > 1) {
      throw new Error('varint of more than 64 bits');
    }
    return value;
  }
}

function endOfMessage(): RangeError {
  return new RangeError('unexpected end of message');
}

/** Collects fields; `finish()` returns them in an ArrayBuffer of their own, fit to be transferred. */
export class Writer {
  readonly #wire = new protobuf.Writer();

  uint32(value: number): this {
    this.#wire.uint32(value);
    return this;
  }

  /** A negative number takes ten bytes, as if it were 64 bits wide. */
  int32(value: number): this {
    this.#wire.int32(value);
    return this;
  }

  /** A 64-bit integer; a number must be a safe integer. */
  long(value: Long | number): this {
    this.#wire.uint64(value);
    return this;
  }

  bytes(value: Uint8Array): this {
    this.#wire.bytes(value);
    return this;
  }

  /** Half a surrogate pair becomes U+FFFD, as nothing else would be valid UTF-8. */
  string(value: string): this {
    this.#wire.string(value.replace(LONE_SURROGATE, '\ufffd'));
    return this;
  }

  /** Bytes without a length in front. */
  raw(value: Uint8Array): this {
    this.#wire.raw(value);
    return this;
  }

  /** Bytes written so far. */
  get length(): number {
    return this.#wire.pos;
  }

  /** Begins something that its length precedes; `ldelim()` ends it. */
  fork(): this {
    this.#wire.fork();
    return this;
  }

  /** Puts the length of what was written since the last `fork()` in front of it. */
  ldelim(): this {
    this.#wire.ldelim();
    return this;
  }

  /** All that was written. */
  finish(): Uint8Array<ArrayBuffer> {
    // finish() of protobufjs cuts small results out of a pool that they would share.
    return this.#wire.finishInto(new Uint8Array(this.#wire.pos));
  }
}
