// SPDX-License-Identifier: Apache-2.0
// Private data at commit: what counts, what is missing, what goes, and that a crash changes nothing of it.
import { sha256 } from '@noble/hashes/sha2.js';
import { beforeEach, describe, expect, test } from 'vitest';
import { kvrwset, rwset } from '../../common/protos/index.ts';
import { toHex, utf8 } from '../../common/runtime/bytes.ts';
import { FakeClock } from '../../common/runtime/clock.ts';
import { expectedBlocks, readBlock } from '../../common/testdata/mychannel.ts';
import type { PeerLedger, SimulationResults, TxSimulator } from '../types.ts';
import type { KVLedgerOptions } from './kv-ledger-options.ts';
import { LedgerProvider } from './ledger-provider.ts';
import { BlockGenerator } from './testing/block-generator.ts';
import { FaultyStores } from './testing/faulty-stores.ts';
import { storedState } from './testing/state-of.ts';

const OPTIONS: KVLedgerOptions = {
  private: {
    mspId: 'Org1MSP',
    collections: {
      collectionInfo: (chaincode, collection) => {
        if (chaincode !== 'cc') return undefined;
        if (collection === 'forever') return { blockToLive: 0, memberOrgs: ['Org1MSP'] };
        if (collection === 'short') return { blockToLive: 1, memberOrgs: ['Org1MSP', 'Org2MSP'] };
        if (collection === 'theirs') return { blockToLive: 0, memberOrgs: ['Org2MSP'] };
        return undefined;
      },
    },
  },
};

let stores: FaultyStores;
let provider: LedgerProvider;
let blocks: BlockGenerator;
let ledger: PeerLedger;

beforeEach(async () => {
  stores = new FaultyStores();
  provider = await LedgerProvider.open(stores, 'p', new FakeClock(), OPTIONS);
  blocks = new BlockGenerator();
  ledger = await provider.create(blocks.genesis());
});

type Run = (simulator: TxSimulator) => unknown;

async function simulate(run: Run): Promise<SimulationResults> {
  const simulator = ledger.newTxSimulator('tx');
  await run(simulator);
  return simulator.getTxSimulationResults();
}

/** Commits a block of transactions; with `withheld`, their private data does not come with it. */
async function commit(runs: readonly Run[], { withheld = false } = {}): Promise<number[]> {
  const results = await Promise.all(runs.map(simulate));
  const privateData = new Map(
    results.flatMap(({ privateResults }, i) =>
      privateResults && !withheld ? [[i, privateResults] as const] : [],
    ),
  );
  const block = blocks.nextOf(results.map(({ publicResults }) => publicResults));
  const { flags } = await ledger.commit(block, new Uint8Array(runs.length), privateData);
  return [...flags];
}

const put =
  (collection: string, key: string, value: string): Run =>
  (simulator) =>
    simulator.setPrivateData('cc', collection, key, utf8(value));

const nothing: Run = (simulator) => simulator.setState('cc', 'k', utf8('v'));

async function read(collection: string, key: string): Promise<unknown> {
  const executor = ledger.newQueryExecutor();
  try {
    const clear = await executor.getPrivateData('cc', collection, key);
    return clear && new TextDecoder().decode(clear);
  } catch (error) {
    return (error as { code: string }).code;
  } finally {
    executor.done();
  }
}

async function reopen(): Promise<void> {
  await provider.close();
  provider = await LedgerProvider.open(stores, 'p', new FakeClock(), OPTIONS);
  ledger = await provider.open('testchannel');
}

