// SPDX-License-Identifier: Apache-2.0
// `--from-snapshot FOLDER`: chains that are looked at from a snapshot on.
import type { LedgerProvider, PeerLedger } from '../src/ledger/types.ts';
import { SnapshotFolder } from './snapshot-folder.ts';

export const FROM_SNAPSHOT_FLAG = [
  '--from-snapshot <folder>',
  'begins behind this snapshot, a Fabric peer’s or ours: for a chain without its first blocks',
] as const;

/** A ledger made of the snapshot in a folder; undefined without one. Throws what is wrong with the snapshot. */
export async function ledgerFromSnapshot(
  folder: string | undefined,
  ledgers: Pick<LedgerProvider, 'createFromSnapshot'>,
  signal: AbortSignal,
): Promise<PeerLedger | undefined> {
  if (folder === undefined) return undefined;
  using files = await SnapshotFolder.open(folder, { signal });
  return await ledgers.createFromSnapshot(files);
}
