// SPDX-License-Identifier: Apache-2.0
// One peer on two channels: each has its own definitions, packages, collections and settings, and what happens in one is nothing to
// the other. With the real shim in threads.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildChaincodeRuntime } from '../../../scripts/build-chaincode-runtime.ts';
import type { ChaincodeDefinition } from '../../common/network/types.ts';
import { common, protos, rwset } from '../../common/protos/index.ts';
import { createTxPayload } from '../../common/protoutil/index.ts';
import { fromUtf8, utf8 } from '../../common/runtime/bytes.ts';
import { packageIdOf } from '../chaincode/package.ts';
import { packageOf } from '../chaincode/testing/packages.ts';
import { ThreadLauncher } from '../chaincode/testing/thread-launcher.ts';
import { collectionOf } from '../testing/collections.ts';
import { createTestChannel, type TestChannel } from '../testing/test-channel.ts';
import { TestPeer } from '../testing/test-peer.ts';

const FIRST = 'first';
const SECOND = 'second';

const sourceOf = (release: string): string => `
const { Contract } = require('fabric-contract-api');
class Cc extends Contract {
  async release() { return '${release}'; }
  async put(ctx, key, value) { await ctx.stub.putState(key, Buffer.from(value)); }
  async get(ctx, key) { return (await ctx.stub.getState(key)).toString(); }
  async rich(ctx) {
    const rows = await ctx.stub.getQueryResult('{"selector":{"a":{"$gt":0}},"sort":[{"a":"asc"}]}');
    const keys = [];
    for await (const row of { [Symbol.asyncIterator]: () => rows }) keys.push(row.key);
    return keys.join();
  }
  async history(ctx, key) {
    const rows = await ctx.stub.getHistoryForKey(key);
    return String((await rows.next()).done);
  }
  async hide(ctx, key) { await ctx.stub.putPrivateData('secret', key, ctx.stub.getTransient().get('value')); }
  async call(ctx, channel, chaincode, args) {
    const { status, message, payload } = await ctx.stub.invokeChaincode(chaincode, args.split(' '), channel);
    return status + ' ' + message + ' ' + payload;
  }
}
module.exports.contracts = [Cc];
`;
const INDEX = {
  'META-INF/statedb/couchdb/indexes/a.json':
    '{"index":{"fields":["a"]},"ddoc":"ddoc","name":"byA"}',
};
const PACKAGES = {
  [FIRST]: packageOf('cc_1', sourceOf('one'), INDEX),
  [SECOND]: packageOf('cc_2', sourceOf('two')),
};

const ON_FIRST: ChaincodeDefinition = {
  name: 'cc',
  version: '1.0',
  sequence: 1,
  endorsementPolicy: "OR('Org1MSP.peer')",
  collections: [collectionOf('secret')],
};
const ON_SECOND: ChaincodeDefinition = {
  name: 'cc',
  version: '2.0',
  sequence: 1,
  endorsementPolicy: "OR('Org1MSP.peer','Org2MSP.peer')",
};

let members: TestChannel;
let launcher: ThreadLauncher;
let peer: TestPeer;

beforeAll(async () => {
  members = await createTestChannel('V2_5', { channelId: FIRST });
  const second = await createTestChannel('V2_5', { channelId: SECOND, members });
  const requests = [
    { ccid: packageIdOf('cc_1', PACKAGES[FIRST]), files: filesOf('one'), mspId: 'Org1MSP' },
    { ccid: packageIdOf('cc_2', PACKAGES[SECOND]), files: filesOf('two'), mspId: 'Org1MSP' },
  ];
  launcher = new ThreadLauncher(await buildChaincodeRuntime(), requests);
  peer = await TestPeer.start(members, {
    launcher,
    channels: [
      {
        description: { name: FIRST, stateDatabase: 'CouchDB', chaincodes: [ON_FIRST] },
        genesisBlock: members.genesisBlock,
      },
      {
        description: { name: SECOND, historyDatabase: false, chaincodes: [ON_SECOND] },
        genesisBlock: second.genesisBlock,
      },
    ],
  });
  for (const channelId of [FIRST, SECOND] as const) {
    await peer.peer.install({ channel: channelId, chaincode: 'cc' }, PACKAGES[channelId]);
  }
});
afterAll(async () => {
  await peer.stop();
  await launcher.stop();
});

function filesOf(release: string): Readonly<Record<string, string>> {
  return {
    'package.json': '{"name":"test","version":"1.0.0","main":"index.js"}',
    'index.js': sourceOf(release),
  };
}

interface Answer {
  readonly status: number | undefined;
  readonly text: string;
  /** Version of the chaincode that was endorsed. */
  readonly version: string | undefined;
  /** Namespaces in the read-write set. */
  readonly namespaces: readonly string[];
}

