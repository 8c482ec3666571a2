// SPDX-License-Identifier: Apache-2.0
// A channel of 1.x with chaincodes in `lscc`, and the codes that validation gives to a block of crafted transactions there.
import type { ChannelConfigBundle } from '../../../common/channelconfig/types.ts';
import { parsePolicy } from '../../../common/policies/index.ts';
import { common, protos } from '../../../common/protos/index.ts';
import { utf8 } from '../../../common/runtime/bytes.ts';
import { namespaceDefinitionOf, namespacePolicies } from '../../lifecycle/index.ts';
import { withLegacyDefinitions } from '../../lifecycle/lscc/deployed-legacy.ts';
import type { TestChannel } from '../../testing/test-channel.ts';
import { validateBlock } from '../block-validator.ts';
import { codeName, type LegacyDefinition, verifySignatures } from '../index.ts';
import { blockOf, type Crafted, craft } from './crafted.ts';
import { MemoryValidationLedger } from './memory-validation-ledger.ts';

/** Serialized common.SignaturePolicyEnvelope of a text. */
export function policyBytes(text: string): Uint8Array {
  return common.SignaturePolicyEnvelope.encode(parsePolicy(text)).finish();
}

/** What `lscc` says of a chaincode at version 1.0, with one signature of Org1 in every policy, unless said otherwise. */
export function legacyDefinition(changes: Partial<LegacyDefinition> = {}): LegacyDefinition {
  const policy = policyBytes("OR('Org1MSP.member')");
  return { version: '1.0', vscc: 'vscc', policy, instantiationPolicy: policy, ...changes };
}

/** Serialized ChaincodeData, as `lscc` writes it. */
export function chaincodeData(name: string, definition: LegacyDefinition): Uint8Array {
  const { version, vscc, policy, instantiationPolicy } = definition;
  const decode = (bytes: Uint8Array) =>
    bytes.length > 0 ? common.SignaturePolicyEnvelope.decode(bytes) : null;
  return protos.ChaincodeData.encode({
    name,
    version,
    escc: 'escc',
    vscc,
    policy: decode(policy),
    instantiation_policy: decode(instantiationPolicy),
    data: utf8('hashes of the package'),
    id: utf8('hash'),
  }).finish();
}

/** The same channel at another level; none for a channel of 1.0. */
export function atLevel(bundle: ChannelConfigBundle, level: string): ChannelConfigBundle {
  const capabilities = new Set(level === 'none' ? [] : [level]);
  const application = { value: { ...bundle.application, capabilities } };
  return Object.create(bundle, { application }) as ChannelConfigBundle;
}

export interface LegacyBench {
  /** Writes key `k` of `cc`, endorsed by a peer of Org1, unless said otherwise. */
  transaction(options?: Partial<Crafted>): Promise<Uint8Array>;
  /** Names of the codes of a block of these at a capability level. */
  codesOf(
    level: string,
    envelopes: readonly Uint8Array[],
    ledger?: MemoryValidationLedger,
  ): Promise<string[]>;
  codeOf(
    level: string,
    options: Partial<Crafted>,
    ledger?: MemoryValidationLedger,
  ): Promise<string>;
}

export function legacyBench(
  { bundle, client, peers }: TestChannel,
  definitions: Readonly<Record<string, LegacyDefinition>>,
): LegacyBench {
  const chaincodes = withLegacyDefinitions([], new Map(Object.entries(definitions)));
  const namespaces = chaincodes.map(namespaceDefinitionOf);
  const standard = { client, endorsers: [peers.Org1MSP[0]], chaincode: 'cc' };
  const bench: LegacyBench = {
    transaction: (options = {}) =>
      craft({ ...standard, writes: { cc: { keys: ['k'] } }, ...options }),
    async codesOf(level, envelopes, ledger = new MemoryValidationLedger()) {
      const block = blockOf(envelopes);
      const channel = atLevel(bundle, level);
      const policies = namespacePolicies(namespaces, channel);
      const verdicts = await verifySignatures(block, { bundle: channel, policies });
      return Array.from(await validateBlock(block, verdicts, channel, ledger), codeName);
    },
    async codeOf(level, options, ledger) {
      const [code] = await bench.codesOf(level, [await bench.transaction(options)], ledger);
      return code ?? 'none';
    },
  };
  return bench;
}
