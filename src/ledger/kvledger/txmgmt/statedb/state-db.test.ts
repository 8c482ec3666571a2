// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fromUtf8, utf8 } from '../../../../common/runtime/bytes.ts';
import { MemoryKVStore } from '../../../memory/memory-kv-store.ts';
import type { Version } from '../../../types.ts';
import { StateDB, type StateRow, type StateSnapshot } from './state-db.ts';
import { splitStateKey, stateKey, stateRange } from './state-key.ts';
import { UpdateBatch } from './update-batch.ts';

type Changes = Readonly<Record<string, string | undefined>>;

function batchOf(blockNum: number, changes: Changes, namespace = 'cc'): UpdateBatch {
  const batch = new UpdateBatch();
  Object.entries(changes).forEach(([key, value], txNum) => {
    const version = { blockNum, txNum };
    const bytes = value === undefined ? undefined : utf8(value);
    batch.put(namespace, '', key, { value: bytes, metadata: new Uint8Array(), version });
  });
  return batch;
}

async function rows(snapshot: StateSnapshot): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for await (const [key, { value }] of snapshot.range(stateRange('cc', '', ''))) {
    found[splitStateKey(key).binaryKey] = fromUtf8(value);
  }
  return found;
}

async function reads(
  snapshot: StateSnapshot,
  keys: readonly string[],
): Promise<Record<string, string>> {
  const values = await snapshot.getMany(keys.map((key) => stateKey('cc', key)));
  const found = keys.map((key, i) => [key, values[i] && fromUtf8(values[i].value)] as const);
  return Object.fromEntries(found.filter(([, value]) => value !== undefined)) as Record<
    string,
    string
  >;
}

// As a walk finds them, which looks into no cache.
async function versionsOf(
  snapshot: StateSnapshot,
  stateKeys: readonly string[],
): Promise<(Version | undefined)[]> {
  const found = new Map<string, Version>();
  for await (const [key, { version }] of snapshot.range({})) found.set(key, version);
  return stateKeys.map((key) => found.get(key));
}

