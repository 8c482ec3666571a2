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

export interface TestMembers {
  readonly organisations: Readonly<Record<PeerMsp | 'OrdererMSP' | 'Org9MSP', TestOrganisation>>;
  /** A client of Org1. */
  readonly client: SigningIdentity;
  /** A client of Org2. */
  readonly client2: SigningIdentity;
  /** An admin of Org1. */
  readonly admin: SigningIdentity;
  /** Two peers of each organisation. */
  readonly peers: Readonly<Record<PeerMsp, readonly [SigningIdentity, SigningIdentity]>>;
  readonly orderer: SigningIdentity;
  /** A client whose organisation is not in the channel. */
  readonly stranger: SigningIdentity;
}

export interface TestChannel extends TestMembers {
  readonly genesisBlock: Uint8Array;
  readonly bundle: ChannelConfigBundle;
}

export interface TestChannelOptions {
  readonly channelId?: string;
  /** Whose channel it is; new organisations when absent. */
  readonly members?: TestMembers;
  /** Policies of resources, by name. */
  readonly acls?: Readonly<Record<string, string>>;
}

/** @param application capability of the channel's application. */
export async function createTestChannel(
  application = 'V2_0',
  { channelId = CHANNEL, members, acls }: TestChannelOptions = {},
): Promise<TestChannel> {
  const all = members ?? (await createMembers());
  const { Org1MSP, Org2MSP, OrdererMSP } = all.organisations;
  const about = { channelId, application, ...(acls && { acls }) };
  const genesisBlock = genesisBlockOf([Org1MSP, Org2MSP], OrdererMSP, about);
  return { ...all, genesisBlock, bundle: await createBundleFromBlock(genesisBlock) };
}

async function createMembers(): Promise<TestMembers> {
  const [Org1MSP, Org2MSP, OrdererMSP, Org9MSP] = await Promise.all([
    createOrganisation('Org1MSP'),
    createOrganisation('Org2MSP'),
    createOrganisation('OrdererMSP'),
    createOrganisation('Org9MSP'),
  ]);
  const peersOf = async (org: TestOrganisation): Promise<[SigningIdentity, SigningIdentity]> => [
    await org.member('peer0', ['peer']),
    await org.member('peer1', ['peer']),
  ];
  return {
    organisations: { Org1MSP, Org2MSP, OrdererMSP, Org9MSP },
    client: await Org1MSP.member('user0', ['client']),
    client2: await Org2MSP.member('user0', ['client']),
    admin: await Org1MSP.member('admin0', ['admin']),
    peers: { Org1MSP: await peersOf(Org1MSP), Org2MSP: await peersOf(Org2MSP) },
    orderer: await OrdererMSP.member('orderer0', ['orderer']),
    stranger: await Org9MSP.member('mallory', ['client']),
  };
}

function genesisBlockOf(
  organisations: readonly TestOrganisation[],
  orderer: TestOrganisation,
  {
    channelId,
    application,
    acls,
  }: { channelId: string; application: string; acls?: Readonly<Record<string, string>> },
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
      ...(acls && { acls }),
      organizations: organisations.map((org) => ({
        name: org.mspId,
        mspConfig: org.mspConfig(),
        policies: peerOrganizationPolicies(org.mspId),
      })),
    },
  };
  return createGenesisBlock(channelId, profile, { now: YEAR_2026, random: systemRandomBytes });
}
