// SPDX-License-Identifier: Apache-2.0
// The whole orderer over the real block store, with a real network's genesis block and identities: channels, restart,
// and what others see. Broadcast, config updates and deliver have files of their own.
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  createGenesisBlock,
  ordererOrganizationPolicies,
  peerOrganizationPolicies,
} from '../common/channelconfig/index.ts';
import type { SigningIdentity } from '../common/msp/index.ts';
import { common } from '../common/protos/index.ts';
import {
  blockAsSignedData,
  blockHeaderHash,
  channelHeaderFromEnvelope,
  computeBlockDataHash,
  extractEnvelope,
  getLastConfigIndexFromBlock,
  isConfigBlock,
  payloadFromEnvelope,
  unmarshalEnvelope,
  verifyTransactionsAreWellFormed,
} from '../common/protoutil/index.ts';
import { systemRandomBytes } from '../common/runtime/clock.ts';
import { chainOf } from './blockledger.contract.ts';
import { BlockStoreLedgerFactory } from './blockstore-ledger.ts';
import {
  at,
  CHANNEL,
  FOR_EVER,
  identityOf,
  seekEnvelope,
  THEN,
  testBlock,
  testdata,
  transaction,
} from './testing/test-network.ts';
import { CrashableProvider, TestOrderer, textsOf, transactions } from './testing/test-orderer.ts';

let user1: SigningIdentity;
beforeAll(async () => {
  user1 = await identityOf('user1.org1', 'Org1MSP');
});

let test: TestOrderer;
beforeEach(async () => {
  test = await TestOrderer.start();
});
afterEach(() => test.node.stop());

describe('a channel and its blocks', () => {
  it('starts from a genesis block and serves the very same bytes', async () => {
    const chain = test.node.registrar.getChain(CHANNEL);
    expect(await chain?.ledger.retrieveBlockByNumber(0)).toEqual(testdata('genesis.block'));
    expect(test.node.registrar.channelInfo(CHANNEL)).toEqual({
      name: CHANNEL,
      height: 1,
      status: 'active',
      consensusRelation: 'other',
    });
    expect(test.node.registrar.channelInfo('other')).toBeUndefined();
  });

  it('cuts at ten messages, at once', async () => {
    const sent = await transactions(user1, 10);
    const responses = await test.broadcast(...sent);
    expect(responses.map(({ status }) => status)).toEqual(Array(10).fill(200));
    const block = await test.blockAt(1);
    expect(block.data?.data).toEqual(sent);
  });

  it('cuts fewer after the batch timeout', async () => {
    await test.broadcast(...(await transactions(user1, 3)));
    const waiting = test.blockAt(1);
    await test.clock.advance(1_999);
    expect(test.chain.height()).toBe(1);
    await test.clock.advance(1);
    expect(textsOf(await waiting)).toEqual(['tx 0', 'tx 1', 'tx 2']);
  });

  it('links, hashes and signs blocks so that a peer accepts them', async () => {
    await test.broadcast(...(await transactions(user1, 20)));
    const [, first, second] = [
      testBlock('genesis.block'),
      await test.blockAt(1),
      await test.blockAt(2),
    ];
    let previous = testBlock('genesis.block');
    for (const block of [first, second]) {
      expect(block.header?.previous_hash).toEqual(blockHeaderHash(previous.header ?? {}));
      expect(block.header?.data_hash).toEqual(computeBlockDataHash(block.data ?? {}));
      expect(getLastConfigIndexFromBlock(block)).toBe(0);
      verifyTransactionsAreWellFormed(block.data ?? {});
      const policy = test.chain
        .bundle()
        .policyManager.getPolicy('/Channel/Orderer/BlockValidation');
      expect(await policy?.evaluateSignedData(blockAsSignedData(block))).toBe(true);
      previous = block;
    }
  });

  it('encodes an envelope as Fabric does, however it came', async () => {
    const [sent] = await transactions(user1, 1);
    const { payload, signature } = unmarshalEnvelope(sent as Uint8Array);
    // Signature first, which is valid protobuf but not canonical.
    const odd = new Uint8Array([
      ...common.Envelope.encode({ signature }).finish(),
      ...common.Envelope.encode({ payload }).finish(),
    ]);
    expect(odd).not.toEqual(sent);
    expect(await test.statusOf(odd)).toBe(200);
    await test.clock.advance(2_000);
    const block = await test.blockAt(1);
    verifyTransactionsAreWellFormed(block.data ?? {});
    expect(block.data?.data).toEqual([sent]);
  });

  it('refuses join blocks that it should', async () => {
    const join = (bytes: Uint8Array) => test.node.joinChannel(bytes);
    await expect(join(testdata('genesis.block'))).rejects.toMatchObject({
      code: 'CHANNEL_ALREADY_EXISTS',
    });
    await expect(join(testdata('orderer-001.block'))).rejects.toThrow(/not a config block/);
    await expect(join(testdata('orderer-013.block'))).rejects.toThrow(/starts with block 0/);
    await expect(join(new Uint8Array([1, 2, 3]))).rejects.toMatchObject({
      code: 'INVALID_JOIN_BLOCK',
    });
    const genesis = testBlock('genesis.block');
    const header = { ...genesis.header, data_hash: new Uint8Array(32) };
    await expect(join(common.Block.encode({ ...genesis, header }).finish())).rejects.toThrow(
      /data hash/,
    );
    const { metadata: _, ...bare } = genesis;
    await expect(join(common.Block.encode(bare).finish())).rejects.toThrow(/metadata/);
  });
});

