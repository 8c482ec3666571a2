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
  NUMERIC_STRING: 0x12,
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

/** A BIT STRING; throws when bits that do not count are set. */
export function bitsOf(content: Uint8Array): { bytes: Uint8Array; unused: number } {
  const [unused = 8] = content;
  const bytes = content.subarray(1);
  const last = bytes.at(-1);
  if (unused > 7 || (unused > 0 && last === undefined)) throw malformed('BIT STRING');
  if (last !== undefined && last & ((1 << unused) - 1)) throw malformed('padding of a BIT STRING');
  return { bytes, unused };
}

/** The number that the bits of a BIT STRING are, as many bytes long as it was: signatures and keys are read so (Go's BitString.RightAlign). */
export function rightAligned(content: Uint8Array): Uint8Array {
  const { bytes, unused } = bitsOf(content);
  if (unused === 0) return bytes;
  return bytes.map((byte, i) => (byte >> unused) | ((bytes[i - 1] ?? 0) << (8 - unused)));
}

/** Throws unless it is an INTEGER in its shortest form of so many bytes at most. True when it is negative. */
export function signedInteger(content: Uint8Array, maxBytes = Number.POSITIVE_INFINITY): boolean {
  const [first = 0, second] = content;
  const isPadded =
    second !== undefined && (first === 0 ? second < 0x80 : first === 0xff && second >= 0x80);
  if (content.length === 0 || content.length > maxBytes || isPadded) throw malformed('INTEGER');
  return first >= 0x80;
}

/** A BOOLEAN. */
export function isTrue(content: Uint8Array): boolean {
  const [value] = content;
  if (content.length !== 1 || (value !== 0 && value !== 0xff)) throw malformed('BOOLEAN');
  return value === 0xff;
}

/** Dotted form of an OBJECT IDENTIFIER whose arcs are below 2^31, as Go reads them. */
export function oidText(content: Uint8Array): string {
  if (content.length === 0 || content.length > 64) throw malformed('OBJECT IDENTIFIER length');
  const arcs: number[] = [];
  let value = 0;
  let isStart = true;
  for (const byte of content) {
    if (value >= 2 ** 24) throw malformed('OBJECT IDENTIFIER arc too big');
    if (byte === 0x80 && isStart) throw malformed('OBJECT IDENTIFIER arc not minimal');
    value = value * 128 + (byte & 0x7f);
    isStart = !(byte & 0x80);
    if (!isStart) continue;
    arcs.push(value);
    value = 0;
  }
  if ((content.at(-1) ?? 0) & 0x80) throw malformed('truncated OBJECT IDENTIFIER');
  const first = arcs[0] ?? 0;
  const root = Math.min(2, Math.floor(first / 40));
  return [root, first - 40 * root, ...arcs.slice(1)].join('.');
}

const UTC_TIME = /^(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)?(?:Z|([+-])(\d\d)(\d\d))$/;
const GENERALIZED_TIME = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(?:Z|([+-])(\d\d)(\d\d))$/;

/**
 * Milliseconds since the Unix epoch of a UTCTime or GeneralizedTime. RFC 5280 wants seconds and Z; Go takes a UTCTime without seconds too,
 * and zones other than UTC (ReadASN1UTCTime of golang.org/x/crypto/cryptobyte).
 */
export function timeOf({ tag, content }: DerElement): number {
  const text = String.fromCharCode(...content.subarray(0, 32));
  const isShort = tag === TAG.UTC_TIME;
  const form = isShort ? UTC_TIME : tag === TAG.GENERALIZED_TIME ? GENERALIZED_TIME : undefined;
  const match = form?.exec(text);
  if (!match || content.length > 32) throw malformed('time');
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match
    .slice(1, 7)
    .map((digits) => Number(digits ?? 0));
  const [sign, hours = 0, minutes = 0] = [match[7], Number(match[8] ?? 0), Number(match[9] ?? 0)];
  // RFC 5280 4.1.2.5.1: two-digit years from 50 on are 19xx.
  const full = isShort ? year + (year < 50 ? 2000 : 1900) : year;
  const date = new Date(0);
  date.setUTCFullYear(full, month - 1, day);
  date.setUTCHours(hour, minute, second);
  const isDate = date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
  const isTime = hour <= 23 && minute <= 59 && second <= 59;
  const isZone = sign === undefined || (hours <= 24 && minutes <= 59 && hours + minutes > 0);
  if (!isDate || !isTime || !isZone) throw malformed('time out of range');
  const eastMs = (hours * 60 + minutes) * 60_000;
  return date.getTime() - (sign === '-' ? -eastMs : eastMs);
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
