// SPDX-License-Identifier: Apache-2.0
// What the relay does with gossip, whatever carries it: it passes on what is said on the topics of its channels, introduces newcomers, and tells
// when somebody is gone. It says nothing of itself there: it has no ledger of a peer.
import type { MSPManager } from '../../src/common/msp/types.ts';
import type { gossip } from '../../src/common/protos/index.ts';
import { equalBytes, toHex, utf8 } from '../../src/common/runtime/bytes.ts';
import type { Clock } from '../../src/common/runtime/clock.ts';
import { messageOf } from '../../src/common/runtime/errors.ts';
import type { Logger } from '../../src/common/runtime/log.ts';
import type { CallContext, ServiceClient, ServiceTable } from '../../src/common/wire/service.ts';
import type { Binding, Bindings } from '../../src/node/comm/bindings.ts';
import { channelMac } from '../../src/node/gossip/channel/state-info.ts';
import { deadMessage } from '../../src/node/gossip/discovery/discovery.ts';
import { MemberRecords } from '../../src/node/gossip/discovery/member-records.ts';
import type { OwnMessages } from '../../src/node/gossip/discovery/members-exchange.ts';
import { IdentityStore } from '../../src/node/gossip/identity/identity-store.ts';
import { openEnvelope } from '../../src/node/gossip/message.ts';
import type { Pubsub, Verdict } from '../../src/node/gossip/pubsub.ts';
import { networkTopics, type TopicParts, topicName } from '../../src/node/gossip/topics.ts';
import { type IntroductionsComponents, introductionServices } from './introductions.ts';
import { TopicFilter } from './topic-filter.ts';

/** What the relay knows of its channels; the orderer's. */
export interface RelayChannels {
  /** Application organisations of each channel now. */
  channelMembers(): readonly (readonly [channel: string, mspIds: readonly string[]])[];
  mspManagers(): readonly MSPManager[];
  mspManager(channel: string): MSPManager | undefined;
  /** Of a channel's chain; 0 when there is none. */
  height(channel: string): number;
  /** Serialized block of a channel's chain. */
  block(channel: string, number: number): Promise<Uint8Array | undefined>;
}

export interface RelayGossipComponents extends Pick<IntroductionsComponents, 'silentFor' | 'ping'> {
  readonly networkId: string;
  readonly channels: RelayChannels;
  readonly pubsub: Pubsub;
  readonly bindings: Pick<Bindings, 'all' | 'has' | 'events'>;
  readonly client: (peerId: string) => ServiceClient;
  readonly clock: Clock;
  readonly log: Logger;
}

/** How long a peer may take to tell an identity that it passed a message of. */
const IDENTITY_TIMEOUT_MS = 2_000;
/** A connection that is lost may come back in this time. */
const GRACE_MS = 1_500;

export class RelayGossip {
  readonly #components: RelayGossipComponents;
  readonly #subscribed = new Set<string>();
  readonly #identities: IdentityStore;
  readonly #records: MemberRecords;
  readonly #filter: TopicFilter;
  readonly #stop = new AbortController();

