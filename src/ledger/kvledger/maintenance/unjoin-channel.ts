// SPDX-License-Identifier: Apache-2.0
// `peer node unjoin` (kvledger/unjoin_channel.go): a ledger and all it holds is deleted. Until all of it is, the ledger is UNDER_DELETION,
// which the next start goes on with.
import { LedgerError } from '../../types.ts';
import type { MaintenanceContext } from './drop-dbs.ts';

export async function unjoinChannel(ledgerId: string, context: MaintenanceContext): Promise<void> {
  if ((await context.ids.get(ledgerId)) === undefined) {
    throw new LedgerError('LEDGER_NOT_FOUND', `there is no ledger ${ledgerId}`);
  }
  await context.ids.set(ledgerId, { status: 'UNDER_DELETION' });
  await wipe(ledgerId, context);
}

/** Deletes what there is of a ledger that is being made or deleted. */
export async function wipe(ledgerId: string, { ids, files }: MaintenanceContext): Promise<void> {
  await files.destroyAll(ledgerId);
  await ids.delete(ledgerId);
}
