// SPDX-License-Identifier: Apache-2.0
// Commits the blocks of a real channel and compares everything with what the real peer made of them.
import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { common, protos } from '../../common/protos/index.ts';
import { equalBytes, fromUtf8, toHex, utf8 } from '../../common/runtime/bytes.ts';
import { FakeClock } from '../../common/runtime/clock.ts';
import { expectedBlocks, readBlock } from '../../common/testdata/mychannel.ts';
import { parseBlock, withMetadata } from '../blkstorage/index.ts';
import { MemoryKVStoreProvider } from '../memory/memory-kv-store.ts';
import type { CommitResult, PeerLedger } from '../types.ts';
import { LedgerProvider } from './ledger-provider.ts';
import { type ReadFile, readStateSnapshot, readTxIds } from './testing/snapshot-files.ts';
import { storedState } from './testing/state-of.ts';

const { VALID, MVCC_READ_CONFLICT, PHANTOM_READ_CONFLICT } = protos.TxValidationCode;
const { TRANSACTIONS_FILTER, COMMIT_HASH } = common.BlockMetadataIndex;
const NONE = new Uint8Array();

// A block as it was before the peer wrote into it.
function received(number: number): Uint8Array {
  const slots = new Map([
    [TRANSACTIONS_FILTER, NONE],
    [COMMIT_HASH, NONE],
  ]);
  return withMetadata(parseBlock(readBlock(number)), slots);
}

// What the validator hands to the ledger: the codes that the ledger's own stage must find are not in it.
function validatorFlags(number: number): Uint8Array {
  return Uint8Array.from(expectedBlocks[number]?.transactionsFilter ?? [], (code) =>
    code === MVCC_READ_CONFLICT || code === PHANTOM_READ_CONFLICT ? VALID : code,
  );
}

const testdata = (name: string): string =>
  readFileSync(new URL(`../testdata/${name}`, import.meta.url), 'utf8');

const snapshotFile: ReadFile = (name) =>
  Uint8Array.from(readFileSync(new URL(`../testdata/snapshot/${name}`, import.meta.url)));

// Go's %q is JSON for these keys and values.
function dump(name: string): [string, string][] {
  const rows = testdata(name)
    .split('\n')
    .filter((line) => line.includes('\t'));
  return rows.map((line) => line.split('\t').map((text) => JSON.parse(text)) as [string, string]);
}

describe('the blocks of a real channel', () => {
  const stores = new MemoryKVStoreProvider();
  let provider: LedgerProvider;
  let ledger: PeerLedger;
  const results: CommitResult[] = [];

  beforeAll(async () => {
    provider = await LedgerProvider.open(stores, 'peer0', new FakeClock());
    ledger = await provider.create(received(0));
    for (const { number } of expectedBlocks.slice(1)) {
      results.push(await ledger.commit(received(number), validatorFlags(number)));
    }
  });

  test('give the same validation codes and commit hashes', () => {
    for (const { blockNum, flags, commitHash, txIds } of results) {
      const expected = expectedBlocks[blockNum];
      expect([...flags], `codes of block ${blockNum}`).toEqual(expected?.transactionsFilter);
      expect(toHex(commitHash), `hash of block ${blockNum}`).toBe(expected?.commitHash);
      expect(txIds).toHaveLength(flags.length);
    }
    const conflicts = results
      .flatMap(({ flags }) => [...flags])
      .filter((c) => c === 11 || c === 12);
    expect(conflicts.toSorted()).toEqual([11, 11, 11, 11, 11, 12, 12]);
    const { last_block_commit_hash } = JSON.parse(
      testdata('snapshot/_snapshot_additional_metadata.json'),
    );
    expect(toHex(results.at(-1)?.commitHash ?? NONE)).toBe(last_block_commit_hash);
  });

  test('are stored as the real peer stored them, byte for byte', async () => {
    for (const { number } of expectedBlocks) {
      const stored = (await ledger.getBlockByNumber(number)) ?? NONE;
      expect(equalBytes(stored, readBlock(number)), `block ${number}`).toBe(true);
    }
  });

  test('give every transaction id of the real index', async () => {
    const ids = readTxIds(snapshotFile);
    expect(ids.length).toBeGreaterThan(70);
    for (const id of ids) {
      expect(await ledger.txIDExists(id)).toBe(true);
      expect(await ledger.getTransactionByID(id)).toBeDefined();
    }
  });

  test.each(['both', 'one', 'pvt'])('give the world state of chaincode %s', async (namespace) => {
    const executor = ledger.newQueryExecutor();
    const rows = await executor.getStateRange(namespace, '\u0001', '');
    const found: [string, string][] = [];
    for (let row = await rows.next(); row; row = await rows.next()) {
      found.push([row.key, fromUtf8(row.value)]);
    }
    expect(found).toEqual(dump(`${namespace}.txt`));
    executor.done();
  });

  test('give the assets of chaincode basic', async () => {
    const rows = await ledger.scanState('basic', '', 100);
    const assets = rows.filter(({ key }) => !key.startsWith('\u0000'));
    expect(assets.map(({ value }) => JSON.parse(fromUtf8(value)))).toEqual(
      JSON.parse(testdata('basic.json')),
    );
  });

  test.each([
    ['history_counter.txt', 'counter'],
    ['history_key5.txt', 'key5'],
  ])('give the history in %s', async (name, key) => {
    const lines = testdata(name)
      .split('\n')
      .filter((line) => line !== '');
    const changes = await ledger.getHistoryForKey('both', key);
    const found: string[] = [];
    for (let change = await changes.next(); change; change = await changes.next()) {
      const { txId, isDelete, value, timestampMs, blockNum } = change;
      found.push(`${txId} ${isDelete} ${JSON.stringify(fromUtf8(value))}`);
      expect(timestampMs).toBeGreaterThan(Date.UTC(2026, 0));
      expect(expectedBlocks[blockNum]?.txs.some(({ txid }) => txid === txId)).toBe(true);
    }
    expect(found).toEqual(lines);
  });

  test('give the namespaces, and values with their metadata', async () => {
    expect(await ledger.stateNamespaces()).toEqual(
      expect.arrayContaining(['', '_lifecycle', 'basic', 'both', 'one', 'pvt$$hcolBoth']),
    );
    const [sbe] = await ledger.scanState('one', 'okey_sbe', 1);
    expect(sbe?.metadata.length).toBeGreaterThan(0);
    expect(await ledger.getVersionedValue('one', 'okey_sbe')).toMatchObject({
      value: utf8('v3'),
      version: sbe?.version,
    });
    expect(await ledger.getVersionedValue('one', 'absent')).toBeUndefined();
  });

  test('give the state of the real snapshot, with versions and metadata, and again when replayed', async () => {
    await provider.close();
    const expected = [
      ...readStateSnapshot(snapshotFile, 'public_state'),
      ...readStateSnapshot(snapshotFile, 'private_state_hashes'),
    ].map((entry) => JSON.stringify(entry));
    const check = async (): Promise<void> => {
      const store = await stores.open('peer0/mychannel/state');
      const found = (await storedState(store)).map((entry) => JSON.stringify(entry));
      await store.close();
      expect(found.filter((entry) => !expected.includes(entry))).toEqual([]);
      expect(expected.filter((entry) => !found.includes(entry))).toEqual([]);
    };
    await check();
    for (const part of ['state', 'history']) await stores.destroy(`peer0/mychannel/${part}`);
    provider = await LedgerProvider.open(stores, 'peer0', new FakeClock());
    ledger = await provider.open('mychannel');
    await provider.close();
    await check();
  });
});
