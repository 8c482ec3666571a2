// SPDX-License-Identifier: Apache-2.0
// Snapshots against the one that a real Fabric peer made of the same channel at block 70 (testdata/snapshot).
import { readdirSync, readFileSync } from 'node:fs';
import { sha256 } from '@noble/hashes/sha2.js';
import { beforeAll, describe, expect, test } from 'vitest';
import { fromUtf8, toHex, utf8 } from '../../../common/runtime/bytes.ts';
import { FakeClock } from '../../../common/runtime/clock.ts';
import { expectedBlocks, readBlock } from '../../../common/testdata/mychannel.ts';
import { MemoryKVStoreProvider } from '../../memory/memory-kv-store.ts';
import type { PeerLedger, TxSimulator } from '../../types.ts';
import type { KVLedgerOptions } from '../kv-ledger-options.ts';
import { LedgerProvider } from '../ledger-provider.ts';
import { BlockGenerator } from '../testing/block-generator.ts';
import { FaultyStores } from '../testing/faulty-stores.ts';
import { storedState } from '../testing/state-of.ts';
import { ADDITIONAL_METADATA, SIGNABLE_METADATA } from './snapshot-metadata.ts';
import { MemoryFiles } from './testing/memory-files.ts';

const folder = new URL('../../testdata/snapshot/', import.meta.url);
const realNames = readdirSync(folder).sort();

function realFiles(chunkBytes?: number): MemoryFiles {
  const files = new MemoryFiles(chunkBytes);
  for (const name of realNames) {
    files.files.set(name, Uint8Array.from(readFileSync(new URL(name, folder))));
  }
  return files;
}

const flagsOf = (number: number): Uint8Array =>
  Uint8Array.from(expectedBlocks[number]?.transactionsFilter ?? []);

async function replay(
  to: number,
  stores = new MemoryKVStoreProvider(),
): Promise<{ provider: LedgerProvider; ledger: PeerLedger }> {
  const options: KVLedgerOptions = { state: { flushBlocks: 20 }, txIdIndex: { flushBlocks: 6 } };
  const provider = await LedgerProvider.open(stores, 'p', new FakeClock(), options);
  const ledger = await provider.create(readBlock(0));
  for (let number = 1; number <= to; number++) {
    await ledger.commit(readBlock(number), flagsOf(number));
  }
  return { provider, ledger };
}

function expectSameFiles(found: MemoryFiles, expected: MemoryFiles): void {
  expect([...found.files.keys()].sort()).toEqual([...expected.files.keys()].sort());
  for (const [name, bytes] of expected.files) {
    expect(toHex(found.files.get(name) ?? utf8('')) === toHex(bytes), name).toBe(true);
  }
}

describe('a snapshot at block 70', () => {
  test('has the ten files of the real peer, byte for byte', async () => {
    const { ledger, provider } = await replay(70);
    const found = new MemoryFiles();
    const metadata = await ledger.generateSnapshot(found);
    expect(realNames).toHaveLength(10);
    expectSameFiles(found, realFiles());
    expect(metadata).toMatchObject({ channelName: 'mychannel', lastBlockNumber: 70 });
    await provider.close();
  });

  test('is the same when ids of transactions are sorted few at a time', async () => {
    const { ledger, provider } = await replay(70);
    for (const txIdsAtOnce of [1, 7, 81, 82]) {
      const found = new MemoryFiles();
      // An option of the implementation, for its bounds.
      const kvLedger = ledger as unknown as {
        generateSnapshot(out: MemoryFiles, options: { txIdsAtOnce: number }): Promise<unknown>;
      };
      await kvLedger.generateSnapshot(found, { txIdsAtOnce });
      expectSameFiles(found, realFiles());
    }
    await provider.close();
  });
});

