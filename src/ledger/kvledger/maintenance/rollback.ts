// SPDX-License-Identifier: Apache-2.0
// `peer node rollback` (kvledger/rollback.go): a block becomes the last one. Private data is kept, ahead of the blocks, and is used
// again when these come again.
import { LedgerError } from '../../types.ts';
import { drop, heightOfWhole, type MaintenanceContext, readyMetadata } from './drop-dbs.ts';

export async function rollback(
  ledgerId: string,
  blockNum: number,
  context: MaintenanceContext,
): Promise<void> {
  const { preResetHeight, ...metadata } = await readyMetadata(ledgerId, context);
  const height = await heightOfWhole(context.files, ledgerId);
  if (!(Number.isSafeInteger(blockNum) && blockNum >= 0 && blockNum < height - 1)) {
    const text = `target block number [${blockNum}] should be less than the biggest block number [${height - 1}] of ${ledgerId}`;
    throw new LedgerError('ROLLBACK_INVALID', text, { data: { lastBlock: height - 1 } });
  }
  // A height that was had again is forgotten, lest it seem lost a second time.
  const kept = preResetHeight !== undefined && preResetHeight > height ? { preResetHeight } : {};
  const pending = { databases: 'all', lastBlock: blockNum } as const;
  await drop(ledgerId, { ...metadata, ...kept }, pending, context);
}
