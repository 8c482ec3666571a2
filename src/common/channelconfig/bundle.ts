// SPDX-License-Identifier: Apache-2.0
// One configuration of one channel, ready to use (common/channelconfig/bundle.go). Immutable: a new configuration is a
// new bundle.
import { type BCCSP, defaultBCCSP } from '../crypto/index.ts';
import { MSPManagerImpl } from '../msp/index.ts';
import { type Policy, PolicyManagerImpl, SignaturePolicy } from '../policies/index.ts';
import { common } from '../protos/index.ts';
import {
  channelIdFromEnvelope,
  extractEnvelope,
  payloadFromEnvelope,
  toNumber,
  unmarshal,
  unmarshalBlock,
} from '../protoutil/index.ts';
import { validateChannelId } from './config-map.ts';
import { malformed, readSections, type Sections } from './sections.ts';
import type { ApplicationConfig, ChannelConfigBundle, OrdererConfig } from './types.ts';

class Bundle implements ChannelConfigBundle {
  readonly channelId: string;
  readonly sequence: number;
  readonly configBytes: Uint8Array;
  readonly mspManager: MSPManagerImpl;
  readonly policyManager: PolicyManagerImpl;
  readonly orderer: OrdererConfig;
  readonly application: ApplicationConfig;

  constructor(
    identity: Pick<ChannelConfigBundle, 'channelId' | 'sequence' | 'configBytes'>,
    { orderer, application }: Sections,
    managers: { mspManager: MSPManagerImpl; policyManager: PolicyManagerImpl },
  ) {
    this.channelId = identity.channelId;
    this.sequence = identity.sequence;
    this.configBytes = identity.configBytes;
    this.mspManager = managers.mspManager;
    this.policyManager = managers.policyManager;
    this.orderer = orderer;
    this.application = application;
  }

  signaturePolicy(envelope: Uint8Array): Policy {
    return SignaturePolicy.fromBytes(envelope, this.mspManager);
  }
}

/**
 * A bundle from serialized common.ConfigEnvelope. Rejects with ConfigError (CONFIG_MALFORMED, CAPABILITY_UNSUPPORTED),
 * MSPError, PolicyError or ProtoError when the configuration cannot be used.
 */
export async function createBundle(
  channelId: string,
  configEnvelope: Uint8Array,
  bccsp: BCCSP = defaultBCCSP(),
): Promise<ChannelConfigBundle> {
  validateChannelId(channelId);
  const { config } = unmarshal(common.ConfigEnvelope, 'ConfigEnvelope', configEnvelope);
  if (!config?.channel_group) throw malformed('config must contain a channel group');
  const sections = readSections(config.channel_group);
  const mspManager = await MSPManagerImpl.create(
    [...sections.mspConfigs.values()],
    bccsp,
    sections.mspVersion,
  );
  const policyManager = PolicyManagerImpl.create(config.channel_group, mspManager);
  // Own copy: the argument is often a view into a whole block.
  const configBytes = configEnvelope.slice();
  const identity = { channelId, sequence: toNumber(config.sequence), configBytes };
  return new Bundle(identity, sections, { mspManager, policyManager });
}

/** A bundle from a config block, serialized common.Block. Rejects as `createBundle` does. */
export async function createBundleFromBlock(
  block: Uint8Array,
  bccsp?: BCCSP,
): Promise<ChannelConfigBundle> {
  const envelope = extractEnvelope(unmarshalBlock(block), 0);
  const { data } = payloadFromEnvelope(envelope);
  return createBundle(channelIdFromEnvelope(envelope), data, bccsp);
}