describe('a ledger joined from the real snapshot', () => {
  let stores: MemoryKVStoreProvider;
  let provider: LedgerProvider;
  let ledger: PeerLedger;

  beforeAll(async () => {
    stores = new MemoryKVStoreProvider();
    provider = await LedgerProvider.open(stores, 'p', new FakeClock());
    ledger = await provider.createFromSnapshot(realFiles());
  });

  test('stands at its height, knows its transactions, and says that the blocks are not here', async () => {
    const info = ledger.getBlockchainInfo();
    expect([info.height, toHex(info.currentBlockHash)]).toEqual([
      71,
      expectedBlocks[70]?.headerHash,
    ]);
    const txId = expectedBlocks[20]?.txs[0]?.txid ?? '';
    expect(await ledger.txIDExists(txId)).toBe(true);
    expect(await ledger.txIDExists('no such')).toBe(false);
    const before = { code: 'BLOCK_BEFORE_SNAPSHOT' };
    await expect(ledger.getBlockByNumber(70)).rejects.toMatchObject(before);
    await expect(ledger.getTransactionByID(txId)).rejects.toMatchObject(before);
    await expect(ledger.getBlockByTxID(txId)).rejects.toMatchObject(before);
    const blocks = ledger.blocks(3, { signal: new AbortController().signal });
    await expect(blocks[Symbol.asyncIterator]().next()).rejects.toMatchObject(before);
    expect(await ledger.getBlockByNumber(71)).toBeUndefined();
    await expect(provider.createFromSnapshot(realFiles())).rejects.toMatchObject({
      code: 'LEDGER_EXISTS',
    });
  });

  test('has the state with metadata, hashes and collections, and an empty history', async () => {
    const found = await ledger.getVersionedValue('one', 'okey_sbe');
    expect(fromUtf8(found?.value ?? utf8(''))).toBe('v3');
    expect(found?.metadata.length).toBeGreaterThan(0);
    expect(ledger.hasStateMetadata('one')).toBe(true);
    expect(ledger.hasStateMetadata('both')).toBe(false);
    const hash = await ledger.getPrivateDataHash('pvt', 'colBoth', sha256(utf8('pkey1')));
    expect(toHex(hash?.value ?? utf8(''))).toBe(toHex(sha256(utf8('secret-both'))));
    const executor = ledger.newQueryExecutor();
    await expect(executor.getPrivateData('pvt', 'colX', 'k')).rejects.toMatchObject({
      code: 'COLLECTION_UNKNOWN',
    });
    await expect(executor.getPrivateData('pvt', 'colBoth', 'pkey1')).rejects.toMatchObject({
      code: 'PRIVATE_DATA_MISSING',
    });
    executor.done();
    const history = await ledger.getHistoryForKey('both', 'counter');
    expect(await history.next()).toBeUndefined();
    expect(await ledger.getMissingPvtData(1000)).toContainEqual({
      blockNum: 33,
      txNum: 0,
      namespace: 'pvt',
      collection: 'colBoth',
    });
  });

  test('gives the same snapshot again, also after it was opened again', async () => {
    for (let time = 0; time < 2; time++) {
      const found = new MemoryFiles();
      await ledger.generateSnapshot(found);
      expectSameFiles(found, realFiles());
      await provider.close();
      provider = await LedgerProvider.open(stores, 'p', new FakeClock());
      ledger = await provider.open('mychannel');
    }
  });

  test('refuses to be rebuilt from blocks that it does not have', async () => {
    await provider.close();
    await stores.destroy('p/mychannel/state');
    provider = await LedgerProvider.open(stores, 'p', new FakeClock());
    await expect(provider.open('mychannel')).rejects.toMatchObject({ code: 'LEDGER_CORRUPT' });
  });
});

describe.each([12, 33, 36, 60])('a ledger joined at block %i', (height) => {
  test('goes on as one that has all blocks: codes, commit hashes, state, snapshot', async () => {
    const { ledger: full, provider: from } = await replay(height);
    const files = new MemoryFiles(77);
    await full.generateSnapshot(files);
    await from.close();
    const stores = new MemoryKVStoreProvider();
    let provider = await LedgerProvider.open(stores, 'p', new FakeClock());
    let ledger = await provider.createFromSnapshot(files);
    for (let number = height + 1; number <= 70; number++) {
      const { commitHash, flags } = await ledger.commit(readBlock(number), flagsOf(number));
      expect(toHex(commitHash)).toBe(expectedBlocks[number]?.commitHash);
      expect([...flags]).toEqual(expectedBlocks[number]?.transactionsFilter);
      if (number === 65) {
        await provider.close();
        provider = await LedgerProvider.open(stores, 'p', new FakeClock());
        ledger = await provider.open('mychannel');
      }
    }
    const found = new MemoryFiles();
    await ledger.generateSnapshot(found);
    expectSameFiles(found, realFiles());
    expect(await ledger.getBlockByNumber(70)).toEqual(readBlock(70));
    await provider.close();
  });
});

