// SPDX-License-Identifier: Apache-2.0
// Drops what can be made again from blocks (kvledger/drop_dbs.go). What is to be dropped is written down first, so that it is
// done at the next start when it is interrupted, and until it is done the ledger is not opened: each step may be done
// twice, but half of them would be a ledger that contradicts itself.
import { chainExtent, dropIndex, truncateChain } from '../../blkstorage/index.ts';
import { LedgerError } from '../../types.ts';
import type { IdStore } from '../id-store.ts';
import type { LedgerFiles } from '../ledger-files.ts';
import type { LedgerMetadata, PendingDrop } from '../ledger-metadata.ts';
import { dropConfigHistory } from '../private-part.ts';
import { dropRequests } from '../snapshot/snapshot-requests.ts';

/** What maintenance works on. All ledgers that it is asked to change must be closed. */
export interface MaintenanceContext {
  readonly ids: IdStore;
  readonly files: LedgerFiles;
}

/**
 * What is written down of a ledger, behind maintenance that was interrupted. Throws LedgerError LEDGER_NOT_FOUND for one
 * that is not there as a whole.
 */
export async function readyMetadata(
  ledgerId: string,
  context: MaintenanceContext,
): Promise<LedgerMetadata> {
  const metadata = await context.ids.get(ledgerId);
  if (metadata && isWhole(metadata)) return finishDrop(ledgerId, metadata, context);
  throw new LedgerError('LEDGER_NOT_FOUND', `there is no ledger ${ledgerId}`);
}

/** True of a ledger that is neither being made nor being deleted. */
export function isWhole({ status }: LedgerMetadata): boolean {
  return status === 'ACTIVE' || status === 'INACTIVE';
}

/** The height of a ledger whose databases can be made again. Throws LedgerError LEDGER_FROM_SNAPSHOT. */
export async function heightOfWhole(files: LedgerFiles, ledgerId: string): Promise<number> {
  const { height, isFromSnapshot } = await files.with(ledgerId, 'blocks', (store) =>
    chainExtent(store, ledgerId),
  );
  if (!isFromSnapshot) return height;
  const text = `${ledgerId} was made from a snapshot and has no blocks before it, so its databases cannot be made again; remove it and join again`;
  throw new LedgerError('LEDGER_FROM_SNAPSHOT', text);
}

/** Writes down what is to be dropped, and drops it. */
export async function drop(
  ledgerId: string,
  metadata: LedgerMetadata,
  pending: PendingDrop,
  context: MaintenanceContext,
): Promise<void> {
  await context.ids.set(ledgerId, { ...metadata, pending });
  await finishDrop(ledgerId, { ...metadata, pending }, context);
}

/** Drops what is written down as to be dropped, if anything is. */
export async function finishDrop(
  ledgerId: string,
  { pending, ...metadata }: LedgerMetadata,
  { ids, files }: MaintenanceContext,
): Promise<LedgerMetadata> {
  if (!pending) return metadata;
  await files.destroy(ledgerId, 'state');
  if (pending.databases === 'all') await dropAllButState(ledgerId, pending, files);
  await ids.set(ledgerId, metadata);
  return metadata;
}

async function dropAllButState(
  ledgerId: string,
  { lastBlock }: PendingDrop,
  files: LedgerFiles,
): Promise<void> {
  await files.destroy(ledgerId, 'history');
  await files.with(ledgerId, 'pvtdata', async (store) => {
    await dropConfigHistory(store);
    await dropRequests(store);
  });
  await files.with(ledgerId, 'blocks', async (store) => {
    if (lastBlock !== undefined) await truncateChain(store, ledgerId, lastBlock);
    await dropIndex(store, ledgerId);
  });
}
