// SPDX-License-Identifier: Apache-2.0
// The libp2p node of a peer: WebSocket to the relay, gossipsub; in a tab WebRTC to other tabs as well, with the relay's circuit for signalling.
// libp2p's defaults do not fit a class behind one address; each deviation says why.
import { RELAY_V2_HOP_CODEC } from '@libp2p/circuit-relay-v2';
import { type GossipSub, gossipsub } from '@libp2p/gossipsub';
import { type Connection, FaultTolerance, type Libp2p, type PrivateKey } from '@libp2p/interface';
import { noise } from '@libp2p/noise';
import { webSockets } from '@libp2p/websockets';
import { yamux } from '@libp2p/yamux';
import { multiaddr } from '@multiformats/multiaddr';
import { createLibp2p, type Libp2pOptions } from 'libp2p';
import { EMPTY_BYTES } from '../../common/runtime/bytes.ts';
import { type ServiceClient, unary } from '../../common/wire/service.ts';
import { gossipsubOptions, type NeighboursView } from '../gossip/pubsub.ts';
import type { ConnectivityNode, PeerConnection } from './connectivity.ts';
import { gatheredWrites } from './gathered-writes.ts';
import { GOSSIP_PROTOCOL, type KnownProtocols, knownProtocols } from './known-protocols.ts';
import { isDirect, KEEP_ALIVE_MS, PING_METHOD } from './protocols.ts';
import type { TrafficMetrics } from './traffic.ts';

export type PeerLibp2p = Libp2p<{ protocols: KnownProtocols; pubsub: GossipSub }>;

export interface PeerLibp2pOptions {
  /** Whether the handshake has bound this peer to an identity. */
  readonly neighbours: NeighboursView;
  readonly traffic: TrafficMetrics;
  /** Ed25519; the identity that counts is the MSP's, bound by the handshake. */
  readonly privateKey: PrivateKey;
  /** Besides WebSockets, e.g. WebRTC. */
  readonly transports?: NonNullable<Libp2pOptions['transports']>;
  /** What to listen on by those. */
  readonly listen?: readonly string[];
}

/** Under load a WebRTC dial takes longer than libp2p's 6 s. */
const DIAL_TIMEOUT_MS = 20_000;

/** Creates and starts the node; it dials nobody by itself (see Connectivity). */
export async function createPeerLibp2p({
  neighbours,
  traffic,
  privateKey,
  transports = [],
  listen = [],
}: PeerLibp2pOptions): Promise<PeerLibp2p> {
  const node = await createLibp2p({
    metrics: () => traffic,
    privateKey,
    addresses: { listen: [...listen] },
    transports: [webSockets(), ...transports],
    // Without the relay there is nothing to listen on yet; that is no reason to fail.
    transportManager: { faultTolerance: FaultTolerance.NO_FATAL },
    connectionEncrypters: [gatheredWrites(noise())],
    streamMuxers: [yamux({ keepAliveInterval: KEEP_ALIVE_MS })],
    // In browsers libp2p refuses private and insecure addresses: a laptop's relay is both.
    connectionGater: { denyDialMultiaddr: () => false },
    connectionManager: {
      maxConnections: 40,
      addressDialTimeout: DIAL_TIMEOUT_MS,
      dialTimeout: DIAL_TIMEOUT_MS + 10_000,
    },
    // It opens a stream on every connection every few seconds. Connectivity asks a relay that fell silent; WebRTC has probes of its own.
    connectionMonitor: { enabled: false },
    services: {
      protocols: knownProtocols(protocolsOf),
      pubsub: gossipsub(gossipsubOptions(neighbours)),
    },
  });
  traffic.watchGossip(node.services.pubsub);
  return node;
}

// A peer reaches other peers by WebRTC, and only relays by a WebSocket.
function protocolsOf({ remoteAddr }: Connection): string[] {
  const isRelay = !remoteAddr.toString().includes('/webrtc');
  return isRelay ? [GOSSIP_PROTOCOL, RELAY_V2_HOP_CODEC] : [GOSSIP_PROTOCOL];
}

/** The relay's multiaddr from the page's own URL, since it serves both on one port. */
export function relayMultiaddr(
  page: { readonly hostname: string; readonly port: string; readonly protocol: string },
  peerId: string,
): string {
  const secure = page.protocol === 'https:';
  const host = page.hostname.replace(/^\[|\]$/g, '');
  const family = host.includes(':') ? 'ip6' : /^\d+(\.\d+){3}$/.test(host) ? 'ip4' : 'dns';
  return `/${family}/${host}/tcp/${page.port || (secure ? 443 : 80)}${secure ? '/tls' : ''}/ws/p2p/${peerId}`;
}

/** What Connectivity sees of a libp2p node. */
export function connectivityNode(
  node: PeerLibp2p,
  {
    traffic,
    client,
  }: { readonly traffic: TrafficMetrics; readonly client: (peerId: string) => ServiceClient },
): ConnectivityNode {
  return {
    peerId: node.peerId.toString(),
    connections: () =>
      node.getConnections().map((connection): PeerConnection => {
        const webrtc = connection.remoteAddr.toString().includes('/webrtc');
        return {
          peerId: connection.remotePeer.toString(),
          kind: !isDirect(connection) ? 'circuit' : webrtc ? 'webrtc' : 'websocket',
          heardAt: traffic.lastHeard(connection),
          close: () =>
            connection
              .close({ signal: AbortSignal.timeout(1_000) })
              .catch((error) => connection.abort(error)),
        };
      }),
    dial: async (address, options) => {
      await node.dial(multiaddr(address), options);
    },
    hasReservation: () =>
      node.getMultiaddrs().some((address) => address.toString().includes('/p2p-circuit')),
    ping: async (peerId, options) => {
      await unary(client(peerId), PING_METHOD, EMPTY_BYTES, options);
    },
    onChange: (listener) => {
      const names = ['connection:open', 'connection:close', 'self:peer:update'] as const;
      for (const name of names) node.addEventListener(name, listener);
      return () => {
        for (const name of names) node.removeEventListener(name, listener);
      };
    },
  };
}
