// SPDX-License-Identifier: Apache-2.0
// Plans and verdicts on a real configuration; with collections and peers, see privdata/private-data.test.ts.
import { beforeAll, describe, expect, it } from 'vitest';
import { protos } from '../../common/protos/index.ts';
import { concat, utf8 } from '../../common/runtime/bytes.ts';
import type { KeyPolicies } from '../committer/index.ts';
import { keyPolicy, readWriteSet, type Writes } from '../committer/testing/crafted.ts';
import { describedChaincodes } from '../lifecycle/index.ts';
import { CollectionStore } from '../privdata/index.ts';
import { collectionOf } from '../testing/collections.ts';
import { deployedOnly, policiesOf } from '../testing/deployed.ts';
import {
  CHANNEL,
  createTestChannel,
  type PeerMsp,
  type TestChannel,
} from '../testing/test-channel.ts';
import { ChannelEndorsement } from './channel-endorsement.ts';

const once = { version: '1.0', sequence: 1 };
const DEFINITIONS = [
  { ...once, name: 'one', endorsementPolicy: "OR('Org1MSP.peer')" },
  { ...once, name: 'both', endorsementPolicy: "AND('Org1MSP.peer','Org2MSP.peer')" },
  { ...once, name: 'ref', endorsementPolicy: '/Channel/Application/Endorsement' },
  {
    ...once,
    name: 'pvt',
    endorsementPolicy: "OR('Org1MSP.peer')",
    collections: [
      collectionOf('plain'),
      collectionOf('own', { endorsementPolicy: "OR('Org2MSP.peer')" }),
    ],
  },
];

let channel: TestChannel;
beforeAll(async () => {
  channel = await createTestChannel();
});

function endorsement(parameters: Readonly<Record<string, string>> = {}): ChannelEndorsement {
  const { bundle } = channel;
  const deployed = deployedOnly(describedChaincodes(DEFINITIONS));
  const about = { channelId: CHANNEL, deployed, bundle: () => bundle };
  const keyPolicies: KeyPolicies = {
    validationParameter: async (_namespace, key) => {
      const text = parameters[key];
      return text === undefined ? undefined : keyPolicy(text);
    },
    hashedValidationParameter: async () => undefined,
  };
  return new ChannelEndorsement({
    mspId: 'Org1MSP',
    deployed,
    collections: new CollectionStore(about),
    bundle: () => bundle,
    policies: async () => policiesOf(DEFINITIONS, bundle),
    keyPolicies,
  });
}

function payloadOf(name: string, writes: Readonly<Record<string, Writes>>): Uint8Array {
  const action = { results: readWriteSet(writes), chaincode_id: { name, version: '1.0' } };
  const extension = protos.ChaincodeAction.encode(action).finish();
  return protos.ProposalResponsePayload.encode({ extension }).finish();
}

/** Whether peers of these organisations are enough for a transaction of `name` that writes so. */
async function enough(
  name: string,
  writes: Readonly<Record<string, Writes>>,
  mspIds: readonly PeerMsp[],
  parameters?: Readonly<Record<string, string>>,
): Promise<boolean> {
  const payload = payloadOf(name, writes);
  const endorsements = await Promise.all(
    mspIds.map(async (mspId) => {
      const [peer] = channel.peers[mspId];
      const endorser = peer.serialize();
      return { endorser, signature: await peer.sign(concat(payload, endorser)) };
    }),
  );
  return endorsement(parameters).isSatisfied(payload, endorsements);
}

const ORG1: readonly PeerMsp[] = ['Org1MSP'];
const ALL: readonly PeerMsp[] = ['Org1MSP', 'Org2MSP'];

describe('endorsements', () => {
  it('must satisfy the policies of all that is written', async () => {
    const keys = ['k'];
    expect(await enough('one', { one: { keys } }, ORG1)).toBe(true);
    expect(await enough('one', { one: { keys }, both: { keys } }, ORG1)).toBe(false);
    expect(await enough('one', { one: { keys }, both: { keys } }, ALL)).toBe(true);
    expect(await enough('both', {}, ORG1)).toBe(false);
    expect(await enough('pvt', { pvt: { collections: { plain: { keys } } } }, ORG1)).toBe(true);
    expect(await enough('pvt', { pvt: { collections: { own: { keys } } } }, ORG1)).toBe(false);
    expect(await enough('pvt', { pvt: { collections: { own: { keys } } } }, ALL)).toBe(true);
    expect(await enough('pvt', { pvt: { collections: { none: { keys } } } }, ALL)).toBe(false);
    expect(await enough('unknown', {}, ALL)).toBe(false);
  });

  it('must satisfy the policies of keys', async () => {
    const parameters = { k: "AND('Org1MSP.peer','Org2MSP.peer')" };
    expect(await enough('one', { one: { keys: ['k'] } }, ORG1, parameters)).toBe(false);
    expect(await enough('one', { one: { keys: ['k'] } }, ALL, parameters)).toBe(true);
    expect(await enough('one', { one: { keys: ['x'] } }, ORG1, parameters)).toBe(true);
  });

  it('of garbage are not enough', async () => {
    for (const payload of [utf8('garbage'), new Uint8Array(), Uint8Array.of(255)]) {
      expect(await endorsement().isSatisfied(payload, [])).toBe(false);
    }
  });
});

describe('a plan', () => {
  it('is the policy of the chaincode, before anything is known', async () => {
    const plans = endorsement();
    const layouts = async (name: string) => (await plans.plan(name)).layouts;
    expect(await layouts('one')).toEqual([['Org1MSP']]);
    expect(await layouts('both')).toEqual([['Org1MSP', 'Org2MSP']]);
    // MAJORITY of two is both.
    expect(await layouts('ref')).toEqual([['Org1MSP', 'Org2MSP']]);
    expect(await layouts('_lifecycle')).toEqual([['Org1MSP', 'Org2MSP']]);
    expect(await layouts('unknown')).toEqual([]);
    expect((await plans.plan('one')).dependsOnInterest).toBe(false);
    expect((await plans.plan('pvt')).dependsOnInterest).toBe(true);
  });

  it('is the policies of what a first endorsement touched', async () => {
    const touched = (...collectionNames: string[]) => ({
      chaincodes: [{ name: 'pvt', collectionNames, noPrivateReads: true }],
      hasTransientData: false,
    });
    const plans = endorsement();
    expect((await plans.plan('pvt', touched('plain'))).layouts).toEqual([['Org1MSP']]);
    expect((await plans.plan('pvt', touched('own'))).layouts).toEqual([['Org2MSP']]);
    expect((await plans.plan('pvt', touched('plain', 'own'))).layouts).toEqual([
      ['Org1MSP', 'Org2MSP'],
    ]);
    const implicit = touched('_implicit_org_Org2MSP');
    expect((await plans.plan('pvt', implicit)).layouts).toEqual([['Org2MSP']]);
    const secret = { ...implicit, hasTransientData: true };
    expect(await plans.plan('pvt', secret)).toEqual({
      layouts: [['Org2MSP']],
      allowed: ['Org2MSP'],
    });
  });
});
