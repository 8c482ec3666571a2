// SPDX-License-Identifier: Apache-2.0
// The port between a channel and what orders its messages (orderer/consensus/consensus.go @ v2.5). Go's blocking calls
// are promises here, and a channel that closes on failure is an AbortSignal.
import type { OrdererConfig } from '../../common/channelconfig/types.ts';
import type { common } from '../../common/protos/index.ts';
import type { BlockCutter } from '../blockcutter.ts';
import type { Processor } from '../msgprocessor/standard-channel.ts';

/** What a channel offers to its chain. */
export interface ConsenterSupport extends Processor {
  readonly channelId: string;
  readonly blockCutter: BlockCutter;
  /** Orderer section of the configuration in force. */
  sharedConfig(): OrdererConfig;
  /** Sequence of the configuration in force. */
  sequence(): number;
  height(): number;
  /** The block after the last one that was handed to `writeBlock` or `writeConfigBlock`. */
  createNextBlock(batch: readonly common.Envelope[]): common.Block;
  /**
   * Signs and stores the block; resolves when it is durable. Blocks are stored in the order of the calls, and the next
   * block may be created before the promise settles. After a rejection nothing more is ever written.
   */
  writeBlock(block: common.Block, consenterMetadata: Uint8Array): Promise<void>;
  /**
   * Puts the configuration in the block into force, then as `writeBlock`. Rejects with a ConfigError or OrdererError,
   * and changes nothing, when the configuration is not valid.
   */
  writeConfigBlock(block: common.Block, consenterMetadata: Uint8Array): Promise<void>;
}

/** Orders the messages of one channel. */
export interface Chain {
  /** Takes a message for ordering; `configSeq` tells what it was checked against. Rejects with UNAVAILABLE. */
  order(message: common.Envelope, configSeq: number): Promise<void>;
  /** Takes a CONFIG envelope. Rejects with UNAVAILABLE. */
  configure(config: common.Envelope, configSeq: number): Promise<void>;
  /** Resolves when messages can be taken. Rejects with UNAVAILABLE. */
  waitReady(): Promise<void>;
  /** Aborted while the chain cannot make progress; its reason says why. */
  errored(): AbortSignal;
  start(): void;
  /** Resolves when the chain has stopped. May be called more than once. */
  halt(): Promise<void>;
}

/** Makes chains of one consensus type. */
export interface Consenter {
  /** `metadata` is what this consenter left in the newest block; empty at the beginning. */
  handleChain(support: ConsenterSupport, metadata: Uint8Array): Chain;
}