describe('several channels', () => {
  it('are joined from genesis blocks of our own making, kept apart, and found again', async () => {
    await test.node.stop();
    await test.another({}, { consenters: undefined });
    expect(test.node.registrar.channelList()).toMatchObject([
      { name: CHANNEL, status: 'failed', reason: expect.stringMatching(/etcdraft/) },
    ]);
    for (const name of ['first', 'second']) await test.node.joinChannel(ownGenesis(name));
    const tx = (channel: string, i: number) => transaction(user1, `${channel} ${i}`, { channel });
    for (const i of [0, 1]) {
      const sent = [await tx('first', i), await tx('second', i)];
      expect((await test.broadcast(...sent)).map(({ status }) => status)).toEqual([200, 200]);
    }
    expect(textsOf(await test.blockAt(1, 'first'))).toEqual(['first 0', 'first 1']);
    expect(textsOf(await test.blockAt(1, 'second'))).toEqual(['second 0', 'second 1']);
    await test.node.stop();
    await test.another({}, { consenters: undefined });
    expect(test.node.registrar.channelInfo('second')).toMatchObject({
      height: 2,
      status: 'active',
    });
  });

  it('cannot be joined while the orderer is stopped', async () => {
    await test.node.stop();
    await expect(test.node.joinChannel(ownGenesis('late'))).rejects.toMatchObject({
      code: 'UNAVAILABLE',
    });
  });
});

describe('a store that fails', () => {
  it('stops the channel: 503 for writers and readers, a failed check, nothing half written', async () => {
    await test.provider.crash();
    const live = test.reader(await seekEnvelope(user1, { start: at(1), stop: FOR_EVER }));
    const next = live.next();
    await test.broadcast(...(await transactions(user1, 10)));
    expect([503, 500]).toContain(await next);
    await expect(test.chain.waitReady()).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect(await test.statusOf(await transaction(user1, 'x'))).toBe(503);
    expect(test.node.registrar.channelInfo(CHANNEL)).toMatchObject({
      height: 1,
      status: 'inactive',
    });
    expect(test.node.snapshot().failedChecks).toMatchObject([{ component: 'channel mychannel' }]);
    await test.node.stop();
    await test.another();
    await test.broadcast(...(await transactions(user1, 10)));
    expect(textsOf(await test.blockAt(1))).toHaveLength(10);
  });
});

describe('restart', () => {
  it('continues the chain, with the configuration in force', async () => {
    await test.broadcast(testdata('anchor_org1.envelope.pb'), ...(await transactions(user1, 10)));
    await test.blockAt(2);
    await test.node.stop();
    await test.another();
    expect(test.chain.sequence()).toBe(1);
    await test.broadcast(...(await transactions(user1, 10)));
    const [before, after] = [await test.blockAt(2), await test.blockAt(3)];
    expect(after.header?.previous_hash).toEqual(blockHeaderHash(before.header ?? {}));
    expect(getLastConfigIndexFromBlock(after)).toBe(1);
    expect(await test.statusOf(testdata('anchor_org2.envelope.pb'))).toBe(200);
    expect(isConfigBlock(await test.blockAt(4))).toBe(true);
  });

  it('keeps across a crash every block that anybody was given', async () => {
    await test.broadcast(...(await transactions(user1, 13)));
    const block = await test.blockAt(1);
    // Three messages that were taken and not cut are lost, as with Fabric's solo.
    await test.provider.crash();
    await test.another();
    expect(await test.blockAt(1)).toEqual(block);
    expect(test.chain.height()).toBe(2);
    await test.broadcast(...(await transactions(user1, 10)));
    expect(textsOf(await test.blockAt(2))).toHaveLength(10);
  });

  it('writes what it took when it is stopped in good order', async () => {
    await test.broadcast(...(await transactions(user1, 3)));
    await test.node.stop();
    await test.another();
    expect(textsOf(await test.blockAt(1))).toEqual(['tx 0', 'tx 1', 'tx 2']);
  });

  it('can be joined again when it crashed before the genesis block was stored', async () => {
    await test.node.stop();
    test.provider = new CrashableProvider();
    await (await test.provider.open('orderer-mychannel')).close();
    await test.another();
    expect(test.node.registrar.channelList()).toEqual([]);
    await test.node.joinChannel(testdata('genesis.block'));
    expect(test.node.registrar.channelInfo(CHANNEL)?.height).toBe(1);
  });

  it('serves its other channels when one cannot be opened', async () => {
    await test.node.stop();
    const factory = new BlockStoreLedgerFactory(test.provider);
    for (const block of chainOf(1)) await (await factory.getOrCreate('broken')).append(block);
    await factory.close();
    await test.another();
    expect(test.node.registrar.channelList().map(({ status }) => status)).toEqual([
      'failed',
      'active',
    ]);
    expect(test.node.snapshot().failedChecks).toMatchObject([{ component: 'channel broken' }]);
  });

  it('says that it is not started before and after', async () => {
    await test.node.stop();
    await test.node.stop();
    expect(test.node.snapshot()).toMatchObject({
      started: false,
      failedChecks: [{ component: 'orderer', reason: 'not started' }],
    });
  });
});

