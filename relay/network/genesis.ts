// SPDX-License-Identifier: Apache-2.0
// Genesis blocks of a new network's channels: fabric-samples' configtx.yaml with this network's names.
import {
  applicationCapabilities,
  mspVersionOf,
} from '../../src/common/channelconfig/capabilities.ts';
import {
  DEFAULT_POLICIES,
  ordererOrganizationPolicies,
  peerOrganizationPolicies,
} from '../../src/common/channelconfig/encoder.ts';
import { ConfigError } from '../../src/common/channelconfig/errors.ts';
import { createGenesisBlock } from '../../src/common/channelconfig/genesis.ts';
import type { CertificateAuthority } from '../../src/common/crypto/ca.ts';
import { createMSPConfig } from '../../src/common/msp/index.ts';
import type { Clock, RandomBytes } from '../../src/common/runtime/clock.ts';
import type { ChannelConfig, NetworkConfig, OrganisationConfig } from './network-config.ts';

/** Fabric's port of orderers; tabs find the relay by its peer id, so this is for the eyes of Fabric's tools. */
const ORDERER_PORT = 7050;

/** Serialized genesis blocks by channel. Throws ConfigError or PolicyError when a policy or capability is wrong. */
export function createGenesisBlocks(
  config: NetworkConfig,
  caOf: (caName: string) => CertificateAuthority,
  { clock, random }: { readonly clock: Clock; readonly random: RandomBytes },
): Map<string, Uint8Array> {
  const options = { now: clock.now(), random };
  return new Map(
    config.channels.map((channel) => [
      channel.name,
      createGenesisBlock(channel.name, profile(config, channel, caOf), options),
    ]),
  );
}

function profile(
  { organisations, orderer }: NetworkConfig,
  channel: ChannelConfig,
  caOf: (caName: string) => CertificateAuthority,
): Parameters<typeof createGenesisBlock>[1] {
  checkCapabilities(channel);
  const members = organisations.filter(({ name }) => channel.organisations.includes(name));
  return {
    capabilities: channel.capabilities,
    orderer: {
      consensusType: 'solo',
      batchSize: channel.batchSize,
      batchTimeoutMs: channel.batchTimeoutMs,
      organizations: [
        {
          name: orderer.name,
          mspConfig: mspConfig(orderer, caOf),
          policies: ordererOrganizationPolicies(orderer.mspId),
          endpoints: [`orderer.${orderer.domain}:${ORDERER_PORT}`],
        },
      ],
    },
    application: {
      policies: { ...DEFAULT_POLICIES.application, ...channel.policies },
      organizations: members.map((org) => ({
        name: org.name,
        mspConfig: mspConfig(org, caOf),
        policies: peerOrganizationPolicies(org.mspId),
        anchorPeers: org.anchorPeers,
      })),
    },
  };
}

// Ledgers of 1.x can be read, but a network that begins now could define no chaincode under its rules, and would have no admins.
function checkCapabilities({ name, capabilities: { channel, application } }: ChannelConfig): void {
  const hasLifecycle = applicationCapabilities(new Set([application])).v2_0Validation;
  if (hasLifecycle && mspVersionOf(new Set([channel])) === 'V1_4_3') return;
  const text = `capabilities of a new channel, ${name}: channel ${channel} and application ${application}, which should be at least V1_4_3 and V2_0`;
  throw new ConfigError('CAPABILITY_UNSUPPORTED', text);
}

function mspConfig(
  { mspId, caName }: Pick<OrganisationConfig, 'mspId' | 'caName'>,
  caOf: (caName: string) => CertificateAuthority,
): Uint8Array {
  const { certificate } = caOf(caName);
  return createMSPConfig({ mspId, rootCerts: [certificate], nodeOUsCertificate: certificate });
}
