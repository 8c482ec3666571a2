// SPDX-License-Identifier: Apache-2.0
// The relay's part in gossip: it shakes hands with every peer and shuts out those that do not, serves the orderer to members, and passes on
// what is said on the topics of its channels. It says nothing there itself: it has no ledger of a peer.

import type { MSPManager } from '../../src/common/msp/types.ts';
import type { gossip } from '../../src/common/protos/index.ts';
import { equalBytes, toHex, utf8 } from '../../src/common/runtime/bytes.ts';
import type { Clock } from '../../src/common/runtime/clock.ts';
import { FabricError, messageOf } from '../../src/common/runtime/errors.ts';
import type { Logger } from '../../src/common/runtime/log.ts';
import type {
  CallContext,
  ServiceClient,
  ServiceHandler,
  ServiceTable,
} from '../../src/common/wire/service.ts';
import { type Binding, Bindings } from '../../src/node/comm/bindings.ts';
import { FORWARD_METHOD, forwardingService } from '../../src/node/comm/forwarding.ts';
import { Handshake } from '../../src/node/comm/handshake.ts';
import { identityCheck } from '../../src/node/comm/identity-check.ts';
import { StreamServiceClient } from '../../src/node/comm/service-client.ts';
import { StreamServices } from '../../src/node/comm/stream-services.ts';
import { PROCESS_PROPOSAL } from '../../src/node/endorser/endorser.ts';
import { channelMac } from '../../src/node/gossip/channel/state-info.ts';
import { deadMessage } from '../../src/node/gossip/discovery/discovery.ts';
import { MemberRecords } from '../../src/node/gossip/discovery/member-records.ts';
import type { OwnMessages } from '../../src/node/gossip/discovery/members-exchange.ts';
import { IdentityStore } from '../../src/node/gossip/identity/identity-store.ts';
import { openEnvelope } from '../../src/node/gossip/message.ts';
import { GossipsubPubsub, type Verdict } from '../../src/node/gossip/pubsub.ts';
import { networkTopics, type TopicParts, topicName } from '../../src/node/gossip/topics.ts';
import type { Network } from '../network/network.ts';
import type { OrdererHost } from '../orderer-host.ts';
import { introductionServices } from './introductions.ts';
import { createRelayNode, type RelayNode } from './relay-node.ts';
import type { SharedWebSockets } from './shared-websockets.ts';
import { TopicFilter } from './topic-filter.ts';

/** A stranger may use the circuit relay and shake hands, for this long. */
const UNBOUND_MS = 10_000;
/** How long a peer may take to tell an identity that it passed a message of. */
const IDENTITY_TIMEOUT_MS = 2_000;
/** A connection that is lost may come back in this time. */
const GRACE_MS = 1_500;

export interface GossipHostComponents {
  readonly network: Network;
  readonly orderer: OrdererHost;
  readonly services: ServiceTable;
  readonly webSockets: SharedWebSockets;
  readonly clock: Clock;
  readonly log: Logger;
}

interface Parts {
  readonly handshake: Handshake;
  readonly services: StreamServices;
  readonly pubsub: GossipsubPubsub;
}

/** The relay on libp2p. */
export class GossipHost {
  readonly bindings: Bindings;
  readonly #components: GossipHostComponents;
  readonly #announce: () => readonly string[];
  readonly #subscribed = new Set<string>();
  readonly #filter: TopicFilter;
  readonly #identities: IdentityStore;
  readonly #records: MemberRecords;
  #node: RelayNode | undefined;
  #parts: Parts | undefined;

