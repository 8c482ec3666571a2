// SPDX-License-Identifier: Apache-2.0
// Every read-write set of a real channel, also of transactions that failed, made again at a height where it can have been made:
// the same bytes must come out, whatever the order of the calls. The private sets are hashes there; what they hash is
// known, since it is what `_lifecycle` wrote, or was asked for (the notes of the fixtures).
import { sha256 } from '@noble/hashes/sha2.js';
import { expect, test } from 'vitest';
import { common } from '../../../common/protos/index.ts';
import { getActionFromEnvelope } from '../../../common/protoutil/txutils.ts';
import { concat, equalBytes, toHex, utf8 } from '../../../common/runtime/bytes.ts';
import { FakeClock } from '../../../common/runtime/clock.ts';
import { expectedBlocks, readBlock } from '../../../common/testdata/mychannel.ts';
import { MemoryKVStoreProvider } from '../../memory/memory-kv-store.ts';
import type { PeerLedger, TxSimulator } from '../../types.ts';
import { LedgerProvider } from '../ledger-provider.ts';
import { type NsRwSet, type TxRwSet, txRwSetFromBytes } from './rwsetutil/tx-rw-set.ts';

/** A set, and where it stands. */
interface Golden {
  readonly place: string;
  readonly blockNum: number;
  readonly bytes: Uint8Array;
  readonly rwSet: TxRwSet;
}

const MALFORMED = ['63.0', '64.0'];

function goldenOf(blockNum: number): Golden[] {
  const envelopes = common.Block.decode(readBlock(blockNum)).data?.data ?? [];
  return envelopes.flatMap((envelope, i) => {
    if (expectedBlocks[blockNum]?.txs[i]?.type !== 'ENDORSER_TRANSACTION') return [];
    const place = `${blockNum}.${i}`;
    // Two envelopes of the scenario hold no transaction at all.
    if (MALFORMED.includes(place)) return [];
    const { results } = getActionFromEnvelope(envelope);
    return [{ place, blockNum, bytes: results, rwSet: txRwSetFromBytes(results) }];
  });
}

const byHash = (clear: Iterable<Uint8Array>): Map<string, Uint8Array> =>
  new Map([...clear].map((bytes) => [toHex(sha256(bytes)), bytes]));

// The keys of `_lifecycle` in an organisation's own collection, and those of the scenario.
function clearKeys(): Uint8Array[] {
  const names = ['both', 'one', 'pvt', 'basic'].flatMap((name) => [`${name}#1`, `${name}#2`]);
  const lifecycle = names.flatMap((name) => [
    `namespaces/metadata/${name}`,
    ...['EndorsementInfo', 'ValidationInfo', 'Collections'].map(
      (field) => `namespaces/fields/${name}/${field}`,
    ),
    `chaincode-sources/metadata/${name}`,
    `chaincode-sources/fields/${name}/PackageID`,
  ]);
  return [...lifecycle, 'pkey1', 'pkey2', 'pkey3', 'pkey4'].map(utf8);
}

const field = (tag: number, content: Uint8Array): Uint8Array =>
  concat(Uint8Array.of(tag, content.length), content);
// lifecycle.StateMetadata and StateData.
const stateMetadata = (datatype: string, ...fields: string[]): Uint8Array =>
  concat(field(0x0a, utf8(datatype)), ...fields.map((name) => field(0x12, utf8(name))));

// A committed definition has in clear what the organisations approved.
function clearValues(golden: readonly Golden[]): Uint8Array[] {
  const written = golden.flatMap(({ rwSet }) =>
    rwSet.flatMap(({ kv }) => kv.writes.map(({ value }) => value)),
  );
  const packages = [
    'basic_1:cc711ba51ee2455dae061c4c12a4ca028b7f05d9ef9a1a896569eb4f9dff9ce3',
    'loadcc_1:d1bb7c49de40ae1d655ca3ec8816b389b8a304a0e69fc2a0e7f2b9bdd2426373',
  ];
  return [
    ...written,
    stateMetadata('ChaincodeParameters', 'EndorsementInfo', 'ValidationInfo', 'Collections'),
    stateMetadata('ChaincodeLocalPackage', 'PackageID'),
    ...packages.map((id) => field(0x1a, utf8(id))),
    ...['secret-both', 'secret-org1', 'secret-implicit', 'gone'].map(utf8),
  ];
}

