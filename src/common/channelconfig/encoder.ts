// SPDX-License-Identifier: Apache-2.0
// Config groups of a new channel, as configtxgen makes them (internal/configtxgen/encoder/encoder.go): same values, same
// policies, same mod_policies.

import { parseImplicitMetaPolicy, parsePolicy } from '../policies/index.ts';
import { common, orderer, protos } from '../protos/index.ts';
import { formatDuration } from './duration.ts';
import { MAX_UINT32 } from './sections.ts';
import type { AnchorPeer, BatchSize } from './types.ts';

/** Policies by name: `ANY Readers`, `MAJORITY Admins`, or Fabric's policy language. */
export type PolicyTexts = Readonly<Record<string, string>>;

export interface OrganizationProfile {
  /** Name of its config group. */
  readonly name: string;
  /** Serialized msp.MSPConfig: `createMSPConfig`. */
  readonly mspConfig: Uint8Array;
  readonly policies: PolicyTexts;
}

export interface ApplicationOrganizationProfile extends OrganizationProfile {
  readonly anchorPeers?: readonly AnchorPeer[];
}

export interface OrdererOrganizationProfile extends OrganizationProfile {
  /** `host:port`. */
  readonly endpoints?: readonly string[];
}

export interface ChannelProfile {
  /** Global orderer addresses, `host:port`. */
  readonly ordererAddresses?: readonly string[];
  readonly capabilities: {
    readonly channel: string;
    readonly orderer: string;
    readonly application: string;
  };
  readonly policies?: PolicyTexts;
  readonly orderer: {
    readonly consensusType: string;
    readonly consensusMetadata?: Uint8Array;
    readonly batchSize: BatchSize;
    readonly batchTimeoutMs: number;
    readonly policies?: PolicyTexts;
    readonly organizations: readonly OrdererOrganizationProfile[];
  };
  readonly application: {
    readonly policies?: PolicyTexts;
    /** Resource name to policy path. */
    readonly acls?: Readonly<Record<string, string>>;
    readonly organizations: readonly ApplicationOrganizationProfile[];
  };
}

const STANDARD_POLICIES: PolicyTexts = Object.freeze({
  Readers: 'ANY Readers',
  Writers: 'ANY Writers',
  Admins: 'MAJORITY Admins',
});

/** Policies of a channel as in Fabric's sample configuration. */
export const DEFAULT_POLICIES = Object.freeze({
  channel: STANDARD_POLICIES,
  orderer: Object.freeze({ ...STANDARD_POLICIES, BlockValidation: 'ANY Writers' }),
  application: Object.freeze({
    ...STANDARD_POLICIES,
    LifecycleEndorsement: 'MAJORITY Endorsement',
    Endorsement: 'MAJORITY Endorsement',
  }),
});

/** Policies of an organisation of peers with NodeOUs, as in fabric-samples. */
export function peerOrganizationPolicies(mspId: string): PolicyTexts {
  return {
    Readers: `OR('${mspId}.admin', '${mspId}.peer', '${mspId}.client')`,
    Writers: `OR('${mspId}.admin', '${mspId}.client')`,
    Admins: `OR('${mspId}.admin')`,
    Endorsement: `OR('${mspId}.peer')`,
  };
}

/** Policies of an orderer organisation, as in fabric-samples. */
export function ordererOrganizationPolicies(mspId: string): PolicyTexts {
  return {
    Readers: `OR('${mspId}.member')`,
    Writers: `OR('${mspId}.member')`,
    Admins: `OR('${mspId}.admin')`,
  };
}

const ADMINS = 'Admins';
const ORDERER_ADMINS = '/Channel/Orderer/Admins';

function value(bytes: { finish(): Uint8Array }, mod_policy = ADMINS): common.IConfigValue {
  return { value: bytes.finish(), mod_policy };
}

function capabilities(name: string): common.IConfigValue {
  return value(common.Capabilities.encode({ capabilities: { [name]: {} } }));
}

function policies(texts: PolicyTexts): Record<string, common.IConfigPolicy> {
  return Object.fromEntries(
    Object.entries(texts).map(([name, text]) => [
      name,
      { policy: policyOf(text), mod_policy: ADMINS },
    ]),
  );
}

