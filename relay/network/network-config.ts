// SPDX-License-Identifier: Apache-2.0
// What a network is made of, from `network.yaml` or from Fabric's test-network defaults. Only the first start of a relay
// turns it into a network; afterwards the channels' own configuration blocks rule.
import type { GossipSettings, StateDatabase } from '../../src/common/network/types.ts';
import { basicChaincode, type ChaincodeConfig, readChaincode } from './chaincode-config.ts';
import { type ConfigNode, readConfig } from './config-reader.ts';
import { readDuration, readGossip } from './gossip-config.ts';
import { type PolicyText, readConfigPolicy } from './policy-text.ts';
import { parseSize } from './units.ts';

export interface OrganisationConfig {
  /** Name of its config group, e.g. `Org1`. */
  readonly name: string;
  readonly mspId: string;
  readonly domain: string;
  readonly caName: string;
  readonly anchorPeers: readonly { readonly host: string; readonly port: number }[];
}

export interface ChannelConfig {
  readonly name: string;
  /** Names of its application organisations. */
  readonly organisations: readonly string[];
  readonly batchTimeoutMs: number;
  readonly batchSize: {
    readonly maxMessageCount: number;
    readonly absoluteMaxBytes: number;
    readonly preferredMaxBytes: number;
  };
  readonly capabilities: {
    readonly channel: string;
    readonly orderer: string;
    readonly application: string;
  };
  /** Policies of `/Channel/Application` that replace the default ones, by name. */
  readonly policies: Readonly<Record<string, PolicyText>>;
  /** Absent for Fabric's default, `goleveldb`. */
  readonly stateDatabase?: StateDatabase;
  /** Absent for Fabric's default, true. */
  readonly historyDatabase?: false;
  readonly chaincodes: readonly ChaincodeConfig[];
}

export interface NetworkConfig {
  readonly organisations: readonly OrganisationConfig[];
  readonly orderer: Omit<OrganisationConfig, 'anchorPeers'>;
  readonly channels: readonly ChannelConfig[];
  readonly gossip: GossipSettings;
  readonly iceServers: readonly { readonly urls: string }[];
}

/** fabric-samples' test-network. */
export const DEFAULT_CHANNEL: Omit<ChannelConfig, 'name' | 'organisations' | 'chaincodes'> =
  Object.freeze({
    batchTimeoutMs: 2000,
    batchSize: Object.freeze({
      maxMessageCount: 10,
      absoluteMaxBytes: 99 * 2 ** 20,
      preferredMaxBytes: 512 * 2 ** 10,
    }),
    capabilities: Object.freeze({ channel: 'V2_0', orderer: 'V2_0', application: 'V2_5' }),
    policies: Object.freeze({}),
  });

const MAX_ORGANISATIONS = 64;
const MAX_CHANNELS = 32;

