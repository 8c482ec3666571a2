// SPDX-License-Identifier: Apache-2.0
// The tab on the network, before and beside any channel: libp2p node, handshake, services, and the connections kept alive.
import { privateKeyFromProtobuf } from '@libp2p/crypto/keys';
import { webRTC } from '@libp2p/webrtc';
import type { MSPManager, SigningIdentity } from '../../common/msp/types.ts';
import type { NetworkDescription } from '../../common/network/types.ts';
import type { Clock } from '../../common/runtime/clock.ts';
import type { Logger } from '../../common/runtime/log.ts';
import type { ServiceClient, ServiceHandler, ServiceTable } from '../../common/wire/service.ts';
import { Bindings } from '../comm/bindings.ts';
import { Connectivity, type DialCandidate } from '../comm/connectivity.ts';
import { forwardedClient } from '../comm/forwarding.ts';
import { Handshake } from '../comm/handshake.ts';
import { identityCheck } from '../comm/identity-check.ts';
import {
  connectivityNode,
  createTabNode,
  relayMultiaddr,
  type TabNode,
} from '../comm/libp2p-node.ts';
import { StreamServiceClient } from '../comm/service-client.ts';
import { StreamServices } from '../comm/stream-services.ts';
import { GossipsubPubsub } from '../gossip/pubsub.ts';

export interface TabNetworkComponents {
  readonly network: NetworkDescription;
  readonly signer: SigningIdentity;
  /** Protobuf-encoded libp2p private key. */
  readonly libp2pKey: Uint8Array;
  /** MSPs of the channel; empty until it is joined. */
  readonly mspManagers: () => readonly MSPManager[];
  /** Members that could be dialled, known from gossip. */
  readonly candidates: () => readonly DialCandidate[];
  readonly clock: Clock;
  readonly log: Logger;
}

/** How long a first connection to the relay, handshake included, may take before joining fails. */
const RELAY_TIMEOUT_MS = 30_000;

export class TabNetwork {
  readonly node: TabNode;
  readonly bindings: Bindings;
  readonly handshake: Handshake;
  readonly connectivity: Connectivity;
  readonly pubsub: GossipsubPubsub;
  /** The relay, where the orderer is. */
  readonly relay: ServiceClient;
  readonly webrtc: boolean;
  readonly #relayPeerId: string;
  readonly #services: StreamServices;
  readonly #mounted: Map<string, ServiceHandler>;
  readonly #clients = new Map<string, ServiceClient>();

  private constructor(node: TabNode, bindings: Bindings, components: TabNetworkComponents) {
    const { network, signer, clock, log, mspManagers, candidates } = components;
    const { peerId } = network.relay;
    this.node = node;
    this.bindings = bindings;
    this.webrtc = hasWebRTC();
    this.#relayPeerId = peerId;
    this.#mounted = new Map();
    const pinned = new Map([[peerId, { mspId: network.ordererMspId }]]);
    this.handshake = new Handshake({
      node,
      bindings,
      signer,
      checkIdentity: identityCheck({ mspManagers, pinned }),
      clock,
      log: log.child('handshake'),
    });
    const about = { node, bindings, log: log.child('services') };
    this.#services = new StreamServices({ ...about, services: this.#mounted });
    this.pubsub = new GossipsubPubsub({
      gossipsub: node.services.pubsub,
      bindings,
      log: log.child('gossip'),
    });
    this.relay = this.client(peerId);
    this.connectivity = new Connectivity(
      {
        node: connectivityNode(node),
        relay: { address: relayMultiaddr(location, peerId), peerId },
        candidates,
        clock,
        random: Math.random,
        log: log.child('connectivity'),
      },
      { webrtc: this.webrtc },
    );
  }

  static async create(components: TabNetworkComponents): Promise<TabNetwork> {
    const bindings = new Bindings(components);
    const node = await createTabNode({
      isBound: (peerId) => bindings.has(peerId),
      ...(hasWebRTC() && { webRTC: webRTCOf(components.network) }),
      privateKey: privateKeyFromProtobuf(components.libp2pKey),
    });
    return new TabNetwork(node, bindings, components);
  }

  get peerId(): string {
    return this.node.peerId.toString();
  }

  /** Starts connecting; the relay is being dialled when this resolves. */
  async start(): Promise<void> {
    await this.handshake.start();
    await this.#services.start();
    this.connectivity.start();
  }

  /** Offers services to bound peers, from now on. */
  mount(services: ServiceTable): void {
    for (const [method, handler] of services) this.#mounted.set(method, handler);
  }

  /** Resolves when the relay is connected and has proven itself. Rejects with UNBOUND_PEER when it does not in time. */
  async relayReady(signal: AbortSignal): Promise<void> {
    await this.bindings.waitFor(this.#relayPeerId, { timeoutMs: RELAY_TIMEOUT_MS, signal });
  }

  /** Services of a peer, directly when there is a connection, else by way of the relay. */
  reach(peerId: string): ServiceClient {
    return this.bindings.has(peerId) ? this.client(peerId) : forwardedClient(this.relay, peerId);
  }

  /** Services of a peer over a direct connection. */
  client(peerId: string): ServiceClient {
    const { node, bindings } = this;
    const known = this.#clients.get(peerId) ?? new StreamServiceClient({ node, bindings }, peerId);
    this.#clients.set(peerId, known);
    return known;
  }

  async stop(): Promise<void> {
    this.connectivity.stop();
    await this.handshake.stop();
    await this.#services.stop();
    await this.node.stop();
  }
}

// On a LAN there are no STUN servers, which would only delay.
function webRTCOf({ iceServers }: NetworkDescription): ReturnType<typeof webRTC> {
  return webRTC({ rtcConfiguration: { iceServers: [...iceServers] } });
}

function hasWebRTC(): boolean {
  return typeof RTCPeerConnection !== 'undefined';
}
