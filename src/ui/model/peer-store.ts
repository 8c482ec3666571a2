// SPDX-License-Identifier: Apache-2.0
// The running peer as signals: the peer's events are gathered, and what they changed is read when the page is updated.
import { type ReadonlySignal, signal } from '@preact/signals';
import type { Me, NetworkView } from '../../node/api/network-view.ts';
import type { Tabric } from '../../node/api/tabric.ts';
import { ChannelStore } from './channel-store.ts';
import { isSame } from './same.ts';
import type { Updates } from './updates.ts';

/** What is so of the whole peer, and seldom changes. */
export interface PeerSummary
  extends Pick<
    NetworkView,
    'networkId' | 'connection' | 'connectionDetail' | 'storage' | 'secureContext' | 'faults'
  > {
  readonly me: Pick<Me, 'name' | 'displayName' | 'mspId' | 'peerId'>;
  /** Names of the channels, the default one first. */
  readonly channels: readonly string[];
}

export class PeerStore {
  readonly tabric: Tabric;
  readonly updates: Updates;
  readonly #network;
  readonly #channels = new Map<string, ChannelStore>();
  #stops: (() => void)[] = [];

  constructor(tabric: Tabric, updates: Updates) {
    this.tabric = tabric;
    this.updates = updates;
    this.#network = signal(summaryOf(tabric.network));
  }

  get network(): ReadonlySignal<PeerSummary> {
    return this.#network;
  }

  get defaultChannel(): ChannelStore {
    const { name } = this.tabric;
    return this.channel(name) ?? this.#open(name);
  }

  /** Undefined when the peer has not joined it. */
  channel(name: string): ChannelStore | undefined {
    const known = this.#channels.get(name);
    if (known) return known;
    return this.tabric.network.channels.some((channel) => channel.name === name)
      ? this.#open(name)
      : undefined;
  }

  start(): void {
    if (this.#stops.length > 0) return;
    const { tabric } = this;
    const read = (): void => this.updates.request(this.#read);
    this.#stops = [
      tabric.on('network:changed', read),
      tabric.on('leader:changed', read),
      tabric.on('peers:changed', read),
      tabric.on('block:committed', ({ channel, number, txIds }) => {
        this.#channels.get(channel)?.committed({ number, transactions: txIds.length });
        read();
      }),
      tabric.on('chaincode:installed', () => {
        for (const channel of this.#channels.values()) void channel.readChaincodes();
      }),
    ];
    read();
  }

  stop(): void {
    for (const stop of this.#stops) stop();
    this.#stops = [];
  }

  readonly #read = (): boolean => {
    const view = this.tabric.network;
    const summary = summaryOf(view);
    let changed = !isSame(summary, this.#network.peek());
    if (changed) this.#network.value = summary;
    for (const channel of this.#channels.values()) changed = readChannel(channel, view) || changed;
    return changed;
  };

  #open(name: string): ChannelStore {
    const channel = new ChannelStore(this.tabric, this.tabric.channel(name), this.updates);
    this.#channels.set(name, channel);
    readChannel(channel, this.tabric.network);
    void channel.readChaincodes();
    return channel;
  }
}

function readChannel(channel: ChannelStore, { channels }: NetworkView): boolean {
  return channel.read(channels.find(({ name }) => name === channel.channel));
}

function summaryOf(view: NetworkView): PeerSummary {
  const { networkId, connection, connectionDetail, storage, secureContext, faults } = view;
  const { name, displayName, mspId, peerId } = view.me;
  return {
    networkId,
    connection,
    ...(connectionDetail === undefined ? {} : { connectionDetail }),
    storage,
    secureContext,
    faults,
    me: { name, ...(displayName !== undefined && { displayName }), mspId, peerId },
    channels: view.channels.map((channel) => channel.name),
  };
}
