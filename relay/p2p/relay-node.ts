// SPDX-License-Identifier: Apache-2.0
// The relay's libp2p node: WebSockets behind the HTTP port, circuit relay for the signalling of WebRTC, and a gossipsub that carries every
// topic of the channels, so that tabs without WebRTC still get each block. The numbers are for classes behind one address.
import { circuitRelayServer } from '@libp2p/circuit-relay-v2';
import { type GossipSub, gossipsub } from '@libp2p/gossipsub';
import type { ConnectionGater, PeerId, PrivateKey } from '@libp2p/interface';
import { noise } from '@libp2p/noise';
import { yamux } from '@libp2p/yamux';
import type { Multiaddr } from '@multiformats/multiaddr';
import { createLibp2p, type Libp2p } from 'libp2p';
import type { Bindings } from '../../src/node/comm/bindings.ts';
import { gatheredWrites } from '../../src/node/comm/gathered-writes.ts';
import { type KnownProtocols, knownProtocols } from '../../src/node/comm/known-protocols.ts';
import { endConnectionsOf, KEEP_ALIVE_MS } from '../../src/node/comm/protocols.ts';
import type { TrafficMetrics } from '../../src/node/comm/traffic.ts';
import type { NeighbourScores } from '../../src/node/gossip/neighbour-scores.ts';
import { gossipsubOptions, RELAY_MESH } from '../../src/node/gossip/pubsub.ts';
import { INTERNAL_LISTEN_ADDRESS, type SharedWebSockets } from './shared-websockets.ts';

export interface RelayNodeComponents {
  readonly privateKey: PrivateKey;
  readonly webSockets: SharedWebSockets;
  /** Who has proven an identity. */
  readonly bindings: Pick<Bindings, 'has' | 'waitFor' | 'events'>;
  readonly traffic: TrafficMetrics;
  readonly scores: NeighbourScores;
}

export type RelayNode = Libp2p<{
  protocols: KnownProtocols;
  relay: ReturnType<ReturnType<typeof circuitRelayServer>>;
  pubsub: GossipSub;
}>;

/** One for each connection at most: they are given to members only, and end with the connection. libp2p's own limits are 15 and two hours. */
const RESERVATIONS = Object.freeze({ maxReservations: 1000, reservationTtl: 15 * 60_000 });

/** A tab asks for its reservation and shakes hands at the same time. */
const HANDSHAKE_MS = 8_000;

/** libp2p's own limits are 5 new connections a second from one address, and 10 that are being opened. */
const CONNECTIONS = Object.freeze({
  maxConnections: 1000,
  inboundConnectionThreshold: 1000,
  maxIncomingPendingConnections: 500,
});

/** A started node that announces `announce` (multiaddrs as strings). Its circuits keep libp2p's default limits: signalling only. */
export async function createRelayNode(
  components: RelayNodeComponents,
  options: { readonly announce: readonly string[] },
): Promise<RelayNode> {
  const { privateKey, webSockets, bindings, traffic, scores } = components;
  const neighbours = {
    isBound: (peerId: string) => bindings.has(peerId),
    scoreOf: (peerId: string) => scores.of(peerId),
  };
  const node = await createLibp2p({
    metrics: () => traffic,
    privateKey,
    addresses: { listen: [INTERNAL_LISTEN_ADDRESS], announce: [...options.announce] },
    transports: [webSockets.transport],
    connectionEncrypters: [gatheredWrites(noise(), setImmediate)],
    streamMuxers: [yamux({ keepAliveInterval: KEEP_ALIVE_MS })],
    connectionManager: CONNECTIONS,
    connectionGater: membersOnly(bindings),
    // It would open a stream on every connection every few seconds; see SilentPeers.
    connectionMonitor: { enabled: false },
    services: {
      protocols: knownProtocols(),
      relay: circuitRelayServer({ reservations: RESERVATIONS }),
      pubsub: gossipsub(gossipsubOptions(neighbours, RELAY_MESH)),
    },
  });
  traffic.watchGossip(node.services.pubsub);
  watchStrangers(node, components);
  endConnectionsOf(scores, node);
  endReservations(node);
  return node;
}

// The circuit relay is for the signalling of members, and no proxy for others.
function membersOnly(bindings: Pick<Bindings, 'waitFor'>): ConnectionGater {
  const denied = async (peer: PeerId): Promise<boolean> => {
    const options = { timeoutMs: HANDSHAKE_MS, signal: new AbortController().signal };
    return bindings.waitFor(peer.toString(), options).then(
      () => false,
      () => true,
    );
  };
  return {
    denyInboundRelayReservation: denied,
    denyOutboundRelayedConnection: denied,
  };
}

function watchStrangers(
  node: RelayNode,
  { webSockets: { strangers }, bindings }: RelayNodeComponents,
): void {
  node.addEventListener('connection:open', ({ detail: { remotePeer, remoteAddr } }) => {
    const endpoint = endpointOf(remoteAddr);
    if (!endpoint) return;
    strangers.connected(remotePeer.toString(), endpoint.host, endpoint.port);
    // Another tab's worth of connections may come after the handshake.
    if (bindings.has(remotePeer.toString())) strangers.bound(remotePeer.toString());
  });
  bindings.events.on('binding:added', ({ peerId }) => strangers.bound(peerId));
}

function endpointOf(address: Multiaddr): { host: string; port: number } | undefined {
  const [, , host, , port] = address.toString().split('/');
  return host !== undefined && Number(port) > 0 ? { host, port: Number(port) } : undefined;
}

function endReservations(node: RelayNode): void {
  node.addEventListener('peer:disconnect', ({ detail: peer }) => {
    const { reservations } = node.services.relay;
    // Its timer would end one that the same peer makes later.
    reservations.get(peer)?.signal.clear();
    reservations.delete(peer);
  });
}
