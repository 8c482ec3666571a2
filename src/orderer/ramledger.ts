// SPDX-License-Identifier: Apache-2.0
// Chains in memory (common/ledger/blockledger/ramledger of Fabric 1.x), for tests and for networks that need not outlive
// the process.
import { common } from '../common/protos/index.ts';
import { blockHeaderHash, blockNumber, unmarshalBlock } from '../common/protoutil/index.ts';
import { equalBytes } from '../common/runtime/bytes.ts';
import type { BlockLedger, BlockLedgerFactory } from './blockledger.ts';
import { OrdererError } from './errors.ts';

export class RamLedger implements BlockLedger {
  readonly #blocks: Uint8Array[] = [];
  #lastHash = new Uint8Array(0) as Uint8Array;
  #appended = Promise.withResolvers<void>();

  height(): number {
    return this.#blocks.length;
  }

  async append(bytes: Uint8Array): Promise<void> {
    const block = unmarshalBlock(bytes);
    const header = block.header ?? common.BlockHeader.decode(new Uint8Array(0));
    const fits =
      blockNumber(block) === this.#blocks.length &&
      equalBytes(header.previous_hash, this.#lastHash);
    if (!fits) {
      const text = `block ${header.number} does not continue a chain of ${this.#blocks.length} blocks`;
      throw new OrdererError('CORRUPT_LEDGER', text);
    }
    this.#blocks.push(bytes.slice());
    this.#lastHash = blockHeaderHash(header);
    this.#appended.resolve();
    this.#appended = Promise.withResolvers<void>();
  }

  async retrieveBlockByNumber(number: number): Promise<Uint8Array | undefined> {
    return this.#blocks[number];
  }

  async *iterator(from: number, { signal }: { signal: AbortSignal }): AsyncIterable<Uint8Array> {
    const aborted = Promise.withResolvers<void>();
    const abort = (): void => aborted.resolve();
    signal.addEventListener('abort', abort, { once: true });
    try {
      for (let number = from; !signal.aborted; ) {
        const block = this.#blocks[number];
        if (block) {
          number++;
          yield block;
        } else {
          await Promise.race([this.#appended.promise, aborted.promise]);
        }
      }
    } finally {
      signal.removeEventListener('abort', abort);
    }
  }
}

export class RamLedgerFactory implements BlockLedgerFactory {
  readonly #ledgers = new Map<string, RamLedger>();

  async channelIds(): Promise<readonly string[]> {
    return [...this.#ledgers.keys()].sort();
  }

  async getOrCreate(channelId: string): Promise<RamLedger> {
    const ledger = this.#ledgers.get(channelId) ?? new RamLedger();
    this.#ledgers.set(channelId, ledger);
    return ledger;
  }

  /** Keeps the chains: opening them again continues them. */
  async close(): Promise<void> {}
}
