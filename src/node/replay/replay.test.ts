// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from 'vitest';
import { common } from '../../common/protos/index.ts';
import { concat, EMPTY_BYTES } from '../../common/runtime/bytes.ts';
import { FakeClock } from '../../common/runtime/clock.ts';
import { expectedBlocks } from '../../common/testdata/mychannel.ts';
import { createSignatureWorker, SignaturePool } from '../committer/signatures/index.ts';
import { isClean, type ReplayReport, replayChain, verifyChain } from './index.ts';
import { memoryLedgers, realBlocks, streamOf, withChange, withSlot } from './testing/chains.ts';

const { TRANSACTIONS_FILTER, COMMIT_HASH, SIGNATURES } = common.BlockMetadataIndex;

async function replay(blocks: readonly Uint8Array[]): Promise<ReplayReport> {
  const ledgers = await memoryLedgers();
  return replayChain(streamOf(blocks), { ledgers, clock: new FakeClock() });
}

async function verify(blocks: readonly Uint8Array[]) {
  return verifyChain(streamOf(blocks), await memoryLedgers());
}

describe('the replay of a real channel', () => {
  test('finds every code and every commit hash again', async () => {
    const report = await replay(realBlocks());
    expect(report).toMatchObject({
      channelId: 'mychannel',
      blocks: 71,
      transactions: 83,
      codes: { VALID: 59, ENDORSEMENT_POLICY_FAILURE: 6, PHANTOM_READ_CONFLICT: 2 },
      codeDifferences: [],
      commitHashDifferences: [],
      blocksWithoutCodes: 0,
      blocksWithoutCommitHash: 0,
      lastBlockHash: expectedBlocks.at(-1)?.headerHash,
      lastCommitHash: expectedBlocks.at(-1)?.commitHash,
    });
    expect(isClean(report)).toBe(true);
  });

  test('comes to the same from the orderer’s blocks, where nothing is stored to compare with', async () => {
    const blocks = realBlocks().map((_, n) => n);
    const bare = blocks.reduce(
      (all, n) =>
        withSlot(withSlot(all, n, TRANSACTIONS_FILTER, EMPTY_BYTES), n, COMMIT_HASH, EMPTY_BYTES),
      realBlocks(),
    );
    const report = await replay(bare);
    expect(report).toMatchObject({ blocksWithoutCodes: 71, blocksWithoutCommitHash: 70 });
    expect(report.lastCommitHash).toBe(expectedBlocks.at(-1)?.commitHash);
  });

  test('tells each code that is another', async () => {
    const lied = withSlot(realBlocks(), 38, TRANSACTIONS_FILTER, Uint8Array.of(0, 0, 11));
    const report = await replay(lied);
    expect(report.codeDifferences).toEqual([
      {
        blockNum: 38,
        txNum: 1,
        txId: expectedBlocks[38]?.txs[1]?.txid,
        stored: 'VALID',
        replayed: 'MVCC_READ_CONFLICT',
      },
    ]);
    expect(report.commitHashDifferences).toEqual([]);
    expect(isClean(report)).toBe(false);
  });

  test('tells codes that are missing or too many', async () => {
    const lied = withSlot(realBlocks(21), 20, TRANSACTIONS_FILTER, Uint8Array.of(0, 10));
    const { codeDifferences } = await replay(lied);
    expect(codeDifferences).toMatchObject([
      { txNum: 1, stored: 'ENDORSEMENT_POLICY_FAILURE', replayed: 'none' },
    ]);
  });

  test('tells each commit hash that is another, and what is none', async () => {
    const wrong = common.Metadata.encode({ value: new Uint8Array(32) }).finish();
    const lied = withSlot(realBlocks(), 20, COMMIT_HASH, wrong);
    const garbled = withSlot(lied, 30, COMMIT_HASH, Uint8Array.of(0xff, 0xff));
    const report = await replay(garbled);
    expect(report.codeDifferences).toEqual([]);
    expect(report.commitHashDifferences).toEqual([
      { blockNum: 20, stored: '00'.repeat(32), replayed: expectedBlocks[20]?.commitHash },
      { blockNum: 30, stored: 'ffff', replayed: expectedBlocks[30]?.commitHash },
    ]);
  });

  test('stops at a block that is not the orderer’s, with what was found before', async () => {
    const forged = withChange(realBlocks(), 20, ({ data }) => {
      data?.data.push(...(data?.data ?? []));
    });
    await expect(replay(forged)).rejects.toMatchObject({
      code: 'REPLAY_STOPPED',
      message: expect.stringMatching(/stopped at block 20: .*data hash differs/),
      data: { blockNum: 20, reason: 'BLOCK_REJECTED' },
    });
    const unsigned = withSlot(realBlocks(), 20, SIGNATURES, EMPTY_BYTES);
    const stopped = await replay(unsigned).catch((error: unknown) => error);
    expect(stopped).toMatchObject({ data: { blockNum: 20 }, report: { codeDifferences: [] } });
  });

  test('must begin with the genesis block, and have one', async () => {
    await expect(replay(realBlocks().slice(1))).rejects.toMatchObject({
      code: 'REPLAY_STOPPED',
      data: { blockNum: 0 },
    });
    await expect(replay([])).rejects.toMatchObject({ code: 'REPLAY_EMPTY' });
    const twice = realBlocks(4).toSpliced(2, 1);
    await expect(replay(twice)).rejects.toMatchObject({ data: { blockNum: 2 } });
  });

  test('ends when it is aborted', async () => {
    const controller = new AbortController();
    const ledgers = await memoryLedgers();
    const replaying = replayChain(
      streamOf(realBlocks()),
      { ledgers, clock: new FakeClock() },
      {
        signal: controller.signal,
        onCommit: ({ blockNum }) => blockNum === 5 && controller.abort(new Error('enough')),
      },
    );
    await expect(replaying).rejects.toThrow('enough');
    const ledger = (await ledgers.list()).length;
    expect(ledger).toBe(1);
  });
});

