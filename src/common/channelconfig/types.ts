// SPDX-License-Identifier: Apache-2.0
// What a node reads from a channel's configuration (Fabric's common/channelconfig: Bundle and its parts).
import type { MSPManager } from '../msp/types.ts';
import type { Policy, PolicyManager } from '../policies/types.ts';
import type { common } from '../protos/index.ts';

export interface BatchSize {
  readonly maxMessageCount: number;
  readonly absoluteMaxBytes: number;
  readonly preferredMaxBytes: number;
}

export interface OrdererConfig {
  /** Who signs blocks by number, under BFT. */
  readonly consenters?: readonly common.Consenter[];
  readonly consensusType: string;
  readonly batchSize: BatchSize;
  readonly batchTimeoutMs: number;
  readonly maintenance: boolean;
  readonly mspIds: readonly string[];
  readonly capabilities: ReadonlySet<string>;
}

export interface AnchorPeer {
  readonly host: string;
  readonly port: number;
}

export interface ApplicationOrg {
  /** Name of the config group, e.g. `Org1`; `mspId` may differ from it. */
  readonly name: string;
  readonly mspId: string;
  readonly anchorPeers: readonly AnchorPeer[];
}

export interface ApplicationConfig {
  readonly orgs: readonly ApplicationOrg[];
  readonly capabilities: ReadonlySet<string>;
  /** Resource name to policy path. */
  readonly acls: ReadonlyMap<string, string>;
}

/** An immutable view of one configuration of one channel. */
export interface ChannelConfigBundle {
  readonly channelId: string;
  readonly sequence: number;
  /** Serialized common.ConfigEnvelope that it was made from. */
  readonly configBytes: Uint8Array;
  readonly mspManager: MSPManager;
  readonly policyManager: PolicyManager;
  readonly orderer: OrdererConfig;
  readonly application: ApplicationConfig;
  /** A policy from serialized common.SignaturePolicyEnvelope, over this channel's MSPs. Throws PolicyError when malformed. */
  signaturePolicy(envelope: Uint8Array): Policy;
}