describe('private data of a block', () => {
  test('is read back, by key and by range, and refused to unknown collections', async () => {
    expect(await commit([put('forever', 'b', '1'), put('forever', 'a', '2')])).toEqual([0, 0]);
    expect(await read('forever', 'a')).toBe('2');
    expect(await read('forever', 'absent')).toBeUndefined();
    expect(await read('unknown', 'a')).toBe('COLLECTION_UNKNOWN');
    expect(() => ledger.newTxSimulator('t').setPrivateData('cc', 'x', 'k', utf8('v'))).toThrow(
      expect.objectContaining({ code: 'COLLECTION_UNKNOWN' }),
    );
    const executor = ledger.newQueryExecutor();
    const rows = await executor.getPrivateDataRange('cc', 'forever', '', '');
    expect([(await rows.next())?.key, (await rows.next())?.key, await rows.next()]).toEqual([
      'a',
      'b',
      undefined,
    ]);
    expect(toHex((await executor.getPrivateDataHash('cc', 'forever', 'a')) ?? utf8(''))).toBe(
      toHex(sha256(utf8('2'))),
    );
    executor.done();
    expect(await ledger.getPvtDataByNum(1)).toMatchObject([
      { txNum: 0, namespace: 'cc', collection: 'forever' },
      { txNum: 1, namespace: 'cc', collection: 'forever' },
    ]);
  });

  test('that is withheld or false is missing, and read as such; the block counts all the same', async () => {
    await commit([put('forever', 'a', 'old')]);
    await commit([put('forever', 'a', 'new'), put('theirs', 'a', '1')], { withheld: true });
    expect(await read('forever', 'a')).toBe('PRIVATE_DATA_MISSING');
    const { publicResults } = await simulate(put('forever', 'b', 'true'));
    const { privateResults = utf8('') } = await simulate(put('forever', 'b', 'false'));
    const supplied = new Map([[0, privateResults]]);
    await ledger.commit(blocks.nextOf([publicResults]), new Uint8Array(1), supplied);
    const garbage = new Map([[0, utf8('garbage')]]);
    const { publicResults: next } = await simulate(put('forever', 'c', 'true'));
    await ledger.commit(blocks.nextOf([next]), new Uint8Array(1), garbage);
    expect(await read('forever', 'b')).toBe('PRIVATE_DATA_MISSING');
    // Of Org2's collection, this peer of Org1 misses nothing.
    expect(await ledger.getMissingPvtData(10)).toEqual([
      { blockNum: 2, txNum: 0, namespace: 'cc', collection: 'forever' },
      { blockNum: 3, txNum: 0, namespace: 'cc', collection: 'forever' },
      { blockNum: 4, txNum: 0, namespace: 'cc', collection: 'forever' },
    ]);
    expect(await ledger.getMissingPvtData(1)).toHaveLength(1);
  });

  test('is subject to MVCC by hashes', async () => {
    await commit([put('forever', 'a', '1')]);
    const rmw: Run = async (simulator) => {
      await simulator.getPrivateData('cc', 'forever', 'a');
      simulator.setPrivateData('cc', 'forever', 'a', utf8('2'));
    };
    expect(await commit([rmw, rmw])).toEqual([0, 11]);
    expect(await ledger.getPvtDataByNum(2)).toHaveLength(1);
  });

  test('follows its hash when only metadata is written', async () => {
    await commit([put('forever', 'a', '1')]);
    const tag: Run = (simulator) =>
      simulator.setPrivateDataMetadata('cc', 'forever', 'a', new Map([['m', utf8('x')]]));
    await commit([tag]);
    expect(await read('forever', 'a')).toBe('1');
  });

  test('expires at the commit of its block + block to live + 1, unless written again', async () => {
    await commit([put('short', 'gone', '1'), put('short', 'kept', '1')]); // block 1
    await commit([put('short', 'kept', '2')]); // 2
    expect(await read('short', 'gone')).toBe('1');
    await commit([nothing]); // 3 = 1 + 1 + 1
    expect(await read('short', 'gone')).toBeUndefined();
    expect(await read('short', 'kept')).toBe('2');
    expect(await ledger.getPrivateDataHash('cc', 'short', sha256(utf8('gone')))).toBeUndefined();
    expect(await ledger.getPvtDataByNum(1)).toEqual([]);
    await commit([put('short', 'kept', '3')]); // 4, at which it would have expired
    expect(await read('short', 'kept')).toBe('3');
    await commit([nothing]);
    await commit([nothing]); // 6
    expect(await read('short', 'kept')).toBeUndefined();
    await reopen();
    await commit([nothing]);
    await provider.close();
    const left = await storeOf('pvtdata');
    expect(left).toEqual([]);
  });

  test('under hashes of odd lengths, which only a crafted transaction has, expires as well', async () => {
    const hashes = [utf8('x'), new Uint8Array(40).fill(1)];
    const hashed_rwset = kvrwset.HashedRWSet.encode({
      hashed_writes: hashes.map((key_hash) => ({ key_hash, value_hash: utf8('v') })),
    }).finish();
    const crafted = { collection_name: 'short', hashed_rwset, pvt_rwset_hash: utf8('h') };
    const results = rwset.TxReadWriteSet.encode({
      ns_rwset: [{ namespace: 'cc', collection_hashed_rwset: [crafted] }],
    }).finish();
    await ledger.commit(blocks.nextOf([results]), new Uint8Array(1));
    for (const hash of hashes) {
      expect(await ledger.getPrivateDataHash('cc', 'short', hash)).toBeDefined();
    }
    await commit([nothing]);
    await commit([nothing]);
    for (const hash of hashes) {
      expect(await ledger.getPrivateDataHash('cc', 'short', hash)).toBeUndefined();
    }
  });

  test('that is purged leaves state and history, even at a peer without the purging set', async () => {
    await commit([put('forever', 'a', 'secret-a'), put('forever', 'b', 'secret-b')]);
    await commit([(simulator) => simulator.purgePrivateData('cc', 'forever', 'a')], {
      withheld: true,
    });
    expect(await read('forever', 'a')).toBeUndefined();
    expect(await read('forever', 'b')).toBe('secret-b');
    const [first] = await ledger.getPvtDataByNum(1);
    expect(toHex(first?.rwset ?? utf8(''))).not.toContain(toHex(utf8('secret-a')));
    await reopen();
    await commit([nothing]);
    await provider.close();
    const all = JSON.stringify([await storeOf('pvtdata'), await stateOf()]);
    expect(all).not.toContain(toHex(utf8('secret-a')));
    expect(all).toContain(toHex(utf8('secret-b')));
  });

  test('that is written again behind a purge is given to others, before and after the old is forgotten', async () => {
    const given = async (): Promise<string> => {
      const sets = await Promise.all([1, 2].map((number) => ledger.getPvtDataByNum(number)));
      return sets
        .flat()
        .map(({ txNum, rwset: bytes }) => `${txNum} ${toHex(bytes)}`)
        .join();
    };
    await commit([put('forever', 'a', 'first')]);
    await commit([
      (simulator) => simulator.purgePrivateData('cc', 'forever', 'a'),
      put('forever', 'a', 'second'),
    ]);
    const before = await given();
    expect(before).not.toContain(toHex(utf8('first')));
    expect(before).toContain(toHex(utf8('second')));
    await reopen();
    await commit([nothing]);
    await reopen();
    expect(await given()).toBe(before);
    expect(await read('forever', 'a')).toBe('second');
  });
});

