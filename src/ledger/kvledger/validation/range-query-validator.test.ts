// SPDX-License-Identifier: Apache-2.0
// The second look at a range: any state, any earlier writes of the block, any recorded range, against the rows listed by hand.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { kvrwset } from '../../../common/protos/index.ts';
import { EMPTY_BYTES, utf8 } from '../../../common/runtime/bytes.ts';
import { MemoryKVStore } from '../../memory/memory-kv-store.ts';
import type { Version } from '../../types.ts';
import { utf8ToBinary } from '../../util/binary-string.ts';
import { RangeQueryResultsHelper } from '../txmgmt/rwsetutil/range-query-results-helper.ts';
import { StateDB, type StateSnapshot } from '../txmgmt/statedb/state-db.ts';
import { UpdateBatch } from '../txmgmt/statedb/update-batch.ts';
import { validateRangeQuery } from './range-query-validator.ts';
import { byBytes } from './testing/naive-ledger.ts';

const KEYS = ['', 'a', 'b', '\u00e9', '\uffee', '\u{1f600}'];
const key = fc.constantFrom(...KEYS);
/** By key, the number of the transaction that wrote it; null deleted it. */
type Changes = ReadonlyMap<string, number | null>;
const changes = fc
  .array(fc.tuple(key, fc.option(fc.nat(3))), { maxLength: 6, size: 'max' })
  .map((entries): Changes => new Map(entries));

function batchOf(changed: Changes, blockNum: number): UpdateBatch {
  const batch = new UpdateBatch();
  for (const [name, txNum] of changed) {
    batch.put('cc', '', utf8ToBinary(name), {
      value: txNum === null ? undefined : utf8('v'),
      metadata: EMPTY_BYTES,
      version: { blockNum, txNum: txNum ?? 0 },
    });
  }
  return batch;
}

async function stateOf(committed: Changes, stored: boolean): Promise<StateSnapshot> {
  const db = await StateDB.open(new MemoryKVStore());
  db.apply(0, batchOf(committed, 0));
  if (stored) await db.flush();
  return db.snapshot();
}

type Rows = (readonly [key: string, version: Version])[];

// Each key once, the block's own writes before what is committed.
function rowsNow(committed: Changes, changed: Changes, from: string, to: string): Rows {
  return KEYS.filter((name) => byBytes(name, from) >= 0 && (to === '' || byBytes(name, to) < 0))
    .sort(byBytes)
    .flatMap((name) => rowNow(committed, changed, name));
}

function rowNow(committed: Changes, changed: Changes, name: string): Rows {
  const blockNum = changed.has(name) ? 1 : 0;
  const txNum = (changed.has(name) ? changed : committed).get(name) ?? null;
  return txNum === null ? [] : [[name, { blockNum, txNum }]];
}

function infoOf(range: kvrwset.IRangeQueryInfo, rows: Rows, degree: number) {
  const helper = new RangeQueryResultsHelper(degree);
  for (const [name, version] of rows) helper.addResult(name, version);
  const results = helper.done();
  const seen =
    'summary' in results
      ? { reads_merkle_hashes: results.summary }
      : { raw_reads: { kv_reads: results.rawReads } };
  return kvrwset.RangeQueryInfo.decode(
    kvrwset.RangeQueryInfo.encode({ ...range, ...seen }).finish(),
  );
}

// Rows as they are, or with one of them gone, added, or of another version.
interface Disturbance {
  readonly at: number;
  readonly how: 'lose' | 'add' | 'change';
  readonly name: string;
}
const disturbance: fc.Arbitrary<Disturbance | null> = fc.option(
  fc.record({ at: fc.nat(6), how: fc.constantFrom('lose', 'add', 'change'), name: key }),
);

function disturbed(rows: Rows, how: Disturbance | null): Rows {
  if (!how) return rows;
  const version = { blockNum: 0, txNum: 9 };
  const row = [how.name, version] as const;
  if (how.how === 'add') return rows.toSpliced(how.at, 0, row);
  if (how.how === 'lose') return rows.toSpliced(how.at, 1);
  const old = rows[how.at];
  return old ? rows.with(how.at, [old[0], version]) : rows;
}

describe('a range holds', () => {
  test('exactly when it gives the rows that were recorded', async () => {
    const outcomes = { true: 0, false: 0 };
    await fc.assert(
      fc.asyncProperty(
        changes,
        changes,
        fc.record({ start_key: key, end_key: key, itr_exhausted: fc.boolean() }),
        disturbance,
        fc.constantFrom(2, 3, 50),
        fc.boolean(),
        async (committed, changed, range, how, degree, stored) => {
          const { start_key, end_key, itr_exhausted } = range;
          const now = rowsNow(committed, changed, start_key, end_key);
          if (!itr_exhausted) now.push(...rowNow(committed, changed, end_key));
          const recorded = disturbed(now, how);
          const state = await stateOf(committed, stored);
          const info = infoOf(range, recorded, degree);
          const holds = await validateRangeQuery('cc', info, state, batchOf(changed, 1));
          expect(holds).toBe(JSON.stringify(recorded) === JSON.stringify(now));
          outcomes[`${holds}`]++;
        },
      ),
      { numRuns: 1500, seed: 2_026 },
    );
    expect(Math.min(outcomes.true, outcomes.false)).toBeGreaterThan(300);
  });

  test.each<[string, Partial<kvrwset.IQueryReadsMerkleSummary>]>([
    ['another level', { max_level: 3 }],
    ['another degree', { max_degree: 3 }],
    ['a degree of which no tree can be', { max_degree: 1 }],
    ['no hashes', { max_level_hashes: [] }],
    ['a hash more', { max_level_hashes: [utf8('1'), utf8('2'), utf8('3')] }],
  ])('not by a summary with %s', async (_, wrong) => {
    const all: Changes = new Map(KEYS.map((name, txNum) => [name, txNum]));
    const state = await stateOf(all, true);
    const range = { start_key: '', end_key: '', itr_exhausted: true };
    const info = infoOf(range, rowsNow(all, new Map(), '', ''), 2);
    expect(info.reads_merkle_hashes?.max_level).toBe(1);
    expect(await validateRangeQuery('cc', info, state, new UpdateBatch())).toBe(true);
    const summary = { ...info.reads_merkle_hashes, ...wrong } as kvrwset.QueryReadsMerkleSummary;
    const crafted = { ...info, reads_merkle_hashes: summary } as kvrwset.RangeQueryInfo;
    expect(await validateRangeQuery('cc', crafted, state, new UpdateBatch())).toBe(false);
  });
});
