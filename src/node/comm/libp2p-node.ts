// SPDX-License-Identifier: Apache-2.0
// The libp2p node of a peer: WebSocket to the relay, gossipsub; in a tab WebRTC to other tabs too, with the relay's circuit for signalling. There it
// lives on the page's thread, the only one with RTCPeerConnection. libp2p's defaults do not fit a class behind one address; each deviation says why.
import { circuitRelayTransport } from '@libp2p/circuit-relay-v2';
import { type GossipSub, gossipsub } from '@libp2p/gossipsub';
import { type Identify, identify } from '@libp2p/identify';
import { FaultTolerance, type Libp2p, type PrivateKey } from '@libp2p/interface';
import { noise } from '@libp2p/noise';
import { type Ping, ping } from '@libp2p/ping';
import type { webRTC } from '@libp2p/webrtc';
import { webSockets } from '@libp2p/websockets';
import { yamux } from '@libp2p/yamux';
import { multiaddr } from '@multiformats/multiaddr';
import { createLibp2p } from 'libp2p';
import { gossipsubOptions } from '../gossip/pubsub.ts';
import type { ConnectivityNode, PeerConnection } from './connectivity.ts';
import { isDirect } from './protocols.ts';

export type TabNode = Libp2p<{ identify: Identify; ping: Ping; pubsub: GossipSub }>;

export interface TabNodeOptions {
  /** Whether the handshake has bound this peer to an identity. */
  readonly isBound: (peerId: string) => boolean;
  /** Absent where there is no RTCPeerConnection. Its package brings a native one under Node, so that only pages load it. */
  readonly webRTC?: ReturnType<typeof webRTC>;
  /** A new Ed25519 key when absent: the identity that counts is the MSP's, bound by the handshake. */
  readonly privateKey?: PrivateKey;
}

/** Under load a WebRTC dial takes longer than libp2p's 6 s. */
const DIAL_TIMEOUT_MS = 20_000;

/** Creates and starts the node; it dials nobody by itself (see Connectivity). */
export function createTabNode({ isBound, webRTC, privateKey }: TabNodeOptions): Promise<TabNode> {
  return createLibp2p({
    ...(privateKey ? { privateKey } : {}),
    addresses: { listen: webRTC ? ['/p2p-circuit', '/webrtc'] : [] },
    transports: [webSockets(), circuitRelayTransport(), ...(webRTC ? [webRTC] : [])],
    // Without the relay there is nothing to listen on yet; that is no reason to fail.
    transportManager: { faultTolerance: FaultTolerance.NO_FATAL },
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    // In browsers libp2p refuses private and insecure addresses: a laptop's relay is both.
    connectionGater: { denyDialMultiaddr: () => false },
    connectionManager: {
      maxConnections: 40,
      addressDialTimeout: DIAL_TIMEOUT_MS,
      dialTimeout: DIAL_TIMEOUT_MS + 10_000,
    },
    // One lost ping would cut the connection, in the middle of a large block or of a hidden tab's nap.
    connectionMonitor: { pingInterval: 15_000, abortConnectionOnPingFailure: false },
    services: { identify: identify(), ping: ping(), pubsub: gossipsub(gossipsubOptions(isBound)) },
  });
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
export function connectivityNode(node: TabNode): ConnectivityNode {
  return {
    peerId: node.peerId.toString(),
    connections: () =>
      node.getConnections().map((connection): PeerConnection => {
        const webrtc = connection.remoteAddr.toString().includes('/webrtc');
        return {
          peerId: connection.remotePeer.toString(),
          kind: !isDirect(connection) ? 'circuit' : webrtc ? 'webrtc' : 'websocket',
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
      const connection = node
        .getConnections()
        .find((c) => c.remotePeer.toString() === peerId && isDirect(c));
      if (!connection) throw new Error(`not connected to ${peerId}`);
      await node.services.ping.ping(connection.remotePeer, options);
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