const CONFIG_ID = /^(?!\.{1,2}$)[a-zA-Z0-9.-]{1,249}$/;
const CHANNEL_ID = /^[a-z][a-z0-9.-]{0,248}$/;
const DOMAIN = /^(?=.{1,200}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/;
const CAPABILITY = /^V\d+(_\d+)*$/;

/** The network of fabric-samples: `mychannel` of Org1 and Org2 with the chaincode `basic`, endorsed by one of them or by each. */
export function defaultNetworkConfig(endorsement: 'OR' | 'AND' = 'OR'): NetworkConfig {
  const network = parseNetworkConfig('', 'default network');
  const mspIds = network.organisations.map(({ mspId }) => mspId);
  const chaincodes = [basicChaincode(mspIds, endorsement)];
  return { ...network, channels: network.channels.map((one) => ({ ...one, chaincodes })) };
}

/** A checked network of a YAML text. Throws ConfigError that names `name`, line and setting. */
export function parseNetworkConfig(text: string, name: string): NetworkConfig {
  const root = readConfig(text, name);
  const fields = root.fields([
    'organisations',
    'organizations',
    'orderer',
    'channels',
    'peer',
    'iceServers',
  ]);
  const listed = fields.organisations.present ? fields.organisations : fields.organizations;
  const organisations = readOrganisations(listed);
  const orderer = readOrderer(fields.orderer);
  for (const { mspId, caName, name: org } of organisations) {
    if (mspId === orderer.mspId || caName === orderer.caName || org === orderer.name) {
      listed.fail(`has ${org}, which shares its name, mspId or ca with the orderer organisation`);
    }
  }
  return {
    organisations,
    orderer,
    channels: readChannels(fields.channels, organisations),
    gossip: readGossip(fields.peer),
    iceServers: fields.iceServers.items(16).map((server) => ({
      urls: server.string(/^(stun|turn)s?:\S{1,300}$/, 'a stun: or turn: URL'),
    })),
  };
}

function readOrganisations(node: ConfigNode): OrganisationConfig[] {
  if (!node.present) return [1, 2].map((n) => numberedOrganisation(n));
  const organisations = node.items(MAX_ORGANISATIONS).map((item) => readOrganisation(item));
  if (organisations.length === 0) node.fail('must name at least one organisation');
  for (const key of ['name', 'mspId', 'domain', 'caName'] as const) {
    unique(
      node,
      organisations.map((org) => org[key]),
      key,
    );
  }
  return organisations;
}

function numberedOrganisation(n: number): OrganisationConfig {
  return {
    name: `Org${n}`,
    mspId: `Org${n}MSP`,
    domain: `org${n}.example.com`,
    caName: `ca-org${n}`,
    anchorPeers: [],
  };
}

function readOrganisation(node: ConfigNode): OrganisationConfig {
  const fields = node.fields(['name', 'mspId', 'domain', 'ca', 'anchorPeers']);
  const anchorPeers = fields.anchorPeers.items(16).map((item) => {
    const { host, port } = item.fields(['host', 'port']);
    return { host: host.string(DOMAIN, 'a host name'), port: port.integer(1, 65535, 7051) };
  });
  return { ...readNames(fields), anchorPeers };
}

function readNames(
  fields: Record<'name' | 'mspId' | 'domain' | 'ca', ConfigNode>,
): Omit<OrganisationConfig, 'anchorPeers'> {
  const name = fields.name.string(CONFIG_ID, 'a name of letters, digits, dots and dashes');
  const lower = name.toLowerCase();
  return {
    name,
    mspId: fields.mspId.string(
      CONFIG_ID,
      'a name of letters, digits, dots and dashes',
      `${name}MSP`,
    ),
    domain: fields.domain.string(
      DOMAIN,
      'a domain such as org1.example.com',
      `${lower}.example.com`,
    ),
    caName: fields.ca.string(
      CONFIG_ID,
      'a name of letters, digits, dots and dashes',
      `ca-${lower}`,
    ),
  };
}

function readOrderer(node: ConfigNode): Omit<OrganisationConfig, 'anchorPeers'> {
  if (!node.present) {
    return { name: 'OrdererOrg', mspId: 'OrdererMSP', domain: 'example.com', caName: 'ca-orderer' };
  }
  return readNames(node.fields(['name', 'mspId', 'domain', 'ca']));
}

function readChannels(node: ConfigNode, orgs: readonly OrganisationConfig[]): ChannelConfig[] {
  if (!node.present) {
    const all = orgs.map((org) => org.name);
    return [
      {
        ...DEFAULT_CHANNEL,
        name: 'mychannel',
        organisations: all,
        chaincodes: [basicChaincode(orgs.map(({ mspId }) => mspId))],
      },
    ];
  }
  const channels = node.items(MAX_CHANNELS).map((item) => readChannel(item, orgs));
  if (channels.length === 0) node.fail('must name at least one channel');
  unique(
    node,
    channels.map((channel) => channel.name),
    'name',
  );
  return channels;
}

function readChannel(node: ConfigNode, orgs: readonly OrganisationConfig[]): ChannelConfig {
  const fields = node.fields([
    'name',
    'organisations',
    'organizations',
    'batchTimeout',
    'batchSize',
    'capabilities',
    'policies',
    'stateDatabase',
    'historyDatabase',
    'chaincodes',
  ]);
  const listed = fields.organisations.present ? fields.organisations : fields.organizations;
  const organisations = readMembers(listed, orgs);
  const members = orgs.flatMap(({ name, mspId }) => (organisations.includes(name) ? [mspId] : []));
  const chaincodes = fields.chaincodes.present
    ? fields.chaincodes.items(64).map((item) => readChaincode(item, members))
    : [basicChaincode(members)];
  unique(
    fields.chaincodes,
    chaincodes.map((chaincode) => chaincode.name),
    'name',
  );
  return {
    name: fields.name.string(CHANNEL_ID, 'a channel name such as mychannel (lower case)'),
    organisations,
    batchTimeoutMs: readDuration(fields.batchTimeout, DEFAULT_CHANNEL.batchTimeoutMs),
    batchSize: readBatchSize(fields.batchSize),
    capabilities: readCapabilities(fields.capabilities),
    policies: readPolicies(fields.policies),
    ...readStateDatabase(fields.stateDatabase),
    ...(!fields.historyDatabase.boolean(true) && { historyDatabase: false }),
    chaincodes,
  };
}

function readMembers(node: ConfigNode, orgs: readonly OrganisationConfig[]): string[] {
  const known = orgs.map((org) => org.name);
  if (!node.present) return known;
  const members = node.items(MAX_ORGANISATIONS).map((item) => {
    const name = item.string(CONFIG_ID, 'the name of an organisation');
    return known.includes(name)
      ? name
      : item.fail(`is not an organisation of this file (${known.join(', ')})`);
  });
  if (members.length === 0) node.fail('must name at least one organisation');
  unique(node, members, 'organisation');
  return members;
}

function readBatchSize(node: ConfigNode): ChannelConfig['batchSize'] {
  const fields = node.fields(['maxMessageCount', 'absoluteMaxBytes', 'preferredMaxBytes']);
  const defaults = DEFAULT_CHANNEL.batchSize;
  const absoluteMaxBytes = size(fields.absoluteMaxBytes, defaults.absoluteMaxBytes);
  const preferredMaxBytes = size(
    fields.preferredMaxBytes,
    Math.min(defaults.preferredMaxBytes, absoluteMaxBytes),
  );
  if (preferredMaxBytes > absoluteMaxBytes) {
    fields.preferredMaxBytes.fail('must not be larger than absoluteMaxBytes');
  }
  const maxMessageCount = fields.maxMessageCount.integer(1, 100_000, defaults.maxMessageCount);
  return { maxMessageCount, absoluteMaxBytes, preferredMaxBytes };
}

function readCapabilities(node: ConfigNode): ChannelConfig['capabilities'] {
  const fields = node.fields(['channel', 'orderer', 'application']);
  const defaults = DEFAULT_CHANNEL.capabilities;
  return {
    channel: fields.channel.string(CAPABILITY, 'a capability such as V2_0', defaults.channel),
    orderer: fields.orderer.string(CAPABILITY, 'a capability such as V2_0', defaults.orderer),
    application: fields.application.string(
      CAPABILITY,
      'a capability such as V2_5',
      defaults.application,
    ),
  };
}

function readStateDatabase(node: ConfigNode): { stateDatabase?: StateDatabase } {
  const name = node.string(/^(goleveldb|CouchDB)$/, 'goleveldb or CouchDB', 'goleveldb');
  return name === 'CouchDB' ? { stateDatabase: name } : {};
}

function readPolicies(node: ConfigNode): Record<string, PolicyText> {
  return Object.fromEntries(
    node.entries().map(([name, policy]) => {
      if (!CONFIG_ID.test(name)) policy.fail('does not have a valid policy name');
      return [name, readConfigPolicy(policy)];
    }),
  );
}

function size(node: ConfigNode, fallback: number): number {
  const parse = (text: string): number | undefined => {
    const bytes = parseSize(text);
    return bytes !== undefined && bytes >= 1 && bytes <= 2 ** 30 ? bytes : undefined;
  };
  return node.parsed(parse, 'a size up to 1 GB such as 512 KB or 99 MB', fallback);
}

function unique(node: ConfigNode, values: readonly string[], what: string): void {
  const twice = values.find((value, i) => values.indexOf(value) !== i);
  if (twice !== undefined) node.fail(`has the ${what} ${twice} twice`);
}
