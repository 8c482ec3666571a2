// SPDX-License-Identifier: Apache-2.0
// Brings databases that lag up to the blocks when a ledger is opened (recoverDBs and recommitLostBlocks of kvledger/kv_ledger.go). A
// stored block is not validated again: its codes count.
import type { Logger } from '../../common/runtime/log.ts';
import type { BlockStore } from '../blkstorage/block-store.ts';
import { parseBlock, transactionsFilterOf } from '../blkstorage/serialized-block.ts';
import { LedgerError } from '../types.ts';
import { commitHashOf } from './commit-hash.ts';
import type { LedgerDBs } from './ledger-dbs.ts';
import { checkFlags } from './validation/batch-preparer.ts';

/**
 * Replays the blocks that any of the databases lacks. Throws LedgerError LEDGER_CORRUPT when one is ahead of the blocks, or when
 * blocks that it lacks are not here.
 */
export async function recoverDBs(
  blockStore: BlockStore,
  dbs: LedgerDBs,
  log: Logger,
): Promise<void> {
  const { ledgerId, height, firstBlock } = blockStore;
  await dbs.history?.skipTo(firstBlock);
  const nextOfState = dbs.state.lastBlock + 1;
  const nextOfHistory = dbs.history?.nextBlock ?? height;
  if (nextOfState > height || nextOfHistory > height) {
    const text = `${ledgerId} has ${height} blocks, but state of ${nextOfState} and history of ${nextOfHistory}; rebuild its databases`;
    throw new LedgerError('LEDGER_CORRUPT', text);
  }
  if (nextOfState < firstBlock) {
    const text = `${ledgerId} was made from a snapshot of block ${firstBlock - 1}, and its state cannot be rebuilt; remove it and join again`;
    throw new LedgerError('LEDGER_CORRUPT', text);
  }
  const first = Math.min(nextOfState, nextOfHistory);
  if (first < height) log.info(`${ledgerId}: replaying blocks ${first} to ${height - 1}`);
  for (let blockNum = first; blockNum < height; blockNum++) {
    await recommit(blockNum, blockStore, dbs);
  }
}

async function recommit(blockNum: number, blockStore: BlockStore, dbs: LedgerDBs): Promise<void> {
  const bytes = await blockStore.retrieveBlockByNumber(blockNum);
  const block = parseBlock(bytes ?? new Uint8Array());
  const flags = transactionsFilterOf(block).slice();
  checkFlags(block, flags);
  await dbs.makeRoom();
  const prepared = await dbs.validateAndPrepare(block, flags, undefined);
  await prepared.private.store();
  await dbs.apply(blockNum, flags, prepared);
  await dbs.storeDue();
}

/** The commit hash of the last block; empty when there is none. */
export async function lastCommitHash(blockStore: BlockStore): Promise<Uint8Array> {
  const { height, firstBlock, bootstrap } = blockStore;
  if (bootstrap && height === firstBlock) return bootstrap.lastBlockCommitHash;
  const last = await blockStore.retrieveBlockByNumber(height - 1);
  return last ? commitHashOf(parseBlock(last)) : new Uint8Array();
}
