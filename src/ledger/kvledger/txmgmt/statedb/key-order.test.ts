// SPDX-License-Identifier: Apache-2.0
// Keys of any characters stand in the order of their UTF-8 bytes, as in Go, in every kind of store and in memory: JavaScript's
// own order puts U+1F600 before U+FFFD. The expected order is that of Node's Buffers.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { kvrwset, rwset } from '../../../../common/protos/index.ts';
import { concat, fromUtf8, utf8 } from '../../../../common/runtime/bytes.ts';
import { FakeClock } from '../../../../common/runtime/clock.ts';
import type { KVStoreProvider } from '../../../kv-store.ts';
import { LevelDBKVStoreProvider } from '../../../leveldb/leveldb-kv-store.ts';
import { MemoryKVStoreProvider } from '../../../memory/memory-kv-store.ts';
import type { KVResult, PeerLedger, QueryExecutor, ResultsIterator } from '../../../types.ts';
import { LedgerProvider } from '../../ledger-provider.ts';
import { BlockGenerator } from '../../testing/block-generator.ts';
import { txRwSetFromBytes } from '../rwsetutil/tx-rw-set.ts';

const byBuffer = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));

// Where one length of UTF-8 ends and the next begins, around the surrogates, and at both ends.
const EDGES = [
  0, 1, 0x41, 0x7f, 0x80, 0x7ff, 0x800, 0xd7ff, 0xe000, 0xfeff, 0xfffd, 0xffff, 0x10000, 0x1f600,
  0x10ffff,
].map((point) => String.fromCodePoint(point));
const text = fc
  .array(fc.oneof(fc.constantFrom(...EDGES), fc.string({ unit: 'binary', maxLength: 1 })), {
    maxLength: 4,
  })
  .map((parts) => parts.join(''));
const keys = fc.uniqueArray(text, { minLength: 1, maxLength: 25 });

test('the edges tell the orders apart', () => {
  expect([...EDGES].sort(byBuffer)).toEqual(EDGES);
  expect([...EDGES].sort()).not.toEqual(EDGES);
});

interface Kind {
  open(): Promise<KVStoreProvider>;
  close(): Promise<void>;
}

let root: string;
const KINDS: [string, Kind][] = [
  ['memory', { open: async () => new MemoryKVStoreProvider(), close: async () => {} }],
  [
    'LevelDB',
    {
      open: async () => {
        root = await mkdtemp(join(tmpdir(), 'tabric-keys-'));
        return new LevelDBKVStoreProvider(root);
      },
      close: () => rm(root, { recursive: true, force: true }),
    },
  ],
];

