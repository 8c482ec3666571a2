// SPDX-License-Identifier: Apache-2.0
// What the relay tells a tab about the network at `GET /network.json`: public names and settings, no secrets.

export interface OrganisationDescription {
  /** Config group name, e.g. `Org1`. */
  readonly name: string;
  readonly mspId: string;
  /** e.g. `org1.example.com`. */
  readonly domain: string;
  /** Name of its CA, e.g. `ca-org1`. */
  readonly caName: string;
}

/** A private data collection, by the names of Fabric's collection JSON. */
export interface CollectionDefinition {
  readonly name: string;
  /** Whose peers hold the data: Fabric's policy DSL, ORs only. */
  readonly policy: string;
  /** Peers besides the endorser that must have got the data before it endorses. */
  readonly requiredPeerCount: number;
  readonly maxPeerCount: number;
  /** Blocks after its own for which a value lives; 0: it stays. */
  readonly blockToLive: number;
  /** Whether only clients of member organisations may read, */
  readonly memberOnlyRead: boolean;
  /** and write. */
  readonly memberOnlyWrite: boolean;
  /** Guards the collection instead of the chaincode's policy; written as that is. */
  readonly endorsementPolicy?: string;
}

/** A chaincode definition; from the network file until the lifecycle system chaincode keeps them on the chain. */
export interface ChaincodeDefinition {
  readonly name: string;
  readonly version: string;
  readonly sequence: number;
  /** Fabric's policy DSL (`OR('Org1MSP.peer','Org2MSP.peer')`) or a channel policy path (`/Channel/Application/Endorsement`). */
  readonly endorsementPolicy: string;
  /** Whether `Init` must be called before any other function of this version; not when absent. */
  readonly initRequired?: boolean;
  /** Private data collections, besides the implicit one that each organisation has. */
  readonly collections?: readonly CollectionDefinition[];
  /** URL path of its package at the relay, e.g. `/packages/basic_1.0-….tar.gz`; absent when it is only installed by hand. */
  readonly packagePath?: string;
  /** `label:hash` of that package. */
  readonly packageId?: string;
}

/** Fabric's ledger.state.stateDatabase: what the world state can do. `CouchDB` has rich queries. */
export type StateDatabase = 'goleveldb' | 'CouchDB';

export interface ChannelDescription {
  readonly name: string;
  /** One for all peers of the channel, since CouchDB refuses some writes; `goleveldb` when absent. */
  readonly stateDatabase?: StateDatabase;
  /** Whether peers keep the history of keys, Fabric's ledger.history.enableHistoryDatabase; they do when absent. */
  readonly historyDatabase?: boolean;
  readonly chaincodes: readonly ChaincodeDefinition[];
}

/** `peer.gossip.*` of core.yaml, by the same names; durations in milliseconds. */
export interface GossipSettings {
  readonly useLeaderElection: boolean;
  readonly orgLeader: boolean;
  readonly aliveTimeIntervalMs: number;
  readonly aliveExpirationTimeoutMs: number;
  readonly publishStateInfoIntervalMs: number;
  readonly election: {
    readonly startupGracePeriodMs: number;
    readonly membershipSampleIntervalMs: number;
    readonly leaderAliveThresholdMs: number;
    readonly leaderElectionDurationMs: number;
  };
  readonly state: {
    readonly checkIntervalMs: number;
    readonly responseTimeoutMs: number;
    readonly batchSize: number;
    readonly blockBufferSize: number;
    readonly maxRetries: number;
  };
}

/**
 * Fabric's numbers, shortened where a person waits: for the first leader, and for what others say of their ledgers. The first three stretch with the
 * number of members (gossip/pace.ts).
 */
export const DEFAULT_GOSSIP_SETTINGS: GossipSettings = Object.freeze({
  useLeaderElection: true,
  orgLeader: false,
  aliveTimeIntervalMs: 5_000,
  aliveExpirationTimeoutMs: 25_000,
  publishStateInfoIntervalMs: 1_000,
  election: Object.freeze({
    startupGracePeriodMs: 5_000,
    membershipSampleIntervalMs: 500,
    leaderAliveThresholdMs: 10_000,
    leaderElectionDurationMs: 1_500,
  }),
  state: Object.freeze({
    checkIntervalMs: 2_000,
    responseTimeoutMs: 3_000,
    batchSize: 10,
    blockBufferSize: 20,
    maxRetries: 3,
  }),
});

export interface NetworkDescription {
  /** Made once when the network is created; scopes topics and browser databases. */
  readonly networkId: string;
  readonly relay: {
    /** libp2p peer id; persistent. */
    readonly peerId: string;
    /** Path of the libp2p WebSocket on the page's own host and port. */
    readonly wsPath: string;
  };
  readonly ordererMspId: string;
  readonly organisations: readonly OrganisationDescription[];
  readonly channels: readonly ChannelDescription[];
  readonly gossip: GossipSettings;
  /** `stun:`/`turn:` URLs; empty on a LAN. */
  readonly iceServers: readonly { readonly urls: string }[];
}
