// SPDX-License-Identifier: Apache-2.0
//
// The protobuf wire format: varints, lengths and tags. 64-bit integers are always Long, so that the
// highest uint64 survives. Stricter than some decoders and just as strict as Go's: a varint has at
// most 64 bits, a string is valid UTF-8.

import Long from 'long';

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** How deep messages may nest. */
export const MAX_DEPTH = 256;

export const VARINT = 0;
export const FIXED64 = 1;
export const DELIMITED = 2;
export const START_GROUP = 3;
export const END_GROUP = 4;
export const FIXED32 = 5;

/** Reads fields from bytes; throws RangeError beyond their end and Error on what is no protobuf. */
export class Reader {
  readonly #bytes: Uint8Array;
  #low = 0;
  #high = 0;
  /** Position of the next byte. */
  pos = 0;
  /** End of the message being read. */
  end: number;

  constructor(input: Uint8Array) {
    if (!(input instanceof Uint8Array)) throw new TypeError('input is not a Uint8Array');
    // A Buffer would make every field of type bytes a Buffer.
    this.#bytes =
      input.constructor === Uint8Array
        ? input
        : new Uint8Array(input.buffer, input.byteOffset, input.byteLength);
    this.end = input.length;
  }

  uint32(): number {
    this.#varint();
    return this.#low;
  }

  int32(): number {
    this.#varint();
    return this.#low | 0;
  }

  bool(): boolean {
    this.#varint();
    return this.#low !== 0 || this.#high !== 0;
  }

  /** A 64-bit integer. */
  long(unsigned: boolean): Long {
    this.#varint();
    return Long.fromBits(this.#low, this.#high, unsigned);
  }

  /** Field number and wire type, as `number << 3 | type`. */
  tag(): number {
    this.#varint();
    if (this.#high !== 0 || this.#low < 8) throw new Error('invalid field number');
    return this.#low;
  }

  /** A view into the input. */
  bytes(): Uint8Array {
    const { from, to } = this.limit();
    return this.#bytes.subarray(from, this.#moveTo(to));
  }

  string(): string {
    const { from, to } = this.limit();
    this.#moveTo(to);
    if (to - from > 48) return decoder.decode(this.#bytes.subarray(from, to));
    let text = '';
    for (let i = from; i < to; i++) {
      const byte = this.#bytes[i] ?? 0;
      if (byte >= 0x80) return decoder.decode(this.#bytes.subarray(from, to));
      text += String.fromCharCode(byte);
    }
    return text;
  }

  /** Reads a length; the range it spans from here. */
  limit(): { from: number; to: number } {
    this.#varint();
    const to = this.pos + this.#low;
    if (this.#high !== 0 || to > this.end) throw new RangeError('unexpected end of message');
    return { from: this.pos, to };
  }

  /** A view of what was read since `start`. */
  since(start: number): Uint8Array {
    return this.#bytes.subarray(start, this.pos);
  }

  /** Passes over the value of a field whose tag has been read. */
  skip(tag: number, depth = 0): void {
    if (depth > MAX_DEPTH) throw new Error('message is nested too deeply');
    const wireType = tag & 7;
    if (wireType === VARINT) this.#varint();
    else if (wireType === FIXED64) this.#moveTo(this.pos + 8);
    else if (wireType === DELIMITED) this.#moveTo(this.limit().to);
    else if (wireType === FIXED32) this.#moveTo(this.pos + 4);
    else if (wireType === START_GROUP) this.#skipGroup(tag, depth);
    else throw new Error(`invalid wire type ${wireType}`);
  }

  #skipGroup(start: number, depth: number): void {
    const last = start - START_GROUP + END_GROUP;
    for (let tag = this.tag(); tag !== last; tag = this.tag()) this.skip(tag, depth + 1);
  }

  #moveTo(position: number): number {
    if (position > this.end) throw new RangeError('unexpected end of message');
    this.pos = position;
    return position;
  }

  // Leaves the two halves of the value in #low and #high, both unsigned.
  #varint(): void {
    let low = 0;
    let high = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      if (this.pos >= this.end) throw new RangeError('unexpected end of message');
      const byte = this.#bytes[this.pos++] ?? 0;
      const bits = byte & 0x7f;
      if (shift < 28) low |= bits << shift;
      else if (shift > 28) high |= bits << (shift - 32);
      else {
        low |= bits << 28;
        high = bits >> 4;
      }
      if (shift === 63 && byte > 1) break;
      if (byte < 0x80) {
        this.#low = low >>> 0;
        this.#high = high >>> 0;
        return;
      }
    }
    throw new Error('varint of more than 64 bits');
  }
}

/** Collects fields; `finish()` returns them in an ArrayBuffer of their own, fit to be transferred. */
export class Writer {
  #bytes = new Uint8Array(128);
  #length = 0;

  uint32(value: number): this {
    this.#reserve(5);
    let rest = value >>> 0;
    while (rest > 0x7f) {
      this.#bytes[this.#length++] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    this.#bytes[this.#length++] = rest;
    return this;
  }

  /** A negative number takes ten bytes, as if it were 64 bits wide. */
  int32(value: number): this {
    return value >= 0 ? this.uint32(value) : this.long(value);
  }

  /** A 64-bit integer; a number must be a safe integer. */
  long(value: Long | number): this {
    this.#reserve(10);
    const bits = Long.fromValue(value);
    let low = bits.low >>> 0;
    let high = bits.high >>> 0;
    while (high !== 0 || low > 0x7f) {
      this.#bytes[this.#length++] = (low & 0x7f) | 0x80;
      low = ((low >>> 7) | (high << 25)) >>> 0;
      high >>>= 7;
    }
    this.#bytes[this.#length++] = low;
    return this;
  }

  bytes(value: Uint8Array): this {
    return this.uint32(value.length).raw(value);
  }

  string(value: string): this {
    return this.bytes(encoder.encode(value));
  }

  /** Bytes without a length in front. */
  raw(value: Uint8Array): this {
    this.#reserve(value.length);
    this.#bytes.set(value, this.#length);
    this.#length += value.length;
    return this;
  }

  /** Bytes written so far. */
  get length(): number {
    return this.#length;
  }

  /** Puts the length of what was written since `start` in front of it. */
  delimit(start: number): this {
    const end = this.#length;
    this.uint32(end - start);
    const prefix = this.#bytes.slice(end, this.#length);
    this.#bytes.copyWithin(start + prefix.length, start, end);
    this.#bytes.set(prefix, start);
    return this;
  }

  /** All that was written. */
  finish(): Uint8Array<ArrayBuffer> {
    return this.#bytes.slice(0, this.#length);
  }

  #reserve(count: number): void {
    const needed = this.#length + count;
    if (needed <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(needed, this.#bytes.length * 2));
    larger.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = larger;
  }
}