describe('what others see', () => {
  it('traces order, cut, write and deliver of a transaction', async () => {
    const sent = await transactions(user1, 10);
    const txId = channelHeaderFromEnvelope(unmarshalEnvelope(sent[0] as Uint8Array)).tx_id;
    await test.broadcast(...sent);
    await test.blockAt(1);
    const stages = test.trace.events().filter((e) => e.txId === txId || e.block === 1);
    expect(stages.map(({ stage }) => stage).sort()).toEqual(['cut', 'deliver', 'order', 'write']);
    expect(stages.find(({ stage }) => stage === 'cut')?.data).toMatchObject({
      txIds: expect.arrayContaining([txId]),
    });
    expect(new Set(stages.map(({ peer }) => peer))).toEqual(new Set(['orderer.example.com']));
  });

  it("counts under Fabric's names", async () => {
    await test.broadcast(...(await transactions(user1, 10)));
    await test.broadcast(testdata('raw_bad_sig.envelope.pb'));
    await test.broadcast(testdata('raw_wrong_channel.envelope.pb'));
    await test.blockAt(1);
    const { metrics } = test.node.snapshot();
    const value = (name: string, labels: Record<string, string>): number | undefined =>
      metrics.find((m) => m.name === name && JSON.stringify(m.labels) === JSON.stringify(labels))
        ?.value;
    const processed = 'broadcast_processed_count';
    expect(
      value(processed, { channel: CHANNEL, type: 'ENDORSER_TRANSACTION', status: 'SUCCESS' }),
    ).toBe(10);
    expect(
      value(processed, { channel: CHANNEL, type: 'ENDORSER_TRANSACTION', status: 'FORBIDDEN' }),
    ).toBe(1);
    expect(value(processed, { channel: '', type: '', status: 'BAD_REQUEST' })).toBe(1);
    expect(value('ledger_blockchain_height', { channel: CHANNEL })).toBe(2);
    expect(
      value('deliver_blocks_sent', { channel: CHANNEL, data_type: 'block', filtered: 'false' }),
    ).toBe(1);
  });
});

/** Block 0 of a channel of consensus type solo that cuts at two, with the organisations of testdata/. */
function ownGenesis(channelId: string): Uint8Array {
  const { data } = payloadFromEnvelope(extractEnvelope(testBlock('genesis.block'), 0));
  const groups = common.ConfigEnvelope.decode(data).config?.channel_group?.groups;
  const mspConfig = (section: string, name: string): Uint8Array => {
    const value = groups?.[section]?.groups[name]?.values.MSP;
    if (!value) throw new Error(`no MSP of ${name}`);
    return value.value;
  };
  const profile = {
    capabilities: { channel: 'V2_0', orderer: 'V2_0', application: 'V2_5' },
    orderer: {
      consensusType: 'solo',
      batchSize: { maxMessageCount: 2, absoluteMaxBytes: 10_000, preferredMaxBytes: 10_000 },
      batchTimeoutMs: 1_000,
      organizations: [
        {
          name: 'OrdererOrg',
          mspConfig: mspConfig('Orderer', 'OrdererOrg'),
          policies: ordererOrganizationPolicies('OrdererMSP'),
        },
      ],
    },
    application: {
      organizations: ['Org1', 'Org2'].map((name) => ({
        name,
        mspConfig: mspConfig('Application', `${name}MSP`),
        policies: peerOrganizationPolicies(`${name}MSP`),
      })),
    },
  };
  return createGenesisBlock(channelId, profile, { now: THEN, random: systemRandomBytes });
}
