// SPDX-License-Identifier: Apache-2.0
// A channel of two organisations for tests, with members who sign what they are told to.
import {
  createBundleFromBlock,
  createGenesisBlock,
  ordererOrganizationPolicies,
  peerOrganizationPolicies,
} from '../../common/channelconfig/index.ts';
import type { ChannelConfigBundle } from '../../common/channelconfig/types.ts';
import {
  createOrganisation,
  type TestOrganisation,
  YEAR_2026,
} from '../../common/msp/testing/organisation.ts';
import type { SigningIdentity } from '../../common/msp/types.ts';
import { systemRandomBytes } from '../../common/runtime/clock.ts';

export const CHANNEL = 'mychannel';

const ORGANISATIONS = ['Org1MSP', 'Org2MSP'] as const;
export type PeerMsp = (typeof ORGANISATIONS)[number];

export interface TestChannel {
  readonly genesisBlock: Uint8Array;
  readonly bundle: ChannelConfigBundle;
  /** A client of Org1. */
  readonly client: SigningIdentity;
  /** A client of Org2. */
  readonly client2: SigningIdentity;
  /** Two peers of each organisation. */
  readonly peers: Readonly<Record<PeerMsp, readonly [SigningIdentity, SigningIdentity]>>;
  readonly orderer: SigningIdentity;
  /** A client whose organisation is not in the channel. */
  readonly stranger: SigningIdentity;
}

/** @param application capability of the channel's application. */
export async function createTestChannel(application = 'V2_0'): Promise<TestChannel> {
  const [org1, org2, ordererOrg, foreign] = await Promise.all([
    createOrganisation('Org1MSP'),
    createOrganisation('Org2MSP'),
    createOrganisation('OrdererMSP'),
    createOrganisation('Org9MSP'),
  ]);
  const genesisBlock = genesisBlockOf([org1, org2], ordererOrg, application);
  const peersOf = async (org: TestOrganisation): Promise<[SigningIdentity, SigningIdentity]> => [
    await org.member('peer0', ['peer']),
    await org.member('peer1', ['peer']),
  ];
  return {
    genesisBlock,
    bundle: await createBundleFromBlock(genesisBlock),
    client: await org1.member('user0', ['client']),
    client2: await org2.member('user0', ['client']),
    peers: { Org1MSP: await peersOf(org1), Org2MSP: await peersOf(org2) },
    orderer: await ordererOrg.member('orderer0', ['orderer']),
    stranger: await foreign.member('mallory', ['client']),
  };
}

function genesisBlockOf(
  organisations: readonly TestOrganisation[],
  orderer: TestOrganisation,
  application: string,
): Uint8Array {
  const { mspId } = orderer;
  const profile = {
    capabilities: { channel: 'V2_0', orderer: 'V2_0', application },
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
          name: mspId,
          mspConfig: orderer.mspConfig(),
          policies: ordererOrganizationPolicies(mspId),
        },
      ],
    },
    application: {
      organizations: organisations.map((org) => ({
        name: org.mspId,
        mspConfig: org.mspConfig(),
        policies: peerOrganizationPolicies(org.mspId),
      })),
    },
  };
  return createGenesisBlock(CHANNEL, profile, { now: YEAR_2026, random: systemRandomBytes });
}
