// SPDX-License-Identifier: Apache-2.0
import { beforeEach, describe, expect, test } from 'vitest';
import { protos } from '../../common/protos/index.ts';
import { toHex, utf8 } from '../../common/runtime/bytes.ts';
import { FakeClock } from '../../common/runtime/clock.ts';
import { readBlock } from '../../common/testdata/mychannel.ts';
import { MemoryKVStoreProvider } from '../memory/memory-kv-store.ts';
import { LedgerError, type PeerLedger } from '../types.ts';
import { LedgerProvider, type LedgerProviderOptions } from './ledger-provider.ts';
import { BlockGenerator } from './testing/block-generator.ts';

let stores: MemoryKVStoreProvider;
let blocks: BlockGenerator;

beforeEach(() => {
  stores = new MemoryKVStoreProvider();
  blocks = new BlockGenerator();
});

const start = (options?: LedgerProviderOptions): Promise<LedgerProvider> =>
  LedgerProvider.open(stores, 'p', new FakeClock(), options);

async function put(ledger: PeerLedger, key: string): Promise<Uint8Array> {
  const simulator = ledger.newTxSimulator('tx');
  simulator.setState('cc', key, utf8('v'));
  return (await simulator.getTxSimulationResults()).publicResults;
}

async function grow(ledger: PeerLedger, count: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    await ledger.commit(blocks.nextOf([await put(ledger, `k${i}`)]), new Uint8Array(1));
  }
}

async function historyLength(ledger: PeerLedger, key: string): Promise<number> {
  const changes = await ledger.getHistoryForKey('cc', key);
  let count = 0;
  while (await changes.next()) count++;
  return count;
}

describe('LedgerProvider', () => {
  test('makes, lists, opens and removes ledgers', async () => {
    let provider = await start();
    expect(await provider.list()).toEqual([]);
    const ledger = await provider.create(readBlock(0));
    expect(ledger.ledgerId).toBe('mychannel');
    expect(ledger.getBlockchainInfo().height).toBe(1);
    await provider.create(blocks.genesis());
    expect(await provider.list()).toEqual(['mychannel', 'testchannel']);
    await expect(provider.create(readBlock(0))).rejects.toMatchObject({ code: 'LEDGER_EXISTS' });
    await expect(provider.open('mychannel')).rejects.toMatchObject({ code: 'LEDGER_OPEN' });
    await expect(provider.open('nowhere')).rejects.toMatchObject({ code: 'LEDGER_NOT_FOUND' });
    await provider.close();

    provider = await start();
    expect((await provider.open('mychannel')).getBlockchainInfo().height).toBe(1);
    await provider.remove('mychannel');
    await expect(provider.remove('mychannel')).rejects.toMatchObject({ code: 'LEDGER_NOT_FOUND' });
    expect(await provider.list()).toEqual(['testchannel']);
    expect((await stores.list()).some((name) => name.includes('mychannel'))).toBe(false);
    expect((await provider.create(readBlock(0))).getBlockchainInfo().height).toBe(1);
    await provider.close();
  });

  test.each([
    ['no block', () => new Uint8Array([1, 2, 3]), 'BLOCK_MALFORMED'],
    ['a later block', () => readBlock(1), 'BLOCK_MALFORMED'],
    ['a block without envelope', () => new BlockGenerator().next([]), 'BLOCK_MALFORMED'],
    [
      'a block of a malformed envelope',
      () => new BlockGenerator().next([utf8('x')]),
      'BLOCK_MALFORMED',
    ],
    ['a block of a bad name', () => new BlockGenerator('../Up').genesis(), 'LEDGER_NAME_INVALID'],
  ])('refuses to make a ledger of %s, and leaves nothing', async (_, block, code) => {
    const provider = await start();
    const before = await stores.list();
    await expect(provider.create(block())).rejects.toMatchObject({ code });
    expect(await provider.list()).toEqual([]);
    expect(await stores.list()).toEqual(before);
  });

  test('a ledger that could not be made leaves nothing, and can be made later', async () => {
    const provider = await start();
    const open = stores.open.bind(stores);
    stores.open = async (name) => {
      if (name.endsWith('history')) throw new LedgerError('QUOTA_EXCEEDED', 'full');
      return open(name);
    };
    await expect(provider.create(readBlock(0))).rejects.toMatchObject({ code: 'QUOTA_EXCEEDED' });
    expect(await provider.exists('mychannel')).toBe(false);
    stores.open = open;
    await provider.create(readBlock(0));
    expect(await provider.exists('mychannel')).toBe(true);
  });

  test('refuses ledgers of an unknown format', async () => {
    const store = await stores.open('p/ledgerProvider');
    await store.write([{ type: 'put', key: utf8('f'), value: utf8('tabric-99') }]);
    await store.close();
    await expect(start()).rejects.toMatchObject({ code: 'STORE_UNREADABLE' });
  });

  test('refuses a state that is ahead of the blocks', async () => {
    let provider = await start();
    await grow(await provider.create(blocks.genesis()), 3);
    await provider.close();
    await stores.destroy('p/testchannel/blocks');
    provider = await start();
    await expect(provider.open('testchannel')).rejects.toMatchObject({ code: 'LEDGER_CORRUPT' });
  });

  test('makes up for history when it is switched on later', async () => {
    let provider = await start({ enableHistoryDatabase: false });
    let ledger = await provider.create(blocks.genesis());
    await grow(ledger, 3);
    await expect(ledger.getHistoryForKey('cc', 'k1')).rejects.toMatchObject({
      code: 'HISTORY_DISABLED',
      message: 'history database is not enabled',
    });
    await provider.close();
    expect(await stores.list()).not.toContain('p/testchannel/history');
    provider = await start();
    ledger = await provider.open('testchannel');
    expect(await historyLength(ledger, 'k1')).toBe(1);
    expect(await historyLength(ledger, 'absent')).toBe(0);
    for (const enableHistoryDatabase of [false, true]) {
      await provider.close();
      provider = await start({ enableHistoryDatabase });
      ledger = await provider.open('testchannel');
      await grow(ledger, 2);
    }
    expect(await historyLength(ledger, 'k1')).toBe(3);
  });
});

