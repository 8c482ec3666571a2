// SPDX-License-Identifier: Apache-2.0
// Snapshots that a ledger makes by itself when their block has come, in Fabric's folders: completed/CHANNEL/BLOCK.
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import type {
  NewSnapshot,
  SnapshotsRoot,
} from '../src/ledger/kvledger/snapshot/snapshot-requests.ts';
import { NewSnapshotFolder } from './snapshot-folder.ts';

/** Fabric's ledger.snapshots.rootDir. */
export class SnapshotsDirectory implements SnapshotsRoot {
  readonly #path: string;
  readonly #signal: AbortSignal;
  readonly #made = new Map<number, string>();

  constructor(path: string, signal: AbortSignal) {
    this.#path = path;
    this.#signal = signal;
  }

  /** Folders of the snapshots that were made here, by their blocks. */
  get made(): ReadonlyMap<number, string> {
    return this.#made;
  }

  has(ledgerId: string, blockNum: number): Promise<boolean> {
    return access(this.#folderOf(ledgerId, blockNum)).then(
      () => true,
      () => false,
    );
  }

  async make(ledgerId: string, blockNum: number): Promise<NewSnapshot> {
    const folder = await NewSnapshotFolder.make(this.#folderOf(ledgerId, blockNum), this.#signal);
    return {
      write: (name) => folder.write(name),
      complete: async () => {
        await folder.complete();
        this.#made.set(blockNum, folder.path);
      },
      discard: () => folder[Symbol.asyncDispose](),
    };
  }

  #folderOf(ledgerId: string, blockNum: number): string {
    return join(this.#path, 'completed', ledgerId, String(blockNum));
  }
}
