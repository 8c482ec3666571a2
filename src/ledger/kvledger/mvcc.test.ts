// SPDX-License-Identifier: Apache-2.0
// Random transactions against a model of what MVCC means: simulate them all on one height, put them into one block.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compareUtf8, fromUtf8, utf8 } from '../../common/runtime/bytes.ts';
import { FakeClock } from '../../common/runtime/clock.ts';
import { MemoryKVStoreProvider } from '../memory/memory-kv-store.ts';
import type { PeerLedger, TxSimulator } from '../types.ts';
import { LedgerProvider } from './ledger-provider.ts';
import { BlockGenerator } from './testing/block-generator.ts';

const KEYS = ['a', 'b', 'bb', '\u00e9', '\uffee', '\u{1f600}', '\u0000composite\u0000'];
const SORTED = KEYS.toSorted(compareUtf8);
const key = fc.constantFrom(...KEYS);
const bound = fc.constantFrom('', ...KEYS);

type Step =
  | { readonly do: 'read' | 'delete' | 'readMetadata'; readonly key: string }
  | { readonly do: 'write' | 'writeMetadata'; readonly key: string; readonly value: string }
  | { readonly do: 'range'; readonly from: string; readonly to: string; readonly rows: number };

const value = fc.constantFrom('1', '2', '');
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    do: fc.constantFrom('read' as const, 'delete' as const, 'readMetadata' as const),
    key,
  }),
  fc.record({ do: fc.constantFrom('write' as const, 'writeMetadata' as const), key, value }),
  fc.record({ do: fc.constant('range' as const), from: bound, to: bound, rows: fc.nat(4) }),
);
const chain = fc.array(fc.array(fc.array(step, { maxLength: 5 }), { maxLength: 5 }), {
  maxLength: 6,
});

interface Row {
  readonly value: string;
  readonly metadata: string;
  readonly version: string;
}
type State = ReadonlyMap<string, Row>;

const VALID = 0;
const MVCC_READ_CONFLICT = 11;
const PHANTOM_READ_CONFLICT = 12;

function rowsOf(state: State, from: string, to: string): (readonly [string, Row])[] {
  const inside = SORTED.filter(
    (k) => compareUtf8(k, from) >= 0 && (to === '' || compareUtf8(k, to) < 0),
  );
  return inside.flatMap((k) => {
    const row = state.get(k);
    return row ? [[k, row] as const] : [];
  });
}

// What a range query saw, and what it binds itself to: all of its range, or the rows up to the last one read.
function sawInRange(
  now: State,
  then: State,
  { from, to, rows }: Extract<Step, { do: 'range' }>,
): boolean {
  const seen = rowsOf(then, from, to);
  const exhausted = rows >= seen.length + 1;
  const text = (found: (readonly [string, Row])[]): string =>
    JSON.stringify(found.map(([k, { version }]) => [k, version]));
  if (exhausted) return text(rowsOf(now, from, to)) === text(seen);
  const read = seen.slice(0, rows);
  const last = read.at(-1)?.[0];
  // Without any row read, the recorded end is empty: the whole namespace from the start on must be empty.
  if (last === undefined) return rowsOf(now, from, '').length === 0 && !now.has('');
  const upToLast = rowsOf(now, from, '').filter(([k]) => compareUtf8(k, last) <= 0);
  return text(upToLast) === text(read);
}

function codeOf(
  tx: readonly Step[],
  now: State,
  then: State,
  touched: ReadonlySet<string>,
): number {
  for (const s of tx) {
    if (s.do !== 'read' && s.do !== 'readMetadata') continue;
    if (touched.has(s.key) || now.get(s.key)?.version !== then.get(s.key)?.version) {
      return MVCC_READ_CONFLICT;
    }
  }
  const ranges = tx.filter((s) => s.do === 'range');
  return ranges.every((s) => sawInRange(now, then, s)) ? VALID : PHANTOM_READ_CONFLICT;
}

