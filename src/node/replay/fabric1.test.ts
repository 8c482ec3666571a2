// SPDX-License-Identifier: Apache-2.0
import { beforeAll, describe, expect, test } from 'vitest';
import { protos } from '../../common/protos/index.ts';
import { FakeClock } from '../../common/runtime/clock.ts';
import type { PeerLedger } from '../../ledger/types.ts';
import { type Crafted, craft } from '../committer/testing/crafted.ts';
import { legacyDefinition } from '../committer/testing/legacy-bench.ts';
import { lsccTransaction } from '../committer/testing/lscc-transactions.ts';
import {
  queryLegacyDefinitions,
  staticCollectionsOf,
} from '../lifecycle/lscc/legacy-chaincodes.ts';
import { ChannelConfig } from '../peer/channel-config.ts';
import { createTestChannel, type TestChannel } from '../testing/test-channel.ts';
import { isClean, replayChain, verifyChain } from './index.ts';
import { splitOutcome } from './stored-outcome.ts';
import { testdataBlocks } from './testdata/blockfiles.ts';
import { memoryLedgers, streamOf } from './testing/chains.ts';
import { legacyChain } from './testing/legacy-chain.ts';

describe('a channel that came to application capability V2_0 on the way', () => {
  test('is judged as its peer judged it', async () => {
    const blocks = await testdataBlocks('fabric20_testchannel');
    const components = { ledgers: await memoryLedgers(), clock: new FakeClock() };
    const report = await replayChain(streamOf(blocks), components);
    expect(report).toMatchObject({
      blocks: 20,
      transactions: 20,
      codes: { VALID: 20 },
      codeDifferences: [],
      commitHashDifferences: [],
      blocksWithoutCodes: 0,
      blocksWithoutCommitHash: 0,
    });
    expect(isClean(report)).toBe(true);
  }, 30_000);
});

const { VALID, MVCC_READ_CONFLICT } = protos.TxValidationCode;

/** What a ledger makes of blocks whose endorsements are taken as good, and what the peer's did. */
async function committed(name: string) {
  const [genesis = new Uint8Array(), ...blocks] = await testdataBlocks(name);
  const ledger = await (await memoryLedgers()).create(genesis);
  const outcomes = [];
  for (const bytes of blocks) {
    const { received, stored } = splitOutcome(bytes);
    const flags = Uint8Array.from(stored.flags ?? [], (code) =>
      code === MVCC_READ_CONFLICT ? VALID : code,
    );
    const result = await ledger.commit(received, flags);
    outcomes.push({ stored, flags: result.flags });
  }
  return { ledger, outcomes };
}

describe('a ledger of 1.x', () => {
  test('has the codes that Fabric’s has', async () => {
    const { outcomes } = await committed('fabric13_ledger1');
    expect(outcomes).toHaveLength(8);
    for (const { stored, flags } of outcomes) {
      expect(flags).toEqual(stored.flags);
      // There was none yet, which is no difference.
      expect(stored.commitHash).toBeUndefined();
    }
    expect(outcomes.at(-1)?.flags).toEqual(Uint8Array.of(MVCC_READ_CONFLICT));
  });

  test('defines chaincodes and their collections in lscc', async () => {
    const { ledger } = await committed('fabric13_ledger1');
    const executor = ledger.newQueryExecutor();
    const definitions = await queryLegacyDefinitions(executor);
    executor.done();
    expect([...definitions.keys()]).toEqual(['cc1', 'cc2']);
    const collections = staticCollectionsOf(definitions.get('cc1')?.collections);
    expect(collections.map(({ name }) => name)).toEqual(['coll1', 'coll2', 'ledger1', 'cc1']);
  });
});

describe('a chain of 1.x', () => {
  let channel: TestChannel;
  let chain: readonly Uint8Array[];

  beforeAll(async () => {
    channel = await createTestChannel('V1_3');
    const { client, orderer, genesisBlock } = channel;
    const endorsers = [channel.peers.Org1MSP[0]];
    const make = (options: Partial<Crafted>) => craft({ client, endorsers, ...options });
    const invoke = { chaincode: 'cc', writes: { cc: { keys: ['k'] } } };
    const deploy = await make(lsccTransaction({ definition: legacyDefinition() }));
    const definition = legacyDefinition({ version: '2.0' });
    const upgrade = await make(lsccTransaction({ fn: 'upgrade', definition }));
    const { CHAINCODE_VERSION_CONFLICT, EXPIRED_CHAINCODE, DUPLICATE_TXID } =
      protos.TxValidationCode;
    chain = await legacyChain(genesisBlock, orderer, [
      { envelopes: [deploy], codes: [VALID], slots: 3 },
      { envelopes: [await make(invoke)], codes: [VALID] },
      { envelopes: [await make(invoke), upgrade], codes: [CHAINCODE_VERSION_CONFLICT, VALID] },
      { envelopes: [await make(invoke), upgrade], codes: [EXPIRED_CHAINCODE, DUPLICATE_TXID] },
    ]);
  });

  test('is replayed without anything to compare commit hashes with', async () => {
    const components = { ledgers: await memoryLedgers(), clock: new FakeClock() };
    const report = await replayChain(streamOf(chain), components);
    expect(report).toMatchObject({
      codes: { VALID: 4, DUPLICATE_TXID: 1, EXPIRED_CHAINCODE: 1, CHAINCODE_VERSION_CONFLICT: 1 },
      codeDifferences: [],
      commitHashDifferences: [],
      blocksWithoutCommitHash: 4,
    });
    expect(isClean(report)).toBe(true);
  });

  test('is verified', async () => {
    const report = await verifyChain(streamOf(chain), await memoryLedgers());
    expect(report).toMatchObject({ blocks: 5, commitHashesChecked: 0, problems: [] });
  });

  test('goes on under its configuration when its ledger is opened again', async () => {
    const ledgers = await memoryLedgers();
    const created = Promise.withResolvers<PeerLedger>();
    const create: typeof ledgers.create = async (...block) => {
      const ledger = await ledgers.create(...block);
      created.resolve(ledger);
      return ledger;
    };
    await replayChain(streamOf(chain), { ledgers: { create }, clock: new FakeClock() });
    await (await created.promise).close();
    const ledger = await ledgers.open('mychannel');
    expect((await ChannelConfig.load(ledger)).bundle.sequence).toBe(0);
    const executor = ledger.newQueryExecutor();
    expect((await queryLegacyDefinitions(executor)).get('cc')?.version).toBe('2.0');
    executor.done();
  });

  test('is refused where an orderer did not sign', async () => {
    const { genesisBlock, client } = channel;
    const envelopes = [await craft({ client, endorsers: [] })];
    const forged = await legacyChain(genesisBlock, client, [{ envelopes, codes: [VALID] }]);
    const components = { ledgers: await memoryLedgers(), clock: new FakeClock() };
    await expect(replayChain(streamOf(forged), components)).rejects.toMatchObject({
      data: { blockNum: 1, reason: 'BLOCK_REJECTED' },
    });
  });
});
