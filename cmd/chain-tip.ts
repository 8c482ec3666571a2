// SPDX-License-Identifier: Apache-2.0
// How far a stored chain has come.
import { toHex } from '../src/common/runtime/bytes.ts';
import { type BlockStore, parseBlock } from '../src/ledger/blkstorage/index.ts';
import { storedOutcomeOf } from '../src/node/replay/index.ts';

/** Plain data, fit for JSON; hashes in hex. */
export interface ChainTip {
  readonly height: number;
  /** 0 unless the ledger was made from a snapshot. */
  readonly firstBlock: number;
  readonly lastBlockHash: string;
  /** Empty where there is none: of an orderer, and after block 0. */
  readonly lastCommitHash: string;
}

export async function tipOf(store: BlockStore): Promise<ChainTip> {
  const { height, firstBlock, bootstrap } = store;
  const last = height > firstBlock ? await store.retrieveBlockByNumber(height - 1) : undefined;
  const commitHash = last ? storedOutcomeOf(parseBlock(last)).commitHash : undefined;
  return {
    height,
    firstBlock,
    lastBlockHash: toHex(store.getBlockchainInfo().currentBlockHash),
    lastCommitHash: toHex(
      commitHash ?? (last ? undefined : bootstrap?.lastBlockCommitHash) ?? new Uint8Array(),
    ),
  };
}

export function tipRows({
  height,
  firstBlock,
  lastBlockHash,
  lastCommitHash,
}: ChainTip): (readonly [name: string, value: string])[] {
  const origin = firstBlock > 0 ? ` (from a snapshot of block ${firstBlock - 1})` : '';
  return [
    ['height', `${height}${origin}`],
    ['last block', lastBlockHash || 'none'],
    ['last commit', lastCommitHash || 'none'],
  ];
}
