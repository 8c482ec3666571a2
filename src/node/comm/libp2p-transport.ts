// SPDX-License-Identifier: Apache-2.0
// A node on the network by libp2p, before and beside any channel: handshake, services, gossipsub, and the connections kept alive.
import type { MSPManager, SigningIdentity } from '../../common/msp/types.ts';
import type { Clock } from '../../common/runtime/clock.ts';
import { FabricError } from '../../common/runtime/errors.ts';
import type { Logger } from '../../common/runtime/log.ts';
import type { ServiceClient, ServiceHandler, ServiceTable } from '../../common/wire/service.ts';
import { NeighbourScores } from '../gossip/neighbour-scores.ts';
import { GossipsubPubsub } from '../gossip/pubsub.ts';
import { Bindings } from './bindings.ts';
import { Connectivity, type DialCandidate } from './connectivity.ts';
import { forwardedClient } from './forwarding.ts';
import { GossipStreams } from './gossip-streams.ts';
import { Handshake } from './handshake.ts';
import { identityCheck } from './identity-check.ts';
import { connectivityNode, type PeerLibp2p, type PeerLibp2pOptions } from './libp2p-node.ts';
import type { PeerTransport } from './peer-transport.ts';
import { endConnectionsOf } from './protocols.ts';
import { StreamServiceClient } from './service-client.ts';
import { StreamServices } from './stream-services.ts';
import { TrafficMetrics } from './traffic.ts';

export interface Libp2pTransportComponents {
  /** Creates the node. */
  readonly createNode: (
    about: Pick<PeerLibp2pOptions, 'neighbours' | 'traffic'>,
  ) => Promise<PeerLibp2p>;
  readonly relay: { readonly address: string; readonly peerId: string; readonly mspId: string };
  readonly signer: SigningIdentity;
  /** MSPs of the channels; empty until one is joined. */
  readonly mspManagers: () => readonly MSPManager[];
  readonly clock: Clock;
  /** Between 0 and 1. */
  readonly random: () => number;
  readonly log: Logger;
}

/** A connection as young as this is not the one of a tab that was closed: the word of it travels in milliseconds. */
const NEW_CONNECTION_MS = 500;
/** How long a first connection to the relay, handshake included, may take before joining fails. */
const RELAY_TIMEOUT_MS = 30_000;

export class Libp2pTransport implements PeerTransport {
  readonly bindings: Bindings;
  readonly connections: Connectivity;
  readonly pubsub: GossipsubPubsub;
  readonly relay: ServiceClient;
  readonly webrtc: boolean;
  readonly #node: PeerLibp2p;
  readonly #traffic: TrafficMetrics;
  readonly #handshake: Handshake;
  readonly #relayPeerId: string;
  readonly #clock: Clock;
  readonly #services: StreamServices;
  readonly #gossipStreams: GossipStreams;
  readonly #mounted = new Map<string, ServiceHandler>();
  readonly #clients = new Map<string, ServiceClient>();
  #candidates: () => readonly DialCandidate[] = () => [];

  private constructor(
    node: PeerLibp2p,
    {
      bindings,
      traffic,
      scores,
    }: {
      readonly bindings: Bindings;
      readonly traffic: TrafficMetrics;
      readonly scores: NeighbourScores;
    },
    components: Libp2pTransportComponents,
    options: { readonly webrtc: boolean },
  ) {
    const { relay, signer, clock, random, log, mspManagers } = components;
    this.#node = node;
    this.#traffic = traffic;
    this.bindings = bindings;
    this.webrtc = options.webrtc;
    this.#relayPeerId = relay.peerId;
    this.#clock = clock;
    const pinned = new Map([[relay.peerId, { mspId: relay.mspId }]]);
    const checkIdentity = identityCheck({ mspManagers, pinned });
    const shaking = { node, bindings, signer, checkIdentity, clock };
    this.#handshake = new Handshake({ ...shaking, log: log.child('handshake') });
    this.#services = new StreamServices({
      node,
      bindings,
      services: this.#mounted,
      log: log.child('services'),
    });
    const isBound = (peerId: string): boolean => bindings.has(peerId);
    this.#gossipStreams = new GossipStreams({ node, isBound, clock, log: log.child('gossip') });
    this.pubsub = new GossipsubPubsub({
      gossipsub: node.services.pubsub,
      bindings,
      scores,
      log: log.child('gossip'),
    });
    this.relay = this.client(relay.peerId);
    this.connections = new Connectivity(
      {
        node: connectivityNode(node, { traffic, client: (peerId) => this.client(peerId) }),
        relay,
        candidates: () => this.#candidates(),
        clock,
        random,
        log: log.child('connectivity'),
      },
      options,
    );
  }

  /** @param options.webrtc false where there is no RTCPeerConnection. */
  static async create(
    components: Libp2pTransportComponents,
    options: { readonly webrtc: boolean },
  ): Promise<Libp2pTransport> {
    const bindings = new Bindings(components);
    const traffic = new TrafficMetrics(() => components.clock.now());
    const { clock, relay } = components;
    const isExempt = (peerId: string): boolean => peerId === relay.peerId;
    const scores = new NeighbourScores({ bindings, clock, isExempt });
    const node = await components.createNode({
      neighbours: { isBound: (id) => bindings.has(id), scoreOf: (id) => scores.of(id) },
      traffic,
    });
    endConnectionsOf(scores, node);
    return new Libp2pTransport(node, { bindings, traffic, scores }, components, options);
  }

  get peerId(): string {
    return this.#node.peerId.toString();
  }

  async start(candidates: () => readonly DialCandidate[]): Promise<void> {
    this.#candidates = candidates;
    await this.#handshake.start();
    await this.#services.start();
    this.connections.start();
    this.#gossipStreams.start();
  }

  mount(services: ServiceTable): () => void {
    const taken = [...services.keys()].find((method) => this.#mounted.has(method));
    if (taken !== undefined)
      throw new FabricError('METHOD_TAKEN', `the service ${taken} is offered already`);
    for (const [method, handler] of services) this.#mounted.set(method, handler);
    return () => {
      for (const [method, handler] of services)
        if (this.#mounted.get(method) === handler) this.#mounted.delete(method);
    };
  }

  async relayReady(signal: AbortSignal): Promise<void> {
    await this.bindings.waitFor(this.#relayPeerId, { timeoutMs: RELAY_TIMEOUT_MS, signal });
  }

  recheck(): Promise<void> {
    return this.#handshake.recheck();
  }

  reach(peerId: string): ServiceClient {
    return this.bindings.has(peerId) ? this.client(peerId) : forwardedClient(this.relay, peerId);
  }

  client(peerId: string): ServiceClient {
    const { bindings } = this;
    const node = this.#node;
    const known = this.#clients.get(peerId) ?? new StreamServiceClient({ node, bindings }, peerId);
    this.#clients.set(peerId, known);
    return known;
  }

  drop(peerId: string): void {
    for (const connection of this.#node.getConnections()) {
      if (connection.remotePeer.toString() !== peerId) continue;
      if (this.#clock.now() - connection.timeline.open < NEW_CONNECTION_MS) continue;
      connection.abort(new FabricError('PEER_GONE', `${peerId} is gone`));
    }
  }

  metrics(): Readonly<Record<string, number>> {
    return { connections: this.#node.getConnections().length, ...this.#traffic.snapshot() };
  }

  async stop(): Promise<void> {
    this.connections.stop();
    this.#gossipStreams.stop();
    await this.#handshake.stop();
    await this.#services.stop();
    await this.#node.stop();
  }
}
