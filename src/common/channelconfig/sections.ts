// SPDX-License-Identifier: Apache-2.0
// The Channel, Orderer and Application groups of a configuration, decoded and checked (common/channelconfig: channel.go,
// orderer.go, application.go, organization.go).
import type { MSPVersion } from '../msp/index.ts';
import { common, msp, orderer, protos } from '../protos/index.ts';
import { unmarshal } from '../protoutil/index.ts';
import { equalBytes } from '../runtime/bytes.ts';
import {
  allowsOrdererEndpoints,
  applicationCapabilities,
  mspVersionOf,
  readCapabilities,
} from './capabilities.ts';
import { parseDuration } from './duration.ts';
import { ConfigError } from './errors.ts';
import type { AnchorPeer, ApplicationConfig, OrdererConfig } from './types.ts';

export const MAX_UINT32 = 0xffff_ffff;

/** Fabric refuses a configuration with a value that it does not know. */
const VALUE_KEYS = {
  channel: [
    'HashingAlgorithm',
    'BlockDataHashingStructure',
    'OrdererAddresses',
    'Orderers',
    'Consortium',
    'Capabilities',
  ],
  orderer: [
    'ConsensusType',
    'BatchSize',
    'BatchTimeout',
    'KafkaBrokers',
    'ChannelRestrictions',
    'Orderers',
    'Capabilities',
  ],
  application: ['ACLs', 'Capabilities'],
  ordererOrg: ['MSP', 'Endpoints'],
  applicationOrg: ['MSP', 'AnchorPeers'],
} as const;

/** A config group as a reader of it needs it: values by name, child groups by name. */
interface Section {
  readonly path: string;
  readonly values: ReadonlyMap<string, Uint8Array>;
  readonly groups: ReadonlyMap<string, common.ConfigGroup>;
}

export interface Sections {
  readonly orderer: OrdererConfig;
  readonly application: ApplicationConfig;
  /** Serialized msp.MSPConfig by MSP id. */
  readonly mspConfigs: ReadonlyMap<string, Uint8Array>;
  readonly mspVersion: MSPVersion;
}

export function malformed(text: string): ConfigError {
  return new ConfigError('CONFIG_MALFORMED', text);
}

function section(
  path: string,
  group: common.ConfigGroup | undefined,
  keys: readonly string[],
): Section {
  if (!group) throw malformed(`configuration has no group ${path}`);
  const values = new Map(Object.entries(group.values).map(([key, { value }]) => [key, value]));
  for (const key of values.keys()) {
    if (!keys.includes(key)) throw malformed(`unexpected key ${key} in ${path}`);
  }
  return { path, values, groups: new Map(Object.entries(group.groups)) };
}

// A value that is absent reads as one with default fields, as in Fabric.
function readValue<T>(
  { path, values }: Section,
  key: string,
  type: { decode(input: Uint8Array): T },
): T {
  return unmarshal(type, `${path}/${key}`, values.get(key) ?? new Uint8Array());
}

/** Decodes and checks the whole tree. Throws ConfigError or ProtoError. */
export function readSections(channelGroup: common.ConfigGroup): Sections {
  const channel = section('/Channel', channelGroup, VALUE_KEYS.channel);
  const capabilities = readCapabilities('Channel', channel.values.get('Capabilities'));
  const hash = readValue(channel, 'HashingAlgorithm', common.HashingAlgorithm).name;
  // Fabric reads which it is, and hashes blocks with SHA-256 all the same (protoutil/blockutils.go).
  if (hash !== 'SHA256' && hash !== 'SHA3_256')
    throw malformed(`hashing algorithm ${hash} is not known`);
  const structure = common.BlockDataHashingStructure;
  const { width } = readValue(channel, 'BlockDataHashingStructure', structure);
  if (width !== MAX_UINT32)
    throw malformed(`block data hashing of width ${width} is not supported`);
  for (const name of channel.groups.keys()) {
    if (name !== 'Orderer' && name !== 'Application') {
      throw malformed(`disallowed channel group ${name}`);
    }
  }
  const mspConfigs = new Map<string, Uint8Array>();
  return {
    orderer: readOrderer(channel.groups.get('Orderer'), mspConfigs, capabilities),
    application: readApplication(channel.groups.get('Application'), mspConfigs),
    mspConfigs,
    mspVersion: mspVersionOf(capabilities),
  };
}

type MSPConfigs = Map<string, Uint8Array>;

