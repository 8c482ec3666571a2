// SPDX-License-Identifier: Apache-2.0
// Cuts a block file into blocks as its bytes come in (blkstorage/block_stream.go): each is its length as a varint and
// then itself. Holds no more than one block and one chunk.
import { concat, EMPTY_BYTES } from '../../../common/runtime/bytes.ts';
import { BlockfileError } from './blockfile-error.ts';

/** Fabric's orderers and their transport allow messages of 100 MiB; what claims more is no block. */
export const MAX_BLOCK_BYTES = 100 * 1024 * 1024;

/** A stretch of a file that holds one block. */
export interface BlockfileEntry {
  /** Where it begins in the file, length included. */
  readonly offset: number;
  /** The block in the form of a file, without its length. */
  readonly serialized: Uint8Array;
}

/** What stands behind the last whole block of a file that was being written when its peer stopped. */
export interface TornTail {
  readonly file: string;
  readonly offset: number;
  /** Bytes that are there. */
  readonly bytes: number;
}

export class BlockfileParser {
  readonly #file: string;
  // Bytes that no block was made of yet, and how many were taken from the first chunk.
  #chunks: Uint8Array[] = [];
  #taken = 0;
  #available = 0;
  #offset = 0;

  /** @param file its name, for errors. */
  constructor(file: string) {
    this.#file = file;
  }

  /** The blocks that end within this chunk. Throws BlockfileError BLOCKFILE_MALFORMED. The chunk must not change. */
  *push(chunk: Uint8Array): Generator<BlockfileEntry> {
    if (chunk.length === 0) return;
    this.#chunks.push(chunk);
    this.#available += chunk.length;
    for (let entry = this.#next(); entry; entry = this.#next()) yield entry;
  }

  /** What is left at the end of the file; undefined when it ends with a block. */
  end(): TornTail | undefined {
    if (this.#available === 0) return undefined;
    return { file: this.#file, offset: this.#offset, bytes: this.#available };
  }

  #next(): BlockfileEntry | undefined {
    const prefix = this.#readLength();
    if (!prefix || this.#available < prefix.size + prefix.length) return undefined;
    const offset = this.#offset;
    this.#take(prefix.size);
    return { offset, serialized: this.#take(prefix.length) };
  }

  // The varint in front of a block; undefined when it is not all there.
  #readLength(): { size: number; length: number } | undefined {
    let length = 0;
    for (let size = 0; size < this.#available; size++) {
      const byte = this.#peek(size);
      length += (byte & 0x7f) * 2 ** (7 * size);
      if (length > MAX_BLOCK_BYTES || size > 9) this.#malformed(`a block of ${length} bytes`);
      if (byte < 0x80) return { size: size + 1, length };
    }
    return undefined;
  }

  #peek(index: number): number {
    let at = index + this.#taken;
    for (const chunk of this.#chunks) {
      if (at < chunk.length) return chunk[at] ?? 0;
      at -= chunk.length;
    }
    return 0;
  }

  // The caller has checked that so many are there.
  #take(count: number): Uint8Array {
    this.#offset += count;
    this.#available -= count;
    const parts: Uint8Array[] = [];
    for (let left = count; left > 0; ) {
      const chunk = this.#chunks[0] ?? EMPTY_BYTES;
      const part = chunk.subarray(this.#taken, this.#taken + left);
      parts.push(part);
      left -= part.length;
      this.#taken += part.length;
      if (this.#taken < chunk.length) continue;
      this.#chunks.shift();
      this.#taken = 0;
    }
    return parts.length === 1 ? (parts[0] ?? EMPTY_BYTES) : concat(...parts);
  }

  #malformed(claim: string): never {
    const place = { file: this.#file, offset: this.#offset };
    const text = `its length claims ${claim}, which no orderer makes; is this a block file?`;
    throw new BlockfileError('BLOCKFILE_MALFORMED', text, place);
  }
}
