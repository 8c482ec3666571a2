// SPDX-License-Identifier: Apache-2.0
// What keeping a tab connected stands on, its settings, and what it tells.
import type { Clock } from '../../common/runtime/clock.ts';
import type { Logger } from '../../common/runtime/log.ts';
import type { ConnectionState } from './links.ts';

/** A connection of the node, as far as it matters here. `circuit` is for signalling only. */
export interface PeerConnection {
  readonly peerId: string;
  readonly kind: 'webrtc' | 'websocket' | 'circuit';
  /** When something last came on it, on the node's clock; undefined when that is not known. */
  readonly heardAt?: number | undefined;
  close(): Promise<void>;
}

/** What is needed of libp2p. */
export interface ConnectivityNode {
  readonly peerId: string;
  connections(): readonly PeerConnection[];
  dial(address: string, options: { signal: AbortSignal }): Promise<void>;
  /** Whether some relay holds a circuit reservation for this node, so that others can reach it. */
  hasReservation(): boolean;
  ping(peerId: string, options: { signal: AbortSignal }): Promise<void>;
  /** Calls the listener after connections or own addresses changed; the result stops it. */
  onChange(listener: () => void): () => void;
}

/** A tab that could be dialled. */
export interface DialCandidate {
  readonly peerId: string;
  /** Name for people, e.g. `peer2.org1.example.com`. */
  readonly name: string;
  /** Whether it takes WebRTC connections. */
  readonly webrtc: boolean;
}

export interface ConnectivityComponents {
  readonly node: ConnectivityNode;
  /** Multiaddr and peer id of the relay. */
  readonly relay: { readonly address: string; readonly peerId: string };
  /** Members known now, without this tab and the relay. */
  readonly candidates: () => readonly DialCandidate[];
  readonly clock: Clock;
  /** Between 0 and 1; for choosing whom to dial. */
  readonly random: () => number;
  readonly log: Logger;
}

export interface ConnectivityOptions {
  /** False on a page without RTCPeerConnection: a fault, blocks travel by the relay. */
  readonly webrtc: boolean;
  readonly tickMs: number;
  /** As many as Fabric pushes to (peer.gossip.propagatePeerNum); others dial as well, so that a tab has twice as many on average. */
  readonly targetPeers: number;
  readonly maxDials: number;
  readonly relayDialTimeoutMs: number;
  readonly peerDialTimeoutMs: number;
  /** How long the tab with the higher peer id leaves the first move to the other. */
  readonly yieldMs: number;
  readonly relayBackoff: { readonly firstMs: number; readonly maxMs: number };
  readonly peerBackoff: { readonly firstMs: number; readonly maxMs: number };
  /** A relay that was silent for so long is asked whether it is there; one that talks never is. */
  readonly relaySilenceMs: number;
  /** Time to answer; after two questions without, and not a word meanwhile, the connection is made again. */
  readonly relayPingTimeoutMs: number;
  /** A connection to the relay without reservation for so long is made again. */
  readonly reservationTimeoutMs: number;
}

export const DEFAULT_CONNECTIVITY_OPTIONS: ConnectivityOptions = Object.freeze({
  webrtc: true,
  tickMs: 500,
  targetPeers: 3,
  maxDials: 2,
  relayDialTimeoutMs: 10_000,
  peerDialTimeoutMs: 25_000,
  yieldMs: 3_000,
  relayBackoff: Object.freeze({ firstMs: 500, maxMs: 10_000 }),
  peerBackoff: Object.freeze({ firstMs: 2_000, maxMs: 120_000 }),
  relaySilenceMs: 10_000,
  relayPingTimeoutMs: 5_000,
  reservationTimeoutMs: 15_000,
});

export interface ConnectivityStatus {
  readonly state: ConnectionState;
  /** Why, in English, when not all is well. */
  readonly detail?: string;
  readonly directPeers: number;
  readonly relayConnected: boolean;
}

export interface ConnectivityEvents {
  'status:changed': ConnectivityStatus;
  /** The relay is connected again: time to catch up. */
  'relay:connected': { readonly peerId: string };
  /** A peer came, went, or is reached differently. */
  'links:changed': Record<string, never>;
}
