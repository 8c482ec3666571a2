// SPDX-License-Identifier: Apache-2.0
// Cuts the power at every write of a ledger's making, growth and maintenance, or refuses it as if the disk were full, and
// compares what becomes of it with a life without trouble.
import 'fake-indexeddb/auto';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { FakeClock } from '../../../common/runtime/clock.ts';
import { IdbKVStoreProvider } from '../../idb/idb-kv-store.ts';
import type { KVStoreProvider } from '../../kv-store.ts';
import { LevelDBKVStoreProvider } from '../../leveldb/leveldb-kv-store.ts';
import { MemoryKVStoreProvider } from '../../memory/memory-kv-store.ts';
import { LedgerError } from '../../types.ts';
import { LedgerProvider, type LedgerProviderOptions } from '../ledger-provider.ts';
import { MemoryFiles } from '../snapshot/testing/memory-files.ts';
import { atEveryWrite, FAULTS, persistently } from '../testing/fault-sweep.ts';
import { FaultyStores } from '../testing/faulty-stores.ts';
import { pictureOf } from '../testing/ledger-picture.ts';
import { CHANNEL, maintainedChain, OPTIONS, PLACE } from '../testing/maintained-channel.ts';
import { grow, makeChain, rowsOf, type TestBlock } from '../testing/test-chain.ts';

const HEIGHT = 8;

// LevelDB waits for the disk whenever it makes a database, which a file system in memory does not.
const SCRATCH = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();

let directory: string;
let chain: TestBlock[];
let others: TestBlock[];
// Of the channel at height 6.
const snapshot = new MemoryFiles();

beforeAll(async () => {
  directory = await mkdtemp(join(SCRATCH, 'tabric-crash-'));
  chain = await maintainedChain(HEIGHT - 1);
  others = await makeChain('other', [[() => {}], [() => {}]]);
  await using(new MemoryKVStoreProvider(), async (provider) => {
    await (await grow(provider, CHANNEL, chain, 6)).generateSnapshot(snapshot);
  });
});
afterAll(() => rm(directory, { recursive: true, force: true }));

let count = 0;
const kinds: Record<string, () => KVStoreProvider> = {
  memory: () => new MemoryKVStoreProvider(),
  LevelDB: () => new LevelDBKVStoreProvider(join(directory, String(count++))),
  IndexedDB: () => new IdbKVStoreProvider(`${count++}/`),
};

const start = (
  stores: KVStoreProvider,
  options: LedgerProviderOptions = OPTIONS,
): Promise<LedgerProvider> =>
  persistently(() => LedgerProvider.open(stores, 'p', new FakeClock(), options));

async function using(
  stores: KVStoreProvider,
  act: (provider: LedgerProvider) => Promise<unknown>,
  options?: LedgerProviderOptions,
): Promise<void> {
  const provider = await start(stores, options);
  try {
    await act(provider);
  } finally {
    await provider.close().catch(() => {});
  }
  if (stores instanceof FaultyStores && stores.isDead) throw new Error('no power');
}

const growTo = (height: number) => async (provider: LedgerProvider) => {
  const ledger = await grow(provider, CHANNEL, chain, height);
  await ledger.close();
};

async function picture(stores: KVStoreProvider): Promise<string> {
  const provider = await start(stores);
  const found = JSON.stringify(await pictureOf(provider, stores, PLACE));
  await provider.close();
  return found;
}

// The state of the channel once it has grown to its end; a ledger of a snapshot has no blocks to compare.
async function grownState(stores: KVStoreProvider): Promise<string> {
  await using(stores, growTo(HEIGHT));
  return (await rowsOf(stores, `p/${CHANNEL}/state`)).join();
}

async function madeOf(kind: string, ...steps: ((provider: LedgerProvider) => Promise<unknown>)[]) {
  const stores = new FaultyStores(kinds[kind]);
  for (const step of steps) await using(stores, step);
  return stores;
}

type Step = (provider: LedgerProvider) => Promise<unknown>;

const rollbackTo =
  (blockNum: number): Step =>
  (provider) =>
    provider.rollback(CHANNEL, blockNum).catch(unlessAt(blockNum + 1, provider));