function policyOf(text: string): common.IPolicy {
  const { SIGNATURE, IMPLICIT_META } = common.Policy.PolicyType;
  if (/^(ANY|ALL|MAJORITY) /.test(text)) {
    const implicit = common.ImplicitMetaPolicy.encode(parseImplicitMetaPolicy(text));
    return { type: IMPLICIT_META, value: implicit.finish() };
  }
  return {
    type: SIGNATURE,
    value: common.SignaturePolicyEnvelope.encode(parsePolicy(text)).finish(),
  };
}

function byName<T extends { readonly name: string }>(
  items: readonly T[],
  group: (item: T) => common.IConfigGroup,
): Record<string, common.IConfigGroup> {
  return Object.fromEntries(items.map((item) => [item.name, group(item)]));
}

/** The `/Channel` group. Throws PolicyError when a policy is malformed. */
export function newChannelGroup(profile: ChannelProfile): common.IConfigGroup {
  const addresses = profile.ordererAddresses ?? [];
  return {
    mod_policy: ADMINS,
    policies: policies(profile.policies ?? DEFAULT_POLICIES.channel),
    values: {
      HashingAlgorithm: value(common.HashingAlgorithm.encode({ name: 'SHA256' })),
      BlockDataHashingStructure: value(
        common.BlockDataHashingStructure.encode({ width: MAX_UINT32 }),
      ),
      ...(addresses.length > 0 && {
        OrdererAddresses: value(common.OrdererAddresses.encode({ addresses }), ORDERER_ADMINS),
      }),
      Capabilities: capabilities(profile.capabilities.channel),
    },
    groups: {
      Orderer: newOrdererGroup(profile),
      Application: newApplicationGroup(profile),
    },
  };
}

function newOrdererGroup({
  orderer: config,
  capabilities: levels,
}: ChannelProfile): common.IConfigGroup {
  const { consensusType: type, consensusMetadata: metadata, batchSize } = config;
  return {
    mod_policy: ADMINS,
    policies: policies(config.policies ?? DEFAULT_POLICIES.orderer),
    values: {
      ConsensusType: value(orderer.ConsensusType.encode({ type, metadata: metadata ?? null })),
      BatchSize: value(
        orderer.BatchSize.encode({
          max_message_count: batchSize.maxMessageCount,
          absolute_max_bytes: batchSize.absoluteMaxBytes,
          preferred_max_bytes: batchSize.preferredMaxBytes,
        }),
      ),
      BatchTimeout: value(
        orderer.BatchTimeout.encode({ timeout: formatDuration(config.batchTimeoutMs) }),
      ),
      ChannelRestrictions: value(orderer.ChannelRestrictions.encode({})),
      Capabilities: capabilities(levels.orderer),
    },
    groups: byName(config.organizations, newOrdererOrgGroup),
  };
}

function newOrdererOrgGroup(org: OrdererOrganizationProfile): common.IConfigGroup {
  const addresses = org.endpoints ?? [];
  return newOrgGroup(org, {
    ...(addresses.length > 0 && {
      Endpoints: value(common.OrdererAddresses.encode({ addresses })),
    }),
  });
}

function newApplicationGroup({
  application,
  capabilities: levels,
}: ChannelProfile): common.IConfigGroup {
  const acls = Object.entries(application.acls ?? {}).map(([name, policy_ref]) => [
    name,
    { policy_ref },
  ]);
  return {
    mod_policy: ADMINS,
    policies: policies(application.policies ?? DEFAULT_POLICIES.application),
    values: {
      ...(acls.length > 0 && {
        ACLs: value(protos.ACLs.encode({ acls: Object.fromEntries(acls) })),
      }),
      Capabilities: capabilities(levels.application),
    },
    groups: byName(application.organizations, newApplicationOrgGroup),
  };
}

function newApplicationOrgGroup(org: ApplicationOrganizationProfile): common.IConfigGroup {
  const anchor_peers = org.anchorPeers ?? [];
  return newOrgGroup(org, {
    ...(anchor_peers.length > 0 && {
      AnchorPeers: value(protos.AnchorPeers.encode({ anchor_peers })),
    }),
  });
}

function newOrgGroup(
  { mspConfig, policies: texts }: OrganizationProfile,
  values: Record<string, common.IConfigValue>,
): common.IConfigGroup {
  const definition = { value: mspConfig, mod_policy: ADMINS };
  return { mod_policy: ADMINS, policies: policies(texts), values: { MSP: definition, ...values } };
}
