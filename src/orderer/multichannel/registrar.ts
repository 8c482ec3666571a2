// SPDX-License-Identifier: Apache-2.0
// The channels of an orderer (orderer/common/multichannel/registrar.go @ v2.5, without a system channel): opens those in
// the block store at start, takes new ones by their genesis block, finds the one a message is for.
//
// Fabric's process dies when one channel cannot be opened. Here that channel is listed as failed and the others go on.
import { createBundle } from '../../common/channelconfig/index.ts';
import type { ChannelConfigBundle } from '../../common/channelconfig/types.ts';
import type { common } from '../../common/protos/index.ts';
import {
  blockNumber,
  channelHeaderFromEnvelope,
  extractEnvelope,
  getLastConfigIndexFromBlock,
  payloadFromEnvelope,
  unmarshalBlock,
} from '../../common/protoutil/index.ts';
import { messageOf } from '../../common/runtime/errors.ts';
import { TypedEventTarget } from '../../common/runtime/typed-events.ts';
import type { BlockLedger, BlockLedgerFactory } from '../blockledger.ts';
import { OrdererError } from '../errors.ts';
import { type Classification, classifyMsg } from '../msgprocessor/standard-channel.ts';
import { ChainSupport, type ChainSupportComponents } from './chain-support.ts';
import { checkJoinBlock } from './join-block.ts';

/** What the channels tell of themselves. */
export interface RegistrarEvents {
  /** A block with a new configuration is durable. */
  'config:committed': ChannelConfigBundle;
}

export interface RegistrarComponents extends Omit<ChainSupportComponents, 'onConfigCommitted'> {
  readonly blockLedgers: BlockLedgerFactory;
}

/** A channel as the participation API tells it. */
export interface ChannelInfo {
  readonly name: string;
  /** Number of blocks; 0 for a channel that could not be opened. */
  readonly height: number;
  readonly status: 'active' | 'inactive' | 'failed';
  /** `other`: neither of Raft's roles, as for Fabric's solo. */
  readonly consensusRelation: 'other';
  /** Why it is not active. */
  readonly reason?: string;
}

/** Where a broadcast message goes. */
export interface BroadcastTarget {
  readonly channelHeader: common.ChannelHeader;
  readonly classification: Exclude<Classification, 'config'>;
  readonly support: ChainSupport;
}

export class Registrar {
  readonly events = new TypedEventTarget<RegistrarEvents>();
  readonly #components: RegistrarComponents;
  readonly #chains = new Map<string, ChainSupport>();
  readonly #failed = new Map<string, string>();
  readonly #joining = new Set<string>();
  #started: Promise<void> | undefined;

  constructor(components: RegistrarComponents) {
    this.#components = components;
  }

  /** Opens and starts the channels that the block store has. */
  start(): Promise<void> {
    this.#started ??= this.#openAll();
    return this.#started;
  }

