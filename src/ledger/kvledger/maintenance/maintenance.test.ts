// SPDX-License-Identifier: Apache-2.0
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { utf8 } from '../../../common/runtime/bytes.ts';
import { FakeClock } from '../../../common/runtime/clock.ts';
import { MemoryKVStoreProvider } from '../../memory/memory-kv-store.ts';
import type { PeerLedger } from '../../types.ts';
import { LedgerProvider, type LedgerProviderOptions } from '../ledger-provider.ts';
import { MemoryFiles } from '../snapshot/testing/memory-files.ts';
import { answersOf, pictureOf } from '../testing/ledger-picture.ts';
import { CHANNEL, maintainedChain, OPTIONS, PLACE } from '../testing/maintained-channel.ts';
import { storedState } from '../testing/state-of.ts';
import { grow, makeChain, rowsOf, type TestBlock } from '../testing/test-chain.ts';

let chain: TestBlock[];
let stores: MemoryKVStoreProvider;
let provider: LedgerProvider;

const start = (options = OPTIONS): Promise<LedgerProvider> =>
  LedgerProvider.open(stores, 'p', new FakeClock(), options);

async function restart(options = OPTIONS): Promise<void> {
  await provider.close();
  provider = await start(options);
}

beforeAll(async () => {
  chain = await maintainedChain(14);
});

beforeEach(async () => {
  stores = new MemoryKVStoreProvider();
  provider = await start();
});

const picture = () => pictureOf(provider, stores, PLACE);
const answers = (ledger: PeerLedger) => answersOf(ledger, PLACE.namespace, PLACE.key);

// The state that does not depend on private data: what expired or was purged does not come back, as it does not in Fabric.
async function commonState(of: MemoryKVStoreProvider): Promise<unknown> {
  const store = await of.open(`p/${CHANNEL}/state`);
  const entries = await storedState(store);
  await store.close();
  return entries.filter(({ namespace }) => !namespace.includes('$$p'));
}

async function close(ledger: Promise<PeerLedger>): Promise<void> {
  await (await ledger).close();
}

describe('rebuildDBs', () => {
  test('drops what blocks can make again, and gives it back', async () => {
    await close(grow(provider, CHANNEL, chain));
    const before = await picture();
    const indexed = (await rowsOf(stores, `p/${CHANNEL}/blocks`)).length;
    await provider.rebuildDBs(CHANNEL);
    expect(await stores.list()).toEqual([
      'p/ledgerProvider',
      `p/${CHANNEL}/blocks`,
      `p/${CHANNEL}/pvtdata`,
    ]);
    expect(await rowsOf(stores, `p/${CHANNEL}/blocks`)).toHaveLength(chain.length);
    await restart();
    expect(await picture()).toEqual(before);
    expect((await rowsOf(stores, `p/${CHANNEL}/blocks`)).length).toBeGreaterThan(indexed / 2);
  });

  test('mends a ledger whose databases contradict each other', async () => {
    await close(grow(provider, CHANNEL, chain));
    const before = await picture();
    const blocks = await stores.open(`p/${CHANNEL}/blocks`);
    const [record] = await collectKeys(blocks.range({ gte: utf8(`${CHANNEL}\0i`), limit: 1 }));
    await blocks.write([{ type: 'delete', key: record ?? utf8('') }]);
    await blocks.close();
    await provider.rebuildDBs(CHANNEL);
    expect(await picture()).toEqual(before);
  });
});

async function collectKeys(rows: AsyncIterable<readonly [Uint8Array, Uint8Array]>) {
  const keys: Uint8Array[] = [];
  for await (const [key] of rows) keys.push(key);
  return keys;
}

