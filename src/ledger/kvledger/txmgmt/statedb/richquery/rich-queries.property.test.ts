// SPDX-License-Identifier: Apache-2.0
// Any query over any documents, with any indexes or none, now and as of an older block: the rows are those that a naive
// evaluator finds by looking at every document, in the order that was asked for, whole or page by page.
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { compareUtf8, utf8 } from '../../../../../common/runtime/bytes.ts';
import { FakeClock } from '../../../../../common/runtime/clock.ts';
import { MemoryKVStoreProvider } from '../../../../memory/memory-kv-store.ts';
import type { KVResult, PeerLedger, QueryExecutor, ResultsIterator } from '../../../../types.ts';
import { LedgerProvider } from '../../../ledger-provider.ts';
import { BlockGenerator } from '../../../testing/block-generator.ts';
import type { Json, JsonObject } from './json.ts';
import { naiveField, naiveMatch, naiveOrder } from './testing/naive-selector.ts';
import { randomCondition, randomDocument, randomSelector } from './testing/random-selectors.ts';

const KEYS = ['k', 'k0', 'K1', 'k10', 'k2', '\u00e9', '\uffee', '\u{1f600}'];

const COLUMNS = [['a'], ['a', 'b'], ['b', 'a'], ['n.x'], ['n.x', 'a'], ['a\\.b'], ['t', '_id']];
const definition = fc.record({
  fields: fc.constantFrom(...COLUMNS),
  // Of a part of the documents; it serves only who names it, which nobody does here.
  partial: fc.oneof(
    { weight: 4, arbitrary: fc.constant(null) },
    { weight: 1, arbitrary: fc.record({ a: randomCondition }) },
  ),
});

// Blocks of changes; null deletes, a text is no document.
const change = fc.oneof(
  { weight: 8, arbitrary: randomDocument as fc.Arbitrary<JsonObject | string | null> },
  { weight: 1, arbitrary: fc.constantFrom('no JSON', '[{"a":1}]', '5', '{"a":') },
  { weight: 1, arbitrary: fc.constant(null) },
);
const block = fc.array(fc.tuple(fc.constantFrom(...KEYS), change), {
  minLength: 3,
  maxLength: 9,
  size: 'max',
});
type Change = readonly [key: string, change: JsonObject | string | null];

// Conditions that much meets, so that there are rows to be sorted and turned over.
const wide = fc.oneof(
  { weight: 2, arbitrary: randomCondition },
  {
    weight: 3,
    arbitrary: fc.constantFrom<JsonObject>(
      { $gt: null },
      { $gte: null },
      { $exists: true },
      { $lt: 'z' },
      { $gte: 0, $lte: [] },
      { $ne: 1 },
    ),
  },
);
const rest = {
  pageSize: fc.integer({ min: 1, max: 4 }),
  skip: fc.constantFrom(0, 0, 0, 1, 3),
};
const sortBy = (fields: fc.Arbitrary<readonly string[]>) =>
  fc.option(fc.record({ fields, descending: fc.boolean() }), { freq: 2 });
// Some that an index can serve, if there is one of these columns, and sort; some that it cannot.
const served = fc.constantFrom(...COLUMNS).chain((columns) => {
  const [first = 'a', second = '_id'] = columns;
  const selector = fc
    .tuple(wide, wide)
    .map(([x, y]) => ({ [first]: x, ...(second !== '_id' && { [second]: y }) }));
  const sorts = second === '_id' ? [[first], ['_id']] : [[first], [second], columns];
  return fc.record({ selector, sort: sortBy(fc.constantFrom(...sorts)), ...rest });
});
const other = fc.record({
  selector: randomSelector,
  // `_id` within an index stands in the order of collation, which these keys have no places in.
  sort: sortBy(fc.constantFrom(...COLUMNS.slice(0, -1), ['t'], ['_id'])),
  ...rest,
});
const query: fc.Arbitrary<Query> = fc.oneof(
  { weight: 4, arbitrary: served },
  { weight: 1, arbitrary: other },
);
interface Query {
  readonly selector: JsonObject;
  readonly sort: { readonly fields: readonly string[]; readonly descending: boolean } | null;
  readonly pageSize: number;
  readonly skip: number;
}

type World = ReadonlyMap<string, JsonObject | string>;

/** The keys of the rows of a query, by looking at everything. */
function naiveRows(world: World, { selector, sort, skip }: Query): string[] {
  const documents = [...world]
    .map(([key, given]): [string, JsonObject] => {
      // What is no document is attached to one that has nothing but its name.
      return [key, { ...(typeof given === 'string' ? {} : given), _id: key }];
    })
    .filter(([, document]) => naiveMatch(selector, document))
    .sort(([a], [b]) => compareUtf8(a, b));
  if (!sort) return documents.map(([key]) => key).slice(skip);
  const valuesOf = (document: JsonObject): (Json | undefined)[] =>
    sort.fields.map((name) => naiveField(document, name));
  // What lacks a field of the sort is in no index of it.
  const sorted = documents
    .filter(([, document]) => valuesOf(document).every((value) => value !== undefined))
    .sort(([, a], [, b]) => {
      if (sort.fields[0] === '_id') return 0;
      const [x, y] = [valuesOf(a), valuesOf(b)];
      const orders = x.map((value, i) => naiveOrder(value as Json, y[i] as Json));
      return orders.find((order) => order !== 0) ?? 0;
    })
    .map(([key]) => key);
  return (sort.descending ? sorted.reverse() : sorted).slice(skip);
}