// Each step may be done again after it was done. Databases on a disk take their time, so they get the short life.
const longLife: readonly Step[] = [
  growTo(5),
  rollbackTo(2),
  growTo(6),
  (provider) => provider.rebuildDBs(CHANNEL),
  growTo(7),
  (provider) => provider.pause(CHANNEL),
  (provider) => provider.resume(CHANNEL),
  (provider) => provider.reset(),
  growTo(HEIGHT),
];
const shortLife: readonly Step[] = [growTo(3), rollbackTo(1), growTo(3)];
const lives: [kind: string, life: readonly Step[], height: number][] = [
  ['memory', longLife, HEIGHT],
  ['LevelDB', shortLife, 3],
  ['IndexedDB', shortLife, 3],
];

const unlessAt = (height: number, provider: LedgerProvider) => async (error: unknown) => {
  if (!(error instanceof LedgerError) || error.code !== 'ROLLBACK_INVALID') throw error;
  const ledger = await provider.open(CHANNEL);
  expect(ledger.getBlockchainInfo().height).toBe(height);
  await ledger.close();
};

const unless = (code: string) => (error: unknown) => {
  if (!(error instanceof LedgerError) || error.code !== code) throw error;
};

// Of a ledger that is there.
const lateLife: readonly Step[] = [
  (provider) => provider.rebuildDBs(CHANNEL).catch(unless('LEDGER_NOT_FOUND')),
  growTo(2),
  (provider) => provider.reset(),
  (provider) => provider.remove(CHANNEL).catch(unless('LEDGER_NOT_FOUND')),
  (provider) => provider.createFromSnapshot(snapshot).catch(unless('LEDGER_EXISTS')),
];

// Lives a life, and goes on with it where a fault stopped it.
function living(life: readonly Step[]) {
  let step = 0;
  const goOn = async (stores: FaultyStores): Promise<void> =>
    using(stores, async (provider) => {
      for (; step < life.length; step++) {
        await persistently(async () => life[step]?.(provider));
        if (stores.isDead) return;
      }
    });
  const begin = (stores: FaultyStores): Promise<void> => {
    step = 0;
    return goOn(stores);
  };
  return { begin, goOn };
}

describe.each(lives)('a ledger in %s', (kind, life, height) => {
  test.each(FAULTS)('is made, grows and is kept in order, whatever fails: %s', async (fault) => {
    const expected = await picture(await madeOf(kind, growTo(height)));
    const { begin, goOn } = living(life);
    const none = new FaultyStores(kinds[kind]);
    const writes = await atEveryWrite(none, fault, begin, async ({ stores, write }) => {
      await goOn(stores);
      expect((await picture(stores)) === expected, `${fault} write ${write}`).toBe(true);
    });
    expect(writes).toBeGreaterThan(life.length * 4);
  });

  test.each(FAULTS)(
    'is reset, removed and made of a snapshot, whatever fails: %s',
    async (fault) => {
      const expected = await grownState(
        await madeOf(kind, (provider) => provider.createFromSnapshot(snapshot)),
      );
      const { begin, goOn } = living(lateLife);
      const base = await madeOf(kind, growTo(2));
      const writes = await atEveryWrite(base, fault, begin, async ({ stores, write }) => {
        await goOn(stores);
        expect((await grownState(stores)) === expected, `${fault} write ${write}`).toBe(true);
      });
      expect(writes).toBeGreaterThan(25);
    },
  );
});

// A store may lose what it was not told to make durable, while another one keeps its own.
const losses = [['state'], ['history', 'pvtdata'], ['state', 'history', 'pvtdata', 'blocks']];

test.each(losses.flatMap((parts) => [1, 100].map((lost) => ({ parts, lost }))))(
  'a ledger grows as if nothing had been when $parts lose $lost writes',
  async ({ parts, lost }) => {
    const forgetful = parts.map((part) => `/${part}`);
    const all = await maintainedChain(13);
    const growAll = async (stores: FaultyStores): Promise<void> =>
      using(stores, async (provider) => (await grow(provider, CHANNEL, all)).close());
    const clean = new FaultyStores();
    await growAll(clean);
    const expected = await picture(clean);
    const act = async (stores: FaultyStores): Promise<void> => {
      await growAll(stores).finally(() => stores.isDead && stores.restart(forgetful, lost));
    };
    const writes = await atEveryWrite(new FaultyStores(), 'cut before', act, async ({ stores }) => {
      await growAll(stores);
      expect(await picture(stores)).toBe(expected);
    });
    expect(writes).toBeGreaterThan(30);
  },
);

