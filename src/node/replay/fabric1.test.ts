// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from 'vitest';
import { protos } from '../../common/protos/index.ts';
import { FakeClock } from '../../common/runtime/clock.ts';
import {
  queryLegacyDefinitions,
  staticCollectionsOf,
} from '../lifecycle/lscc/legacy-chaincodes.ts';
import { isClean, replayChain } from './index.ts';
import { splitOutcome } from './stored-outcome.ts';
import { testdataBlocks } from './testdata/blockfiles.ts';
import { memoryLedgers, streamOf } from './testing/chains.ts';

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
