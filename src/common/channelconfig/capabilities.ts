// SPDX-License-Identifier: Apache-2.0
// Capability levels (common/capabilities). A name that is not known means that others follow rules that we do not have:
// going on would fork the ledger, so such a configuration is refused.
import type { MSPVersion } from '../msp/index.ts';
import { common } from '../protos/index.ts';
import { unmarshal } from '../protoutil/index.ts';
import { ConfigError } from './errors.ts';

const KNOWN = {
  Channel: ['V1_1', 'V1_3', 'V1_4_2', 'V1_4_3', 'V2_0', 'V3_0'],
  Orderer: ['V1_1', 'V1_4_2', 'V2_0'],
  Application: [
    'V1_1',
    'V1_1_PVTDATA_EXPERIMENTAL',
    'V1_1_RESOURCETREE_EXPERIMENTAL',
    'V1_2',
    'V1_3',
    'V1_4_2',
    'V2_0',
    'V2_5',
  ],
} as const;

/** The names in a Capabilities value, none for the rules of 1.0. Throws ConfigError CAPABILITY_UNSUPPORTED. */
export function readCapabilities(
  section: keyof typeof KNOWN,
  value: Uint8Array | undefined,
): ReadonlySet<string> {
  const { capabilities } = unmarshal(
    common.Capabilities,
    'Capabilities',
    value ?? new Uint8Array(),
  );
  const names = new Set(Object.keys(capabilities));
  const known: ReadonlySet<string> = new Set(KNOWN[section]);
  for (const name of names) {
    if (known.has(name)) continue;
    const text = `${section} capability ${name} is required but not supported`;
    throw new ConfigError('CAPABILITY_UNSUPPORTED', text);
  }
  return names;
}

/** The rules of membership that a channel's capabilities select (ChannelProvider.MSPVersion in common/capabilities/channel.go). */
export function mspVersionOf(channel: ReadonlySet<string>): MSPVersion {
  if (channel.has('V3_0')) return 'V3_0';
  if (hasAny(channel, 'V1_4_3', 'V2_0')) return 'V1_4_3';
  if (hasAny(channel, 'V1_3', 'V1_4_2')) return 'V1_3';
  return channel.has('V1_1') ? 'V1_1' : 'V1_0';
}

/** Whether organisations of orderers may name their own addresses (OrgSpecificOrdererEndpoints). */
export function allowsOrdererEndpoints(channel: ReadonlySet<string>): boolean {
  return hasAny(channel, 'V1_4_2', 'V1_4_3', 'V2_0', 'V3_0');
}

/** What the capabilities of a channel's application switch on, under Fabric's names (common/capabilities/application.go). */
export interface ApplicationCapabilities {
  readonly acls: boolean;
  readonly forbidDuplicateTxIdInBlock: boolean;
  readonly privateChannelData: boolean;
  readonly keyLevelEndorsement: boolean;
  readonly v1_1Validation: boolean;
  readonly v1_2Validation: boolean;
  readonly v1_3Validation: boolean;
  readonly v2_0Validation: boolean;
}

/** A later level has all that an earlier one switched on, whether or not that is named too. */
export function applicationCapabilities(names: ReadonlySet<string>): ApplicationCapabilities {
  const v20 = hasAny(names, 'V2_0', 'V2_5');
  const v13 = v20 || hasAny(names, 'V1_3', 'V1_4_2');
  const v12 = v13 || names.has('V1_2');
  const v11 = v12 || names.has('V1_1');
  return {
    acls: v12,
    forbidDuplicateTxIdInBlock: v11,
    privateChannelData: v12 || names.has('V1_1_PVTDATA_EXPERIMENTAL'),
    keyLevelEndorsement: v13,
    v1_1Validation: v11,
    v1_2Validation: v12,
    v1_3Validation: v13,
    v2_0Validation: v20,
  };
}

function hasAny(names: ReadonlySet<string>, ...wanted: readonly string[]): boolean {
  return wanted.some((name) => names.has(name));
}
