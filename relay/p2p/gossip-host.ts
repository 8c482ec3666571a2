// SPDX-License-Identifier: Apache-2.0
// The relay on libp2p: it shakes hands with every peer and shuts out those that do not, serves the orderer to members, and carries gossip
// (relay-gossip.ts).
import { EMPTY_BYTES } from '../../src/common/runtime/bytes.ts';
import type { Clock } from '../../src/common/runtime/clock.ts';
import { messageOf } from '../../src/common/runtime/errors.ts';
import type { Logger } from '../../src/common/runtime/log.ts';
import {
  type ServiceClient,
  type ServiceHandler,
  type ServiceTable,
  unary,
} from '../../src/common/wire/service.ts';
import { Bindings } from '../../src/node/comm/bindings.ts';
import { FORWARD_METHOD, forwardingService } from '../../src/node/comm/forwarding.ts';
import { GossipStreams } from '../../src/node/comm/gossip-streams.ts';
import { Handshake } from '../../src/node/comm/handshake.ts';
import { identityCheck } from '../../src/node/comm/identity-check.ts';
import { closeConnection, isDirect, PING_METHOD } from '../../src/node/comm/protocols.ts';
import { ReceiveBudget } from '../../src/node/comm/receive-budget.ts';
import { StreamServiceClient } from '../../src/node/comm/service-client.ts';
import { StreamServices } from '../../src/node/comm/stream-services.ts';
import { TrafficMetrics } from '../../src/node/comm/traffic.ts';
import { PROCESS_PROPOSAL } from '../../src/node/endorser/endorser.ts';
import { NeighbourScores } from '../../src/node/gossip/neighbour-scores.ts';
import { GossipsubPubsub } from '../../src/node/gossip/pubsub.ts';
import type { Network } from '../network/network.ts';
import type { OrdererHost } from '../orderer-host.ts';
import { RelayGossip } from './relay-gossip.ts';
import { createRelayNode, type RelayNode } from './relay-node.ts';
import type { SharedWebSockets } from './shared-websockets.ts';
import { type Heard, SilentPeers } from './silent-peers.ts';
import type { Strangers } from './strangers.ts';

/** A stranger may use the circuit relay and shake hands, for this long. */
const UNBOUND_MS = 10_000;
/** One envelope of Fabric's largest size (AbsoluteMaxBytes) from a member, and of two members at once. */
const RECEIVE_BUDGET = Object.freeze({
  maxPerPeerBytes: 104 * 1024 * 1024,
  maxInAllBytes: 256 * 1024 * 1024,
});
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
  readonly gossip: RelayGossip;
  readonly silent: SilentPeers;
  readonly streams: GossipStreams;
}

/** The relay on libp2p. */
export class GossipHost {
  readonly bindings: Bindings;
  /** What was sent and received since the start of this process. */
  readonly traffic: TrafficMetrics;
  readonly scores: NeighbourScores;
  readonly receiveBudget = new ReceiveBudget(RECEIVE_BUDGET);
  readonly #components: GossipHostComponents;
  readonly #announce: () => readonly string[];
  #node: RelayNode | undefined;
  #parts: Parts | undefined;

  /** @param announce multiaddrs of the relay; asked at start, when the port is known. */
  constructor(components: GossipHostComponents, announce: () => readonly string[]) {
    this.#components = components;
    this.#announce = announce;
    this.bindings = new Bindings(components);
    this.scores = new NeighbourScores({ bindings: this.bindings, clock: components.clock });
    this.traffic = new TrafficMetrics(() => components.clock.now());
  }

  get connections(): number {
    return this.#node?.getConnections().length ?? 0;
  }

  get reservations(): number {
    return this.#node?.services.relay.reservations.size ?? 0;
  }

  get strangers(): Strangers {
    return this.#components.webSockets.strangers;
  }

  async start(): Promise<void> {
    if (this.#node) return;
    const { network, orderer, webSockets, log } = this.#components;
    const { bindings } = this;
    const node = await createRelayNode(
      {
        privateKey: network.privateKey,
        webSockets,
        bindings,
        traffic: this.traffic,
        scores: this.scores,
      },
      { announce: this.#announce() },
    );
    this.#node = node;
    this.#parts = this.#compose(node);
    const { handshake, services, silent, streams, gossip } = this.#parts;
    gossip.start();
    orderer.onConfigChange(() => {
      gossip.followChannels();
      handshake.recheck().catch((error: unknown) => {
        log.error('identities could not be checked again', { message: messageOf(error) });
      });
    });
    await services.start();
    await handshake.start();
    silent.start();
    streams.start();
  }

  async stop(): Promise<void> {
    const { handshake, services, silent, streams, gossip } = this.#parts ?? {};
    this.#parts = undefined;
    silent?.stop();
    streams?.stop();
    gossip?.stop();
    await handshake?.stop();
    await services?.stop();
    await this.#node?.stop();
    this.#node = undefined;
  }

  #compose(node: RelayNode): Parts {
    const { network, orderer, clock, log } = this.#components;
    const { bindings } = this;
    const checkIdentity = identityCheck({ mspManagers: () => orderer.mspManagers() });
    const signer = network.orderer;
    const gossipLog = log.child('gossip');
    const gossip = new RelayGossip({
      networkId: network.id,
      channels: orderer,
      pubsub: new GossipsubPubsub({
        gossipsub: node.services.pubsub,
        bindings,
        scores: this.scores,
        log: gossipLog,
      }),
      bindings,
      client: (peerId) => this.#client(node, peerId),
      silentFor: (peerId) => clock.now() - this.#heardAt(node, peerId),
      ping: (peerId, { signal }) => this.#ping(node, peerId, signal),
      clock,
      log: gossipLog,
    });
    const mounted = new Map([
      ...this.#components.services,
      ...gossip.services,
      [FORWARD_METHOD, this.#forwarding(node)] as const,
    ]);
    return {
      gossip,
      handshake: new Handshake(
        { node, bindings, signer, checkIdentity, clock, log: log.child('handshake') },
        { closeUnboundAfterMs: UNBOUND_MS },
      ),
      services: new StreamServices({
        node,
        bindings,
        services: mounted,
        budget: this.receiveBudget,
        log: log.child('services'),
      }),
      streams: new GossipStreams({
        node,
        isBound: (peerId) => bindings.has(peerId),
        clock,
        log: gossipLog,
      }),
      silent: new SilentPeers({ connections: () => this.#heard(node), clock, log }),
    };
  }

  #client(node: RelayNode, peerId: string): ServiceClient {
    return new StreamServiceClient({ node, bindings: this.bindings }, peerId);
  }

  #ping(node: RelayNode, peerId: string, signal: AbortSignal): Promise<unknown> {
    return unary(this.#client(node, peerId), PING_METHOD, EMPTY_BYTES, { signal });
  }

  #heardAt(node: RelayNode, peerId: string): number {
    const ofPeer = this.#heard(node).filter((one) => one.peerId === peerId);
    return Math.max(0, ...ofPeer.map(({ heardAt }) => heardAt));
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

  // For tabs that cannot reach each other: only proposals, which are signed and checked by the endorser.
  #forwarding(node: RelayNode): ServiceHandler {
    return forwardingService({
      methods: new Set([PROCESS_PROPOSAL]),
      client: (peerId) => (this.bindings.has(peerId) ? this.#client(node, peerId) : undefined),
    });
  }
}
