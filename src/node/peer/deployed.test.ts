// SPDX-License-Identifier: Apache-2.0
// Everything at a peer that asks what is deployed has the same answer, wherever the definition comes from.
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { ChaincodeDefinition } from '../../common/network/types.ts';
import { applicationPolicyToText } from '../../common/policies/index.ts';
import { toNumber } from '../../common/protoutil/index.ts';
import { utf8 } from '../../common/runtime/bytes.ts';
import { codeName, endorsedActionOf } from '../committer/index.ts';
import { craft } from '../committer/testing/crafted.ts';
import { collectionOf } from '../testing/collections.ts';
import { CHANNEL, createTestChannel, type TestChannel } from '../testing/test-channel.ts';
import { TestPeer } from '../testing/test-peer.ts';
import { createSignatureWorker, SignaturePool } from '../verification/index.ts';

const ONE = "OR('Org1MSP.peer')";
const BOTH = "AND('Org1MSP.peer', 'Org2MSP.peer')";
const COLLECTIONS = ['file', 'shared', 'chain'];

const FROM_FILE: ChaincodeDefinition = {
  name: 'cc',
  version: '0.9',
  sequence: 4,
  endorsementPolicy: ONE,
  collections: [collectionOf('file'), collectionOf('shared', { blockToLive: 3 })],
};
const ON_CHAIN: ChaincodeDefinition = {
  name: 'cc',
  version: '2.0',
  sequence: 1,
  endorsementPolicy: BOTH,
  collections: [collectionOf('shared', { blockToLive: 9 }), collectionOf('chain')],
};

/** What each place says of `cc`. */
interface Answers {
  /** Peer.definition: version and policy. */
  readonly definition: readonly string[] | undefined;
  /** CollectionStore: names and lives. */
  readonly collections: Readonly<Record<string, number>>;
  /** The ledger: which collections a simulation may write. */
  readonly ledger: readonly string[];
  /** Endorsement planning: whose endorsements are needed. */
  readonly layouts: readonly (readonly string[])[];
  /** The channel's policies: whether a peer of Org1 is enough. */
  readonly oneIsEnough: boolean;
  /** The signature workers: the code of a transaction that a peer of Org1 endorsed. */
  readonly code: string;
}

const OF_FILE: Answers = {
  definition: ['0.9', ONE],
  collections: { file: 0, shared: 3 },
  ledger: ['file', 'shared'],
  layouts: [['Org1MSP']],
  oneIsEnough: true,
  code: 'VALID',
};
const OF_CHAIN: Answers = {
  definition: ['2.0', BOTH],
  collections: { shared: 9, chain: 0 },
  ledger: ['shared', 'chain'],
  layouts: [['Org1MSP', 'Org2MSP']],
  oneIsEnough: false,
  code: 'ENDORSEMENT_POLICY_FAILURE',
};
const OF_NOBODY: Answers = {
  definition: undefined,
  collections: {},
  ledger: [],
  layouts: [],
  oneIsEnough: false,
  code: 'INVALID_CHAINCODE',
};

let channel: TestChannel;
let peer: TestPeer;

beforeAll(async () => {
  channel = await createTestChannel();
});
afterEach(() => peer.stop());

async function start(described: readonly ChaincodeDefinition[]): Promise<void> {
  const { genesisBlock } = channel;
  const description = { name: CHANNEL, chaincodes: described };
  const pool = new SignaturePool([createSignatureWorker()]);
  peer = await TestPeer.start(channel, {
    channels: [{ description, genesisBlock }],
    signatureStage: pool.verify,
  });
}

function writable(): string[] {
  const { ledger } = peer.peer.requireChannel(CHANNEL);
  const simulator = ledger.newTxSimulator('tx');
  try {
    return COLLECTIONS.filter((collection) => {
      try {
        simulator.setPrivateData('cc', collection, 'k', utf8('v'));
        return true;
      } catch (error) {
        expect(error).toMatchObject({ code: 'COLLECTION_UNKNOWN' });
        return false;
      }
    });
  } finally {
    simulator.done();
  }
}

async function answers(): Promise<Answers> {
  const { endorsement, collections } = peer.peer.requireChannel(CHANNEL);
  const definition = await peer.peer.definition(CHANNEL, 'cc');
  const lives = await Promise.all(
    COLLECTIONS.map(async (name) => [name, await collections.find('cc', name)] as const),
  );
  const envelope = await craft({
    client: channel.client,
    endorsers: [channel.peers.Org1MSP[0]],
    chaincode: 'cc',
    writes: { cc: { keys: ['k'] } },
  });
  const { proposalResponsePayload, endorsements } = endorsedActionOf(envelope);
  const { flags } = await peer.commit(CHANNEL, [envelope]);
  return {
    definition: definition && [
      definition.version,
      applicationPolicyToText(definition.validationParameter),
    ],
    collections: Object.fromEntries(
      lives.flatMap(([name, found]) => (found ? [[name, toNumber(found.block_to_live)]] : [])),
    ),
    ledger: writable(),
    layouts: (await endorsement.plan('cc')).layouts,
    oneIsEnough: await endorsement.isSatisfied(proposalResponsePayload, endorsements),
    code: codeName(flags[0] ?? 255),
  };
}

describe('what is deployed', () => {
  it('is what the network file says, as long as the chain says nothing', async () => {
    await start([FROM_FILE]);
    expect(await answers()).toEqual(OF_FILE);
  });

  it('is what the chain says, when the file says nothing', async () => {
    await start([]);
    expect(await answers()).toEqual(OF_NOBODY);
    await peer.define(CHANNEL, ON_CHAIN);
    expect(await answers()).toEqual(OF_CHAIN);
  });

  it('is what the chain says, when both speak', async () => {
    await start([FROM_FILE]);
    await peer.define(CHANNEL, ON_CHAIN);
    expect(await answers()).toEqual(OF_CHAIN);
    expect(await peer.peer.definitions(CHANNEL)).toHaveLength(1);
  });

  it('changes with a block, which is told of before the block is', async () => {
    await start([FROM_FILE]);
    const { events, deployed } = peer.peer.requireChannel(CHANNEL);
    await deployed.current();
    const told: string[] = [];
    events.on('definitions:changed', (all) => {
      told.push(all.map(({ name, source, sequence }) => `${name} ${source} ${sequence}`).join());
    });
    events.on('block:committed', ({ blockNum }) => told.push(`block ${blockNum}`));
    await peer.define(CHANNEL, ON_CHAIN);
    await peer.define(CHANNEL, { ...ON_CHAIN, version: '3.0', sequence: 2, collections: [] });
    expect(told).toEqual(['cc chain 1', 'block 1', 'cc chain 2', 'block 2']);
    const withoutCollections = {
      ...OF_CHAIN,
      definition: ['3.0', BOTH],
      collections: {},
      ledger: [],
    };
    expect(await answers()).toEqual(withoutCollections);
    // The collections that the file names do not come back with a restart.
    await peer.stop();
    await peer.start();
    expect(await answers()).toEqual(withoutCollections);
    expect(peer.warnings).toEqual([]);
  });
});
