// SPDX-License-Identifier: Apache-2.0
// Runs the range query of a simulation again, over the committed state and what the block changed so far, and compares
// (validation/rangequery_validator.go and combined_iterator.go).
import type { kvrwset } from '../../../common/protos/index.ts';
import { equalBytes } from '../../../common/runtime/bytes.ts';
import type { Version } from '../../types.ts';
import { binaryToUtf8, utf8ToBinary } from '../../util/binary-string.ts';
import { RangeQueryResultsHelper } from '../txmgmt/rwsetutil/range-query-results-helper.ts';
import { isSameVersion } from '../txmgmt/rwsetutil/tx-rw-set.ts';
import type { StateSnapshot } from '../txmgmt/statedb/state-db.ts';
import { splitStateKey, stateKey, stateRange } from '../txmgmt/statedb/state-key.ts';
import type { Update, UpdateBatch } from '../txmgmt/statedb/update-batch.ts';

type Row = readonly [binaryKey: string, version: Version];

/** True when the range still gives what the simulation saw. */
export async function validateRangeQuery(
  namespace: string,
  info: kvrwset.RangeQueryInfo,
  state: StateSnapshot,
  batch: UpdateBatch,
): Promise<boolean> {
  const rows = combinedRows(namespace, info, state, batch);
  const summary = info.reads_merkle_hashes;
  return summary ? sameSummary(summary, rows) : sameRows(info.raw_reads?.kv_reads ?? [], rows);
}

async function sameRows(
  reads: readonly kvrwset.KVRead[],
  rows: AsyncIterable<Row>,
): Promise<boolean> {
  let count = 0;
  for await (const [key, version] of rows) {
    const read = reads[count++];
    if (!read || utf8ToBinary(read.key) !== key || !isSameVersion(read.version, version))
      return false;
  }
  return count === reads.length;
}

// Fabric also gives up early, at the first hash that differs; the outcome is the same.
async function sameSummary(
  expected: kvrwset.QueryReadsMerkleSummary,
  rows: AsyncIterable<Row>,
): Promise<boolean> {
  // Only a crafted set has such a degree. Fabric's peer halts at it, which no peer should be made to.
  if (expected.max_degree < 2) return false;
  const helper = new RangeQueryResultsHelper(expected.max_degree);
  for await (const [key, version] of rows) helper.addResult(binaryToUtf8(key), version);
  const results = helper.done();
  if (!('summary' in results)) return false;
  const hashes = results.summary.max_level_hashes ?? [];
  return (
    results.summary.max_level === expected.max_level &&
    hashes.length === expected.max_level_hashes.length &&
    hashes.every((hash, i) => equalBytes(hash, expected.max_level_hashes[i] ?? new Uint8Array()))
  );
}

// A simulation that did not come to the end of its range recorded, as end, the last key that it saw; this one
// belongs to the range then, and is looked at last.
async function* combinedRows(
  namespace: string,
  info: kvrwset.RangeQueryInfo,
  state: StateSnapshot,
  batch: UpdateBatch,
): AsyncGenerator<Row> {
  yield* mergedRows(namespace, info, state, batch);
  if (info.itr_exhausted) return;
  const key = utf8ToBinary(info.end_key);
  const update = batch.get(namespace, '', key);
  const found = update ?? (await state.get(stateKey(namespace, info.end_key)));
  if (found?.value !== undefined) yield [key, found.version];
}

async function* mergedRows(
  namespace: string,
  { start_key, end_key }: kvrwset.RangeQueryInfo,
  state: StateSnapshot,
  batch: UpdateBatch,
): AsyncGenerator<Row> {
  const updates = updatesInRange(namespace, start_key, end_key, batch);
  let next = 0;
  for await (const [stored, { version }] of state.range(
    stateRange(namespace, start_key, end_key),
  )) {
    const { binaryKey } = splitStateKey(stored);
    for (; next < updates.length && (updates[next]?.[0] ?? '') < binaryKey; next++) {
      yield* rowOf(updates[next]);
    }
    if (updates[next]?.[0] === binaryKey) yield* rowOf(updates[next++]);
    else yield [binaryKey, version];
  }
  for (const update of updates.slice(next)) yield* rowOf(update);
}

function updatesInRange(
  namespace: string,
  startKey: string,
  endKey: string,
  batch: UpdateBatch,
): (readonly [string, Update])[] {
  const updates = batch.updates(namespace, '');
  if (!updates) return [];
  const lt = endKey === '' ? undefined : utf8ToBinary(endKey);
  return updates.keys({ gte: utf8ToBinary(startKey), lt }).flatMap((key) => {
    const update = updates.get(key);
    return update ? [[key, update] as const] : [];
  });
}

function* rowOf(entry: readonly [string, Update] | undefined): Generator<Row> {
  if (entry?.[1].value !== undefined) yield [entry[0], entry[1].version];
}