describe.each(KINDS)('in %s', (_, kind) => {
  let ledger: PeerLedger;
  let provider: LedgerProvider;
  const blocks = new BlockGenerator();
  let namespaces = 0;

  beforeAll(async () => {
    const stores = await kind.open();
    // Every third block is stored, so that rows come from the store and from memory.
    const options = { state: { flushBlocks: 3, cacheBytes: 200 } };
    provider = await LedgerProvider.open(stores, 'p', new FakeClock(), options);
    ledger = await provider.create(blocks.genesis());
  });
  afterAll(async () => {
    await provider.close();
    await kind.close();
  });

  // A namespace of its own for each run; one block for one half, another for the rest.
  async function committed(all: readonly string[]): Promise<string> {
    // Names that begin with one another must keep apart, too.
    const namespace = `n${'a'.repeat(namespaces++ % 3)}${namespaces}`;
    for (const half of [0, 1]) {
      const simulator = ledger.newTxSimulator('tx');
      for (const [i, key] of all.entries()) {
        if (i % 2 === half) simulator.setState(namespace, key, utf8(`value of ${key}`));
      }
      const { publicResults } = await simulator.getTxSimulationResults();
      await ledger.commit(blocks.nextOf([publicResults]), Uint8Array.of(0));
    }
    return namespace;
  }

  async function drain(rows: ResultsIterator<KVResult>): Promise<string[]> {
    const found: string[] = [];
    for (let row = await rows.next(); row; row = await rows.next()) {
      expect(fromUtf8(row.value)).toBe(`value of ${row.key}`);
      found.push(row.key);
    }
    return found;
  }

  async function query<T>(run: (executor: QueryExecutor) => Promise<T>): Promise<T> {
    const executor = ledger.newQueryExecutor();
    try {
      return await run(executor);
    } finally {
      executor.done();
    }
  }

  test('ranges give their keys in the order of bytes', async () => {
    await fc.assert(
      fc.asyncProperty(keys, text, text, async (all, from, to) => {
        const namespace = await committed(all);
        const sorted = all.toSorted(byBuffer);
        const range = (start: string, end: string) =>
          query(async (on) => drain(await on.getStateRange(namespace, start, end)));
        expect(await range('', '')).toEqual(sorted);
        const inside = sorted.filter(
          (key) => byBuffer(key, from) >= 0 && (to === '' || byBuffer(key, to) < 0),
        );
        expect(await range(from, to)).toEqual(inside);
        for (const key of all) {
          const value = await query((on) => on.getState(namespace, key));
          expect(fromUtf8(value ?? utf8(''))).toBe(`value of ${key}`);
        }
      }),
      { numRuns: 60, seed: 2_026 },
    );
  });

  test('pages end at any row, and go on where they ended', async () => {
    await fc.assert(
      fc.asyncProperty(keys, fc.integer({ min: 1, max: 6 }), text, async (all, size, to) => {
        const namespace = await committed(all);
        const whole = all.toSorted(byBuffer).filter((key) => to === '' || byBuffer(key, to) < 0);
        const found: string[] = [];
        let bookmark = '';
        do {
          await query(async (on) => {
            const page = await on.getStateRangePaged(namespace, bookmark, to, size);
            const rows = await drain(page);
            expect(rows).toEqual(whole.slice(found.length, found.length + size));
            found.push(...rows);
            bookmark = page.bookmark();
          });
          expect(bookmark).toBe(whole[found.length] ?? '');
        } while (bookmark !== '');
        expect(found).toEqual(whole);
      }),
      { numRuns: 60, seed: 2_026 },
    );
  });

  // As a chaincode makes them: U+0000, then each part followed by U+0000; a part holds neither U+0000 nor U+10FFFF.
  const part = text.map((given) => given.replace(/[\0\u{10ffff}]/gu, 'z'));
  const compositeKey = (parts: readonly string[]): string =>
    `\0${parts.map((p) => `${p}\0`).join('')}`;

  test('composite keys are found by their first parts, and in the order of their bytes', async () => {
    const names = fc.uniqueArray(fc.array(part, { minLength: 1, maxLength: 3 }), {
      minLength: 1,
      maxLength: 20,
      selector: compositeKey,
    });
    await fc.assert(
      fc.asyncProperty(names, fc.nat(), fc.nat(2), async (all, which, parts) => {
        const namespace = await committed([...all.map(compositeKey), 'plain', '']);
        const prefix = (all[which % all.length] ?? []).slice(0, parts + 1);
        const from = compositeKey(prefix);
        const found = await query(async (on) =>
          drain(await on.getStateRange(namespace, from, `${from}\u{10ffff}`)),
        );
        const expected = all
          .filter((name) => prefix.every((p, i) => name[i] === p))
          .map(compositeKey);
        expect(found).toEqual(expected.sort(byBuffer));
      }),
      { numRuns: 60, seed: 2_026 },
    );
  });

  test('read and write sets are in the same order', async () => {
    await fc.assert(
      fc.asyncProperty(keys, async (all) => {
        const simulator = ledger.newTxSimulator('tx');
        for (const key of all) {
          await simulator.getState(`n${key.replaceAll('\0', '')}`, key);
          simulator.setState('n', key, utf8('v'));
          simulator.setPrivateData('n', `c${key}`, key, utf8('v'));
        }
        const sets = txRwSetFromBytes((await simulator.getTxSimulationResults()).publicResults);
        const own = sets.find(({ namespace }) => namespace === 'n');
        const sorted = all.toSorted(byBuffer);
        expect(own?.kv.writes.map(({ key }) => key)).toEqual(sorted);
        const collections = own?.collections.map(({ collection }) => collection.slice(1));
        expect(collections).toEqual(sorted);
        const names = sets.map(({ namespace }) => namespace);
        expect(names).toEqual([...new Set(names)].sort(byBuffer));
      }),
      { numRuns: 100, seed: 2_026 },
    );
  });
});

// Go takes no text that is not UTF-8 out of a message, so neither do we: a key with half of a surrogate pair, however it is
// written, cannot get into a set.
describe('half a surrogate pair', () => {
  const setOf = (key: Uint8Array): Uint8Array => {
    const write = concat(Uint8Array.of(0x0a, key.length), key, Uint8Array.of(0x1a, 1, 0x76));
    const set = concat(Uint8Array.of(0x1a, write.length), write);
    const ns_rwset = [{ namespace: 'cc', rwset: set }];
    return rwset.TxReadWriteSet.encode({ ns_rwset }).finish();
  };

  test('is refused in a set, and so are other bytes that are no UTF-8', () => {
    expect(txRwSetFromBytes(setOf(utf8('\u{1f600}')))[0]?.kv.writes[0]?.key).toBe('\u{1f600}');
    for (const bytes of [
      [0xed, 0xa0, 0xbd],
      [0xed, 0xb8, 0x80],
      [0xed, 0xa0, 0xbd, 0xed, 0xb8, 0x80],
      [0xc0, 0x80],
      [0xf4, 0x90, 0x80, 0x80],
      [0xff],
      [0xe2, 0x82],
    ]) {
      expect(() => txRwSetFromBytes(setOf(Uint8Array.from(bytes)))).toThrow();
    }
  });

  test('is written as the replacement character', () => {
    const bytes = kvrwset.KVWrite.encode({ key: 'a\ud83d' }).finish();
    expect(kvrwset.KVWrite.decode(bytes).key).toBe('a\ufffd');
  });
});
