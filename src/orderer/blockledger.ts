// SPDX-License-Identifier: Apache-2.0
// The stored chain as the orderer uses it (common/ledger/blockledger/ledger.go @ v2.5). The block store of the ledger
// stands behind it, over any key-value store.

/** One channel's chain of serialized common.Block. */
export interface BlockLedger {
  /** Number of blocks, which is the number of the next one. */
  height(): number;
  /**
   * Adds the next block; when it resolves, the block would survive a power cut. Rejects, and adds nothing, when the
   * number or the previous hash does not continue the chain.
   */
  append(block: Uint8Array): Promise<void>;
  retrieveBlockByNumber(blockNumber: number): Promise<Uint8Array | undefined>;
  /** Blocks from `from` on; waits at the tip for more. Ends or rejects once the signal is aborted. */
  iterator(from: number, options: { signal: AbortSignal }): AsyncIterable<Uint8Array>;
}

/** Opens chains by channel. */
export interface BlockLedgerFactory {
  channelIds(): Promise<readonly string[]>;
  getOrCreate(channelId: string): Promise<BlockLedger>;
  /** Closes every chain that was opened. */
  close(): Promise<void>;
}
