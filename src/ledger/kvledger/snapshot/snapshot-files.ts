// SPDX-License-Identifier: Apache-2.0
// The files of a snapshot (common/ledger/snapshot/file.go): a format byte, then numbers as varints and strings with their
// length before them. Every file is hashed as it is written or read; none is held in memory.
import { sha256 } from '@noble/hashes/sha2.js';
import { concat, toHex } from '../../../common/runtime/bytes.ts';
import { LedgerError } from '../../ledger-error.ts';

/** Takes the bytes of one file. */
export interface SnapshotSink {
  write(bytes: Uint8Array): Promise<void>;
  /** Resolves when the file is complete and durable. */
  close(): Promise<void>;
}

/** Where the files of a snapshot go. */
export interface SnapshotWriter {
  write(name: string): SnapshotSink;
}

/** Where the files of a snapshot come from. */
export interface SnapshotReader {
  /** The bytes of a file in chunks of any size; throws when there is no such file. */
  read(name: string): AsyncIterable<Uint8Array>;
}

const FORMAT = 1;
const CHUNK_BYTES = 64 * 1024;
/** More than any key and value of a transaction can be. */
const MAX_RECORD_BYTES = 128 * 1024 * 1024;

/** Writes one file; it is made with the first thing written, so that an empty set leaves none. */
export class SnapshotFile {
  readonly name: string;
  readonly #out: SnapshotWriter;
  readonly #hash = sha256.create();
  #sink: SnapshotSink | undefined;
  #pending: Uint8Array[] = [];
  #pendingBytes = 0;

  constructor(out: SnapshotWriter, name: string) {
    this.#out = out;
    this.name = name;
  }

  async uvarint(value: number): Promise<void> {
    await this.#add(uvarintBytes(value));
  }

  async bytes(value: Uint8Array): Promise<void> {
    await this.#add(uvarintBytes(value.length), value);
  }

  /** Completes the file; its hash in hex, undefined when nothing was written. */
  async done(): Promise<string | undefined> {
    if (!this.#sink) return undefined;
    await this.#flush();
    await this.#sink.close();
    return toHex(this.#hash.digest());
  }

  async #add(...parts: readonly Uint8Array[]): Promise<void> {
    if (!this.#sink) {
      this.#sink = this.#out.write(this.name);
      this.#pending.push(Uint8Array.of(FORMAT));
    }
    for (const part of parts) {
      this.#pending.push(part);
      this.#pendingBytes += part.length;
    }
    if (this.#pendingBytes >= CHUNK_BYTES) await this.#flush();
  }

  async #flush(): Promise<void> {
    const chunk = concat(...this.#pending);
    this.#pending = [];
    this.#pendingBytes = 0;
    this.#hash.update(chunk);
    await this.#sink?.write(chunk);
  }
}

/** Reads one file; nothing of it counts before `done` found the hash right. */
export class SnapshotFileReader {
  readonly #name: string;
  readonly #chunks: AsyncIterator<Uint8Array>;
  readonly #hash = sha256.create();
  #buffer: Uint8Array = new Uint8Array();
  #at = 0;

  private constructor(name: string, chunks: AsyncIterable<Uint8Array>) {
    this.#name = name;
    this.#chunks = chunks[Symbol.asyncIterator]();
  }

  static async open(files: SnapshotReader, name: string): Promise<SnapshotFileReader> {
    const reader = new SnapshotFileReader(name, files.read(name));
    const [format] = await reader.#take(1);
    if (format !== FORMAT) reader.#fail(`is of format ${format}, but ${FORMAT} is known`);
    return reader;
  }

  async uvarint(): Promise<number> {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      const [byte = 0] = await this.#take(1);
      value += (byte & 0x7f) * factor;
      if (!Number.isSafeInteger(value)) this.#fail('holds a number that is too large');
      if (byte < 0x80) return value;
      if (factor > 2 ** 49) this.#fail('holds a number that is too long');
    }
  }

  /** A copy. */
  async bytes(): Promise<Uint8Array> {
    const length = await this.uvarint();
    if (length > MAX_RECORD_BYTES) this.#fail(`holds a record of ${length} bytes`);
    return this.#take(length);
  }

  /** Throws LedgerError SNAPSHOT_INVALID unless all was read and the hash is this one, in hex. */
  async done(expectedHash: string): Promise<void> {
    const hasMore = this.#at < this.#buffer.length || !(await this.#more());
    if (hasMore) this.#fail('is longer than its metadata says');
    const found = toHex(this.#hash.digest());
    if (found !== expectedHash) this.#fail(`has hash ${found}, but ${expectedHash} was promised`);
  }

  async close(): Promise<void> {
    await this.#chunks.return?.();
  }

  async #take(length: number): Promise<Uint8Array> {
    if (this.#buffer.length - this.#at < length) await this.#fill(length);
    this.#at += length;
    return this.#buffer.slice(this.#at - length, this.#at);
  }

  async #fill(length: number): Promise<void> {
    const parts = [this.#buffer.subarray(this.#at)];
    for (let have = parts[0]?.length ?? 0; have < length; ) {
      const { value, done } = await this.#chunks.next();
      if (done) this.#fail('is cut off');
      this.#hash.update(value);
      parts.push(value);
      have += value.length;
    }
    this.#buffer = concat(...parts);
    this.#at = 0;
  }

  // True at the end of the file.
  async #more(): Promise<boolean> {
    for (;;) {
      const { value, done } = await this.#chunks.next();
      if (done) return true;
      if (value.length > 0) return false;
    }
  }

  #fail(what: string): never {
    throw new LedgerError('SNAPSHOT_INVALID', `snapshot file ${this.#name} ${what}`);
  }
}

function uvarintBytes(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 0x80);
  return Uint8Array.of(...bytes, rest);
}