interface Clear {
  readonly keys: ReadonlyMap<string, Uint8Array>;
  readonly values: ReadonlyMap<string, Uint8Array>;
}

const text = new TextDecoder();

function clearOf(known: ReadonlyMap<string, Uint8Array>, hash: Uint8Array): Uint8Array {
  const clear = known.get(toHex(hash));
  if (!clear) throw new Error(`nothing known has the hash ${toHex(hash)}`);
  return clear;
}

// All that a set says was done, last things first.
async function repeat(simulator: TxSimulator, rwSet: TxRwSet, clear: Clear): Promise<void> {
  for (const ns of rwSet.toReversed()) {
    await repeatPrivate(simulator, ns, clear);
    const { namespace, kv } = ns;
    for (const { key, value } of kv.writes.toReversed()) simulator.setState(namespace, key, value);
    for (const { key, entries } of kv.metadata_writes.toReversed()) {
      const metadata = new Map(entries.map(({ name, value }) => [name, value]));
      simulator.setStateMetadata(namespace, key, metadata);
    }
    for (const { start_key, end_key, itr_exhausted } of kv.range_queries_info) {
      expect(itr_exhausted).toBe(true);
      const rows = await simulator.getStateRange(namespace, start_key, end_key);
      while (await rows.next());
    }
    for (const { key } of kv.reads.toReversed()) await simulator.getState(namespace, key);
  }
}

async function repeatPrivate(
  simulator: TxSimulator,
  { namespace, collections }: NsRwSet,
  { keys, values }: Clear,
): Promise<void> {
  for (const { collection, hashed } of collections.toReversed()) {
    for (const { key_hash, is_delete, value_hash } of hashed.hashed_writes.toReversed()) {
      const key = text.decode(clearOf(keys, key_hash));
      const value = is_delete ? new Uint8Array() : clearOf(values, value_hash);
      simulator.setPrivateData(namespace, collection, key, value);
    }
    for (const { key_hash } of hashed.hashed_reads.toReversed()) {
      const key = text.decode(clearOf(keys, key_hash));
      await simulator.getPrivateDataHash(namespace, collection, key);
    }
  }
}

async function isMadeNow(ledger: PeerLedger, golden: Golden, clear: Clear): Promise<boolean> {
  const simulator = ledger.newTxSimulator('tx');
  await repeat(simulator, golden.rwSet, clear);
  return equalBytes((await simulator.getTxSimulationResults()).publicResults, golden.bytes);
}

test('every set is made again, byte for byte, at some height before its block', async () => {
  const golden = expectedBlocks.flatMap(({ number }) => goldenOf(number));
  const clear = { keys: byHash(clearKeys()), values: byHash(clearValues(golden)) };
  const provider = await LedgerProvider.open(new MemoryKVStoreProvider(), 'p', new FakeClock());
  const ledger = await provider.create(readBlock(0));
  // By place, how many blocks had come between when the newest state was seen that gives the set.
  const behind = new Map<string, number>();
  for (const { number, transactionsFilter } of expectedBlocks.slice(1)) {
    for (const one of golden) {
      const distance = one.blockNum - number;
      if (distance < 0 || distance > 10) continue;
      if (await isMadeNow(ledger, one, clear)) behind.set(one.place, distance);
    }
    await ledger.commit(readBlock(number), Uint8Array.from(transactionsFilter));
  }
  await provider.close();

  const never = golden.map(({ place }) => place).filter((place) => !behind.has(place));
  expect(never).toEqual([]);
  // Those that lost to a transaction of an earlier block, the one by a read and the other by a range.
  const stale = [...behind].filter(([, distance]) => distance > 0).map(([place]) => place);
  expect(stale).toEqual(['40.0', '44.0']);
  expect(golden).toHaveLength(75);
});
