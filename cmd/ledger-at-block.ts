// SPDX-License-Identifier: Apache-2.0
// A ledger as it was after one of its blocks: made elsewhere of the blocks up to it, by the codes that they hold. These are the
// ledger's own, so no signature is checked again; that it comes out as it was is told by the commit hashes.
import { equalBytes } from '../src/common/runtime/bytes.ts';
import { FabricError } from '../src/common/runtime/errors.ts';
import { parseBlock } from '../src/ledger/blkstorage/index.ts';
import type { LedgerProvider } from '../src/ledger/kvledger/ledger-provider.ts';
import type { PeerLedger } from '../src/ledger/types.ts';
import { storedOutcomeOf } from '../src/node/replay/index.ts';
import type { PeerLedgers } from './peer-ledgers.ts';
import { blocksOf, openBlocks, peerBlocks, rangeOf } from './stored-chains.ts';

export interface LedgerPoint {
  readonly ledgerId: string;
  /** The last block. */
  readonly block: number;
}

/**
 * Makes the ledger in `made`, with a progress bar. Throws FabricError LEDGER_FROM_SNAPSHOT when its first blocks are not here,
 * BLOCK_NOT_FOUND when it has no such block, and REPLAY_DIFFERS when it does not come out as it was.
 */
export async function ledgerOfBlocks(
  { directory }: PeerLedgers,
  { ledgerId, block: last }: LedgerPoint,
  made: LedgerProvider,
  signal: AbortSignal,
): Promise<PeerLedger> {
  const chain = { kind: 'peer', channelId: ledgerId, store: peerBlocks(ledgerId) } as const;
  await using opened = await openBlocks(directory, chain);
  const { blockStore } = opened;
  if (blockStore.firstBlock > 0) {
    const text = `${ledgerId} was made from a snapshot and has no blocks before it, so only a snapshot of its last block can be made`;
    throw new FabricError('LEDGER_FROM_SNAPSHOT', text);
  }
  const range = rangeOf(blockStore, { from: 0, to: last });
  let ledger: PeerLedger | undefined;
  for await (const block of blocksOf(blockStore, range, signal)) {
    if (ledger) await commitAgain(ledger, block);
    else ledger = await made.create(block);
  }
  if (ledger) return ledger;
  throw new FabricError('BLOCK_NOT_FOUND', `${ledgerId} has no block yet`);
}

async function commitAgain(ledger: PeerLedger, bytes: Uint8Array): Promise<void> {
  const block = parseBlock(bytes);
  const { flags = new Uint8Array(), commitHash: stored } = storedOutcomeOf(block);
  const { commitHash } = await ledger.commit(bytes, flags.slice());
  if (stored === undefined || equalBytes(stored, commitHash)) return;
  const text = `block ${block.number} of ${ledger.ledgerId} comes to another commit hash than is stored in it`;
  throw new FabricError('REPLAY_DIFFERS', text);
}
