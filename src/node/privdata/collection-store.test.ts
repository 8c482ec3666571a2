// SPDX-License-Identifier: Apache-2.0
import { beforeAll, describe, expect, it } from 'vitest';
import type { SigningIdentity } from '../../common/msp/types.ts';
import { protos } from '../../common/protos/index.ts';
import { createChaincodeProposal, toNumber } from '../../common/protoutil/index.ts';
import { toHex, utf8 } from '../../common/runtime/bytes.ts';
import { type CommittedChaincode, queryChaincodeDefinition } from '../lifecycle/index.ts';
import { realLedger } from '../replay/testing/chains.ts';
import { collectionOf } from '../testing/collections.ts';
import { CHANNEL, createTestChannel, type TestChannel } from '../testing/test-channel.ts';
import {
  CollectionStore,
  collectionInfoSource,
  describedCollections,
  memberOrgs,
} from './index.ts';

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

function storeOf(committed: readonly CommittedChaincode[] = []): CollectionStore {
  return new CollectionStore({
    channelId: CHANNEL,
    committed: async () => committed,
    described: describedCollections(DEFINITIONS),
    bundle: () => channel.bundle,
  });
}

async function signedProposal(
  creator: SigningIdentity,
  signer = creator,
): Promise<protos.ISignedProposal> {
  const spec = { chaincode_spec: { chaincode_id: { name: 'cc' }, input: { args: [utf8('f')] } } };
  const about = { channelId: CHANNEL, spec, creator: creator.serialize() };
  const { proposal } = createChaincodeProposal(about, { now: 0 });
  const proposal_bytes = protos.Proposal.encode(proposal).finish();
  return { proposal_bytes, signature: await signer.sign(proposal_bytes) };
}

describe('collections of a network description', () => {
  it('are byte for byte what Fabric makes of the same JSON', async () => {
    const [first, second] = describedCollections([
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
    ]).get('pvt') ?? [undefined, undefined];
    const executor = (await realLedger()).newQueryExecutor();
    const real = await queryChaincodeDefinition(executor, 'pvt');
    executor.done();
    const encoded = (one: protos.IStaticCollectionConfig | undefined): string =>
      toHex(protos.StaticCollectionConfig.encode(one ?? {}).finish());
    expect([first, second].map(encoded)).toEqual(real?.collections.map(encoded));
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
  it('finds described, committed and implicit collections; the chain goes first', async () => {
    const [onChain] = describedCollections([
      { ...once, name: 'cc', collections: [collectionOf('open', { blockToLive: 9 })] },
    ]).get('cc') ?? [undefined];
    if (!onChain) throw new Error('no collection');
    const committed = { name: 'cc', collections: [onChain] } as unknown as CommittedChaincode;
    const btl = async (store: CollectionStore, name: string): Promise<number | undefined> => {
      const found = await store.find('cc', name);
      return found && toNumber(found.block_to_live);
    };
    const described = storeOf();
    expect(await Promise.all(['open', 'readers', 'x'].map((n) => btl(described, n)))).toEqual([
      0,
      3,
      undefined,
    ]);
    const both = storeOf([committed]);
    expect([await btl(both, 'open'), await btl(both, 'readers')]).toEqual([9, undefined]);
    const implicit = await both.retrieveCollectionConfig('cc', '_implicit_org_Org2MSP');
    expect(memberOrgs(implicit)).toEqual(['Org2MSP']);
    await expect(both.retrieveCollectionConfig('cc', '_implicit_org_X')).rejects.toMatchObject({
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