describe('KVLedger.commit', () => {
  let ledger: PeerLedger;

  beforeEach(async () => {
    ledger = await (await start()).create(blocks.genesis());
  });

  test('commits nothing of a block that is out of order, or whose codes do not fit', async () => {
    const results = await put(ledger, 'k');
    const first = blocks.nextOf([results]);
    const second = blocks.nextOf([results]);
    const ok = new Uint8Array(1);
    await expect(ledger.commit(second, ok)).rejects.toMatchObject({ code: 'BLOCK_OUT_OF_ORDER' });
    await expect(ledger.commit(readBlock(1), ok)).rejects.toMatchObject({ code: 'HASH_MISMATCH' });
    await expect(ledger.commit(first, new Uint8Array(2))).rejects.toMatchObject({
      code: 'FLAGS_MISMATCH',
    });
    const unvalidated = Uint8Array.of(protos.TxValidationCode.NOT_VALIDATED);
    await expect(ledger.commit(first, unvalidated)).rejects.toMatchObject({
      code: 'FLAGS_MISMATCH',
    });
    await expect(ledger.commit(first.subarray(3), ok)).rejects.toMatchObject({
      code: 'BLOCK_MALFORMED',
    });
    expect(ledger.getBlockchainInfo().height).toBe(1);
    expect(await ledger.getVersionedValue('cc', 'k')).toBeUndefined();
    await Promise.all([ledger.commit(first, ok), ledger.commit(second, ok)]);
    expect((await ledger.getVersionedValue('cc', 'k'))?.version).toEqual({ blockNum: 2, txNum: 0 });
  });

  test('marks transactions without a read-write set, and leaves those of others alone', async () => {
    const flags = Uint8Array.of(0, 0, protos.TxValidationCode.BAD_PAYLOAD);
    const results = [await put(ledger, 'k'), utf8('no rwset'), await put(ledger, 'other')];
    const committed = await ledger.commit(blocks.nextOf(results), flags);
    const { INVALID_OTHER_REASON, BAD_PAYLOAD } = protos.TxValidationCode;
    expect([...committed.flags]).toEqual([0, INVALID_OTHER_REASON, BAD_PAYLOAD]);
    expect(flags).toEqual(committed.flags);
    expect(committed.txIds).toEqual(['tx1.0', 'tx1.1', 'tx1.2']);
    expect(await ledger.getVersionedValue('cc', 'k')).toBeDefined();
    expect(await ledger.getVersionedValue('cc', 'other')).toBeUndefined();
    expect(await ledger.getTransactionByID('tx1.2')).toMatchObject({ validationCode: BAD_PAYLOAD });
  });

  test('commits nothing when storage is full, and goes on when there is room again', async () => {
    stores = new MemoryKVStoreProvider();
    const open = stores.open.bind(stores);
    let full = false;
    stores.open = async (name) => {
      const store = await open(name);
      const write = store.write.bind(store);
      store.write = async (operations, options) => {
        if (full) throw new LedgerError('QUOTA_EXCEEDED', 'full');
        return write(operations, options);
      };
      return store;
    };
    blocks = new BlockGenerator();
    ledger = await (await start({ state: { flushBlocks: 1 } })).create(blocks.genesis());
    const block = blocks.nextOf([await put(ledger, 'k')]);
    full = true;
    await expect(ledger.commit(block, new Uint8Array(1))).rejects.toMatchObject({
      code: 'QUOTA_EXCEEDED',
    });
    expect(ledger.getBlockchainInfo().height).toBe(1);
    expect(await ledger.getVersionedValue('cc', 'k')).toBeUndefined();
    full = false;
    const { commitHash } = await ledger.commit(block, new Uint8Array(1));
    expect(toHex(commitHash)).toMatch(/^[0-9a-f]{64}$/);
    expect(await ledger.getVersionedValue('cc', 'k')).toBeDefined();
  });

  test('refuses use after close, and closes twice', async () => {
    const executor = ledger.newQueryExecutor();
    await ledger.close();
    await ledger.close();
    const closed = expect.objectContaining({ code: 'LEDGER_CLOSED' });
    await expect(ledger.commit(blocks.nextOf([]), new Uint8Array())).rejects.toEqual(closed);
    expect(() => ledger.newTxSimulator('tx')).toThrow(closed);
    expect(() => ledger.newQueryExecutor()).toThrow(closed);
    await expect(ledger.getBlockByNumber(0)).rejects.toEqual(closed);
    await expect(ledger.getVersionedValue('cc', 'k')).rejects.toEqual(closed);
    executor.done();
  });
});
