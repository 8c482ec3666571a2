// SPDX-License-Identifier: Apache-2.0
// `peer node reset` (kvledger/reset.go): every channel goes back to its genesis block. The height that each had is remembered until it is
// had again, for what a peer endorses on a state that others left long ago is of no use.
import type { LedgerMetadata } from '../ledger-metadata.ts';
import { finishDrop, heightOfWhole, isWhole, type MaintenanceContext } from './drop-dbs.ts';

export async function reset(context: MaintenanceContext): Promise<void> {
  const changed = new Map<string, LedgerMetadata>();
  for (const [ledgerId, metadata] of await context.ids.list()) {
    if (!isWhole(metadata)) continue;
    const ready = await finishDrop(ledgerId, metadata, context);
    const height = await heightOfWhole(context.files, ledgerId);
    const preResetHeight = Math.max(height, ready.preResetHeight ?? 0);
    const pending = { databases: 'all', lastBlock: 0 } as const;
    changed.set(ledgerId, { ...ready, preResetHeight, pending });
  }
  // At once, so that a reset that is interrupted is a reset of all.
  if (changed.size > 0) await context.ids.setAll(changed);
  for (const [ledgerId, metadata] of changed) await finishDrop(ledgerId, metadata, context);
}
