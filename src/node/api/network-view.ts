// SPDX-License-Identifier: Apache-2.0
// The view of the network that a page draws. Plain data that can be structured-cloned.
import type { ConnectionState, PeerLink } from '../comm/links.ts';
import type { PeerStatus } from '../gossip/discovery/peer-status.ts';

export interface PeerInfo {
  /** e.g. `peer0.org1.example.com`; `orderer.example.com` for the relay. */
  readonly name: string;
  /** By which people know its user, as the peer says; others may have chosen the same. */
  readonly displayName?: string;
  readonly mspId: string;
  /** libp2p peer id. */
  readonly peerId: string;
  /** hex PKI-ID. */
  readonly pkiId: string;
  readonly role: 'peer' | 'orderer';
  readonly height: number;
  readonly isLeader: boolean;
  readonly link: PeerLink;
  readonly status: PeerStatus;
  /** Milliseconds since the Unix epoch. */
  readonly lastSeen: number;
  /** Names of chaincodes it can endorse with. */
  readonly chaincodes: readonly string[];
  /** peerIds that it says it is directly connected to, for the network picture. */
  readonly neighbours: readonly string[];
}

export interface Me {
  readonly name: string;
  /** By which people know this peer's user. */
  readonly displayName?: string;
  readonly mspId: string;
  readonly peerId: string;
  readonly pkiId: string;
  readonly isLeader: boolean;
  readonly height: number;
  readonly channel: string;
}

/** A channel that this peer has joined. */
export interface ChannelInfo {
  readonly name: string;
  readonly height: number;
  /** Whether this peer leads its organisation there. */
  readonly isLeader: boolean;
  /** Blocks held back because an earlier one is missing. */
  readonly buffered: readonly number[];
}

/** `channel`, `me.height`, `me.isLeader`, `peers` and `buffered` are the default channel's. */
export interface NetworkView {
  readonly networkId: string;
  readonly channel: string;
  /** The default channel first. */
  readonly channels: readonly ChannelInfo[];
  readonly connection: ConnectionState;
  /** Short reason in words for diagnosis (English, untranslated), e.g. `ICE failed with peer2.org1.example.com`. */
  readonly connectionDetail?: string;
  readonly me: Me;
  readonly peers: readonly PeerInfo[];
  /** Blocks held back because an earlier one is missing. */
  readonly buffered: readonly number[];
  readonly storage: {
    readonly kind: 'indexeddb' | 'memory';
    readonly persisted?: boolean;
    readonly usage?: number;
    readonly quota?: number;
  };
  readonly secureContext: boolean;
  /** A fault that a person must know of: `QUOTA_EXCEEDED`, `STORAGE_REFUSED`, `NO_WEBRTC`, `LEDGER_CORRUPT`, … */
  readonly faults: readonly { readonly code: string; readonly message: string }[];
}
