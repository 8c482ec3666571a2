// SPDX-License-Identifier: Apache-2.0
// The files of a snapshot in memory, read in chunks of a chosen size.
import { concat } from '../../../../common/runtime/bytes.ts';
import type { SnapshotReader, SnapshotSink, SnapshotWriter } from '../snapshot-files.ts';

export class MemoryFiles implements SnapshotReader, SnapshotWriter {
  readonly files = new Map<string, Uint8Array>();
  readonly #chunkBytes: number;
  /** The largest piece that was ever written at once. */
  largestWrite = 0;

  constructor(chunkBytes = 1000) {
    this.#chunkBytes = chunkBytes;
  }

  async *read(name: string): AsyncGenerator<Uint8Array> {
    const bytes = this.files.get(name);
    if (!bytes) throw new Error(`there is no file ${name}`);
    for (let at = 0; at < bytes.length; at += this.#chunkBytes) {
      yield bytes.slice(at, at + this.#chunkBytes);
    }
  }

  write(name: string): SnapshotSink {
    const parts: Uint8Array[] = [];
    return {
      write: async (bytes) => {
        this.largestWrite = Math.max(this.largestWrite, bytes.length);
        parts.push(bytes.slice());
      },
      close: async () => {
        this.files.set(name, concat(...parts));
      },
    };
  }
}