type Options = Parameters<TestPeer['propose']>[3];

async function ask(channelId: string, args: readonly string[], options?: Options): Promise<Answer> {
  const { response, payload } = await peer.propose(channelId, 'cc', args, options);
  const { extension } = protos.ProposalResponsePayload.decode(payload);
  const { chaincode_id, results } = protos.ChaincodeAction.decode(extension);
  const text = response?.message || fromUtf8(response?.payload ?? utf8(''));
  const { ns_rwset } = rwset.TxReadWriteSet.decode(results);
  const namespaces = ns_rwset.map(({ namespace }) => namespace);
  return { status: response?.status, text, version: chaincode_id?.version, namespaces };
}

const heights = (): number[] =>
  [FIRST, SECOND].map((channelId) => peer.peer.requireChannel(channelId).height);

describe('one peer on two channels', () => {
  it('runs of each what its definition and its package say', async () => {
    expect(await ask(FIRST, ['release'])).toMatchObject({ text: 'one', version: '1.0' });
    expect(await ask(SECOND, ['release'])).toMatchObject({ text: 'two', version: '2.0' });
    expect(launcher.launches).toBe(2);
    const packageIds = await Promise.all(
      [FIRST, SECOND].map(async (id) => (await peer.peer.definition(id, 'cc'))?.packageId),
    );
    expect(packageIds.map((id) => id?.slice(0, 5))).toEqual(['cc_1:', 'cc_2:']);
  });

  it('keeps each ledger as its channel is described', async () => {
    // A sort wants an index, which the package brings.
    expect(await ask(FIRST, ['rich'])).toMatchObject({ status: 200, text: '' });
    expect((await ask(SECOND, ['rich'])).text).toMatch(/GET_QUERY_RESULT failed/);
    expect(await ask(FIRST, ['history', 'k'])).toMatchObject({ status: 200, text: 'true' });
    expect((await ask(SECOND, ['history', 'k'])).text).toMatch(/history database is not enabled$/);
  });

  it('commits in one without a trace in the other', async () => {
    const before = heights();
    const told: string[] = [];
    for (const channelId of [FIRST, SECOND]) {
      peer.peer.requireChannel(channelId).events.on('block:committed', ({ blockNum }) => {
        told.push(`${channelId} ${blockNum}`);
      });
    }
    expect(await submit(FIRST, ['put', 'k', 'of the first'])).toBe(0);
    expect(heights()).toEqual([(before[0] ?? 0) + 1, before[1]]);
    expect(told).toEqual([`${FIRST} ${before[0]}`]);
    expect((await ask(FIRST, ['get', 'k'])).text).toBe('of the first');
    expect((await ask(SECOND, ['get', 'k'])).text).toBe('');
    expect(await submit(SECOND, ['put', 'k', 'of the second'])).toBe(0);
    expect((await ask(FIRST, ['get', 'k'])).text).toBe('of the first');
    expect((await ask(SECOND, ['get', 'k'])).text).toBe('of the second');
  });

  it('keeps private data apart', async () => {
    const transient = { value: utf8('hush') };
    const refused = await ask(SECOND, ['hide', 'p'], { transient });
    expect(refused.text).toMatch(/collection second\/cc\/secret could not be found$/);
    expect(await submit(FIRST, ['hide', 'p'], { transient })).toBe(0);
    const [first, second] = [FIRST, SECOND].map((id) => peer.peer.requireChannel(id).ledger);
    const tip = (first?.getBlockchainInfo().height ?? 0) - 1;
    expect(await first?.getPvtDataByNum(tip)).toMatchObject([
      { namespace: 'cc', collection: 'secret' },
    ]);
    expect(await second?.getMissingPvtData(10)).toEqual([]);
    const executor = second?.newQueryExecutor();
    await expect(executor?.getPrivateData('cc', 'secret', 'p')).rejects.toMatchObject({
      code: 'COLLECTION_UNKNOWN',
    });
    executor?.done();
  });

  it('reads the other channel from a chaincode, and writes nothing there', async () => {
    const before = heights();
    const read = await ask(FIRST, ['call', SECOND, 'cc', 'get k']);
    expect(read.text).toBe('200  of the second');
    // Neither what it read there nor the definition there is part of the transaction here.
    expect(read.namespaces).toEqual(['_lifecycle']);
    expect((await ask(FIRST, ['call', SECOND, 'cc', 'release'])).text).toBe('200  two');
    expect(await submit(FIRST, ['call', SECOND, 'cc', 'put k smuggled'])).toBe(0);
    expect((await ask(SECOND, ['get', 'k'])).text).toBe('of the second');
    expect((await ask(FIRST, ['get', 'k'])).text).toBe('of the first');
    expect(heights()).toEqual([(before[0] ?? 0) + 1, before[1]]);
    expect((await ask(FIRST, ['call', 'third', 'cc', 'get k'])).text).toMatch(
      /Failed to get policy manager for channel \[third\]/,
    );
  });

  it('answers the system chaincodes, whichever channel they are asked on', async () => {
    const { client, client2, stranger } = members;
    const channels = await peer.propose('', 'cscc', ['GetChannels'], { client });
    expect(protos.ChannelQueryResponse.decode(channels.response?.payload ?? utf8(''))).toEqual({
      channels: [{ channel_id: FIRST }, { channel_id: SECOND }],
    });
    for (const [i, channelId] of [FIRST, SECOND].entries()) {
      // On the channel, on the other one, and without any.
      for (const on of [FIRST, SECOND, '']) {
        const { response, endorsement } = await peer.propose(on, 'qscc', [
          'GetChainInfo',
          channelId,
        ]);
        const info = common.BlockchainInfo.decode(response?.payload ?? utf8(''));
        expect(Number(info.height)).toBe(heights()[i]);
        expect(endorsement === null).toBe(on === '');
      }
    }
    await expect(peer.propose('', 'cscc', ['GetChannels'], { client: client2 })).rejects.toThrow(
      /creator org unknown/,
    );
    await expect(
      peer.propose(FIRST, 'qscc', ['GetChainInfo', FIRST], { client: stranger }),
    ).rejects.toThrow(/creator org unknown/);
    const called = await ask(FIRST, ['call', '', 'qscc', `GetChainInfo ${FIRST}`]);
    expect(called.text).toMatch(/^500 Rejecting invoke of QSCC from another chaincode/);
  });

  it('lets a chaincode call what is part of the peer', async () => {
    peer.peer.deploySystemChaincode({
      name: 'adder',
      simulates: true,
      async invoke({ args, channelId, simulator }) {
        simulator?.setState('adder', 'k', utf8('v'));
        const payload = utf8(`${channelId} ${args.length}`);
        return { response: { status: 200, payload } };
      },
    });
    const called = await ask(FIRST, ['call', '', 'adder', 'a b']);
    expect(called.text).toBe('200  first 2');
    expect(called.namespaces).toContain('adder');
    const elsewhere = await ask(FIRST, ['call', SECOND, 'adder', 'a']);
    expect(elsewhere.text).toBe('200  second 1');
    expect(elsewhere.namespaces).not.toContain('adder');
    for (const name of ['adder', 'qscc', '_lifecycle', 'lscc']) {
      await expect(
        peer.peer.install({ channel: FIRST, chaincode: name }, PACKAGES[FIRST]),
      ).rejects.toMatchObject({
        code: 'CHAINCODE_NAME_RESERVED',
      });
    }
  });

  it('takes a definition from one chain for that channel only', async () => {
    const told: string[] = [];
    for (const channelId of [FIRST, SECOND]) {
      peer.peer.requireChannel(channelId).events.on('definitions:changed', () => {
        told.push(channelId);
      });
    }
    await peer.define(SECOND, { ...ON_SECOND, version: '3.0' });
    expect(told).toEqual([SECOND]);
    expect(await ask(FIRST, ['release'])).toMatchObject({ text: 'one', version: '1.0' });
    expect(await ask(SECOND, ['release'])).toMatchObject({ text: 'two', version: '3.0' });
  });

  it('is the same after it was started again', async () => {
    await submit(FIRST, ['put', 'a1', '{"a":1}']);
    await peer.stop();
    await launcher.stop();
    await peer.start();
    expect(await ask(FIRST, ['release'])).toMatchObject({ text: 'one', version: '1.0' });
    expect(await ask(SECOND, ['release'])).toMatchObject({ text: 'two', version: '3.0' });
    expect((await ask(FIRST, ['rich'])).text).toBe('a1');
    expect((await ask(SECOND, ['history', 'k'])).text).toMatch(/history database is not enabled$/);
  });
});

/** Endorses, signs and commits; the code. */
async function submit(
  channelId: string,
  args: readonly string[],
  options: Options = {},
): Promise<number | undefined> {
  const { proposal, answer } = await peer.endorse(channelId, 'cc', args, options);
  if (!answer.endorsement) throw new Error(answer.response?.message);
  const payload = createTxPayload(proposal, [answer]);
  const signature = await members.client.sign(payload);
  const envelope = common.Envelope.encode({ payload, signature }).finish();
  return (await peer.commit(channelId, [envelope])).flags[0];
}
