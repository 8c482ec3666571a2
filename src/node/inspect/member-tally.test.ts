// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import { expectedBlocks, readBlock } from '../../common/testdata/mychannel.ts';
import type { BlockchainInfo } from '../../ledger/types.ts';
import { blockViewOf } from './block-view.ts';
import { MemberTally } from './member-tally.ts';

const blocks = expectedBlocks.map(({ number }) => readBlock(number));

function ledgerOf(height: () => number) {
  const reads: number[] = [];
  const ledger = {
    getBlockchainInfo: () => ({ height: height() }) as BlockchainInfo,
    getBlockByNumber: async (number: number) => {
      reads.push(number);
      return blocks[number];
    },
  };
  return { ledger, reads };
}

test('everybody’s transactions of a real channel are counted, each block once', async () => {
  let height = 10;
  const { ledger, reads } = ledgerOf(() => height);
  const tally = new MemberTally(ledger);
  await Promise.all([tally.totals(), tally.totals()]);
  height = blocks.length;
  const totals = await tally.totals();
  expect(reads).toEqual(blocks.map((_, number) => number));
  const txs = blocks
    .flatMap((block) => blockViewOf(block).transactions)
    .filter(({ type }) => type === 'ENDORSER_TRANSACTION');
  for (const { mspId, name, valid, invalid, lastTx } of totals) {
    const own = txs.filter(({ creator }) => creator.mspId === mspId && creator.name === name);
    expect(valid).toBe(own.filter(({ status }) => status === 'VALID').length);
    expect(invalid).toBe(own.length - valid);
    expect(lastTx).toBe(Math.max(...own.map(({ timestamp }) => timestamp)));
  }
  expect(totals.reduce((sum, { valid, invalid }) => sum + valid + invalid, 0)).toBe(txs.length);
  expect(totals.some(({ invalid }) => invalid > 0)).toBe(true);
});

test('a block that cannot be read is counted when it can', async () => {
  const { ledger } = ledgerOf(() => blocks.length);
  let broken = true;
  const tally = new MemberTally({
    ...ledger,
    getBlockByNumber: async (number) => {
      if (number === 20 && broken) throw new Error('the disk');
      return ledger.getBlockByNumber(number);
    },
  });
  await expect(tally.totals()).rejects.toThrow('the disk');
  broken = false;
  expect(await tally.totals()).toEqual(await new MemberTally(ledger).totals());
});
