// SPDX-License-Identifier: Apache-2.0
// The relay's libp2p node: WebSockets behind the HTTP port, circuit relay for the signalling of WebRTC, and a gossipsub that carries every
// topic of the channels, so that tabs without WebRTC still get each block. The numbers are for a class of thirty behind one address.
import { circuitRelayServer } from '@libp2p/circuit-relay-v2';
import { type GossipSub, gossipsub } from '@libp2p/gossipsub';
import type { PrivateKey } from '@libp2p/interface';
import { noise } from '@libp2p/noise';
import { yamux } from '@libp2p/yamux';
import { createLibp2p, type Libp2p } from 'libp2p';
import { gatheredWrites } from '../../src/node/comm/gathered-writes.ts';
import { type KnownProtocols, knownProtocols } from '../../src/node/comm/known-protocols.ts';
import { KEEP_ALIVE_MS } from '../../src/node/comm/protocols.ts';
import type { TrafficMetrics } from '../../src/node/comm/traffic.ts';
import { gossipsubOptions, RELAY_MESH } from '../../src/node/gossip/pubsub.ts';
import { INTERNAL_LISTEN_ADDRESS, type SharedWebSockets } from './shared-websockets.ts';

export interface RelayNodeComponents {
  readonly privateKey: PrivateKey;
  readonly webSockets: SharedWebSockets;
  /** Whether the handshake has bound this peer to an identity. */
  readonly isBound: (peerId: string) => boolean;
  readonly traffic: TrafficMetrics;
}

export type RelayNode = Libp2p<{
  protocols: KnownProtocols;
  relay: ReturnType<ReturnType<typeof circuitRelayServer>>;
  pubsub: GossipSub;
}>;

/**
 * A reservation outlives its connection (a page that is reloaded leaves one behind), so there must be room for many and they must expire
 * soon; libp2p's own limits are 15 and two hours.
 */
const RESERVATIONS = Object.freeze({ maxReservations: 1000, reservationTtl: 15 * 60_000 });

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
  const { privateKey, webSockets, isBound, traffic } = components;
  const node = await createLibp2p({
    metrics: () => traffic,
    privateKey,
    addresses: { listen: [INTERNAL_LISTEN_ADDRESS], announce: [...options.announce] },
    transports: [webSockets.transport],
    connectionEncrypters: [gatheredWrites(noise(), setImmediate)],
    streamMuxers: [yamux({ keepAliveInterval: KEEP_ALIVE_MS })],
    connectionManager: CONNECTIONS,
    // It would open a stream on every connection every few seconds; see SilentPeers.
    connectionMonitor: { enabled: false },
    services: {
      protocols: knownProtocols(),
      relay: circuitRelayServer({ reservations: RESERVATIONS }),
      pubsub: gossipsub(gossipsubOptions(isBound, RELAY_MESH)),
    },
  });
  traffic.watchGossip(node.services.pubsub);
  return node;
}
