// SPDX-License-Identifier: Apache-2.0
// What a write set leaves of a key: every combination of value and metadata, and the sums of repeated writes, which only a
// crafted set can have (cases of validation/tx_ops_test.go, and what its flags of one byte amount to).
import { describe, expect, test } from 'vitest';
import { kvrwset, rwset } from '../../../common/protos/index.ts';
import { fromUtf8, utf8 } from '../../../common/runtime/bytes.ts';
import type { VersionedValue } from '../../types.ts';
import { serializeMetadata } from '../txmgmt/rwsetutil/state-metadata.ts';
import { txRwSetFromBytes } from '../txmgmt/rwsetutil/tx-rw-set.ts';
import { UpdateBatch } from '../txmgmt/statedb/update-batch.ts';
import { applyWriteSet } from './tx-ops.ts';

/** `=v` writes a value, `-` deletes, `#m` writes metadata, `#` deletes it. */
type Op = string;

const entriesOf = (text: string): kvrwset.IKVMetadataEntry[] =>
  text === '' ? [] : [{ name: 'n', value: utf8(text) }];
const metadataOf = (text: string): Uint8Array => serializeMetadata(entriesOf(text));

function setOf(ops: readonly Op[]) {
  const writes = ops.filter((op) => !op.startsWith('#'));
  const metadata = ops.filter((op) => op.startsWith('#'));
  const set = kvrwset.KVRWSet.encode({
    writes: writes.map((op) => ({ key: 'k', is_delete: op === '-', value: utf8(op.slice(1)) })),
    metadata_writes: metadata.map((op) => ({ key: 'k', entries: entriesOf(op.slice(1)) })),
  }).finish();
  const ns_rwset = [{ namespace: 'cc', rwset: set }];
  return txRwSetFromBytes(rwset.TxReadWriteSet.encode({ ns_rwset }).finish());
}

const COMMITTED: VersionedValue = {
  value: utf8('old'),
  metadata: metadataOf('oldmeta'),
  version: { blockNum: 1, txNum: 0 },
};

/** `value#metadata`, `deleted`, or `untouched`. */
function outcome(committed: VersionedValue | undefined, ...txs: (readonly Op[])[]): string {
  const batch = new UpdateBatch();
  txs.forEach((ops, txNum) => {
    applyWriteSet(setOf(ops), { blockNum: 2, txNum }, batch, () => committed);
  });
  const update = batch.get('cc', '', 'k');
  if (!update) return 'untouched';
  expect(update.version).toEqual({ blockNum: 2, txNum: txs.length - 1 });
  if (!update.value) return 'deleted';
  const { entries } = kvrwset.KVMetadataWrite.decode(update.metadata);
  return `${fromUtf8(update.value)}#${entries.map((entry) => fromUtf8(entry.value)).join()}`;
}

describe('one transaction', () => {
  test.each<[string, string, Op[]]>([
    ['new#oldmeta', 'new#', ['=new']],
    ['new#newmeta', 'new#newmeta', ['=new', '#newmeta']],
    ['new#', 'new#', ['=new', '#']],
    ['old#newmeta', 'untouched', ['#newmeta']],
    ['old#', 'untouched', ['#']],
    ['deleted', 'deleted', ['-']],
    ['deleted', 'deleted', ['-', '#newmeta']],
    ['deleted', 'deleted', ['=', '#']],
  ])('leaves %s of a key that is there, %s of one that is not: %j', (there, absent, ops) => {
    expect(outcome(COMMITTED, ops)).toBe(there);
    expect(outcome(undefined, ops)).toBe(absent);
  });
});

describe('a block', () => {
  test.each<[string, Op[][]]>([
    ['b#oldmeta', [['=a'], ['=b']]],
    ['b#m', [['#m'], ['=b']]],
    ['a#m', [['=a'], ['#m']]],
    ['a#', [['=a', '#m'], ['#']]],
    ['b#', [['-'], ['=b']]],
    ['deleted', [['=a', '#m'], ['-']]],
  ])('looks at earlier transactions first: %s', (expected, txs) => {
    expect(outcome(COMMITTED, ...txs)).toBe(expected);
  });

  test('metadata of a key that was deleted before in the block does nothing', () => {
    const batch = new UpdateBatch();
    applyWriteSet(setOf(['-']), { blockNum: 2, txNum: 0 }, batch, () => COMMITTED);
    applyWriteSet(setOf(['#m']), { blockNum: 2, txNum: 1 }, batch, () => COMMITTED);
    expect(batch.get('cc', '', 'k')).toMatchObject({ value: undefined, version: { txNum: 0 } });
  });
});

describe('a crafted set', () => {
  const times = (count: number, op: Op): Op[] => Array.from({ length: count }, () => op);
  test.each<[string, string, Op[]]>([
    ['two writes are an update of metadata, to none', 'old#', ['=a', '=b']],
    ['three are a write with metadata, of none', 'c#', ['=a', '=b', '=c']],
    ['four are a deletion of metadata', 'old#', times(4, '=a')],
    ['eight are a deletion', 'deleted', times(8, '=a')],
    ['two deletions write the old value', 'old#', ['-', '-']],
    ['two updates of metadata are a deletion that sets it', 'old#m2', ['#m1', '#m2']],
    ['256 writes sum to nothing, which counts as a write', 'a#oldmeta', times(256, '=a')],
    ['257 are one again', 'a#oldmeta', times(257, '=a')],
  ])('%s', (_, expected, ops) => {
    expect(outcome(COMMITTED, ops)).toBe(expected);
  });

  test('two writes of a key that is not there do nothing', () => {
    expect(outcome(undefined, ['=a', '=b'])).toBe('untouched');
  });

  test('32 deletions, at which Fabric halts, leave the key alone', () => {
    expect(outcome(COMMITTED, times(32, '-'))).toBe('untouched');
  });
});