function apply(
  tx: readonly Step[],
  version: string,
  now: Map<string, Row>,
  touched: Set<string>,
): void {
  const writes = new Map<string, string>();
  const metadataWrites = new Map<string, string>();
  for (const s of tx) {
    if (s.do === 'write') writes.set(s.key, s.value);
    else if (s.do === 'delete') writes.set(s.key, '');
    else if (s.do === 'writeMetadata') metadataWrites.set(s.key, s.value);
  }
  for (const k of new Set([...writes.keys(), ...metadataWrites.keys()])) {
    const before = now.get(k);
    const written = writes.get(k) ?? before?.value;
    if (!writes.has(k) && !before) continue;
    touched.add(k);
    const metadata = metadataWrites.get(k) ?? before?.metadata ?? '';
    if (written === undefined || written === '') now.delete(k);
    else now.set(k, { value: written, metadata, version });
  }
}

async function simulate(simulator: TxSimulator, tx: readonly Step[]): Promise<Uint8Array> {
  for (const s of tx) {
    if (s.do === 'range') {
      const range = await simulator.getStateRange('cc', s.from, s.to);
      for (let i = 0; i < s.rows; i++) if (!(await range.next())) break;
    } else if (s.do === 'read') await simulator.getState('cc', s.key);
    else if (s.do === 'readMetadata') await simulator.getStateMetadata('cc', s.key);
    else if (s.do === 'delete') simulator.deleteState('cc', s.key);
    else if (s.do === 'write') simulator.setState('cc', s.key, utf8(s.value));
    else if (s.do === 'writeMetadata') {
      const named = s.value === '' ? [] : [['VALIDATION_PARAMETER', utf8(s.value)] as const];
      simulator.setStateMetadata('cc', s.key, new Map(named));
    }
  }
  return (await simulator.getTxSimulationResults()).publicResults;
}

async function stateOf(ledger: PeerLedger): Promise<Map<string, Row>> {
  const executor = ledger.newQueryExecutor();
  const rows = await ledger.scanState('cc', '', 100);
  const found = new Map<string, Row>();
  for (const row of rows) {
    const metadata = await executor.getStateMetadata('cc', row.key);
    found.set(row.key, {
      value: fromUtf8(row.value),
      metadata: fromUtf8(metadata.get('VALIDATION_PARAMETER') ?? new Uint8Array()),
      version: `${row.version.blockNum}.${row.version.txNum}`,
    });
  }
  executor.done();
  return found;
}

test.each([
  ['stored with every block', { flushBlocks: 1 }],
  ['stored now and then', { flushBlocks: 3, cacheBytes: 500 }],
  ['in memory', {}],
] as const)('MVCC does what its model does, with state %s', async (_, state) => {
  await fc.assert(
    fc.asyncProperty(chain, async (blocks) => {
      const stores = new MemoryKVStoreProvider();
      const options = { state };
      let provider = await LedgerProvider.open(stores, 'p', new FakeClock(), options);
      const generator = new BlockGenerator();
      let ledger = await provider.create(generator.genesis());
      const now = new Map<string, Row>();
      for (const [i, txs] of blocks.entries()) {
        const then = new Map(now);
        const touched = new Set<string>();
        const expected = txs.map((tx, txNum) => {
          const code = codeOf(tx, now, then, touched);
          if (code === VALID) apply(tx, `${i + 1}.${txNum}`, now, touched);
          return code;
        });
        const results: Uint8Array[] = [];
        for (const tx of txs) results.push(await simulate(ledger.newTxSimulator('tx'), tx));
        const { flags } = await ledger.commit(
          generator.nextOf(results),
          new Uint8Array(txs.length),
        );
        expect([...flags]).toEqual(expected);
        expect([...(await stateOf(ledger))]).toEqual(
          SORTED.flatMap((k) => {
            const row = now.get(k);
            return row ? [[k, row]] : [];
          }),
        );
        if (i % 3 === 2) {
          await provider.close();
          provider = await LedgerProvider.open(stores, 'p', new FakeClock(), options);
          ledger = await provider.open(generator.channelId);
        }
      }
    }),
    { numRuns: 150 },
  );
});