  /** Halts every channel, then closes the block store. */
  async stop(): Promise<void> {
    if (!this.#started) return;
    await this.#started.catch(() => {});
    await Promise.all([...this.#chains.values()].map((chain) => chain.halt()));
    this.#chains.clear();
    this.#failed.clear();
    await this.#components.blockLedgers.close();
    this.#started = undefined;
  }

  getChain(channelId: string): ChainSupport | undefined {
    return this.#chains.get(channelId);
  }

  channelList(): ChannelInfo[] {
    const names = [...this.#chains.keys(), ...this.#failed.keys()].sort();
    return names.flatMap((name) => this.channelInfo(name) ?? []);
  }

  channelInfo(name: string): ChannelInfo | undefined {
    const consensusRelation = 'other';
    const reason = this.#failed.get(name);
    if (reason !== undefined) {
      return { name, height: 0, status: 'failed', consensusRelation, reason };
    }
    const chain = this.#chains.get(name);
    if (!chain) return undefined;
    const errored = chain.errored();
    const common = { name, height: chain.height(), consensusRelation } as const;
    if (!errored.aborted) return { ...common, status: 'active' };
    return { ...common, status: 'inactive', reason: messageOf(errored.reason) };
  }

  /**
   * Creates a channel from its genesis block, whose bytes are stored as they are. Throws OrdererError
   * CHANNEL_ALREADY_EXISTS or INVALID_JOIN_BLOCK.
   */
  async joinChannel(genesisBlock: Uint8Array): Promise<ChannelInfo> {
    if (!this.#started) throw new OrdererError('UNAVAILABLE', 'the orderer is not started');
    await this.#started;
    const { channelId } = await checkJoinBlock(genesisBlock, this.#components);
    if (this.#isTaken(channelId)) {
      throw new OrdererError('CHANNEL_ALREADY_EXISTS', `channel ${channelId} already exists`);
    }
    this.#joining.add(channelId);
    try {
      const ledger = await this.#components.blockLedgers.getOrCreate(channelId);
      if (ledger.height() === 0) await ledger.append(genesisBlock);
      this.#startChain(await this.#openChain(channelId, ledger));
    } finally {
      this.#joining.delete(channelId);
    }
    return this.channelInfo(channelId) as ChannelInfo;
  }

  /** The channel and handling of a message. Throws OrdererError or ProtoError, all of them the client's fault. */
  broadcastChannelSupport(message: common.Envelope): BroadcastTarget {
    const channelHeader = channelHeaderFromEnvelope(message);
    const support = this.#chains.get(channelHeader.channel_id);
    if (!support) {
      const text = `channel ${JSON.stringify(channelHeader.channel_id)} does not exist at this orderer`;
      throw new OrdererError('CHANNEL_DOES_NOT_EXIST', text);
    }
    const classification = classifyMsg(channelHeader);
    if (classification === 'config') {
      throw new OrdererError('REJECTED', 'message is of type that cannot be processed directly');
    }
    return { channelHeader, classification, support };
  }

  #isTaken(channelId: string): boolean {
    return [this.#chains, this.#failed, this.#joining].some((known) => known.has(channelId));
  }

  async #openAll(): Promise<void> {
    const { blockLedgers, log } = this.#components;
    for (const channelId of await blockLedgers.channelIds()) {
      try {
        const ledger = await blockLedgers.getOrCreate(channelId);
        // A crash between creating the ledger and storing the genesis block leaves it empty, to be joined again.
        if (ledger.height() > 0) this.#startChain(await this.#openChain(channelId, ledger));
      } catch (error) {
        log.error(`channel ${channelId} could not be opened: ${messageOf(error)}`, { error });
        this.#failed.set(channelId, messageOf(error));
      }
    }
  }

  async #openChain(channelId: string, ledger: BlockLedger): Promise<ChainSupport> {
    const lastBlock = await readBlock(ledger, ledger.height() - 1);
    const last = blockNumber(lastBlock) === 0 ? 0 : getLastConfigIndexFromBlock(lastBlock);
    const configBlock = await readBlock(ledger, last);
    const configEnvelope = payloadFromEnvelope(extractEnvelope(configBlock, 0)).data;
    const bundle = await createBundle(channelId, configEnvelope, this.#components.bccsp);
    const onConfigCommitted = (next: ChannelConfigBundle) =>
      this.events.emit('config:committed', next);
    const components = { ...this.#components, onConfigCommitted };
    return new ChainSupport(components, { ledger, bundle, lastBlock });
  }

  #startChain(chain: ChainSupport): void {
    this.#chains.set(chain.channelId, chain);
    const labels = { channel: chain.channelId };
    this.#components.metrics.set('ledger_blockchain_height', labels, chain.height());
    chain.start();
    this.#components.log.info(`serving channel ${chain.channelId} at height ${chain.height()}`);
  }
}

async function readBlock(ledger: BlockLedger, number: number): Promise<common.Block> {
  const bytes = await ledger.retrieveBlockByNumber(number);
  if (!bytes) throw new OrdererError('CORRUPT_LEDGER', `block ${number} is missing from the store`);
  return unmarshalBlock(bytes);
}
