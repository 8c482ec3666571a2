// SPDX-License-Identifier: Apache-2.0
// `peer node pause` and `resume` (kvledger/pause_resume.go): whether a ledger may be opened. Doing either twice is no error.
import { type MaintenanceContext, readyMetadata } from './drop-dbs.ts';

export function pause(ledgerId: string, context: MaintenanceContext): Promise<void> {
  return updateStatus(ledgerId, 'INACTIVE', context);
}

export function resume(ledgerId: string, context: MaintenanceContext): Promise<void> {
  return updateStatus(ledgerId, 'ACTIVE', context);
}

async function updateStatus(
  ledgerId: string,
  status: 'ACTIVE' | 'INACTIVE',
  context: MaintenanceContext,
): Promise<void> {
  const metadata = await readyMetadata(ledgerId, context);
  if (metadata.status !== status) await context.ids.set(ledgerId, { ...metadata, status });
}
