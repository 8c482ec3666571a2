// SPDX-License-Identifier: Apache-2.0
// What was dropped on the page, told apart by name: block files, the file that says which snapshot they go on from, and the
// files of that snapshot.
import { FabricError } from '../../../common/runtime/errors.ts';
import {
  BOOTSTRAPPING_SNAPSHOT_FILE,
  type BootstrappingSnapshotInfo,
  decodeBootstrappingSnapshot,
  MAX_BOOTSTRAPPING_SNAPSHOT_BYTES,
} from '../../../ledger/blkstorage/blockfile/index.ts';
import type { SnapshotReader } from '../../../ledger/kvledger/snapshot/snapshot-files.ts';
import { SIGNABLE_METADATA } from '../../../ledger/kvledger/snapshot/snapshot-metadata.ts';

const SNAPSHOT_FILE =
  /^(?:_snapshot_(?:signable|additional)_metadata\.json|(?:txids|public_state|private_state_hashes|confighistory)\.(?:data|metadata))$/;

export interface LedgerParts {
  readonly blockfiles: readonly File[];
  /** What the block files go on from; undefined when they begin with the genesis block, or nothing says. */
  readonly info: BootstrappingSnapshotInfo | undefined;
  /** Undefined when there is no snapshot among the files. */
  readonly snapshot: SnapshotReader | undefined;
}

/** Throws BlockfileError BOOTSTRAP_MALFORMED. Whether the block files are in order is not looked at. */
export async function ledgerPartsOf(files: readonly File[]): Promise<LedgerParts> {
  const snapshot = new Map<string, File>();
  const blockfiles: File[] = [];
  let info: BootstrappingSnapshotInfo | undefined;
  for (const file of files) {
    if (file.name === BOOTSTRAPPING_SNAPSHOT_FILE) info = await readInfo(file);
    else if (SNAPSHOT_FILE.test(file.name)) snapshot.set(file.name, file);
    else blockfiles.push(file);
  }
  const isSnapshot = snapshot.has(SIGNABLE_METADATA);
  return { blockfiles, info, snapshot: isSnapshot ? readerOf(snapshot) : undefined };
}

async function readInfo(file: File): Promise<BootstrappingSnapshotInfo> {
  const part = file.slice(0, MAX_BOOTSTRAPPING_SNAPSHOT_BYTES + 1);
  return decodeBootstrappingSnapshot(new Uint8Array(await part.arrayBuffer()));
}

const PIECE_BYTES = 256 * 1024;

function readerOf(files: ReadonlyMap<string, File>): SnapshotReader {
  return {
    async *read(name) {
      const file = files.get(name);
      if (!file) throw new FabricError('FILE_MISSING', `snapshot file ${name} is missing`);
      for (let at = 0; at < file.size; at += PIECE_BYTES) {
        yield new Uint8Array(await file.slice(at, at + PIECE_BYTES).arrayBuffer());
      }
    },
  };
}
