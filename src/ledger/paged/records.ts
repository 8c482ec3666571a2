// SPDX-License-Identifier: Apache-2.0
// What a PagedKVStore puts into the store beneath: pages of sorted entries, journal records of operations, and the index of pages.
// All are sequences of byte strings, each behind its length.
import { concat } from '../../common/runtime/bytes.ts';
import type { KVOperation } from '../kv-store.ts';
import { LedgerError } from '../types.ts';
import { fromBinary, toBinary } from '../util/binary-string.ts';

/** An entry of a page. The key is a binary string, the value a view into the page. */
export type PageEntry = readonly [key: string, value: Uint8Array];

/** What became of a key; undefined when it was deleted. */
export type Change = readonly [key: string, value: Uint8Array | undefined];

/** Appends byte strings behind their lengths. */
export class RecordWriter {
  #bytes: Uint8Array<ArrayBuffer>;
  #length = 0;

  constructor(capacity = 1024) {
    this.#bytes = new Uint8Array(capacity);
  }

  get length(): number {
    return this.#length;
  }

  varint(value: number): void {
    this.#reserve(5);
    let rest = value;
    for (; rest >= 0x80; rest >>>= 7) this.#bytes[this.#length++] = (rest & 0x7f) | 0x80;
    this.#bytes[this.#length++] = rest;
  }

  bytes(value: Uint8Array): void {
    this.varint(value.length);
    this.#reserve(value.length);
    this.#bytes.set(value, this.#length);
    this.#length += value.length;
  }

  /** A binary string. */
  text(binary: string): void {
    this.varint(binary.length);
    this.#reserve(binary.length);
    for (let i = 0; i < binary.length; i++) this.#bytes[this.#length++] = binary.charCodeAt(i);
  }

  /** What was written, as a copy, and begins again. */
  take(): Uint8Array<ArrayBuffer> {
    const taken = this.#bytes.slice(0, this.#length);
    this.#length = 0;
    return taken;
  }

  #reserve(count: number): void {
    if (this.#length + count <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(2 * this.#bytes.length, this.#length + count));
    grown.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = grown;
  }
}

/** Reads what a RecordWriter wrote. Throws LedgerError STORE_UNREADABLE when it is cut off. */
export class RecordReader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get atEnd(): boolean {
    return this.#at >= this.#bytes.length;
  }

  varint(): number {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.#bytes[this.#at++];
      if (byte === undefined) throw cutOff();
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
    throw cutOff();
  }

  /** A view. */
  bytes(length = this.varint()): Uint8Array {
    const end = this.#at + length;
    if (end > this.#bytes.length) throw cutOff();
    const view = this.#bytes.subarray(this.#at, end);
    this.#at = end;
    return view;
  }

  /** A binary string. */
  text(): string {
    return toBinary(this.bytes());
  }

  skip(): void {
    const end = this.varint() + this.#at;
    if (end > this.#bytes.length) throw cutOff();
    this.#at = end;
  }

  /** Passes over a byte string, and says whether it was this one. */
  isText(binary: string): boolean {
    const length = this.varint();
    const from = this.#at;
    this.#at += length;
    if (this.#at > this.#bytes.length) throw cutOff();
    if (length !== binary.length) return false;
    // From the end, where the keys of a page differ.
    for (let i = length - 1; i >= 0; i--) {
      if (this.#bytes[from + i] !== binary.charCodeAt(i)) return false;
    }
    return true;
  }
}

function cutOff(): LedgerError {
  return new LedgerError('STORE_UNREADABLE', 'a page or a journal record is cut off');
}

/** Entries of a page in order. */
export function* entriesOf(page: Uint8Array | undefined): Generator<PageEntry> {
  if (!page) return;
  const reader = new RecordReader(page);
  while (!reader.atEnd) yield [reader.text(), reader.bytes()];
}

/** The value of one key in a page; a view. */
export function findInPage(page: Uint8Array | undefined, key: string): Uint8Array | undefined {
  if (!page) return undefined;
  const reader = new RecordReader(page);
  while (!reader.atEnd) {
    if (reader.isText(key)) return reader.bytes();
    reader.skip();
  }
  return undefined;
}

/** A page to be stored: its entries are those from `first` on. */
export interface NewPage {
  readonly first: string;
  readonly bytes: Uint8Array;
}

/** The entries of a page with changes applied, as pages of about `pageBytes` each; none when nothing is left. */
export function mergePage(
  page: Uint8Array | undefined,
  changes: readonly Change[],
  pageBytes: number,
): NewPage[] {
  const entries = [...overlay(entriesOf(page), changes)];
  const total = entries.reduce((sum, [key, value]) => sum + key.length + value.length, 0);
  // Not split before it is half as large again, and then into equal parts, which all have room to grow.
  const parts = total > 1.5 * pageBytes ? Math.ceil(total / pageBytes) : 1;
  const pages: NewPage[] = [];
  const writer = new RecordWriter(2 * pageBytes);
  let first: string | undefined;
  const finish = (): void => {
    if (first !== undefined) pages.push({ first, bytes: writer.take() });
    first = undefined;
  };
  for (const [key, value] of entries) {
    first ??= key;
    writer.text(key);
    writer.bytes(value);
    if (writer.length >= total / parts && pages.length < parts - 1) finish();
  }
  finish();
  return pages;
}

/** Entries in order, with changes of the same order laid over them. */
export function* overlay(
  entries: Iterable<PageEntry>,
  changes: readonly Change[],
): Generator<PageEntry> {
  let next = 0;
  for (const entry of entries) {
    for (let change = changes[next]; change && change[0] < entry[0]; change = changes[++next]) {
      if (change[1]) yield [change[0], change[1]];
    }
    const change = changes[next];
    if (change?.[0] !== entry[0]) yield entry;
    else {
      next++;
      if (change[1]) yield [change[0], change[1]];
    }
  }
  for (const [key, value] of changes.slice(next)) if (value) yield [key, value];
}

/** Operations as journal records of about `recordBytes` at most. */
export function encodeJournal(
  operations: readonly KVOperation[],
  recordBytes: number,
): Uint8Array[] {
  const records: Uint8Array[] = [];
  const writer = new RecordWriter(64 * 1024);
  for (const operation of operations) {
    if (writer.length >= recordBytes) records.push(writer.take());
    writer.bytes(operation.key);
    if (operation.type === 'delete') writer.varint(0);
    else {
      writer.varint(1);
      writer.bytes(operation.value);
    }
  }
  if (writer.length > 0) records.push(writer.take());
  return records;
}

/** The operations of a journal record, in order; values are views into it. */
export function* decodeJournal(record: Uint8Array): Generator<Change> {
  const reader = new RecordReader(record);
  while (!reader.atEnd) {
    const key = reader.text();
    yield [key, reader.varint() === 1 ? reader.bytes() : undefined];
  }
}

/** The first keys of pages. */
export function encodeIndex(separators: readonly string[]): Uint8Array {
  const writer = new RecordWriter(64 * 1024);
  for (const separator of separators) writer.text(separator);
  return writer.take();
}

export function decodeIndex(record: Uint8Array): string[] {
  const separators: string[] = [];
  const reader = new RecordReader(record);
  while (!reader.atEnd) separators.push(reader.text());
  return separators;
}

/** Begins the keys of pages in the store beneath. */
export const PAGE = 'p';

/** The key in the store beneath: a letter and a binary string. */
export function storedKey(kind: string, key: string): Uint8Array<ArrayBuffer> {
  return concat(fromBinary(kind), fromBinary(key));
}