  /** @param announce multiaddrs of the relay; asked at start, when the port is known. */
  constructor(components: GossipHostComponents, announce: () => readonly string[]) {
    this.#components = components;
    this.#announce = announce;
    this.bindings = new Bindings(components);
    const { orderer, clock } = components;
    const mspManagers = (): MSPManager[] => orderer.mspManagers();
    const client = (peerId: string): ServiceClient => this.#client(peerId);
    this.#identities = new IdentityStore(
      { mspManagers, client, clock },
      { responseTimeoutMs: IDENTITY_TIMEOUT_MS },
    );
    this.#records = new MemberRecords((id) => this.#identities.get(id));
    this.#filter = new TopicFilter({
      identities: this.#identities,
      records: this.#records,
      mspManagers: (mspId) => this.#managersWith(mspId),
      mspManager: (channel) => orderer.mspManager(channel),
      block: (channel, number) => orderer.block(channel, number),
    });
    this.bindings.events.on('binding:added', ({ identity }) => this.#identities.put(identity));
    this.bindings.events.on('binding:removed', (binding) => this.#lost(binding));
  }

  get connections(): number {
    return this.#node?.getConnections().length ?? 0;
  }

  get reservations(): number {
    return this.#node?.services.relay.reservations.size ?? 0;
  }

  async start(): Promise<void> {
    if (this.#node) return;
    const { network, orderer, webSockets, log } = this.#components;
    const { bindings } = this;
    const node = await createRelayNode(
      { privateKey: network.privateKey, webSockets, isBound: (peerId) => bindings.has(peerId) },
      { announce: this.#announce() },
    );
    this.#node = node;
    this.#parts = this.#compose(node);
    const { handshake, services } = this.#parts;
    this.#followTopics();
    orderer.onConfigChange(() => {
      this.#followTopics();
      handshake.recheck().catch((error: unknown) => {
        log.error('identities could not be checked again', { message: messageOf(error) });
      });
    });
    await services.start();
    await handshake.start();
  }

  #compose(node: RelayNode): Parts {
    const { network, orderer, clock, log } = this.#components;
    const { bindings } = this;
    const checkIdentity = identityCheck({ mspManagers: () => orderer.mspManagers() });
    const signer = network.orderer;
    return {
      handshake: new Handshake(
        { node, bindings, signer, checkIdentity, clock, log: log.child('handshake') },
        { closeUnboundAfterMs: UNBOUND_MS },
      ),
      services: new StreamServices({
        node,
        bindings,
        services: this.#services(node),
        log: log.child('services'),
      }),
      pubsub: new GossipsubPubsub({
        gossipsub: node.services.pubsub,
        bindings,
        log: log.child('gossip'),
      }),
    };
  }

  #services(node: RelayNode): ServiceTable {
    const introductions = introductionServices({
      node,
      bindings: this.bindings,
      records: this.#records,
      identities: this.#identities,
      channels: () => this.#components.orderer.channelMembers(),
      take: (own, remote) => this.#take(own, remote),
    });
    return new Map([
      ...this.#components.services,
      ...introductions,
      [FORWARD_METHOD, this.#forwarding(node)],
    ]);
  }

  // For tabs that cannot reach each other: only proposals, which are signed and checked by the endorser.
  #forwarding(node: RelayNode): ServiceHandler {
    const { bindings } = this;
    return forwardingService({
      methods: new Set([PROCESS_PROPOSAL]),
      client: (peerId) =>
        bindings.has(peerId) ? new StreamServiceClient({ node, bindings }, peerId) : undefined,
    });
  }

  #client(peerId: string): ServiceClient {
    if (!this.#node) throw new FabricError('NOT_RUNNING', 'the relay is not on the network');
    return new StreamServiceClient({ node: this.#node, bindings: this.bindings }, peerId);
  }

  async stop(): Promise<void> {
    const { handshake, services } = this.#parts ?? {};
    this.#parts = undefined;
    await handshake?.stop();
    await services?.stop();
    await this.#node?.stop();
    this.#node = undefined;
    this.#subscribed.clear();
  }

  // Every topic of every organisation of each channel, as their configurations are now.
  #followTopics(): void {
    const { network, orderer } = this.#components;
    const members = orderer.channelMembers();
    const wanted = new Map(
      networkTopics(network.id, members).map((topic) => [topicName(topic), topic]),
    );
    for (const topic of this.#subscribed) {
      if (wanted.has(topic)) continue;
      this.#parts?.pubsub.unsubscribe(topic);
      this.#subscribed.delete(topic);
    }
    for (const [name, topic] of wanted) {
      // Organisations that may speak on it.
      const mspIds = members
        .filter(([channel, of]) =>
          topic.kind === 'alive' ? of.includes(topic.mspId) : channel === topic.channel,
        )
        .flatMap(([, of]) => of);
      // Subscribing again replaces the rule of who may speak.
      this.#parts?.pubsub.subscribe(name, (data, from) => this.#receive(topic, data, from, mspIds));
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
    const networkId = this.#components.network.id;
    if (alive) this.#passOn({ networkId, mspId, kind: 'alive' }, alive, address);
    for (const state of states) {
      const topic = this.#topicOfState(state, mspId);
      if (topic) this.#passOn(topic, state, address);
    }
  }

  #topicOfState(envelope: Uint8Array, mspId: string): TopicParts | undefined {
    const { network, orderer } = this.#components;
    let state: gossip.IStateInfo | null;
    try {
      state = openEnvelope(envelope).message.state_info;
    } catch {
      return undefined;
    }
    const { pki_id, channel_MAC } = state ?? {};
    if (!pki_id || !channel_MAC) return undefined;
    const found = orderer
      .channelMembers()
      .find(
        ([channel, mspIds]) =>
          mspIds.includes(mspId) && equalBytes(channelMac(pki_id, utf8(channel)), channel_MAC),
      );
    return found && { networkId: network.id, channel: found[0], mspId, kind: 'state-info' };
  }

  #passOn(topic: TopicParts, envelope: Uint8Array, from: string): void {
    const { log } = this.#components;
    this.#filter
      .judgeSigned(topic, envelope, from)
      .then(async (verdict) => {
        if (verdict !== 'accept') return;
        this.#records.record(topic, envelope);
        await this.#parts?.pubsub.publish(topicName(topic), envelope);
      })
      .catch((error: unknown) => log.debug('introduction not taken', { reason: messageOf(error) }));
  }

  // Whoever has no connection to it but through the relay would learn of its end much later.
  #lost({ pkiId }: Binding): void {
    const { clock, network, log } = this.#components;
    const id = toHex(pkiId);
    clock.setTimer(() => {
      const isBack = this.bindings.all().some((binding) => toHex(binding.pkiId) === id);
      const known = this.#records.alive(id);
      if (isBack || !known || !this.#parts) return;
      const topic = topicName({ networkId: network.id, mspId: known.mspId, kind: 'alive' });
      this.#parts.pubsub
        .publish(topic, deadMessage(known.envelope))
        .catch((error: unknown) => log.debug('a loss not told', { reason: messageOf(error) }));
    }, GRACE_MS);
  }

  #managersWith(mspId: string): MSPManager[] {
    const { orderer } = this.#components;
    return orderer
      .channelMembers()
      .flatMap(([channel, mspIds]) =>
        mspIds.includes(mspId) ? (orderer.mspManager(channel) ?? []) : [],
      );
  }
}
