// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import {
  type BlockOutcome,
  differenceText,
  LedgerComparison,
  type LedgerDifference,
  readOutcome,
} from './ledger-comparison.ts';

/** A ledger whose blocks from `fork` on were judged otherwise. */
const ledger = (height: number, fork = Number.POSITIVE_INFINITY) => ({
  height,
  outcome: (block: number): BlockOutcome | undefined =>
    block >= height
      ? undefined
      : {
          commitHash: block === 0 ? '' : `${block}${block >= fork ? 'x' : ''}`,
          txIds: [`tx${block}`, 'other'],
          statuses: [block >= fork ? 'ENDORSEMENT_POLICY_FAILURE' : 'VALID', 'VALID'],
        },
});

function setUp(own: ReturnType<typeof ledger>, others: Record<string, ReturnType<typeof ledger>>) {
  const told: (LedgerDifference | undefined)[] = [];
  const asked: number[] = [];
  const comparison = new LedgerComparison({
    own: async (block) => own.outcome(block),
    ask: async (id, block) => {
      asked.push(block);
      const found = others[id]?.outcome(block);
      if (!found) throw new Error('it does not answer');
      return found;
    },
    changed: (difference) => told.push(difference),
  });
  const claim = (id: string, height = others[id]?.height ?? 0) => ({
    id,
    name: `peer ${id}`,
    height,
    commitHash: others[id]?.outcome(height - 1)?.commitHash ?? '',
  });
  return { comparison, told, asked, claim };
}

describe('ledgers', () => {
  it('that agree are not told of', async () => {
    const { comparison, told, claim } = setUp(ledger(9), { a: ledger(9), b: ledger(4) });
    await comparison.heard(claim('a'));
    await comparison.heard(claim('b'));
    expect(told).toEqual([]);
  });

  it.each([1, 2, 5, 8, 699])(
    'that differ from block %i on are told of, with that block',
    async (fork) => {
      const { comparison, told, asked, claim } = setUp(ledger(700), {
        a: ledger(700),
        b: ledger(700, fork),
      });
      await comparison.heard(claim('a'));
      await comparison.heard(claim('b'));
      expect(told).toEqual([
        {
          block: fork,
          peers: ['peer b'],
          agreeing: 1,
          transactions: [{ txId: `tx${fork}`, here: 'VALID', there: 'ENDORSEMENT_POLICY_FAILURE' }],
        },
      ]);
      expect(asked.length).toBeLessThan(13);
    },
  );

  it('are compared once this peer has the block', async () => {
    const own = { ...ledger(5), outcome: ledger(5).outcome };
    const { comparison, told, claim } = setUp(own, { b: ledger(9, 7) });
    await comparison.heard(claim('b'));
    expect(told).toEqual([]);
    own.outcome = ledger(9).outcome;
    await comparison.committed();
    expect(told).toMatchObject([{ block: 7 }]);
  });

  it('agree again when the other peer is gone, or has joined again', async () => {
    for (const mend of ['lost', 'heard'] as const) {
      const others = { b: ledger(9, 7) };
      const { comparison, told, claim } = setUp(ledger(9), others);
      await comparison.heard(claim('b'));
      others.b = ledger(9);
      if (mend === 'lost') comparison.retain((id) => id !== 'b');
      else await comparison.heard(claim('b'));
      expect(told.at(-1), mend).toBeUndefined();
    }
  });

  it('of a peer that does not answer differ by what it says, and no more', async () => {
    const others = { b: ledger(9, 7) };
    const { comparison, told, claim } = setUp(ledger(9), others);
    const said = claim('b');
    others.b = ledger(0);
    await comparison.heard(said);
    expect(told).toEqual([{ block: 8, peers: ['peer b'], agreeing: 0, transactions: [] }]);
  });
});

it('a difference says who says so, which transaction, and what to do', () => {
  const text = differenceText('mychannel', {
    block: 5,
    peers: ['p1', 'p2', 'p3', 'p4'],
    agreeing: 2,
    transactions: [{ txId: 'ab'.repeat(32), here: 'VALID', there: 'MVCC_READ_CONFLICT' }],
  });
  expect(text).toContain('from block 5 on from that of p1, p2, p3 and 1 more, as they say');
  expect(text).toContain('transaction abababababababab is VALID here and MVCC_READ_CONFLICT there');
  expect(text).toContain('3 of 7 compared peers');
  expect(text).toContain('join again');
});

it.each([null, 1, {}, { commitHash: 5 }])('%j is no outcome', (json) => {
  expect(() => readOutcome(json)).toThrow('no outcome');
});
