// SPDX-License-Identifier: Apache-2.0
// Keeps snapshots in memory. One can be held up, or made to fail, before its first file.
import type { NewSnapshot, SnapshotsRoot } from '../snapshot-requests.ts';
import { MemoryFiles } from './memory-files.ts';

export class MemorySnapshots implements SnapshotsRoot {
  /** Complete ones by the number of their block. */
  readonly complete = new Map<number, MemoryFiles>();
  /** Blocks whose snapshots were begun, in order. */
  readonly begun: number[] = [];
  /** Blocks whose snapshots were discarded. */
  readonly discarded: number[] = [];
  /** Is awaited before a snapshot is begun. */
  hold: Promise<void> = Promise.resolve();

  async has(_ledgerId: string, blockNum: number): Promise<boolean> {
    return this.complete.has(blockNum);
  }

  async make(_ledgerId: string, blockNum: number): Promise<NewSnapshot> {
    this.begun.push(blockNum);
    await this.hold;
    const files = new MemoryFiles();
    return {
      write: (name) => files.write(name),
      complete: async () => {
        this.complete.set(blockNum, files);
      },
      discard: async () => {
        this.discarded.push(blockNum);
      },
    };
  }
}