describe('a snapshot that is not what its hashes say', () => {
  const join = async (files: MemoryFiles): Promise<unknown> => {
    const provider = await LedgerProvider.open(new MemoryKVStoreProvider(), 'p', new FakeClock());
    const outcome = await provider.createFromSnapshot(files).then(
      () => 'joined',
      (error) => error.code,
    );
    expect(await provider.list()).toEqual(outcome === 'joined' ? ['mychannel'] : []);
    await provider.close();
    return outcome;
  };

  test('joins in chunks of any size when all is right', async () => {
    for (const chunk of [1, 13, 100_000]) expect(await join(realFiles(chunk))).toBe('joined');
  });

  test.each(realNames)('is refused when %s is changed, cut off, or longer', async (name) => {
    const bytes = realFiles().files.get(name) ?? utf8('');
    const middle = name === ADDITIONAL_METADATA ? 30 : bytes.length >> 1;
    const changed = bytes.slice();
    changed[middle] = (changed[middle] ?? 0) ^ 1;
    const variants = [changed, bytes.slice(0, -1)];
    // White space behind JSON means nothing where no hash covers it.
    if (name !== ADDITIONAL_METADATA) variants.push(Uint8Array.of(...bytes, 0x20), utf8(''));
    for (const variant of variants) {
      const files = realFiles();
      files.files.set(name, variant);
      expect(await join(files)).toBe('SNAPSHOT_INVALID');
    }
  });

  test('is refused when it is of a CouchDB peer, or of a channel whose name is none', async () => {
    const forged = (change: (text: string) => string): MemoryFiles => {
      const files = realFiles();
      const signable = utf8(change(fromUtf8(files.files.get(SIGNABLE_METADATA) ?? utf8(''))));
      files.files.set(SIGNABLE_METADATA, signable);
      const hash = toHex(sha256(signable));
      const commitHash = expectedBlocks[70]?.commitHash ?? '';
      const additional = { snapshot_hash: hash, last_block_commit_hash: commitHash };
      files.files.set(ADDITIONAL_METADATA, utf8(JSON.stringify(additional)));
      return files;
    };
    expect(await join(forged((text) => text))).toBe('joined');
    expect(await join(forged((t) => t.replace('SimpleKeyValueDB', 'CouchDB')))).toBe(
      'SNAPSHOT_INVALID',
    );
    expect(await join(forged((t) => t.replace('"mychannel"', '"../x"')))).toBe(
      'LEDGER_NAME_INVALID',
    );
    expect(await join(forged((t) => t.replace('txids.data', 'txids.dat')))).toBe(
      'SNAPSHOT_INVALID',
    );
  });
});

test('a power cut at any write of joining leaves no ledger, or a whole one', async () => {
  const expected = new MemoryKVStoreProvider();
  const whole = await LedgerProvider.open(expected, 'p', new FakeClock());
  await whole.createFromSnapshot(realFiles());
  await whole.close();
  const state = async (stores: { open: MemoryKVStoreProvider['open'] }): Promise<string> => {
    const store = await stores.open('p/mychannel/state');
    const found = JSON.stringify(await storedState(store));
    await store.close();
    return found;
  };
  let cuts = 0;
  for (const isWritten of [true, false]) {
    for (let cut = 0; ; cut++) {
      const stores = new FaultyStores();
      stores.cutAt(cut, isWritten);
      const live = async (): Promise<void> => {
        const provider = await LedgerProvider.open(stores, 'p', new FakeClock());
        if (!(await provider.exists('mychannel'))) await provider.createFromSnapshot(realFiles());
        await provider.close();
        if (stores.isDead) throw new Error('no power');
      };
      const done = await live().then(
        () => true,
        (error) => (stores.isDead ? false : Promise.reject(error)),
      );
      if (done) break;
      cuts++;
      await stores.restart();
      await live();
      expect((await state(stores)) === (await state(expected)), `cut ${cut}`).toBe(true);
    }
  }
  expect(cuts).toBeGreaterThan(12);
});

test('private data that came in a snapshot expires at its block, and large values pass in pieces', async () => {
  const options: KVLedgerOptions = {
    private: { collections: { collectionInfo: () => ({ blockToLive: 3, memberOrgs: [] }) } },
  };
  const blocks = new BlockGenerator();
  const first = await LedgerProvider.open(
    new MemoryKVStoreProvider(),
    'p',
    new FakeClock(),
    options,
  );
  const source = await first.create(blocks.genesis());
  const commit = async (on: PeerLedger, run: (simulator: TxSimulator) => void): Promise<void> => {
    const simulator = source.newTxSimulator('tx');
    run(simulator);
    const { publicResults } = await simulator.getTxSimulationResults();
    await on.commit(blocks.nextOf([publicResults]), new Uint8Array(1));
  };
  const big = new Uint8Array(3_000_000).fill(7);
  await commit(source, (simulator) => {
    simulator.setPrivateData('cc', 'coll', 'k', utf8('v'));
    for (let i = 0; i < 3; i++) simulator.setState('cc', `big${i}`, big);
  });
  const files = new MemoryFiles(65_536);
  await source.generateSnapshot(files);
  expect(files.largestWrite).toBeLessThan(2 * big.length);
  const stores = new MemoryKVStoreProvider();
  const second = await LedgerProvider.open(stores, 'p', new FakeClock(), options);
  const joined = await second.createFromSnapshot(files);
  expect((await joined.getVersionedValue('cc', 'big2'))?.value).toHaveLength(big.length);
  const present: number[] = [];
  for (let number = 2; number <= 6; number++) {
    await commit(joined, (simulator) => simulator.setState('cc', 'x', utf8(`${number}`)));
    const hash = await joined.getPrivateDataHash('cc', 'coll', sha256(utf8('k')));
    if (hash) present.push(number);
  }
  expect(present).toEqual([2, 3, 4]); // it was written at 1, and goes at 1 + 3 + 1
  expect(await joined.getMissingPvtData(10)).toHaveLength(1);
  await Promise.all([first.close(), second.close()]);
});