async function storeOf(part: string, name = 'testchannel'): Promise<string[][]> {
  const store = await stores.open(`p/${name}/${part}`);
  const rows: string[][] = [];
  for await (const [key, value] of store.range({})) rows.push([toHex(key), toHex(value)]);
  await store.close();
  return rows;
}

async function stateOf(name = 'testchannel'): Promise<unknown> {
  const store = await stores.open(`p/${name}/state`);
  const state = await storedState(store);
  await store.close();
  return state;
}

test('a power cut at any write leaves state and private data as without it', async () => {
  const script: [Run[], boolean][] = [
    [[put('forever', 'a', '1'), put('short', 'a', '1')], false],
    [[put('short', 'b', '1')], false],
    [[put('forever', 'c', '1')], true],
    [[(simulator) => simulator.purgePrivateData('cc', 'forever', 'a')], false],
    [[put('short', 'b', '2'), nothing], false],
    [[nothing], false],
    [[nothing], false],
  ];
  // The blocks are made once, as an orderer would.
  const made: [Uint8Array, number, Map<number, Uint8Array>][] = [];
  const genesis = new BlockGenerator();
  const first = genesis.genesis();
  for (const [runs, withheld] of script) {
    const results = await Promise.all(runs.map(simulate));
    const pvt = results.flatMap(({ privateResults }, i) =>
      privateResults && !withheld ? [[i, privateResults] as const] : [],
    );
    made.push([genesis.nextOf(results.map((r) => r.publicResults)), runs.length, new Map(pvt)]);
  }
  const options = { ...OPTIONS, state: { flushBlocks: 2 } };
  const live = async (on: FaultyStores): Promise<void> => {
    const peer = await LedgerProvider.open(on, 'p', new FakeClock(), options);
    const known = await peer.exists('testchannel');
    const own = known ? await peer.open('testchannel') : await peer.create(first);
    for (let i = own.getBlockchainInfo().height - 1; i < made.length; i++) {
      const [block, count, pvt] = made[i] ?? [first, 0, new Map()];
      await own.commit(block, new Uint8Array(count), pvt);
    }
    await peer.close();
    if (on.isDead) throw new Error('no power');
  };
  const picture = async (on: FaultyStores): Promise<string> => {
    await live(on);
    stores = on;
    const state = await stateOf();
    const rows = await storeOf('pvtdata');
    // What may be forgotten already, or at the next block only.
    const data = rows.filter(([key]) => key?.startsWith('6d'));
    return JSON.stringify([state, data]);
  };
  const clean = new FaultyStores();
  const expected = await picture(clean);
  let cuts = 0;
  for (const isWritten of [true, false]) {
    for (let cut = 0; ; cut++) {
      const faulty = new FaultyStores();
      faulty.cutAt(cut, isWritten);
      const done = await live(faulty).then(
        () => true,
        (error) => (faulty.isDead ? false : Promise.reject(error)),
      );
      if (done) break;
      cuts++;
      await faulty.restart();
      expect((await picture(faulty)) === expected, `cut at write ${cut}`).toBe(true);
    }
  }
  expect(cuts).toBeGreaterThan(20);
});

test('a real channel: its collections are known, and pkey2 expires when the real peer let it', async () => {
  const real = await LedgerProvider.open(stores, 'real', new FakeClock());
  const own = await real.create(readBlock(0));
  const keyHash = sha256(utf8('pkey2'));
  const present: number[] = [];
  for (const { number, transactionsFilter } of expectedBlocks.slice(1, 41)) {
    await own.commit(readBlock(number), Uint8Array.from(transactionsFilter));
    if (await own.getPrivateDataHash('pvt', 'colOrg1', keyHash)) present.push(number);
  }
  expect(present).toEqual([34, 35, 36, 37]);
  const executor = own.newQueryExecutor();
  await expect(executor.getPrivateData('pvt', 'colThree', 'k')).rejects.toMatchObject({
    code: 'COLLECTION_UNKNOWN',
  });
  await expect(executor.getPrivateData('pvt', '_implicit_org_Org1MSP', 'pkey3')).rejects.toThrow(
    'private data matching public hash version is not available. Public hash version = {BlockNum: 35, TxNum: 0}, Private data version = <nil>',
  );
  executor.done();
  await real.close();
});
