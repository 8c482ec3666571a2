// SPDX-License-Identifier: Apache-2.0
import { beforeAll, describe, expect, it } from 'vitest';
import type { SigningIdentity } from '../../common/msp/types.ts';
import { protos } from '../../common/protos/index.ts';
import { createChaincodeProposal, toNumber } from '../../common/protoutil/index.ts';
import { toHex, utf8 } from '../../common/runtime/bytes.ts';
import {
  collectionInfoSource,
  describedChaincodes,
  queryChaincodeDefinition,
} from '../lifecycle/index.ts';
import { realLedger } from '../replay/testing/chains.ts';
import { collectionOf } from '../testing/collections.ts';
import { deployedOnly } from '../testing/deployed.ts';
import { CHANNEL, createTestChannel, type TestChannel } from '../testing/test-channel.ts';
import { CollectionStore, memberOrgs } from './index.ts';

const once = { version: '1.0', sequence: 1, endorsementPolicy: "OR('Org1MSP.peer')" };
const ORG1 = "OR('Org1MSP.member')";
const DEFINITIONS = [
  {
    ...once,
    name: 'cc',
    collections: [
      collectionOf('open'),
      collectionOf('readers', { policy: ORG1, memberOnlyRead: true, blockToLive: 3 }),
      collectionOf('writers', { policy: ORG1, memberOnlyWrite: true }),
    ],
  },
  { ...once, name: 'none' },
];

let channel: TestChannel;
beforeAll(async () => {
  channel = await createTestChannel();
});

function storeOf(): CollectionStore {
  const deployed = deployedOnly(describedChaincodes(DEFINITIONS));
  return new CollectionStore({ channelId: CHANNEL, deployed, bundle: () => channel.bundle });
}

async function signedProposal(
  creator: SigningIdentity,
  signer = creator,
): Promise<protos.ISignedProposal> {
  const spec = { chaincode_spec: { chaincode_id: { name: 'cc' }, input: { args: [utf8('f')] } } };
  const about = { channelId: CHANNEL, spec, creator: creator.serialize() };
  const { proposal } = createChaincodeProposal(about, { now: 0, nonce: utf8('nonce') });
  const proposal_bytes = protos.Proposal.encode(proposal).finish();
  return { proposal_bytes, signature: await signer.sign(proposal_bytes) };
}

describe('collections of a network description', () => {
  it('are byte for byte what Fabric makes of the same JSON', async () => {
    const [described] = describedChaincodes([
      {
        ...once,
        name: 'pvt',
        collections: [
          collectionOf('colBoth', { maxPeerCount: 2, memberOnlyRead: true, memberOnlyWrite: true }),
          collectionOf('colOrg1', {
            policy: ORG1,
            blockToLive: 3,
            memberOnlyRead: true,
            endorsementPolicy: "OR('Org1MSP.peer')",
          }),
        ],
      },
    ]);
    const executor = (await realLedger()).newQueryExecutor();
    const real = await queryChaincodeDefinition(executor, 'pvt');
    executor.done();
    const encoded = (one: protos.IStaticCollectionConfig | undefined): string =>
      toHex(protos.StaticCollectionConfig.encode(one ?? {}).finish());
    expect(real?.collections).toHaveLength(2);
    expect(described?.collections.map(encoded)).toEqual(real?.collections.map(encoded));
  });

  it('tell the ledger how long their data lives, and whose it is', () => {
    const source = collectionInfoSource(DEFINITIONS);
    expect(source.collectionInfo('cc', 'readers')).toEqual({
      blockToLive: 3,
      memberOrgs: ['Org1MSP'],
    });
    expect(source.collectionInfo('cc', 'other')).toBeUndefined();
    expect(source.collectionInfo('none', 'open')).toBeUndefined();
  });
});

describe('a collection store', () => {
  it('finds what is deployed, and implicit collections of the channel’s organisations', async () => {
    const store = storeOf();
    const found = await Promise.all(['open', 'readers', 'x'].map((name) => store.find('cc', name)));
    expect(found.map((one) => one && toNumber(one.block_to_live))).toEqual([0, 3, undefined]);
    expect((await store.collections('cc')).map(({ name }) => name)).toEqual([
      'open',
      'readers',
      'writers',
    ]);
    expect([await store.collections('none'), await store.collections('absent')]).toEqual([[], []]);
    const implicit = await store.retrieveCollectionConfig('cc', '_implicit_org_Org2MSP');
    expect(memberOrgs(implicit)).toEqual(['Org2MSP']);
    await expect(store.retrieveCollectionConfig('cc', '_implicit_org_X')).rejects.toMatchObject({
      code: 'COLLECTION_UNKNOWN',
      message: 'collection mychannel/cc/_implicit_org_X could not be found',
    });
  });

  it('lets members do all, and others what is not for members only', async () => {
    const store = storeOf();
    const [member, outsider] = [
      await signedProposal(channel.client),
      await signedProposal(channel.client2),
    ];
    const all = { read: true, write: true };
    for (const collection of ['open', 'readers', 'writers']) {
      expect(await store.retrieveReadWritePermission('cc', collection, member)).toEqual(all);
    }
    const forOutsiders = {
      open: all,
      readers: { read: false, write: true },
      writers: { read: true, write: false },
    };
    for (const [collection, expected] of Object.entries(forOutsiders)) {
      const found = await store.retrieveReadWritePermission('cc', collection, outsider);
      expect(found, collection).toEqual(expected);
    }
    // Whoever says to be a member must have signed as one.
    const forged = await signedProposal(channel.client, channel.client2);
    expect(await store.retrieveReadWritePermission('cc', 'readers', forged)).toEqual({
      read: false,
      write: true,
    });
  });
});
