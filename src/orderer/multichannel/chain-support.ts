// SPDX-License-Identifier: Apache-2.0
// All that belongs to one channel at the orderer (orderer/common/multichannel/chainsupport.go @ v2.5): the configuration
// in force, the cutter, the writer, the processor of messages, and the chain that a consenter made.
import {
  createBundle,
  proposeConfigUpdate,
  validateConfigEnvelope,
  validateNew,
} from '../../common/channelconfig/index.ts';
import type { ChannelConfigBundle, OrdererConfig } from '../../common/channelconfig/types.ts';
import type { BCCSP } from '../../common/crypto/index.ts';
import type { SigningIdentity } from '../../common/msp/types.ts';
import type { common } from '../../common/protos/index.ts';
import {
  blockNumber,
  extractEnvelope,
  getConsenterMetadataFromBlock,
  payloadFromEnvelope,
} from '../../common/protoutil/index.ts';
import { EMPTY_BYTES } from '../../common/runtime/bytes.ts';
import type { Clock, RandomBytes } from '../../common/runtime/clock.ts';
import type { Logger } from '../../common/runtime/log.ts';
import { BlockCutter } from '../blockcutter.ts';
import type { BlockLedger } from '../blockledger.ts';
import type { Chain, Consenter, ConsenterSupport } from '../consensus/consenter.ts';
import { OrdererError } from '../errors.ts';
import type { Metrics } from '../metrics.ts';
import { checkConsensusTransition } from '../msgprocessor/maintenance-filter.ts';
import { type ProcessedConfig, StandardChannel } from '../msgprocessor/standard-channel.ts';
import type { OrdererTracer } from '../orderer-tracer.ts';
import { BlockWriter } from './block-writer.ts';

export interface ChainSupportComponents {
  readonly signingIdentity: SigningIdentity;
  readonly bccsp: BCCSP;
  /** By consensus type. */
  readonly consenters: ReadonlyMap<string, Consenter>;
  readonly clock: Clock;
  readonly randomBytes: RandomBytes;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly tracer: OrdererTracer;
  /** Told of each new configuration once its block is durable. */
  onConfigCommitted(bundle: ChannelConfigBundle): void;
}

/** Where the channel stands when it is opened. */
export interface ChainState {
  readonly ledger: BlockLedger;
  readonly bundle: ChannelConfigBundle;
  /** The newest stored block. */
  readonly lastBlock: common.Block;
}

export class ChainSupport implements ConsenterSupport {
  readonly channelId: string;
  readonly ledger: BlockLedger;
  readonly blockCutter: BlockCutter;
  readonly #components: ChainSupportComponents;
  readonly #processor: StandardChannel;
  readonly #writer: BlockWriter;
  readonly #chain: Chain;
  #bundle: ChannelConfigBundle;

  /** Throws OrdererError CORRUPT_LEDGER when there is no consenter for the channel's consensus type. */
  constructor(components: ChainSupportComponents, { ledger, bundle, lastBlock }: ChainState) {
    this.#components = components;
    this.#bundle = bundle;
    this.channelId = bundle.channelId;
    this.ledger = ledger;
    this.blockCutter = new BlockCutter(() => this.#bundle.orderer.batchSize);
    this.#processor = new StandardChannel({
      ...components,
      channelId: this.channelId,
      bundle: () => this.#bundle,
      proposeConfigUpdate: (update, current) => this.#proposeConfigUpdate(update, current),
    });
    this.#writer = new BlockWriter(
      {
        ...components,
        ledger,
        sequence: () => this.sequence(),
        onWritten: (block) => this.#onWritten(block),
      },
      lastBlock,
    );
    this.#chain = this.#handleChain(lastBlock);
  }

  /** The configuration in force. */
  bundle(): ChannelConfigBundle {
    return this.#bundle;
  }

  sharedConfig(): OrdererConfig {
    return this.#bundle.orderer;
  }

  sequence(): number {
    return this.#bundle.sequence;
  }

  height(): number {
    return this.ledger.height();
  }

  start(): void {
    this.#chain.start();
  }

  halt(): Promise<void> {
    return this.#chain.halt();
  }

  order(message: common.Envelope, configSeq: number): Promise<void> {
    return this.#chain.order(message, configSeq);
  }

  configure(config: common.Envelope, configSeq: number): Promise<void> {
    return this.#chain.configure(config, configSeq);
  }

  waitReady(): Promise<void> {
    return this.#chain.waitReady();
  }

  errored(): AbortSignal {
    return this.#chain.errored();
  }

  processNormalMsg(message: common.Envelope): Promise<number> {
    return this.#processor.processNormalMsg(message);
  }

  processConfigUpdateMsg(message: common.Envelope): Promise<ProcessedConfig> {
    return this.#processor.processConfigUpdateMsg(message);
  }

  processConfigMsg(message: common.Envelope): Promise<ProcessedConfig> {
    return this.#processor.processConfigMsg(message);
  }

  createNextBlock(batch: readonly common.Envelope[]): common.Block {
    const block = this.#writer.createNextBlock(batch);
    this.#components.tracer.cut(this.channelId, blockNumber(block), batch);
    return block;
  }

  writeBlock(block: common.Block, consenterMetadata: Uint8Array): Promise<void> {
    return this.#writer.writeBlock(block, consenterMetadata);
  }

  async writeConfigBlock(block: common.Block, consenterMetadata: Uint8Array): Promise<void> {
    await this.#writer.idle();
    const current = this.#bundle;
    const configEnvelope = payloadFromEnvelope(extractEnvelope(block, 0)).data;
    await validateConfigEnvelope(current, configEnvelope);
    const next = await this.#nextBundle(current, configEnvelope);
    const sameType = next.orderer.consensusType === current.orderer.consensusType;
    // In force before the block is written: a config block names itself as the last config block.
    this.#bundle = next;
    await this.#writer.writeBlock(block, sameType ? consenterMetadata : EMPTY_BYTES);
    this.#components.onConfigCommitted(next);
  }

  async #proposeConfigUpdate(
    update: common.Envelope,
    current: ChannelConfigBundle,
  ): Promise<Uint8Array> {
    const configEnvelope = await proposeConfigUpdate(current, update);
    await this.#nextBundle(current, configEnvelope);
    return configEnvelope;
  }

  async #nextBundle(
    current: ChannelConfigBundle,
    configEnvelope: Uint8Array,
  ): Promise<ChannelConfigBundle> {
    const { bccsp, consenters } = this.#components;
    const next = await createBundle(this.channelId, configEnvelope, bccsp);
    validateNew(current, next);
    checkConsensusTransition(current, next, new Set(consenters.keys()));
    return next;
  }

  #handleChain(lastBlock: common.Block): Chain {
    const { consensusType } = this.#bundle.orderer;
    const consenter = this.#components.consenters.get(consensusType);
    if (!consenter) {
      const text = `channel ${this.channelId} is of consensus type ${consensusType}, which this orderer does not have`;
      throw new OrdererError('CORRUPT_LEDGER', text);
    }
    return consenter.handleChain(this, getConsenterMetadataFromBlock(lastBlock).value);
  }

  #onWritten(block: common.Block): void {
    const { metrics, tracer, log } = this.#components;
    const number = blockNumber(block);
    const count = block.data?.data.length ?? 0;
    metrics.set('ledger_blockchain_height', { channel: this.channelId }, number + 1);
    tracer.written(this.channelId, number, count);
    log.info(`[${this.channelId}] wrote block ${number} of ${count} messages`);
  }
}
