// SPDX-License-Identifier: Apache-2.0
// DER as X.509 needs it: a bounded reader and a few writers. Only definite, minimal lengths and tag numbers
// below 31 exist here, as in Go's encoding/asn1; anything else is refused.
// A general ASN.1 library costs the page fifteen times as much, and needs crypto.subtle where it is used for X.509.
import { concat, utf8 } from '../runtime/bytes.ts';
import { CryptoError } from './errors.ts';

export const TAG = Object.freeze({
  BOOLEAN: 0x01,
  INTEGER: 0x02,
  BIT_STRING: 0x03,
  OCTET_STRING: 0x04,
  NULL: 0x05,
  OID: 0x06,
  UTF8_STRING: 0x0c,
  PRINTABLE_STRING: 0x13,
  TELETEX_STRING: 0x14,
  IA5_STRING: 0x16,
  UTC_TIME: 0x17,
  GENERALIZED_TIME: 0x18,
  BMP_STRING: 0x1e,
  SEQUENCE: 0x30,
  SET: 0x31,
});

/** Tag of a constructed, context-specific element. */
export function contextTag(number: number): number {
  return 0xa0 | number;
}

function malformed(what: string): CryptoError {
  return new CryptoError('ASN1_MALFORMED', `malformed DER: ${what}`);
}

/** One element; `encoded` includes tag and length. Both are views into the input. */
export interface DerElement {
  readonly tag: number;
  readonly content: Uint8Array;
  readonly encoded: Uint8Array;
}

/** Reads the elements of some bytes one after another. Every read throws CryptoError on malformed input. */
export class DerReader {
  readonly #bytes: Uint8Array;
  #offset = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get done(): boolean {
    return this.#offset >= this.#bytes.length;
  }

  /** Tag of the next element, or undefined at the end. */
  peek(): number | undefined {
    return this.#bytes[this.#offset];
  }

  next(expectedTag?: number): DerElement {
    const start = this.#offset;
    const tag = this.#byte();
    if ((tag & 0x1f) === 0x1f) throw malformed('long tag');
    if (expectedTag !== undefined && tag !== expectedTag) {
      throw malformed(`tag 0x${tag.toString(16)} where 0x${expectedTag.toString(16)} belongs`);
    }
    const length = this.#length();
    const from = this.#offset;
    const to = from + length;
    if (to > this.#bytes.length) throw malformed('element runs past the end');
    this.#offset = to;
    return {
      tag,
      content: this.#bytes.subarray(from, to),
      encoded: this.#bytes.subarray(start, to),
    };
  }

  /** The next element when it has this tag. */
  optional(tag: number): DerElement | undefined {
    return this.peek() === tag ? this.next(tag) : undefined;
  }

  /** A reader over the content of the next element. */
  enter(tag: number): DerReader {
    return new DerReader(this.next(tag).content);
  }

  /** Throws when something is left. */
  end(): void {
    if (!this.done) throw malformed('trailing bytes');
  }

  #byte(): number {
    const byte = this.#bytes[this.#offset];
    if (byte === undefined) throw malformed('unexpected end');
    this.#offset++;
    return byte;
  }

  #length(): number {
    const first = this.#byte();
    if (first < 0x80) return first;
    const count = first & 0x7f;
    if (count === 0 || count > 4) throw malformed('indefinite or oversized length');
    let length = 0;
    for (let i = 0; i < count; i++) length = length * 256 + this.#byte();
    if (length < 0x80 || length < 256 ** (count - 1)) throw malformed('length not minimal');
    return length;
  }
}

/** Content of an INTEGER without its sign byte; throws unless it is minimal and not negative. Zero is empty. */
export function unsignedInteger(content: Uint8Array): Uint8Array {
  const [first, second = 0] = content;
  if (first === undefined) throw malformed('empty INTEGER');
  if (first >= 0x80) throw malformed('negative INTEGER');
  if (first !== 0) return content;
  if (content.length > 1 && second < 0x80) throw malformed('INTEGER not minimal');
  return content.subarray(1);
}

/** A small INTEGER (versions, path lengths). */
export function smallInteger(content: Uint8Array): number {
  const bytes = unsignedInteger(content);
  if (bytes.length > 4) throw malformed('INTEGER too big');
  return bytes.reduce((value, byte) => value * 256 + byte, 0);
}

/** Bytes of a BIT STRING that fills whole bytes. */
export function wholeBits(content: Uint8Array): Uint8Array {
  if (content[0] !== 0) throw malformed('BIT STRING with unused bits');
  return content.subarray(1);
}

