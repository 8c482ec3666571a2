// SPDX-License-Identifier: Apache-2.0
// Chains for tests: the blocks of a real channel, and what can be done to them.
import { common } from '../../../common/protos/index.ts';
import { FakeClock } from '../../../common/runtime/clock.ts';
import { expectedBlocks, readBlock } from '../../../common/testdata/mychannel.ts';
import { LedgerProvider } from '../../../ledger/kvledger/ledger-provider.ts';
import { MemoryKVStoreProvider } from '../../../ledger/memory/memory-kv-store.ts';
import type { PeerLedger } from '../../../ledger/types.ts';

/** All blocks of mychannel as a peer stored them, or some. */
export function realBlocks(count = expectedBlocks.length): Uint8Array[] {
  return expectedBlocks.slice(0, count).map(({ number }) => readBlock(number));
}

export async function* streamOf(blocks: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* blocks;
}

/** The same blocks, one of them changed. */
export function withChange(
  blocks: readonly Uint8Array[],
  blockNum: number,
  change: (block: common.Block) => void,
): Uint8Array[] {
  return blocks.map((bytes, index) => {
    if (index !== blockNum) return bytes;
    const block = common.Block.decode(bytes.slice());
    change(block);
    return common.Block.encode(block).finish();
  });
}

/** Changes one metadata slot. */
export function withSlot(
  blocks: readonly Uint8Array[],
  blockNum: number,
  slot: common.BlockMetadataIndex,
  value: Uint8Array,
): Uint8Array[] {
  return withChange(blocks, blockNum, ({ metadata }) => {
    metadata?.metadata.splice(slot, 1, value);
  });
}

export function memoryLedgers(): Promise<LedgerProvider> {
  return LedgerProvider.open(new MemoryKVStoreProvider(), 'peer', new FakeClock());
}

/** The ledger of mychannel as of so many blocks, by the codes that the real peer found. */
export async function realLedger(count = expectedBlocks.length): Promise<PeerLedger> {
  const ledger = await (await memoryLedgers()).create(readBlock(0));
  for (const { number, transactionsFilter } of expectedBlocks.slice(1, count)) {
    await ledger.commit(readBlock(number), Uint8Array.from(transactionsFilter));
  }
  return ledger;
}