describe.each(FAULTS)('%s a write of', (fault) => {
  test('a rebuild: nothing is lost', async () => {
    const base = await madeOf('memory', growTo(HEIGHT));
    const expected = await picture(await base.copy());
    const act = (stores: FaultyStores) => using(stores, (provider) => provider.rebuildDBs(CHANNEL));
    const writes = await atEveryWrite(base, fault, act, async ({ stores }) => {
      expect(await picture(stores)).toBe(expected);
    });
    expect(writes).toBeGreaterThan(6);
  });

  test('a rollback: it is done, or not at all', async () => {
    const base = await madeOf('memory', growTo(HEIGHT));
    const before = await picture(await base.copy());
    const rolledBack = await base.copy();
    await using(rolledBack, (provider) => provider.rollback(CHANNEL, 3));
    const after = await picture(rolledBack);
    const seen = new Set<string>();
    const act = (stores: FaultyStores) =>
      using(stores, (provider) => provider.rollback(CHANNEL, 3));
    await atEveryWrite(base, fault, act, async ({ stores, write }) => {
      const isDone = write > 0 || fault === 'cut behind';
      expect(await picture(stores)).toBe(isDone ? after : before);
      seen.add(String(isDone));
      await using(stores, growTo(HEIGHT));
      expect(await picture(stores)).toBe(before);
    });
    expect(seen.has('true')).toBe(true);
  });

  test('a reset: all channels are, or none', async () => {
    const base = await madeOf('memory', growTo(HEIGHT), (provider) =>
      grow(provider, 'other', others),
    );
    const act = (stores: FaultyStores) => using(stores, (provider) => provider.reset());
    await atEveryWrite(base, fault, act, async ({ stores, write }) => {
      const isDone = write > 0 || fault === 'cut behind';
      await using(stores, async (provider) => {
        for (const [id, height] of [
          [CHANNEL, HEIGHT],
          ['other', others.length],
        ] as const) {
          const ledger = await provider.open(id);
          expect(ledger.getBlockchainInfo().height).toBe(isDone ? 1 : height);
          expect(ledger.preResetHeight).toBe(isDone ? height : undefined);
        }
      });
    });
  });

  test('a removal: the ledger is whole, or gone at the next start', async () => {
    const base = await madeOf('memory', growTo(HEIGHT));
    const expected = await picture(await base.copy());
    const act = (stores: FaultyStores) => using(stores, (provider) => provider.remove(CHANNEL));
    const writes = await atEveryWrite(base, fault, act, async ({ stores, write }) => {
      if (write === 0 && fault !== 'cut behind') {
        expect(await picture(stores)).toBe(expected);
        return;
      }
      await using(stores, async (provider) => {
        expect((await provider.statuses()).size).toBe(0);
        expect(await stores.list()).toEqual(['p/ledgerProvider']);
        await growTo(HEIGHT)(provider);
      });
      expect(await picture(stores)).toBe(expected);
    });
    expect(writes).toBe(6);
  });

  test('an import of a snapshot: there is no ledger, or a whole one', async () => {
    const clean = await madeOf('memory', (provider) => provider.createFromSnapshot(snapshot));
    const expected = await grownState(clean);
    const act = (stores: FaultyStores) =>
      using(stores, (provider) => provider.createFromSnapshot(snapshot));
    const writes = await atEveryWrite(await madeOf('memory'), fault, act, async ({ stores }) => {
      await using(stores, async (provider) => {
        if (await provider.exists(CHANNEL)) return;
        expect((await provider.statuses()).size).toBe(0);
        expect(await stores.list()).toEqual(['p/ledgerProvider']);
        await provider.createFromSnapshot(snapshot);
      });
      expect((await grownState(stores)) === expected).toBe(true);
    });
    expect(writes).toBeGreaterThan(6);
  });

  test('a change of state database: the state is made again all the same', async () => {
    const couch: LedgerProviderOptions = { ...OPTIONS, stateDatabase: 'CouchDB' };
    const base = await madeOf('memory', growTo(HEIGHT));
    const expected = await picture(await base.copy());
    const act = (stores: FaultyStores) =>
      using(stores, (provider) => provider.open(CHANNEL), couch);
    await atEveryWrite(base, fault, act, async ({ stores }) => {
      expect(await picture(stores)).toBe(expected);
      await using(
        stores,
        async (provider) => {
          const executor = (await provider.open(CHANNEL)).newQueryExecutor();
          const rows = await executor.executeQuery('cc', '{"selector":{"colour":"red"}}');
          expect((await rows.next())?.key).toBe('k1');
          executor.done();
        },
        couch,
      );
    });
  });
});