const textOf = ({ selector, sort, skip }: Query): string => {
  const direction = sort?.descending ? 'desc' : 'asc';
  const sorted = sort?.fields.map((name) => ({ [name]: direction }));
  return JSON.stringify({ selector, ...(sorted && { sort: sorted }), ...(skip > 0 && { skip }) });
};

async function drain(rows: ResultsIterator<KVResult>, world: World): Promise<string[]> {
  const found: string[] = [];
  for (let row = await rows.next(); row; row = await rows.next()) {
    const given = world.get(row.key);
    expect(row.value).toEqual(utf8(typeof given === 'string' ? given : JSON.stringify(given)));
    found.push(row.key);
  }
  return found;
}

async function pages(
  executor: QueryExecutor,
  namespace: string,
  given: Query,
  world: World,
): Promise<string[]> {
  const found: string[] = [];
  for (let bookmark = ''; ; ) {
    // A page begins where the one before ended; what is skipped is skipped once.
    const one = bookmark === '' ? given : { ...given, skip: 0 };
    const text = textOf(one);
    const page = await executor.executeQueryPaged(namespace, text, bookmark, given.pageSize);
    const rows = await drain(page, world);
    found.push(...rows);
    if (rows.length < given.pageSize) return found;
    if (found.length > KEYS.length) throw new Error('the pages do not end');
    bookmark = page.bookmark();
  }
}

let provider: LedgerProvider;
let ledger: PeerLedger;
const blocks = new BlockGenerator();
const counts = { rows: 0, none: 0, sorted: 0, unsortable: 0 };

beforeAll(async () => {
  const options = { stateDatabase: 'CouchDB', state: { flushBlocks: 4 } } as const;
  provider = await LedgerProvider.open(new MemoryKVStoreProvider(), 'p', new FakeClock(), options);
  ledger = await provider.create(blocks.genesis());
});
afterAll(() => provider.close());

async function commit(namespace: string, changes: readonly Change[]): Promise<void> {
  const simulator = ledger.newTxSimulator('tx');
  for (const [key, value] of changes) {
    const text = typeof value === 'string' ? value : JSON.stringify(value);
    simulator.setState(namespace, key, value === null ? new Uint8Array() : utf8(text));
  }
  const { publicResults } = await simulator.getTxSimulationResults();
  await ledger.commit(blocks.nextOf([publicResults]), Uint8Array.of(0));
}

async function check(
  executor: QueryExecutor,
  namespace: string,
  given: Query,
  world: World,
): Promise<void> {
  const expected = naiveRows(world, given);
  const asked = executor.executeQuery(namespace, textOf(given));
  if (given.sort) {
    const refused = await asked.then(
      () => false,
      (error) => /No index exists for this sort/.test(String(error)),
    );
    counts[refused ? 'unsortable' : 'sorted']++;
    if (refused) return;
  }
  expect(await drain(await asked, world)).toEqual(expected);
  expect(await pages(executor, namespace, given, world)).toEqual(expected);
  counts[expected.length > 0 ? 'rows' : 'none']++;
}

test('rich queries give what is there, whichever indexes there are', async () => {
  let runs = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(definition, { maxLength: 4, size: 'max' }),
      fc.array(block, { minLength: 1, maxLength: 3, size: 'max' }),
      fc.array(query, { minLength: 1, maxLength: 4, size: 'max' }),
      async (definitions, changes, queries) => {
        const [plain, indexed] = [`plain${runs}`, `indexed${runs++}`];
        const files = definitions.map(({ fields, partial }, i): [string, Uint8Array] => {
          const index = { fields, ...(partial && { partial_filter_selector: partial }) };
          const text = JSON.stringify({ index, ddoc: `d${i}`, name: `n${i}`, type: 'json' });
          return [`statedb/couchdb/indexes/${i}.json`, utf8(text)];
        });
        const problems = await ledger.processIndexesForChaincodeDeploy(indexed, new Map(files));
        expect(problems).toEqual([]);
        const executors: [QueryExecutor, World][] = [];
        const world = new Map<string, JsonObject | string>();
        for (const block of changes) {
          for (const [key, value] of block) {
            if (value === null) world.delete(key);
            else world.set(key, value);
          }
          const last = [...new Map(block)];
          await commit(plain, last);
          await commit(indexed, last);
          executors.push([ledger.newQueryExecutor(), new Map(world)]);
        }
        // The newest first, so that the indexes are ahead of the older ones.
        for (const [executor, then] of executors.reverse()) {
          for (const given of queries) {
            await check(executor, indexed, given, then);
            await check(executor, plain, given, then);
          }
          executor.done();
        }
      },
    ),
    { numRuns: 150, seed: 2_026 },
  );
  const least = { rows: 150, none: 150, sorted: 30, unsortable: 50 };
  for (const [name, count] of Object.entries(least)) {
    expect(counts[name as keyof typeof counts], name).toBeGreaterThan(count);
  }
});