describe('rollback', () => {
  test.each([0, 1, 5, 12])(
    'to block %i leaves what the chain was then, and it grows again',
    async (target) => {
      const elsewhere = new MemoryKVStoreProvider();
      const other = await LedgerProvider.open(elsewhere, 'p', new FakeClock(), OPTIONS);
      const then = await answers(await grow(other, CHANNEL, chain, target + 1));
      await other.close();
      await close(grow(provider, CHANNEL, chain));
      const before = await picture();

      await provider.rollback(CHANNEL, target);
      await restart();
      const rolledBack = await provider.open(CHANNEL);
      expect(rolledBack.getBlockchainInfo().height).toBe(target + 1);
      expect(rolledBack.preResetHeight).toBeUndefined();
      expect(await answers(rolledBack)).toMatchObject({ history: then.history });
      await rolledBack.close();
      expect(await commonState(stores)).toEqual(await commonState(elsewhere));

      await close(grow(provider, CHANNEL, chain));
      expect(await picture()).toEqual(before);
    },
  );

  test('keeps private data ahead, and uses it when the block comes again without', async () => {
    await close(grow(provider, CHANNEL, chain, 7));
    const ahead = await (await provider.open(CHANNEL)).getPvtDataByNum(6);
    expect(ahead).toHaveLength(1);
    await restart();
    await provider.rollback(CHANNEL, 2);
    const withheld = chain.map((block) => ({ ...block, privateData: new Map() }));
    const ledger = await grow(provider, CHANNEL, withheld, 7);
    expect(await ledger.getPvtDataByNum(6)).toEqual(ahead);
    expect(await ledger.getMissingPvtData(9)).toEqual([]);
    const executor = ledger.newQueryExecutor();
    expect(await executor.getPrivateData('cc', 'forever', 's0')).toEqual(utf8('secret 6'));
    executor.done();
  });

  test.each([14, 15, -1, 1.5, Number.NaN])('refuses block %d', async (target) => {
    await close(grow(provider, CHANNEL, chain));
    const before = await picture();
    await expect(provider.rollback(CHANNEL, target)).rejects.toMatchObject({
      code: 'ROLLBACK_INVALID',
    });
    expect(await picture()).toEqual(before);
  });
});

describe('reset', () => {
  test('takes every channel to its genesis block, and remembers the heights until they are had again', async () => {
    const others = await makeChain('other', [[() => {}], [() => {}], [() => {}]]);
    await close(grow(provider, CHANNEL, chain));
    await close(grow(provider, 'other', others));
    const before = await picture();
    await provider.pause('other');
    await provider.reset();
    await restart();
    let ledger = await provider.open(CHANNEL);
    expect([ledger.getBlockchainInfo().height, ledger.preResetHeight]).toEqual([1, 15]);
    await ledger.close();

    await close(grow(provider, CHANNEL, chain, 8));
    await provider.reset();
    await provider.resume('other');
    const other = await provider.open('other');
    expect([other.getBlockchainInfo().height, other.preResetHeight]).toEqual([1, 4]);
    await other.close();
    ledger = await grow(provider, CHANNEL, chain, 14);
    expect(ledger.preResetHeight).toBe(15);
    await restart();
    ledger = await grow(provider, CHANNEL, chain);
    expect(ledger.preResetHeight).toBeUndefined();
    await ledger.close();
    expect(await picture()).toEqual(before);

    // What was regained is not lost again by a rollback, whether or not the ledger was opened in between.
    await provider.rollback(CHANNEL, 3);
    ledger = await provider.open(CHANNEL);
    expect(ledger.preResetHeight).toBeUndefined();
  });

  test('a rollback before the height is had again does not make it forgotten', async () => {
    await close(grow(provider, CHANNEL, chain));
    await provider.reset();
    await close(grow(provider, CHANNEL, chain, 9));
    await provider.rollback(CHANNEL, 4);
    await provider.rebuildDBs(CHANNEL);
    await restart();
    expect((await provider.open(CHANNEL)).preResetHeight).toBe(15);
  });

  test('of no ledger is nothing', async () => {
    await provider.reset();
    expect(await provider.list()).toEqual([]);
  });
});

describe('pause and resume', () => {
  test('a paused ledger cannot be opened or made, is not listed, and can be removed', async () => {
    await close(grow(provider, CHANNEL, chain, 3));
    await provider.pause(CHANNEL);
    await provider.pause(CHANNEL);
    await restart();
    await expect(provider.open(CHANNEL)).rejects.toMatchObject({ code: 'LEDGER_PAUSED' });
    await expect(provider.create(chain[0]?.bytes ?? utf8(''))).rejects.toMatchObject({
      code: 'LEDGER_EXISTS',
    });
    expect([await provider.list(), await provider.exists(CHANNEL)]).toEqual([[], false]);
    expect([...(await provider.statuses())]).toEqual([[CHANNEL, 'INACTIVE']]);
    await provider.rollback(CHANNEL, 1);
    expect([...(await provider.statuses())]).toEqual([[CHANNEL, 'INACTIVE']]);
    await provider.resume(CHANNEL);
    await provider.resume(CHANNEL);
    expect((await provider.open(CHANNEL)).getBlockchainInfo().height).toBe(2);
    await restart();
    await provider.pause(CHANNEL);
    await provider.remove(CHANNEL);
    expect([...(await provider.statuses())]).toEqual([]);
    expect(await stores.list()).toEqual(['p/ledgerProvider']);
  });
});

