// SPDX-License-Identifier: Apache-2.0
// Makes blocks out of batches, signs them, stores them (orderer/common/multichannel/blockwriter.go @ v2.5).
//
// Metadata slots of a block, as 2.x writes them:
//   0 SIGNATURES           Metadata{value: OrdererBlockMetadata{last_config, consenter_metadata: Metadata{value}}, one signature}
//   1 LAST_CONFIG          Metadata{value: LastConfig}, unsigned, for readers of 1.x blocks
//   2 TRANSACTIONS_FILTER  empty; the peer's
//   3 ORDERER              empty since 2.0
//   4 COMMIT_HASH          empty; the peer's
import type { SigningIdentity } from '../../common/msp/types.ts';
import { common } from '../../common/protos/index.ts';
import {
  blockHeaderHash,
  blockNumber,
  blockSignatureBytes,
  computeBlockDataHash,
  getLastConfigIndexFromBlock,
  newBlock,
} from '../../common/protoutil/index.ts';
import type { RandomBytes } from '../../common/runtime/clock.ts';
import { messageOf } from '../../common/runtime/errors.ts';
import type { BlockLedger } from '../blockledger.ts';
import { OrdererError } from '../errors.ts';

export interface BlockWriterComponents {
  readonly ledger: Pick<BlockLedger, 'append'>;
  readonly signingIdentity: SigningIdentity;
  readonly randomBytes: RandomBytes;
  /** Sequence of the configuration in force. */
  sequence(): number;
  /** Told of each block once it is durable. */
  onWritten(block: common.Block): void;
}

const NONCE_BYTES = 24;
const { SIGNATURES, LAST_CONFIG } = common.BlockMetadataIndex;

/** Writes one channel's blocks, strictly one after another. */
export class BlockWriter {
  readonly #components: BlockWriterComponents;
  #lastBlock: common.Block;
  #lastConfigSeq: number;
  #lastConfigBlockNum: number;
  #committing: Promise<void> = Promise.resolve();

  /** @param lastBlock the newest stored block; the sequence must be that of the configuration it left in force. */
  constructor(components: BlockWriterComponents, lastBlock: common.Block) {
    this.#components = components;
    this.#lastBlock = lastBlock;
    this.#lastConfigSeq = components.sequence();
    // Block 0 is a config block whatever its metadata says.
    this.#lastConfigBlockNum =
      blockNumber(lastBlock) === 0 ? 0 : getLastConfigIndexFromBlock(lastBlock);
  }

  /** The block after the last one that was handed to `writeBlock`; not signed yet. */
  createNextBlock(batch: readonly common.Envelope[]): common.Block {
    const { header } = this.#lastBlock;
    const block = newBlock(blockNumber(this.#lastBlock) + 1, blockHeaderHash(header ?? {}));
    // Encoded again, as peers demand Fabric's own encoding of the envelope around the payload that was signed.
    block.data = { data: batch.map((envelope) => common.Envelope.encode(envelope).finish()) };
    block.header.data_hash = computeBlockDataHash(block.data);
    return block;
  }

  /**
   * Signs and stores; resolves when the block is durable. Calls are served in order; once one has failed, all later
   * ones fail with it, so that no block can follow a hole. Rejects with OrdererError UNAVAILABLE.
   */
  writeBlock(block: common.Block, consenterMetadata: Uint8Array): Promise<void> {
    this.#lastBlock = block;
    this.#noteConfig(block);
    const lastConfig = this.#lastConfigBlockNum;
    this.#committing = this.#committing.then(() =>
      this.#commitBlock(block, lastConfig, consenterMetadata),
    );
    return this.#committing;
  }

  /** Resolves when nothing is being written; rejects when writing has failed. */
  idle(): Promise<void> {
    return this.#committing;
  }

  // A sequence that has grown since the last block means that this block brought the new configuration.
  #noteConfig(block: common.Block): void {
    const sequence = this.#components.sequence();
    if (sequence <= this.#lastConfigSeq) return;
    this.#lastConfigBlockNum = blockNumber(block);
    this.#lastConfigSeq = sequence;
  }

  async #commitBlock(
    block: common.Block,
    lastConfig: number,
    consenterMetadata: Uint8Array,
  ): Promise<void> {
    const { ledger, onWritten } = this.#components;
    try {
      const signed = await this.#signBlock(block, lastConfig, consenterMetadata);
      await ledger.append(common.Block.encode(signed).finish());
      onWritten(signed);
    } catch (cause) {
      const text = `block ${blockNumber(block)} could not be written: ${messageOf(cause)}`;
      throw new OrdererError('UNAVAILABLE', text, { cause });
    }
  }

  async #signBlock(
    block: common.Block,
    lastConfig: number,
    consenterMetadata: Uint8Array,
  ): Promise<common.Block> {
    const { signingIdentity, randomBytes } = this.#components;
    const last_config = { index: lastConfig };
    const signature_header = common.SignatureHeader.encode({
      creator: signingIdentity.serialize(),
      nonce: randomBytes(NONCE_BYTES),
    }).finish();
    const value = common.OrdererBlockMetadata.encode({
      last_config,
      consenter_metadata: common.Metadata.encode({ value: consenterMetadata }).finish(),
    }).finish();
    const signed = blockSignatureBytes(value, signature_header, block.header ?? {});
    const signature = await signingIdentity.sign(signed);
    const metadata = [...(block.metadata?.metadata ?? [])];
    metadata[SIGNATURES] = common.Metadata.encode({
      value,
      signatures: [{ signature_header, signature }],
    }).finish();
    metadata[LAST_CONFIG] = common.Metadata.encode({
      value: common.LastConfig.encode(last_config).finish(),
    }).finish();
    return { ...block, metadata: { metadata } };
  }
}
