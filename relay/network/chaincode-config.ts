// SPDX-License-Identifier: Apache-2.0
// The chaincodes of a network file. Collections are written as in the JSON that Fabric's CLI takes by --collections-config, with
// its defaults (internal/peer/chaincode/common.go), and must pass what approval of a definition asks of them
// (core/chaincode/lifecycle/scc.go).
import type { CollectionDefinition } from '../../src/common/network/types.ts';
import { common } from '../../src/common/protos/index.ts';
import type { ConfigNode } from './config-reader.ts';
import { readChaincodePolicy, readChannelPolicy, readSignaturePolicy } from './policy-text.ts';

export interface ChaincodeConfig {
  readonly name: string;
  readonly version: string;
  readonly sequence: number;
  readonly endorsementPolicy: string;
  /** Whether its first call must be an `Init`. */
  readonly initRequired?: boolean;
  readonly collections?: readonly CollectionDefinition[];
  /** Name of a folder of `public/samples/`, or the path of a folder or package; absent when the chaincode is only installed by hand. */
  readonly package?: string;
}

const CHAINCODE_NAME = /^(?=.{1,100}$)[a-zA-Z0-9]+([-_][a-zA-Z0-9]+)*$/;
const COLLECTION_NAME = /^(?=.{1,100}$)[A-Za-z0-9-][A-Za-z0-9_-]*$/;
const VERSION = /^[A-Za-z0-9_.+-]{1,100}$/;
/** A sample by its name; anything else by a path that shows that it is one. */
const PACKAGE = /^([a-z0-9][a-z0-9_-]{0,99}|(\.{0,2}|[A-Za-z]:)[/\\].{1,1000})$/;
/** Fabric's (systemChaincodeNames of core/chaincode/lifecycle/scc.go). */
const SYSTEM_CHAINCODES: ReadonlySet<string> = new Set(['cscc', 'escc', 'lscc', 'qscc', 'vscc']);
const MAX_COLLECTIONS = 256;
const MAX_PEERS = 2 ** 31 - 1;

/**
 * The chaincode that a channel has by default. Any one organisation's peer endorses, so that a single tab can already
 * work, unless each is asked for.
 */
export function basicChaincode(
  mspIds: readonly string[],
  endorsement: 'OR' | 'AND' = 'OR',
): ChaincodeConfig {
  const principals = mspIds.map((mspId) => `'${mspId}.peer'`).join(',');
  return {
    name: 'basic',
    version: '1.0',
    sequence: 1,
    endorsementPolicy: `${endorsement}(${principals})`,
    package: 'asset-transfer-basic',
  };
}

/** @param mspIds of the channel's organisations. */
export function readChaincode(node: ConfigNode, mspIds: readonly string[]): ChaincodeConfig {
  const fields = node.fields([
    'name',
    'version',
    'sequence',
    'endorsementPolicy',
    'initRequired',
    'collections',
    'package',
  ]);
  const name = fields.name.string(CHAINCODE_NAME, 'a chaincode name such as basic');
  if (SYSTEM_CHAINCODES.has(name)) fields.name.fail(`is ${name}, the name of a system chaincode`);
  const chaincode = {
    name,
    version: fields.version.parsed(
      (text) => (VERSION.test(text) ? text : undefined),
      'a version',
      '1.0',
    ),
    sequence: fields.sequence.integer(1, 1_000_000, 1),
    endorsementPolicy: readChaincodePolicy(
      fields.endorsementPolicy,
      basicChaincode(mspIds).endorsementPolicy,
    ),
    ...(fields.initRequired.boolean(false) && { initRequired: true }),
    ...readCollections(fields.collections, mspIds),
  };
  if (!fields.package.present && name !== 'basic') return chaincode;
  const source = fields.package.string(
    PACKAGE,
    'the name of a sample, or a path such as ./mine or ./mine.tar.gz',
    'asset-transfer-basic',
  );
  return { ...chaincode, package: source };
}

function readCollections(
  node: ConfigNode,
  mspIds: readonly string[],
): Pick<ChaincodeConfig, 'collections'> {
  const collections = node.items(MAX_COLLECTIONS).map((item) => readCollection(item, mspIds));
  const names = collections.map(({ name }) => name);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) node.fail(`has the collection ${twice} twice`);
  return collections.length > 0 ? { collections } : {};
}

function readCollection(node: ConfigNode, mspIds: readonly string[]): CollectionDefinition {
  const fields = node.fields([
    'name',
    'policy',
    'requiredPeerCount',
    'maxPeerCount',
    'blockToLive',
    'memberOnlyRead',
    'memberOnlyWrite',
    'endorsementPolicy',
  ]);
  const requiredPeerCount = fields.requiredPeerCount.integer(0, MAX_PEERS, 0);
  const maxPeerCount = fields.maxPeerCount.integer(0, MAX_PEERS, 1);
  if (maxPeerCount < requiredPeerCount) {
    fields.maxPeerCount.fail(`must not be less than requiredPeerCount, ${requiredPeerCount}`);
  }
  return {
    name: fields.name.string(
      COLLECTION_NAME,
      "a collection name of letters, digits, '_' and '-' that does not begin with '_'",
    ),
    policy: readMemberPolicy(fields.policy, mspIds),
    requiredPeerCount,
    maxPeerCount,
    blockToLive: fields.blockToLive.integer(0, Number.MAX_SAFE_INTEGER, 0),
    memberOnlyRead: fields.memberOnlyRead.boolean(false),
    memberOnlyWrite: fields.memberOnlyWrite.boolean(false),
    ...readEndorsementPolicy(fields.endorsementPolicy),
  };
}

// Only ORs of principals: the peers of every organisation named may hold the data.
function readMemberPolicy(node: ConfigNode, mspIds: readonly string[]): string {
  const [text, policy] = readSignaturePolicy(node);
  if (!isOrConcatenation(policy.rule)) node.fail('must be an OR of principals');
  for (const { principal } of policy.identities) {
    const { msp_identifier } = common.MSPRole.decode(principal ?? new Uint8Array());
    if (!mspIds.includes(msp_identifier)) {
      node.fail(`names ${msp_identifier}, which is not part of the channel`);
    }
  }
  return text;
}

function isOrConcatenation(rule: common.ISignaturePolicy | null | undefined): boolean {
  const gate = rule?.n_out_of;
  return !gate || (gate.n === 1 && (gate.rules ?? []).every(isOrConcatenation));
}

// As Fabric's JSON has it: one of the two.
function readEndorsementPolicy(node: ConfigNode): Pick<CollectionDefinition, 'endorsementPolicy'> {
  if (!node.present) return {};
  const { signaturePolicy, channelConfigPolicy } = node.fields([
    'signaturePolicy',
    'channelConfigPolicy',
  ]);
  if (signaturePolicy.present === channelConfigPolicy.present) {
    node.fail('must have either a signaturePolicy or a channelConfigPolicy');
  }
  if (channelConfigPolicy.present) {
    return { endorsementPolicy: readChannelPolicy(channelConfigPolicy) };
  }
  const [endorsementPolicy] = readSignaturePolicy(signaturePolicy);
  return { endorsementPolicy };
}