function readOrderer(
  group: common.ConfigGroup | undefined,
  mspConfigs: MSPConfigs,
  channelCapabilities: ReadonlySet<string>,
): OrdererConfig {
  const self = section('/Channel/Orderer', group, VALUE_KEYS.orderer);
  const { type, state } = readValue(self, 'ConsensusType', orderer.ConsensusType);
  const timeout = readValue(self, 'BatchTimeout', orderer.BatchTimeout).timeout;
  const batchTimeoutMs = parseDuration(timeout);
  if (batchTimeoutMs === undefined || batchTimeoutMs <= 0) {
    throw malformed(`attempted to set the batch timeout to an invalid value: '${timeout}'`);
  }
  const mspIds = [...self.groups].map(([name, orgGroup]) => {
    const org = section(`${self.path}/${name}`, orgGroup, VALUE_KEYS.ordererOrg);
    if (org.values.has('Endpoints') && !allowsOrdererEndpoints(channelCapabilities)) {
      throw malformed(`${org.path} has endpoints, which need channel capability V1_4_2`);
    }
    return readMsp(org, mspConfigs);
  });
  return {
    consensusType: type,
    batchSize: readBatchSize(self),
    batchTimeoutMs,
    maintenance: state === orderer.ConsensusType.State.STATE_MAINTENANCE,
    mspIds,
    capabilities: readCapabilities('Orderer', self.values.get('Capabilities')),
    ...readConsenters(self),
  };
}

// Absent unless the orderers sign by number. A number names one consenter (protoutil's block signature verifier looks it up).
function readConsenters(self: Section): Pick<OrdererConfig, 'consenters'> {
  if (!self.values.has('Orderers')) return {};
  const { consenter_mapping: consenters } = readValue(self, 'Orderers', common.Orderers);
  const ids = new Set(consenters.map(({ id }) => id));
  if (ids.size < consenters.length)
    throw malformed(`${self.path}/Orderers names a consenter twice`);
  return { consenters };
}

function readBatchSize(self: Section): OrdererConfig['batchSize'] {
  const size = readValue(self, 'BatchSize', orderer.BatchSize);
  const { max_message_count, absolute_max_bytes, preferred_max_bytes } = size;
  if (max_message_count === 0 || absolute_max_bytes === 0 || preferred_max_bytes === 0) {
    throw malformed('attempted to set a limit of the batch size to 0');
  }
  if (preferred_max_bytes > absolute_max_bytes) {
    throw malformed(
      `batch size: preferred max bytes ${preferred_max_bytes} above absolute max bytes ${absolute_max_bytes}`,
    );
  }
  return {
    maxMessageCount: max_message_count,
    absoluteMaxBytes: absolute_max_bytes,
    preferredMaxBytes: preferred_max_bytes,
  };
}

function readApplication(
  group: common.ConfigGroup | undefined,
  mspConfigs: MSPConfigs,
): ApplicationConfig {
  const self = section('/Channel/Application', group, VALUE_KEYS.application);
  const capabilities = readCapabilities('Application', self.values.get('Capabilities'));
  if (self.values.has('ACLs') && !applicationCapabilities(capabilities).acls) {
    throw malformed(`${self.path} has ACLs, which need application capability V1_2`);
  }
  const { acls } = readValue(self, 'ACLs', protos.ACLs);
  const orgs = [...self.groups].map(([name, orgGroup]) => {
    const org = section(`${self.path}/${name}`, orgGroup, VALUE_KEYS.applicationOrg);
    const { anchor_peers } = readValue(org, 'AnchorPeers', protos.AnchorPeers);
    const anchorPeers = anchor_peers.map(({ host, port }): AnchorPeer => ({ host, port }));
    return { name, mspId: readMsp(org, mspConfigs), anchorPeers };
  });
  return {
    orgs,
    capabilities,
    acls: new Map(Object.entries(acls).map(([name, { policy_ref }]) => [name, policy_ref])),
  };
}

// Notes the organisation's MSP definition; returns the MSP id.
function readMsp(org: Section, mspConfigs: MSPConfigs): string {
  if (org.groups.size > 0) throw malformed(`${org.path} does not allow sub-groups`);
  const bytes = org.values.get('MSP');
  if (!bytes) throw malformed(`${org.path} has no MSP`);
  const { config } = unmarshal(msp.MSPConfig, `${org.path}/MSP`, bytes);
  const { name } = unmarshal(msp.FabricMSPConfig, `${org.path}/MSP`, config);
  if (name === '') throw malformed(`MSP of ${org.path} has an empty id`);
  const known = mspConfigs.get(name);
  if (known && !equalBytes(known, bytes)) {
    throw malformed(`attempted to define two different versions of MSP ${name}`);
  }
  mspConfigs.set(name, bytes);
  return name;
}