describe('definitions that a block commits', () => {
  // Which block made which definition, by the fixtures' notes: approvals by both, then the commit.
  const COMMITTED: readonly (readonly [block: number, name: string])[] = [
    [3, 'both'],
    [6, 'one'],
    [9, 'basic'],
    [12, 'pvt'],
  ];

  test('count for the blocks behind, even those that were being checked already', async () => {
    const pool = new SignaturePool([createSignatureWorker()]);
    const known = new Map<number, string[][]>();
    await replayChain(
      streamOf(realBlocks(20)),
      {
        ledgers: await memoryLedgers(),
        clock: new FakeClock(),
        signatureStage: (block, bundle, definitions) => {
          const names = definitions.map(({ name }) => name);
          known.set(block.number, [...(known.get(block.number) ?? []), names]);
          return pool.verify(block, bundle, definitions);
        },
      },
      { blocksAhead: 12 },
    );
    let redone = 0;
    for (const [blockNum, attempts] of known) {
      const expected = COMMITTED.filter(([block]) => block < blockNum).map(([, name]) => name);
      expect(attempts.at(-1), `block ${blockNum}`).toEqual(expected.sort());
      redone += attempts.length - 1;
    }
    expect(redone).toBeGreaterThan(0);
  });
});

describe('the verification of a real channel', () => {
  const problemsOf = async (blocks: readonly Uint8Array[]) =>
    (await verify(blocks)).problems.map(({ blockNum, code }) => `${blockNum} ${code}`);

  test('finds it whole', async () => {
    expect(await verify(realBlocks())).toEqual({
      channelId: 'mychannel',
      blocks: 71,
      transactions: 83,
      commitHashesChecked: 70,
      genesisHash: expectedBlocks[0]?.headerHash,
      lastBlockHash: expectedBlocks.at(-1)?.headerHash,
      signaturesUnverified: 0,
      problems: [],
    });
  });

  test('finds a signature that is none', async () => {
    const slot = common.Metadata.encode({ value: concat(Uint8Array.of(1)) }).finish();
    expect(await problemsOf(withSlot(realBlocks(), 50, SIGNATURES, slot))).toEqual([
      '50 BLOCK_REJECTED',
    ]);
  });

  test('finds data that was changed', async () => {
    const changed = withChange(realBlocks(), 16, ({ data }) => {
      data?.data[0]?.set([1], 500);
    });
    expect(await problemsOf(changed)).toContain('16 BLOCK_REJECTED');
  });

  test('finds a header that was changed, in its block and in the next', async () => {
    const changed = withChange(realBlocks(), 50, ({ header }) => {
      header?.previous_hash.fill(7);
    });
    expect(await problemsOf(changed)).toEqual([
      '50 BLOCK_REJECTED',
      '50 HASH_MISMATCH',
      '50 COMMIT_STOPPED',
      '51 HASH_MISMATCH',
    ]);
  });

  test('goes on after a genesis block that was changed', async () => {
    const changed = withChange(realBlocks(), 0, ({ header }) => {
      header?.data_hash.fill(7);
    });
    const problems = await problemsOf(changed);
    expect(problems).toContain('0 BLOCK_REJECTED');
    expect(problems).toContain('1 HASH_MISMATCH');
    expect(problems.filter((one) => !/^[01] /.test(one))).toEqual([]);
  });

  test('finds a code that its state contradicts', async () => {
    const filter = (code: number) =>
      withSlot(realBlocks(), 20, TRANSACTIONS_FILTER, Uint8Array.of(code));
    const [first, ...rest] = await problemsOf(filter(10));
    expect(first).toBe('20 COMMIT_HASH_MISMATCH');
    // The hashes are a chain.
    expect(rest).toContain('21 COMMIT_HASH_MISMATCH');
    const conflict = withSlot(realBlocks(), 38, TRANSACTIONS_FILTER, Uint8Array.of(0, 0, 11));
    expect(await problemsOf(conflict)).toEqual(['38 CODES_MISMATCH']);
  });

  test('finds codes that do not fit', async () => {
    const lied = withSlot(realBlocks(), 20, TRANSACTIONS_FILTER, Uint8Array.of(0, 0, 0));
    expect(await problemsOf(lied)).toEqual(['20 COMMIT_STOPPED']);
  });

  test('finds a configuration that may not be', async () => {
    // Block 15 carries the sequence that follows that of block 14.
    const blocks = realBlocks(20);
    const skipped = [...blocks.slice(0, 14), ...blocks.slice(15)];
    expect(await problemsOf(skipped)).toContain('14 CONFIG_REJECTED');
  });

  test('needs no codes, at the price of commit hashes', async () => {
    const bare = realBlocks().map((bytes) => {
      const block = common.Block.decode(bytes);
      block.metadata?.metadata.splice(TRANSACTIONS_FILTER, 1, EMPTY_BYTES);
      return common.Block.encode(block).finish();
    });
    expect(await verify(bare)).toMatchObject({ commitHashesChecked: 0, problems: [] });
  });
});