describe('StateDB', () => {
  test('snapshots see their block, whatever is applied, stored, cached and reopened', async () => {
    const keys = ['a', 'b', 'c', 'd'];
    const change = fc.dictionary(fc.constantFrom(...keys), fc.constantFrom('1', '2', undefined));
    const step = fc.oneof(
      { weight: 3, arbitrary: change },
      fc.constantFrom('flush' as const, 'snapshot' as const, 'release' as const, 'reopen' as const),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
        const store = new MemoryKVStore();
        const options = { cacheBytes: 500, cacheVersions: 2 };
        let db = await StateDB.open(store, options);
        const past: Record<string, string>[] = [{}];
        let open: StateSnapshot[] = [];
        for (const s of steps) {
          if (s === 'flush') await db.flush();
          else if (s === 'snapshot') open.push(db.snapshot());
          else if (s === 'release') open.shift()?.release();
          else if (s === 'reopen') {
            for (const snapshot of open) snapshot.release();
            open = [];
            db = await StateDB.open(store, options);
            past.length = db.lastBlock + 2;
          } else {
            const next = { ...past.at(-1) };
            for (const [key, value] of Object.entries(s)) {
              if (value === undefined) delete next[key];
              else next[key] = value;
            }
            past.push(next);
            db.apply(db.lastBlock + 1, batchOf(db.lastBlock + 1, s));
          }
          for (const snapshot of open) {
            expect(await reads(snapshot, keys)).toEqual(past[snapshot.asOf + 1]);
            expect(await rows(snapshot)).toEqual(past[snapshot.asOf + 1]);
          }
          const latest = db.snapshot();
          const stateKeys = keys.map((key) => stateKey('cc', key));
          const versions = await latest.getVersions(stateKeys);
          expect(versions).toEqual(await versionsOf(latest, stateKeys));
          expect(await rows(latest)).toEqual(past.at(-1));
          expect(await reads(latest, keys)).toEqual(past.at(-1));
          latest.release();
        }
      }),
      { numRuns: 200 },
    );
  });

  test('a range goes on while its rows are stored and later blocks are applied', async () => {
    const db = await StateDB.open(new MemoryKVStore());
    const keys = Array.from({ length: 300 }, (_, i) => `k${String(i).padStart(3, '0')}`);
    db.apply(
      0,
      batchOf(0, Object.fromEntries(keys.filter((_, i) => i % 2 === 0).map((k) => [k, '0']))),
    );
    await db.flush();
    db.apply(
      1,
      batchOf(1, Object.fromEntries(keys.filter((_, i) => i % 2 === 1).map((k) => [k, '1']))),
    );
    const snapshot = db.snapshot();
    const seen: StateRow[] = [];
    for await (const row of snapshot.range(stateRange('cc', '', ''))) {
      if (seen.push(row) === 10) {
        db.apply(2, batchOf(2, { k100: undefined, k0500: 'new' }));
        await db.flush();
      }
    }
    expect(seen.map(([key]) => splitStateKey(key).binaryKey)).toEqual(keys);
    expect(db.savepoint).toBe(1);
    snapshot.release();
    await db.flush();
    expect(db.savepoint).toBe(2);
  });

  test('a snapshot that is kept too long expires, rather than stopping commits', async () => {
    const db = await StateDB.open(new MemoryKVStore(), { flushBlocks: 2, hardFactor: 2 });
    db.apply(0, batchOf(0, { a: '0' }));
    const old = db.snapshot();
    for (let block = 1; block < 4; block++) {
      await db.makeRoom();
      db.apply(block, batchOf(block, { a: String(block) }));
      await db.flush();
      expect(db.savepoint).toBe(0);
    }
    expect(fromUtf8((await old.get(stateKey('cc', 'a')))?.value ?? utf8(''))).toBe('0');
    const iterating = old.range(stateRange('cc', '', ''));
    db.apply(4, batchOf(4, { a: '4' }));
    await db.makeRoom();
    expect(db.savepoint).toBe(4);
    const expired = { code: 'SNAPSHOT_EXPIRED' };
    await expect(old.get(stateKey('cc', 'a'))).rejects.toMatchObject(expired);
    await expect(iterating.next()).rejects.toMatchObject(expired);
    old.release();
    await expect(old.get(stateKey('cc', 'a'))).rejects.toMatchObject(expired);
  });

  test('loses nothing when the store fails, and stores it later', async () => {
    const store = new MemoryKVStore();
    const write = store.write.bind(store);
    const db = await StateDB.open(store);
    db.apply(0, batchOf(0, { a: '0' }));
    store.write = async () => {
      throw new Error('disk full');
    };
    await expect(db.flush()).rejects.toThrow('disk full');
    db.apply(1, batchOf(1, { b: '1' }));
    const snapshot = db.snapshot();
    expect(await rows(snapshot)).toEqual({ a: '0', b: '1' });
    snapshot.release();
    store.write = write;
    await db.flush();
    const again = await StateDB.open(store);
    expect([again.savepoint, again.lastBlock]).toEqual([1, 1]);
    expect(await rows(again.snapshot())).toEqual({ a: '0', b: '1' });
  });

  test('lists namespaces, and remembers which ones use metadata', async () => {
    const store = new MemoryKVStore();
    const db = await StateDB.open(store);
    const batch = batchOf(0, { '\u0000x': '1' }, 'b');
    const version = { blockNum: 0, txNum: 0 };
    const update = { value: utf8('1'), metadata: new Uint8Array(), version };
    batch.put('a', 'coll', '\u00ff', { ...update, metadata: utf8('m') });
    batch.put('', '', 'config', update);
    batch.put('\u00e9', '', '', update);
    db.apply(0, batch);
    const expected = ['', 'a$$hcoll', 'b', '\u00e9'];
    expect(await db.namespaces()).toEqual(expected);
    await db.flush();
    const again = await StateDB.open(store);
    expect(await again.namespaces()).toEqual(expected);
    expect(['a', 'b', ''].map((ns) => again.hasMetadata(ns))).toEqual([true, false, false]);
  });

  test('refuses a block out of order', async () => {
    const db = await StateDB.open(new MemoryKVStore());
    expect(() => db.apply(1, new UpdateBatch())).toThrow(
      expect.objectContaining({ code: 'LEDGER_CORRUPT' }),
    );
  });
});
