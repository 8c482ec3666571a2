// SPDX-License-Identifier: Apache-2.0
// The relay's part in gossip: it shakes hands with every peer and shuts out those that do not, serves the orderer to members, and passes on
// what is said on the topics of its channels. It says nothing there itself: it has no ledger of a peer.

import { EMPTY_BYTES } from '../../src/common/runtime/bytes.ts';
import type { Clock } from '../../src/common/runtime/clock.ts';
import { messageOf } from '../../src/common/runtime/errors.ts';
import type { Logger } from '../../src/common/runtime/log.ts';
import { type ServiceHandler, type ServiceTable, unary } from '../../src/common/wire/service.ts';
import { type Binding, Bindings } from '../../src/node/comm/bindings.ts';
import { FORWARD_METHOD, forwardingService } from '../../src/node/comm/forwarding.ts';
import { Handshake } from '../../src/node/comm/handshake.ts';
import { identityCheck } from '../../src/node/comm/identity-check.ts';
import { closeConnection, isDirect, PING_METHOD } from '../../src/node/comm/protocols.ts';
import { StreamServiceClient } from '../../src/node/comm/service-client.ts';
import { StreamServices } from '../../src/node/comm/stream-services.ts';
import { TrafficMetrics } from '../../src/node/comm/traffic.ts';
import { PROCESS_PROPOSAL } from '../../src/node/endorser/endorser.ts';
import { MemberRecords } from '../../src/node/gossip/discovery/introduction.ts';
import { GossipsubPubsub, type Verdict } from '../../src/node/gossip/pubsub.ts';
import { channelTopics, parseTopic, type TopicParts } from '../../src/node/gossip/topics.ts';
import type { Network } from '../network/network.ts';
import type { OrdererHost } from '../orderer-host.ts';
import { introductionServices } from './introductions.ts';
import { createRelayNode, type RelayNode } from './relay-node.ts';
import type { SharedWebSockets } from './shared-websockets.ts';
import { type Heard, SilentPeers } from './silent-peers.ts';
import { TopicFilter } from './topic-filter.ts';

/** A stranger may use the circuit relay and shake hands, for this long. */
const UNBOUND_MS = 10_000;
/** For a peer that was silent; see SilentPeers. */
const PING_TIMEOUT_MS = 15_000;

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
  readonly silent: SilentPeers;
}

/** The relay on libp2p. */
export class GossipHost {
  readonly bindings: Bindings;
  readonly #components: GossipHostComponents;
  readonly #announce: () => readonly string[];
  readonly #subscribed = new Set<string>();
  readonly #filter: TopicFilter;
  readonly #records = new MemberRecords();
  /** What was sent and received since the start of this process. */
  readonly traffic: TrafficMetrics;
  #node: RelayNode | undefined;
  #parts: Parts | undefined;

  /** @param announce multiaddrs of the relay; asked at start, when the port is known. */
  constructor(components: GossipHostComponents, announce: () => readonly string[]) {
    this.#components = components;
    this.#announce = announce;
    this.bindings = new Bindings(components);
    this.traffic = new TrafficMetrics(() => components.clock.now());
    const { orderer } = components;
    this.#filter = new TopicFilter({
      bindings: this.bindings,
      mspManager: (channel) => orderer.mspManager(channel),
      block: (channel, number) => orderer.block(channel, number),
    });
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
      {
        privateKey: network.privateKey,
        webSockets,
        isBound: (peerId) => bindings.has(peerId),
        traffic: this.traffic,
      },
      { announce: this.#announce() },
    );
    this.#node = node;
    this.#parts = this.#compose(node);
    const { handshake, services, silent } = this.#parts;
    this.#followTopics();
    orderer.onConfigChange(() => {
      this.#followTopics();
      handshake.recheck().catch((error: unknown) => {
        log.error('identities could not be checked again', { message: messageOf(error) });
      });
    });
    await services.start();
    await handshake.start();
    silent.start();
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
      silent: new SilentPeers({ connections: () => this.#heard(node), clock, log }),
    };
  }

  // Bound peers and what was last heard of each; one that has not shaken hands is closed before long.
  #heard(node: RelayNode): Heard[] {
    return node.getConnections().flatMap((connection) => {
      const peerId = connection.remotePeer.toString();
      if (!isDirect(connection) || !this.bindings.has(peerId)) return [];
      return {
        peerId,
        heardAt: this.traffic.lastHeard(connection) ?? connection.timeline.open,
        ask: (signal) =>
          this.#ping(node, peerId, AbortSignal.any([signal, AbortSignal.timeout(PING_TIMEOUT_MS)])),
        close: () => void closeConnection(connection, new Error('no answer')),
      };
    });
  }

  #ping(node: RelayNode, peerId: string, signal: AbortSignal): Promise<unknown> {
    const client = new StreamServiceClient({ node, bindings: this.bindings }, peerId);
    return unary(client, PING_METHOD, EMPTY_BYTES, { signal });
  }

  #services(node: RelayNode): ServiceTable {
    const { clock } = this.#components;
    const introductions = introductionServices({
      silentFor: (peerId) =>
        clock.now() -
        Math.max(0, ...this.#heard(node).map((one) => (one.peerId === peerId ? one.heardAt : 0))),
      ping: (peerId, { signal }) => this.#ping(node, peerId, signal),
      bindings: this.bindings,
      records: this.#records,
      membersOf: (channel) => this.#membersOf(channel),
      takeAlive: (channel, mspId, envelope) => this.#takeAlive(channel, mspId, envelope),
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

  async stop(): Promise<void> {
    const { handshake, services, silent } = this.#parts ?? {};
    this.#parts = undefined;
    silent?.stop();
    await handshake?.stop();
    await services?.stop();
    await this.#node?.stop();
    this.#node = undefined;
    this.#subscribed.clear();
  }

  // Every topic of every organisation of each channel, as their configurations are now.
  #followTopics(): void {
    const { network, orderer } = this.#components;
    const wanted = new Map<string, readonly string[]>();
    for (const [channel, mspIds] of orderer.channelMembers()) {
      for (const topic of channelTopics(network.id, channel, mspIds)) wanted.set(topic, mspIds);
    }
    for (const topic of this.#subscribed) {
      if (wanted.has(topic)) continue;
      this.#parts?.pubsub.unsubscribe(topic);
      this.#subscribed.delete(topic);
    }
    for (const [topic, mspIds] of wanted) {
      const parts = parseTopic(topic);
      if (!parts) continue;
      // Subscribing again replaces the rule of who may speak.
      this.#parts?.pubsub.subscribe(topic, (data, from) =>
        this.#receive(parts, data, from, mspIds),
      );
      this.#subscribed.add(topic);
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

  // The relay meets a newcomer when it asks for introductions; its message need not wait for the topic's mesh.
  #takeAlive(channel: string, mspId: string, envelope: Uint8Array): void {
    const { network, log } = this.#components;
    const topic: TopicParts = { networkId: network.id, channel, mspId, kind: 'alive' };
    this.#filter
      .judgeSigned(topic, envelope)
      .then((verdict) => {
        if (verdict === 'accept') this.#records.record(topic, envelope);
      })
      .catch((error: unknown) => log.debug('introduction not taken', { reason: messageOf(error) }));
  }

  #membersOf(channel: string): readonly string[] {
    return this.#components.orderer.channelMembers().find(([name]) => name === channel)?.[1] ?? [];
  }
}