  constructor(components: RelayGossipComponents) {
    this.#components = components;
    const { channels } = components;
    this.#identities = new IdentityStore(
      { ...components, mspManagers: () => channels.mspManagers() },
      { responseTimeoutMs: IDENTITY_TIMEOUT_MS },
    );
    this.#records = new MemberRecords((id) => this.#identities.get(id));
    this.#filter = new TopicFilter({
      identities: this.#identities,
      records: this.#records,
      mspManagers: (mspId) => this.#managersWith(mspId),
      mspManager: (channel) => channels.mspManager(channel),
      block: (channel, number) => channels.block(channel, number),
      height: (channel) => channels.height(channel),
    });
  }

  /** To be mounted on the relay's node. */
  get services(): ServiceTable {
    return introductionServices({
      ...this.#components,
      records: this.#records,
      identities: this.#identities,
      channels: () => this.#components.channels.channelMembers(),
      take: (own, remote) => this.#take(own, remote),
    });
  }

  start(): void {
    const { bindings } = this.#components;
    const { signal } = this.#stop;
    bindings.events.on('binding:added', ({ identity }) => this.#identities.put(identity), {
      signal,
    });
    bindings.events.on('binding:removed', (binding) => this.#lost(binding), { signal });
    this.followChannels();
  }

  stop(): void {
    this.#stop.abort();
    for (const topic of this.#subscribed) this.#components.pubsub.unsubscribe(topic);
    this.#subscribed.clear();
  }

  /** Subscribes to every topic of every organisation of each channel, as their configurations are now. */
  followChannels(): void {
    const { networkId, channels, pubsub } = this.#components;
    const members = channels.channelMembers();
    const wanted = new Map(
      networkTopics(networkId, members).map((topic) => [topicName(topic), topic]),
    );
    for (const topic of this.#subscribed) {
      if (wanted.has(topic)) continue;
      pubsub.unsubscribe(topic);
      this.#subscribed.delete(topic);
    }
    for (const [name, topic] of wanted) {
      // Organisations that may speak on it.
      const mspIds = members
        .filter(([channel, of]) =>
          topic.kind === 'alive' ? of.includes(topic.mspId) : channel === topic.channel,
        )
        .flatMap(([, of]) => of);
      // Subscribing again replaces the rules of who may speak and who may hear.
      pubsub.subscribe(
        name,
        (data, from) => this.#receive(topic, data, from, mspIds),
        ({ mspId }) => mspIds.includes(mspId),
      );
      this.#subscribed.add(name);
    }
  }

  async #receive(
    topic: TopicParts,
    data: Uint8Array,
    from: Binding,
    mspIds: readonly string[],
  ): Promise<Verdict> {
    const verdict = await this.#filter.judge(topic, data, from, mspIds);
    if (verdict === 'accept') this.#records.record(topic, data);
    return verdict;
  }

  // The relay meets a newcomer when it asks for introductions, and passes on what it says: it may be in nobody's mesh yet.
  #take({ alive, states }: OwnMessages, { mspId = '', address }: CallContext['remote']): void {
    const { networkId } = this.#components;
    if (alive) this.#passOn({ networkId, mspId, kind: 'alive' }, alive, address);
    for (const state of states) {
      const topic = this.#topicOfState(state, mspId);
      if (topic) this.#passOn(topic, state, address);
    }
  }

  #topicOfState(envelope: Uint8Array, mspId: string): TopicParts | undefined {
    const { networkId, channels } = this.#components;
    let state: gossip.IStateInfo | null;
    try {
      state = openEnvelope(envelope).message.state_info;
    } catch {
      return undefined;
    }
    const { pki_id, channel_MAC } = state ?? {};
    if (!pki_id || !channel_MAC) return undefined;
    const found = channels
      .channelMembers()
      .find(
        ([channel, mspIds]) =>
          mspIds.includes(mspId) && equalBytes(channelMac(pki_id, utf8(channel)), channel_MAC),
      );
    return found && { networkId, channel: found[0], mspId, kind: 'state-info' };
  }

  #passOn(topic: TopicParts, envelope: Uint8Array, from: string): void {
    const { pubsub, log } = this.#components;
    this.#filter
      .judgeSigned(topic, envelope, from)
      .then(async (verdict) => {
        if (verdict !== 'accept') return;
        if (this.#records.record(topic, envelope)) await pubsub.publish(topicName(topic), envelope);
      })
      .catch((error: unknown) => log.debug('introduction not taken', { reason: messageOf(error) }));
  }

  // Whoever has no connection to it but through the relay would learn of its end much later.
  #lost({ pkiId }: Binding): void {
    const { clock, networkId, bindings, pubsub, log } = this.#components;
    const id = toHex(pkiId);
    clock.setTimer(() => {
      const isBack = bindings.all().some((binding) => toHex(binding.pkiId) === id);
      const known = this.#records.alive(id);
      if (isBack || !known || this.#stop.signal.aborted) return;
      const topic = topicName({ networkId, mspId: known.mspId, kind: 'alive' });
      pubsub
        .publish(topic, deadMessage(known.envelope))
        .catch((error: unknown) => log.debug('a loss not told', { reason: messageOf(error) }));
    }, GRACE_MS);
  }

  #managersWith(mspId: string): MSPManager[] {
    const { channels } = this.#components;
    return channels
      .channelMembers()
      .flatMap(([channel, mspIds]) =>
        mspIds.includes(mspId) ? (channels.mspManager(channel) ?? []) : [],
      );
  }
}
