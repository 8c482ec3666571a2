// SPDX-License-Identifier: Apache-2.0
import { createMSPConfig } from '../../msp/index.ts';
import { realChannelGroup } from '../../msp/testing/real-channel.ts';
import { msp } from '../../protos/index.ts';
import { fromUtf8 } from '../../runtime/bytes.ts';
import {
  type ChannelProfile,
  ordererOrganizationPolicies,
  peerOrganizationPolicies,
} from '../encoder.ts';

// What configtx.yaml of the real network says, with its certificates.
export function realProfile(): ChannelProfile {
  const realGroup = realChannelGroup();
  const mspConfigOf = (section: string, name: string): Uint8Array => {
    const bytes = realGroup.groups[section]?.groups[name]?.values.MSP?.value ?? new Uint8Array();
    const config = msp.FabricMSPConfig.decode(msp.MSPConfig.decode(bytes).config);
    const ca = fromUtf8(config.root_certs[0] ?? new Uint8Array());
    return createMSPConfig({
      mspId: config.name,
      rootCerts: [ca],
      tlsRootCerts: config.tls_root_certs.map(fromUtf8),
      nodeOUsCertificate: ca,
    });
  };
  const peerOrg = (name: string) => ({
    name,
    mspConfig: mspConfigOf('Application', name),
    policies: peerOrganizationPolicies(name),
  });
  return {
    ordererAddresses: ['127.0.0.1:7050'],
    capabilities: { channel: 'V2_0', orderer: 'V2_0', application: 'V2_0' },
    orderer: {
      consensusType: 'solo',
      batchTimeoutMs: 2000,
      batchSize: {
        maxMessageCount: 10,
        absoluteMaxBytes: 99 * 2 ** 20,
        preferredMaxBytes: 512 * 2 ** 10,
      },
      organizations: [
        {
          name: 'OrdererOrg',
          mspConfig: mspConfigOf('Orderer', 'OrdererOrg'),
          policies: ordererOrganizationPolicies('OrdererMSP'),
          endpoints: ['127.0.0.1:7050'],
        },
      ],
    },
    application: { organizations: [peerOrg('Org1MSP'), peerOrg('Org2MSP')] },
  };
}
