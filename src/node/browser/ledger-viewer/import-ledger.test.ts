// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { FakeClock } from '../../../common/runtime/clock.ts';
import { expectedBlocks } from '../../../common/testdata/mychannel.ts';
import { readBlockfiles } from '../../../ledger/blkstorage/blockfile/index.ts';
import { LedgerProvider } from '../../../ledger/kvledger/ledger-provider.ts';
import { MemoryKVStoreProvider } from '../../../ledger/memory/memory-kv-store.ts';
import { fileSource } from './file-sources.ts';
import { firstHeaderHash, type ImportOptions, importLedger } from './import-ledger.ts';

const LEDGERS = new URL('../../../ledger/testdata/mychannel-ledger/', import.meta.url);
const stored = new Uint8Array(readFileSync(new URL('peer0.org1.blockfile_000000', LEDGERS)));

const sourcesOf = (...files: Uint8Array[]) =>
  files.map((bytes, n) => fileSource(new File([bytes.slice()], `blockfile_00000${n}`)));

async function imported(files: Uint8Array[], options?: ImportOptions) {
  const clock = new FakeClock();
  const ledgers = await LedgerProvider.open(new MemoryKVStoreProvider(), 'ledger', clock);
  const report = await importLedger(sourcesOf(...files), { ledgers, clock }, options);
  return { report, ledgers };
}

describe('the import of a real peer’s file', () => {
  test('finds no difference, and tells of each commit and of the time', async () => {
    let transactions = 1;
    let read = 0;
    const { report } = await imported([stored], {
      onCommit: ({ txIds }, bytesRead) => {
        transactions += txIds.length;
        read = bytesRead;
      },
    });
    expect(report).toMatchObject({
      channelId: 'mychannel',
      blocks: 71,
      transactions: 83,
      codeDifferenceCount: 0,
      commitHashDifferenceCount: 0,
      lastCommitHash: expectedBlocks.at(-1)?.commitHash,
    });
    expect(report.stopped).toBeUndefined();
    expect(transactions).toBe(83);
    expect(read).toBe(stored.length);
    expect(Object.keys(report.stages)).toHaveLength(6);
  });

  test('takes several files for one chain', async () => {
    const { report } = await imported([stored.subarray(0, 0), stored]);
    expect(report.blocks).toBe(71);
  });

  test('tells the block and the place of damage, and keeps what comes before', async () => {
    const damaged = stored.slice();
    damaged.fill(0xff, 300_000, 300_001);
    const { report, ledgers } = await imported([damaged]);
    const { blockNum = -1, offset = -1 } = report.stopped ?? {};
    expect(report.stopped).toMatchObject({ code: 'BLOCK_REJECTED', file: 'blockfile_000000' });
    expect(blockNum).toBe(report.blocks);
    expect(offset).toBeLessThanOrEqual(300_000);
    expect(await ledgers.list()).toEqual(['mychannel']);
  });

  test('tells the place where a file is no block file any more', async () => {
    const text = new TextEncoder().encode('\xff\xff\xff\xff\xff\xff not a block');
    const { report } = await imported([stored, text]);
    expect(report.blocks).toBe(71);
    expect(report.stopped).toMatchObject({
      code: 'BLOCKFILE_MALFORMED',
      blockNum: 71,
      file: 'blockfile_000001',
      offset: 0,
    });
  });

  test('leaves out a torn end, and says so', async () => {
    const { report } = await imported([stored.subarray(0, stored.length - 10)]);
    expect(report.blocks).toBe(70);
    expect(report.stopped).toBeUndefined();
    expect(report.torn).toMatchObject({ file: 'blockfile_000000' });
  });

  test('can be cancelled, and reports what was committed until then', async () => {
    const stop = new AbortController();
    const { report } = await imported([stored], {
      signal: stop.signal,
      onCommit: ({ blockNum }) => {
        if (blockNum === 20) stop.abort();
      },
    });
    expect(report.stopped).toMatchObject({ code: 'CANCELLED' });
    expect(report.blocks).toBeGreaterThan(20);
    expect(report.blocks).toBeLessThan(71);
    expect(report.codeDifferenceCount).toBe(0);
  });

  test('is refused when there is nothing to begin with', async () => {
    const refused = (bytes: Uint8Array) =>
      imported([bytes]).then(
        () => 'imported',
        ({ code }) => code,
      );
    expect(await refused(stored.subarray(await offsetOfBlock(3)))).toBe('LEDGER_NO_GENESIS');
    expect(await refused(new Uint8Array())).toBe('REPLAY_EMPTY');
    expect(await refused(new Uint8Array(1000).fill(0xff))).toBe('BLOCKFILE_MALFORMED');
  });

  test('can tell whose chain it is beforehand', async () => {
    expect(await firstHeaderHash(sourcesOf(stored))).toBe(expectedBlocks[0]?.headerHash);
    expect(await firstHeaderHash(sourcesOf(new Uint8Array(5)))).toBeUndefined();
  });
});

async function offsetOfBlock(number: number): Promise<number> {
  for await (const block of readBlockfiles(sourcesOf(stored))) {
    if (block.number === number) return block.offset;
  }
  throw new Error(`there is no block ${number}`);
}
