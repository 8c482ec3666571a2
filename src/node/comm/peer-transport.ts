// SPDX-License-Identifier: Apache-2.0
// The port to the network: how a node is connected, to whom, and what travels there. Over libp2p in tabs and in Node, in memory for tests.

import type { TypedEventTarget } from '../../common/runtime/typed-events.ts';
import type { ServiceClient, ServiceTable } from '../../common/wire/service.ts';
import type { Pubsub } from '../gossip/pubsub.ts';
import type { Bindings } from './bindings.ts';
import type { ConnectivityEvents, ConnectivityStatus, DialCandidate } from './connectivity.ts';
import type { PeerLink } from './links.ts';

/** What keeps a node connected, as others see it. */
export interface Connections {
  readonly events: TypedEventTarget<ConnectivityEvents>;
  readonly status: ConnectivityStatus;
  /** How a peer is reached now. */
  link(peerId: string): PeerLink;
  /** Peer ids of direct neighbours, the relay included. */
  neighbours(): readonly string[];
  /** Tries again at once: the page became visible, or the machine is online. */
  retryNow(): void;
}

export interface PeerTransport {
  /** libp2p peer id of this node. */
  readonly peerId: string;
  /** Whether it takes direct connections from tabs. */
  readonly webrtc: boolean;
  readonly bindings: Pick<Bindings, 'get' | 'has' | 'all' | 'events'>;
  readonly pubsub: Pubsub;
  readonly connections: Connections;
  /** Services of the relay, where the orderer is. */
  readonly relay: ServiceClient;
  /** Services of a peer over a direct connection. */
  client(peerId: string): ServiceClient;
  /** Services of a peer, directly when there is a connection, else by way of the relay. */
  reach(peerId: string): ServiceClient;
  /** Offers services to bound peers; the result takes them back. Throws FabricError METHOD_TAKEN when one is offered already. */
  mount(services: ServiceTable): () => void;
  /** Starts connecting, to the relay first; `candidates` are members that could be dialled. */
  start(candidates: () => readonly DialCandidate[]): Promise<void>;
  /** Resolves when the relay is connected and has proven itself. Rejects with UNBOUND_PEER when it does not in time. */
  relayReady(signal: AbortSignal): Promise<void>;
  /** Checks all identities again, after the configuration of a channel changed. */
  recheck(): Promise<void>;
  /** Drops connections to a peer that is gone: its tab may be reloaded, and they only seem to be open. Newer ones than a moment stay. */
  drop(peerId: string): void;
  /** Counters of traffic, by name. */
  metrics(): Readonly<Record<string, number>>;
  stop(): Promise<void>;
}
