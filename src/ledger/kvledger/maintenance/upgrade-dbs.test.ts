// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from 'vitest';
import { fromUtf8, utf8 } from '../../../common/runtime/bytes.ts';
import { FakeClock } from '../../../common/runtime/clock.ts';
import { expectedBlocks, readBlock } from '../../../common/testdata/mychannel.ts';
import type { KVStoreProvider } from '../../kv-store.ts';
import { MemoryKVStoreProvider } from '../../memory/memory-kv-store.ts';
import { LedgerFiles } from '../ledger-files.ts';
import { LedgerProvider } from '../ledger-provider.ts';
import { FaultyStores } from '../testing/faulty-stores.ts';
import { MIGRATIONS, type Migration, upgradeDBs } from './upgrade-dbs.ts';

// Appends its name to a row that counts the steps, unless it is there.
const step = (from: string, to: string): Migration => ({
  from,
  to,
  run: async (idStore) => {
    for (const key of [utf8('x1'), utf8('x2')]) {
      const steps = fromUtf8((await idStore.get(key)) ?? utf8(''));
      if (steps.includes(to)) continue;
      await idStore.write([{ type: 'put', key, value: utf8(`${steps} ${to}`) }]);
    }
  },
});

const LIST = [step('a', 'b'), step('b', 'c'), step('c', 'd')];

async function write(stores: KVStoreProvider, rows: Record<string, string>): Promise<void> {
  const store = await stores.open('p/ledgerProvider');
  const entries = Object.entries(rows);
  await store.write(
    entries.map(([key, value]) => ({ type: 'put', key: utf8(key), value: utf8(value) })),
  );
  await store.close();
}

async function upgrade(stores: KVStoreProvider, list = LIST): Promise<string[]> {
  const files = new LedgerFiles(stores, 'p');
  const store = await files.openIdStore();
  try {
    await upgradeDBs(store, files, list);
    const rows = await store.getMany(['f', 'x1', 'x2'].map(utf8));
    return rows.map((row) => fromUtf8(row ?? utf8('')));
  } finally {
    await store.close();
  }
}

describe('upgradeDBs', () => {
  test.each([
    ['nothing', undefined, ['d', '', '']],
    ['the oldest format', 'a', ['d', ' b c d', ' b c d']],
    ['a format in between', 'c', ['d', ' d', ' d']],
    ['its own format', 'd', ['d', '', '']],
  ])('brings %s to the newest', async (_, format, expected) => {
    const stores = new MemoryKVStoreProvider();
    if (format) await write(stores, { f: format });
    expect(await upgrade(stores)).toEqual(expected);
    expect(await upgrade(stores)).toEqual(expected);
  });

  test.each([true, false])('ends well after a power cut at any write (done: %s)', async (done) => {
    let cuts = 0;
    for (let cut = 0; ; cut++) {
      const stores = new FaultyStores();
      await write(stores, { f: 'a' });
      stores.cutAt(cut, done);
      const outcome = await upgrade(stores).catch(() => 'cut');
      if (outcome !== 'cut') break;
      cuts++;
      await stores.restart();
      expect(await upgrade(stores)).toEqual(['d', ' b c d', ' b c d']);
    }
    expect(cuts).toBe(9);
  });

  test('refuses a format that it does not know, and changes nothing', async () => {
    const stores = new MemoryKVStoreProvider();
    await write(stores, { f: 'e' });
    await expect(upgrade(stores)).rejects.toMatchObject({
      code: 'STORE_UNREADABLE',
      message: expect.stringContaining('format e, which is newer than d'),
    });
    await expect(upgrade(stores, [...LIST, step('e', 'f')])).resolves.toEqual(['f', ' f', ' f']);
  });
});

describe('the formats of Tabric', () => {
  test('lead one into the next', () => {
    MIGRATIONS.slice(1).forEach(({ from }, i) => {
      expect(from).toBe(MIGRATIONS[i]?.to);
    });
  });

  test('ledgers of tabric-1 are read on, and known to older versions no more', async () => {
    const stores = new MemoryKVStoreProvider();
    let provider = await LedgerProvider.open(stores, 'p', new FakeClock());
    const made = await provider.create(readBlock(0));
    const flags = Uint8Array.from(expectedBlocks[1]?.transactionsFilter ?? []);
    await made.commit(readBlock(1), flags);
    await provider.close();
    // As tabric-1 had it: no more than a status, and none for ACTIVE.
    await write(stores, { f: 'tabric-1', smychannel: '' });
    provider = await LedgerProvider.open(stores, 'p', new FakeClock(), {
      stateDatabase: 'CouchDB',
    });
    const ledger = await provider.open('mychannel');
    expect(ledger.getBlockchainInfo().height).toBe(2);
    await provider.close();
    const store = await stores.open('p/ledgerProvider');
    expect(fromUtf8((await store.get(utf8('f'))) ?? utf8(''))).toBe('tabric-2');
  });

  test('the state of tabric-1 goes into pages where records are dear', async () => {
    const stores = new MemoryKVStoreProvider();
    let provider = await LedgerProvider.open(stores, 'p', new FakeClock());
    const made = await provider.create(readBlock(0));
    for (const { number, transactionsFilter } of expectedBlocks.slice(1, 30)) {
      await made.commit(readBlock(number), Uint8Array.from(transactionsFilter));
    }
    const expected = await made.scanState('basic', '', 100);
    expect(expected.length).toBeGreaterThan(5);
    await provider.close();
    await write(stores, { f: 'tabric-1', smychannel: '' });

    const dear: KVStoreProvider = {
      chargesByRecord: true,
      open: (name) => stores.open(name),
      list: () => stores.list(),
      destroy: (name) => stores.destroy(name),
    };
    provider = await LedgerProvider.open(dear, 'p', new FakeClock());
    const ledger = await provider.open('mychannel');
    expect(await ledger.scanState('basic', '', 100)).toEqual(expected);
    await provider.close();
    const state = await stores.open('p/mychannel/state');
    for await (const [key] of state.range({})) expect('jpx').toContain(fromUtf8(key)[0]);
    await state.close();
  });
});