/** Dotted form of an OBJECT IDENTIFIER. */
export function oidText(content: Uint8Array): string {
  if (content.length === 0 || content.length > 64) throw malformed('OBJECT IDENTIFIER length');
  const arcs: number[] = [];
  let value = 0;
  for (const byte of content) {
    if (value > 2 ** 45) throw malformed('OBJECT IDENTIFIER arc too big');
    value = value * 128 + (byte & 0x7f);
    if (byte & 0x80) continue;
    arcs.push(value);
    value = 0;
  }
  if ((content.at(-1) ?? 0) & 0x80) throw malformed('truncated OBJECT IDENTIFIER');
  const first = arcs[0] ?? 0;
  const root = Math.min(2, Math.floor(first / 40));
  return [root, first - 40 * root, ...arcs.slice(1)].join('.');
}

/** Milliseconds since the Unix epoch of a UTCTime or GeneralizedTime in RFC 5280's form (seconds, Z). */
export function timeOf(element: DerElement): number {
  const text = String.fromCharCode(...element.content.subarray(0, 32));
  const match =
    element.tag === TAG.UTC_TIME
      ? /^(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/.exec(text)
      : element.tag === TAG.GENERALIZED_TIME
        ? /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/.exec(text)
        : null;
  if (!match) throw malformed('time');
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match
    .slice(1)
    .map(Number);
  // RFC 5280 4.1.2.5.1: two-digit years from 50 on are 19xx.
  const full = element.tag === TAG.UTC_TIME ? year + (year < 50 ? 2000 : 1900) : year;
  const date = new Date(0);
  date.setUTCFullYear(full, month - 1, day);
  date.setUTCHours(hour, minute, second);
  if (
    date.getUTCMonth() !== month - 1 ||
    date.getUTCDate() !== day ||
    hour > 23 ||
    minute > 59 ||
    second > 59
  ) {
    throw malformed('time out of range');
  }
  return date.getTime();
}

// ---- writing ----

/** One element with the concatenation of `parts` as its content. */
export function element(tag: number, ...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  let length = 0;
  for (const part of parts) length += part.length;
  const header = [tag];
  if (length < 0x80) header.push(length);
  else if (length < 0x100) header.push(0x81, length);
  else if (length < 0x10000) header.push(0x82, length >> 8, length & 0xff);
  else header.push(0x83, length >> 16, (length >> 8) & 0xff, length & 0xff);
  return concat(Uint8Array.from(header), ...parts);
}

export function sequence(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  return element(TAG.SEQUENCE, ...parts);
}

/** A non-negative INTEGER from big-endian bytes. */
export function integer(magnitude: Uint8Array): Uint8Array<ArrayBuffer> {
  let start = 0;
  while (start < magnitude.length && magnitude[start] === 0) start++;
  const bytes = magnitude.subarray(start);
  const sign = bytes.length === 0 || (bytes[0] ?? 0) >= 0x80 ? [0] : [];
  return element(TAG.INTEGER, Uint8Array.from(sign), bytes);
}

export function octetString(content: Uint8Array): Uint8Array<ArrayBuffer> {
  return element(TAG.OCTET_STRING, content);
}

/** A BIT STRING; `unused` low bits of the last byte do not count. */
export function bitString(content: Uint8Array, unused = 0): Uint8Array<ArrayBuffer> {
  return element(TAG.BIT_STRING, Uint8Array.of(unused), content);
}

export function boolean(value: boolean): Uint8Array<ArrayBuffer> {
  return element(TAG.BOOLEAN, Uint8Array.of(value ? 0xff : 0));
}

export function oid(dotted: string): Uint8Array<ArrayBuffer> {
  const [root = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  const bytes: number[] = [];
  for (const arc of [root * 40 + second, ...rest]) {
    const groups = [arc % 128];
    for (let value = Math.floor(arc / 128); value > 0; value = Math.floor(value / 128)) {
      groups.unshift((value % 128) | 0x80);
    }
    bytes.push(...groups);
  }
  return element(TAG.OID, Uint8Array.from(bytes));
}

/** A character string: PrintableString when the characters allow it, else UTF8String, as Go writes names. */
export function directoryString(text: string): Uint8Array<ArrayBuffer> {
  const printable = /^[A-Za-z0-9 '()+,\-./:=?]*$/.test(text);
  return element(printable ? TAG.PRINTABLE_STRING : TAG.UTF8_STRING, utf8(text));
}

/** A time of whole seconds: UTCTime until 2049, GeneralizedTime after (RFC 5280 4.1.2.5). */
export function time(ms: number): Uint8Array<ArrayBuffer> {
  const digits = new Date(ms).toISOString().replace(/[-:T]|\.\d+/g, '');
  const year = new Date(ms).getUTCFullYear();
  return year >= 1950 && year < 2050
    ? element(TAG.UTC_TIME, utf8(digits.slice(2)))
    : element(TAG.GENERALIZED_TIME, utf8(digits));
}
