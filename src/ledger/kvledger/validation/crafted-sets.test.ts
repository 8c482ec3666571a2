// SPDX-License-Identifier: Apache-2.0
// Read-write sets that no simulator makes, but that enough organisations could endorse: whatever they say, the block is stored
// and applied, with one outcome at every peer, now and when the block is replayed.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { kvrwset, protos, rwset } from '../../../common/protos/index.ts';
import { toHex, utf8 } from '../../../common/runtime/bytes.ts';
import { FakeClock } from '../../../common/runtime/clock.ts';
import { MemoryKVStoreProvider } from '../../memory/memory-kv-store.ts';
import type { PeerLedger } from '../../types.ts';
import type { KVLedgerOptions } from '../kv-ledger-options.ts';
import { LedgerProvider } from '../ledger-provider.ts';
import { BlockGenerator } from '../testing/block-generator.ts';

const { VALID, MVCC_READ_CONFLICT, PHANTOM_READ_CONFLICT, INVALID_WRITESET } =
  protos.TxValidationCode;

const key = fc.constantFrom('', 'a', 'b', '\0a', '\u{1f600}', '_x', 'a\0b');
const short = fc.constantFrom('', '1', '2', '{"a":1}', '{"_id":1}').map(utf8);
const hash = fc.constantFrom('', 'h', 'another hash').map(utf8);
const number = fc.constantFrom(0, 1, 2, 2 ** 31, 2 ** 32, Number.MAX_SAFE_INTEGER);
const list = <T>(of: fc.Arbitrary<T>): fc.Arbitrary<T[]> => fc.array(of, { maxLength: 4 });

const version = fc.option(fc.record({ block_num: number, tx_num: number }), { nil: undefined });
const read = fc.record({ key, version }).map(withoutUndefined);
const entries = list(fc.record({ name: fc.constantFrom('', 'n'), value: short }));
const summary = fc.record({
  max_degree: fc.constantFrom(0, 1, 2, 50, 2 ** 32 - 1),
  max_level: fc.constantFrom(0, 1, 2, 2 ** 32 - 1),
  max_level_hashes: list(hash),
});
const range = fc
  .record({
    start_key: key,
    end_key: key,
    itr_exhausted: fc.boolean(),
    raw_reads: fc.option(fc.record({ kv_reads: list(read) }), { nil: undefined }),
    reads_merkle_hashes: fc.option(summary, { nil: undefined, freq: 2 }),
  })
  .map(({ raw_reads, reads_merkle_hashes, ...info }) => {
    if (reads_merkle_hashes) return { ...info, reads_merkle_hashes };
    return raw_reads ? { ...info, raw_reads } : info;
  });
const publicSet = fc.record({
  // Reads seldom hold, and a set whose reads fail says nothing else.
  reads: fc.oneof({ weight: 3, arbitrary: fc.constant([]) }, { weight: 1, arbitrary: list(read) }),
  range_queries_info: fc.oneof(
    { weight: 3, arbitrary: fc.constant([]) },
    { weight: 1, arbitrary: list(range) },
  ),
  writes: list(fc.record({ key, is_delete: fc.boolean(), value: short })),
  metadata_writes: list(fc.record({ key, entries })),
});
const hashedSet = fc.record({
  hashed_writes: list(
    fc.record({
      key_hash: hash,
      is_delete: fc.boolean(),
      value_hash: hash,
      is_purge: fc.boolean(),
    }),
  ),
  metadata_writes: list(fc.record({ key_hash: hash, entries })),
});
const collection = fc.record({
  collection_name: fc.constantFrom('', 'c', 'c$$h'),
  hashed_rwset: hashedSet.map((set) => kvrwset.HashedRWSet.encode(set).finish()),
  pvt_rwset_hash: hash,
});
const namespace = fc.record({
  namespace: fc.constantFrom('', 'cc', 'cc$$hc', 'c\0c', 'd'),
  rwset: publicSet.map((set) => kvrwset.KVRWSet.encode(set).finish()),
  collection_hashed_rwset: list(collection),
});
const crafted = list(namespace).map((ns_rwset) =>
  rwset.TxReadWriteSet.encode({ ns_rwset }).finish(),
);

function withoutUndefined<T extends object>(value: T): kvrwset.IKVRead {
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined));
}

async function contents(ledger: PeerLedger): Promise<string> {
  const rows: unknown[] = [];
  for (const name of await ledger.stateNamespaces()) {
    for (const row of await ledger.scanState(name, '', 100)) {
      rows.push([name, row.key, toHex(row.value), toHex(row.metadata), row.version]);
    }
  }
  return JSON.stringify(rows);
}

async function play(
  blocks: readonly (readonly Uint8Array[])[],
  options: KVLedgerOptions,
  seen: Map<number, number>,
): Promise<void> {
  const stores = new MemoryKVStoreProvider();
  let provider = await LedgerProvider.open(stores, 'p', new FakeClock(), options);
  const generator = new BlockGenerator();
  let ledger = await provider.create(generator.genesis());
  for (const sets of blocks) {
    const { flags } = await ledger.commit(generator.nextOf(sets), new Uint8Array(sets.length));
    for (const flag of flags) seen.set(flag, (seen.get(flag) ?? 0) + 1);
  }
  const expected = await contents(ledger);
  for (const parts of [[], ['state', 'history']]) {
    await provider.close();
    for (const part of parts) await stores.destroy(`p/testchannel/${part}`);
    provider = await LedgerProvider.open(stores, 'p', new FakeClock(), options);
    ledger = await provider.open('testchannel');
    expect(await contents(ledger)).toBe(expected);
  }
  await provider.close();
}

test.each(['goleveldb', 'CouchDB'] as const)('no set stops a ledger with %s', async (database) => {
  const seen = new Map<number, number>();
  const blocks = fc.array(fc.array(crafted, { maxLength: 4 }), { maxLength: 4 });
  const options = { stateDatabase: database, state: { flushBlocks: 2 } };
  await fc.assert(
    fc.asyncProperty(blocks, (sets) => play(sets, options, seen)),
    { numRuns: 200, seed: 2_026 },
  );
  const codes: number[] = [VALID, MVCC_READ_CONFLICT, PHANTOM_READ_CONFLICT];
  if (database === 'CouchDB') codes.push(INVALID_WRITESET);
  expect([...seen.keys()].sort((a, b) => a - b)).toEqual(codes);
});