describe('maintenance', () => {
  const operations: [string, (id: string) => Promise<void>][] = [
    ['rebuildDBs', (id) => provider.rebuildDBs(id)],
    ['rollback', (id) => provider.rollback(id, 1)],
    ['reset', () => provider.reset()],
    ['pause', (id) => provider.pause(id)],
    ['resume', (id) => provider.resume(id)],
  ];

  test.each(operations)('%s refuses a ledger that is open', async (_, run) => {
    const ledger = await grow(provider, CHANNEL, chain, 4);
    await expect(run(CHANNEL)).rejects.toMatchObject({ code: 'LEDGER_OPEN' });
    await ledger.close();
    await run(CHANNEL);
  });

  test.each(operations.filter(([name]) => name !== 'reset'))(
    '%s refuses a ledger that is not there',
    async (_, run) => {
      await expect(run('nowhere')).rejects.toMatchObject({ code: 'LEDGER_NOT_FOUND' });
    },
  );

  test.each(operations.slice(0, 3))(
    '%s refuses a ledger that was made from a snapshot',
    async (_, run) => {
      const files = new MemoryFiles();
      await (await grow(provider, CHANNEL, chain, 6)).generateSnapshot(files);
      await provider.remove(CHANNEL);
      const others = await makeChain('other', [[() => {}]]);
      await close(grow(provider, 'other', others));
      await close(provider.createFromSnapshot(files));
      await expect(run(CHANNEL)).rejects.toMatchObject({ code: 'LEDGER_FROM_SNAPSHOT' });
      expect((await provider.open('other')).getBlockchainInfo().height).toBe(2);
      expect((await grow(provider, CHANNEL, chain)).getBlockchainInfo().height).toBe(15);
    },
  );
});

describe('the kind of state database', () => {
  const query = '{"selector":{"colour":"red"},"fields":["i"]}';

  async function redOnes(options: LedgerProviderOptions): Promise<unknown> {
    await restart({ ...OPTIONS, ...options });
    const ledger = await provider.open(CHANNEL);
    const executor = ledger.newQueryExecutor();
    try {
      const rows = await executor.executeQuery('cc', query);
      const found: string[] = [];
      for (let row = await rows.next(); row; row = await rows.next()) found.push(row.key);
      return found;
    } catch (error) {
      return (error as { code: string }).code;
    } finally {
      executor.done();
      await ledger.close();
    }
  }

  test('may be changed both ways: the state is made again, and rich queries come and go', async () => {
    await close(grow(provider, CHANNEL, chain));
    const before = await picture();
    const opened: string[] = [];
    const destroy = stores.destroy.bind(stores);
    stores.destroy = (name) => {
      opened.push(name);
      return destroy(name);
    };
    expect(await redOnes({})).toBe('RICH_QUERY_UNSUPPORTED');
    expect(await redOnes({ stateDatabase: 'goleveldb' })).toBe('RICH_QUERY_UNSUPPORTED');
    expect(opened).toEqual([]);
    expect(await redOnes({ stateDatabase: 'CouchDB' })).toEqual(['k1', 'k3']);
    expect(opened).toEqual([`p/${CHANNEL}/state`]);
    expect(await redOnes({ stateDatabase: 'CouchDB' })).toEqual(['k1', 'k3']);
    // Who does not say which has the one there is.
    expect(await redOnes({})).toEqual(['k1', 'k3']);
    expect(opened).toHaveLength(1);
    expect(await redOnes({ stateDatabase: 'goleveldb' })).toBe('RICH_QUERY_UNSUPPORTED');
    expect(opened).toHaveLength(2);
    expect(await picture()).toEqual(before);
  });

  test('may not be changed without the first blocks', async () => {
    const files = new MemoryFiles();
    await (await grow(provider, CHANNEL, chain, 6)).generateSnapshot(files);
    await provider.remove(CHANNEL);
    await close(provider.createFromSnapshot(files));
    await restart({ ...OPTIONS, stateDatabase: 'CouchDB' });
    await expect(provider.open(CHANNEL)).rejects.toMatchObject({
      code: 'LEDGER_FROM_SNAPSHOT',
      message: expect.stringContaining('made for goleveldb'),
    });
    await restart();
    expect((await grow(provider, CHANNEL, chain)).getBlockchainInfo().height).toBe(15);
  });
});
