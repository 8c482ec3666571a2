// SPDX-License-Identifier: Apache-2.0
// The orderer inside the relay: over LevelDB, with the channels of the network.
import type { BCCSP } from '../src/common/crypto/index.ts';
import type { MSPManager } from '../src/common/msp/types.ts';
import type { Clock, RandomBytes } from '../src/common/runtime/clock.ts';
import { FabricError, messageOf } from '../src/common/runtime/errors.ts';
import type { Logger } from '../src/common/runtime/log.ts';
import type { TraceBus } from '../src/common/runtime/trace.ts';
import type { ServiceTable } from '../src/common/wire/service.ts';
import type { KVStoreProvider } from '../src/ledger/kv-store.ts';
import { BlockStoreLedgerFactory, createOrderer, type Orderer } from '../src/orderer/index.ts';
import type { Network } from './network/network.ts';
import type { ChannelConfig } from './network/network-config.ts';

export interface OrdererHostComponents {
  readonly network: Network;
  readonly chains: KVStoreProvider;
  readonly bccsp: BCCSP;
  readonly clock: Clock;
  readonly random: RandomBytes;
  readonly trace: TraceBus;
  readonly log: Logger;
}

/** Starts and stops the orderer, and says what others of the relay need to know of its channels. */
export class OrdererHost {
  readonly #components: OrdererHostComponents;
  readonly #orderer: Orderer;
  #unsubscribe: (() => void) | undefined;

  constructor(components: OrdererHostComponents) {
    const { network, chains, random, ...rest } = components;
    this.#components = components;
    this.#orderer = createOrderer(
      {
        ...rest,
        randomBytes: random,
        signingIdentity: network.orderer,
        blockLedgers: new BlockStoreLedgerFactory(chains),
      },
      { name: `orderer.${network.config.orderer.domain}` },
    );
  }

  get services(): ServiceTable {
    return this.#orderer.services;
  }

  snapshot(): ReturnType<Orderer['snapshot']> {
    return this.#orderer.snapshot();
  }

  /** MSPs of the channels, as their newest configuration has them. */
  mspManagers(): MSPManager[] {
    return this.#bundles().map(([, bundle]) => bundle.mspManager);
  }

  mspManager(channel: string): MSPManager | undefined {
    return this.#orderer.registrar.getChain(channel)?.bundle().mspManager;
  }

  /** Of a channel's chain; 0 when there is none. */
  height(channel: string): number {
    return this.#orderer.registrar.getChain(channel)?.height() ?? 0;
  }

  /** Serialized block of a channel's chain. */
  async block(channel: string, number: number): Promise<Uint8Array | undefined> {
    const chain = this.#orderer.registrar.getChain(channel);
    if (!chain || number >= chain.height()) return undefined;
    return chain.ledger.retrieveBlockByNumber(number);
  }

  /** Whether an organisation is of a channel, as an application's or an orderer's. */
  isOfChannel(channel: string, mspId: string | undefined): boolean {
    return mspId !== undefined && (this.mspManager(channel)?.mspIds.includes(mspId) ?? false);
  }

  /** Application organisations of each channel now. */
  channelMembers(): [channel: string, mspIds: string[]][] {
    return this.#bundles().map(([channel, bundle]) => [
      channel,
      bundle.application.orgs.map((org) => org.mspId),
    ]);
  }

  /** Opens the chains; makes those that do not exist yet. Rejects with FabricError CHANNEL_FAILED when one cannot be served. */
  async start(): Promise<void> {
    await this.#orderer.start();
    const open = new Set(this.#orderer.registrar.channelList().map(({ name }) => name));
    for (const [channel, genesisBlock] of this.#components.network.genesisBlocks) {
      if (!open.has(channel)) await this.#orderer.joinChannel(genesisBlock);
    }
    for (const { name, status, reason } of this.#orderer.registrar.channelList()) {
      if (status !== 'failed') continue;
      const message = `channel ${name} cannot be opened: ${reason}; restore the data directory from a backup`;
      throw new FabricError('CHANNEL_FAILED', message);
    }
  }

  async stop(): Promise<void> {
    this.#unsubscribe?.();
    await this.#orderer.stop();
  }

  /** Calls `listener` whenever a channel has a new configuration. */
  onConfigChange(listener: () => void): void {
    this.#unsubscribe = this.#orderer.registrar.events.on('config:committed', () => {
      try {
        listener();
      } catch (error) {
        this.#components.log.error('a configuration change was not followed', {
          message: messageOf(error),
        });
      }
    });
  }

  /** Settings that somebody asked for and the chains do not have: `mychannel keeps BatchTimeout 2s`. */
  unmetSettings(wanted: readonly ChannelConfig[]): string[] {
    const bundles = new Map(this.#bundles());
    return wanted.flatMap((channel) => {
      const orderer = bundles.get(channel.name)?.orderer;
      if (!orderer) return [];
      const { batchSize } = orderer;
      const differs: [string, number, number][] = [
        ['BatchTimeout (ms)', orderer.batchTimeoutMs, channel.batchTimeoutMs],
        ['MaxMessageCount', batchSize.maxMessageCount, channel.batchSize.maxMessageCount],
        ['AbsoluteMaxBytes', batchSize.absoluteMaxBytes, channel.batchSize.absoluteMaxBytes],
        ['PreferredMaxBytes', batchSize.preferredMaxBytes, channel.batchSize.preferredMaxBytes],
      ];
      return differs
        .filter(([, has, asked]) => has !== asked)
        .map(([name, has, asked]) => `${channel.name} keeps ${name} ${has} (asked for: ${asked})`);
    });
  }

  #bundles() {
    const { registrar } = this.#orderer;
    return registrar.channelList().flatMap(({ name }) => {
      const chain = registrar.getChain(name);
      return chain ? [[name, chain.bundle()] as const] : [];
    });
  }
}
