// SPDX-License-Identifier: Apache-2.0
// Rich queries through a whole ledger: what a chaincode's getQueryResult reaches.
import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import { kvrwset, protos, rwset } from '../../../../../common/protos/index.ts';
import { fromUtf8, utf8 } from '../../../../../common/runtime/bytes.ts';
import { FakeClock } from '../../../../../common/runtime/clock.ts';
import { MemoryKVStoreProvider } from '../../../../memory/memory-kv-store.ts';
import type { KVResult, PeerLedger, QueryExecutor, ResultsIterator } from '../../../../types.ts';
import { LedgerProvider, type LedgerProviderOptions } from '../../../ledger-provider.ts';
import { BlockGenerator } from '../../../testing/block-generator.ts';

const { VALID, MVCC_READ_CONFLICT, INVALID_WRITESET } = protos.TxValidationCode;

const CHANNEL = 'testchannel';
let stores: MemoryKVStoreProvider;
let blocks: BlockGenerator;
let provider: LedgerProvider;
let ledger: PeerLedger;

const start = (stateDatabase: LedgerProviderOptions['stateDatabase']): Promise<LedgerProvider> =>
  LedgerProvider.open(stores, 'p', new FakeClock(), stateDatabase ? { stateDatabase } : {});

beforeEach(async () => {
  stores = new MemoryKVStoreProvider();
  blocks = new BlockGenerator(CHANNEL);
  provider = await start('CouchDB');
  ledger = await provider.create(blocks.genesis());
});

async function reopen(stateDatabase: LedgerProviderOptions['stateDatabase']): Promise<void> {
  await provider.close();
  provider = await start(stateDatabase);
  ledger = await provider.open(CHANNEL);
}

// What a crafted or simulated transaction writes; undefined deletes.
type Writes = Readonly<Record<string, unknown>>;

function rwsetOf(writes: Writes): Uint8Array {
  const entries = Object.entries(writes).map(([key, value]) => ({
    key,
    is_delete: value === undefined,
    value: bytesOf(value),
  }));
  const set = kvrwset.KVRWSet.encode({ writes: entries }).finish();
  return rwset.TxReadWriteSet.encode({ ns_rwset: [{ namespace: 'cc', rwset: set }] }).finish();
}

function bytesOf(value: unknown): Uint8Array {
  if (value === undefined) return new Uint8Array();
  return value instanceof Uint8Array ? value : utf8(JSON.stringify(value));
}

async function commit(...txs: readonly (Writes | Uint8Array)[]): Promise<number[]> {
  const sets = txs.map((tx) => (tx instanceof Uint8Array ? tx : rwsetOf(tx)));
  return [...(await ledger.commit(blocks.nextOf(sets), new Uint8Array(sets.length))).flags];
}

async function rowsOf(results: ResultsIterator<KVResult>): Promise<KVResult[]> {
  const rows: KVResult[] = [];
  for (let row = await results.next(); row; row = await results.next()) rows.push(row);
  return rows;
}

async function query(text: unknown, executor = ledger.newQueryExecutor()): Promise<KVResult[]> {
  try {
    return await rowsOf(await executor.executeQuery('cc', JSON.stringify(text)));
  } finally {
    executor.done();
  }
}

const keys = async (text: unknown, executor?: QueryExecutor): Promise<string[]> =>
  (await query(text, executor)).map(({ key }) => key);

const indexFile = (definition: unknown): ReadonlyMap<string, Uint8Array> =>
  new Map([['statedb/couchdb/indexes/index.json', utf8(JSON.stringify(definition))]]);

const index = (...fields: string[]): ReadonlyMap<string, Uint8Array> =>
  indexFile({ index: { fields }, ddoc: 'doc', name: 'name', type: 'json' });

const MARBLES = {
  marble1: { docType: 'marble', color: 'blue', size: 35, owner: { name: 'tom' } },
  marble2: { docType: 'marble', color: 'red', size: 50, owner: { name: 'jerry' } },
  marble3: { docType: 'marble', color: 'blue', size: 10, owner: { name: 'Tom' } },
  other: { docType: 'other', size: 1 },
  text: utf8('no JSON'),
  number: 5,
  list: [{ color: 'blue' }],
};

describe('queries', () => {
  test('give key, value and version in the order of keys', async () => {
    await commit({ other: MARBLES.other }, MARBLES);
    const rows = await query({ selector: { color: 'blue' } });
    expect(rows.map(({ key }) => key)).toEqual(['marble1', 'marble3']);
    expect(rows[0]).toEqual({
      namespace: 'cc',
      key: 'marble1',
      value: utf8(JSON.stringify(MARBLES.marble1)),
      version: { blockNum: 1, txNum: 1 },
    });
    expect(await keys({ selector: { size: { $gt: null } } })).toEqual([
      'marble1',
      'marble2',
      'marble3',
      'other',
    ]);
    const selector = { _id: { $gte: 'marble3', $lt: 'number' } };
    expect(await keys({ selector })).toEqual(['marble3']);
  });

  // Fabric attaches such a value to a document of its key and version, and reads it from there for every row.
  test('find what is no JSON object by its key only', async () => {
    await commit(MARBLES);
    const others = ['list', 'number', 'text'];
    expect(await keys({ selector: {} })).toEqual([...Object.keys(MARBLES)].sort());
    expect(await keys({ selector: { docType: { $exists: false } } })).toEqual(others);
    const [row] = await query({ selector: { _id: 'text' } });
    expect(row?.value).toEqual(utf8('no JSON'));
    const [shown] = await query({ selector: { _id: 'text' }, fields: ['color'] });
    expect(shown?.value).toEqual(utf8('{}'));
    expect(await keys({ selector: { color: { $ne: 'x' } } })).not.toContain('text');
    expect(await keys({ selector: { $nor: [{ color: 'x' }] } })).not.toContain('list');
  });

  test('see one namespace, and the state as of the executor', async () => {
    await commit(MARBLES);
    const before = ledger.newQueryExecutor();
    await commit({ marble1: undefined, marble4: { color: 'blue' } });
    expect(await keys({ selector: { color: 'blue' } })).toEqual(['marble3', 'marble4']);
    expect(await keys({ selector: { color: 'blue' } }, before)).toEqual(['marble1', 'marble3']);
    const executor = ledger.newQueryExecutor();
    expect(await rowsOf(await executor.executeQuery('dd', '{"selector":{}}'))).toEqual([]);
    executor.done();
    await expect(executor.executeQuery('cc', '{"selector":{}}').then(rowsOf)).rejects.toMatchObject(
      { code: 'EXECUTOR_DONE' },
    );
  });

  test('override a limit and heed skip, as Fabric does', async () => {
    await commit(MARBLES);
    const selector = { docType: 'marble' };
    expect(await keys({ selector, limit: 1 })).toHaveLength(3);
    expect(await keys({ selector, skip: 2 })).toEqual(['marble3']);
  });

  test('show the named fields only, as Go writes them', async () => {
    await commit({ a: { z: '<b>', b: { c: 1, d: [10, 20] }, 'x.y': true, color: 'red' } });
    const fields = ['z', 'b.c', 'b.d.1', 'x\\.y', 'missing', '_id'];
    const [row] = await query({ selector: { color: 'red' }, fields });
    expect(fromUtf8(row?.value ?? new Uint8Array())).toBe(
      '{"b":{"c":1,"d":{"1":20}},"x.y":true,"z":"\\u003cb\\u003e"}',
    );
    const [empty] = await query({ selector: {}, fields: [] });
    expect(fromUtf8(empty?.value ?? new Uint8Array())).toBe('{}');
  });

  test.each([
    ['no JSON', 'x', 'not JSON'],
    ['no object', '[]', 'not a JSON object'],
    ['no selector', '{}', 'Missing required key: selector'],
    ['an unknown key', '{"selector":{},"foo":1}', 'Invalid key foo'],
    [
      'fields that are no list',
      '{"selector":{},"fields":"a"}',
      'fields definition must be an array',
    ],
    ['two directions', '{"selector":{},"sort":["a",{"b":"desc"}]}', 'single direction'],
    ['no direction', '{"selector":{},"sort":[{"b":"up"}]}', 'Invalid sort direction'],
    ['a negative skip', '{"selector":{},"skip":-1}', 'Skip'],
    ['a foreign bookmark', '{"selector":{},"bookmark":"abc"}', 'Invalid bookmark value'],
    ['a sort without index', '{"selector":{},"sort":["size"]}', 'No index exists for this sort'],
  ])('refuse %s', async (_, text, reason) => {
    const executor = ledger.newQueryExecutor();
    const refused = expect(executor.executeQuery('cc', text)).rejects;
    await refused.toMatchObject({
      code: 'QUERY_INVALID',
      message: expect.stringContaining(reason),
    });
    executor.done();
  });

  test('are not there on a plain key-value state', async () => {
    await reopen('goleveldb');
    const executor = ledger.newQueryExecutor();
    await expect(executor.executeQuery('cc', '{}')).rejects.toMatchObject({
      code: 'RICH_QUERY_UNSUPPORTED',
      message: 'ExecuteQuery not supported for leveldb',
    });
    await expect(executor.executeQueryPaged('cc', '{}', '', 1)).rejects.toMatchObject({
      message: 'ExecuteQueryWithPagination not supported for leveldb',
    });
    executor.done();
  });
});

describe('pages', () => {
  const pagesOf = async (text: unknown, pageSize: number): Promise<string[][]> => {
    const pages: string[][] = [];
    for (let bookmark = ''; ; ) {
      const executor = ledger.newQueryExecutor();
      const page = await executor.executeQueryPaged('cc', JSON.stringify(text), bookmark, pageSize);
      const rows = await rowsOf(page);
      executor.done();
      if (rows.length === 0) {
        expect(page.bookmark()).toBe('nil');
        return pages;
      }
      pages.push(rows.map(({ key }) => key));
      bookmark = page.bookmark();
    }
  };

  test('follow each other by their bookmarks', async () => {
    await commit(MARBLES);
    const selector = { size: { $gt: 0 } };
    const expected = [['marble1', 'marble2', 'marble3'], ['other']];
    expect(await pagesOf({ selector }, 3)).toEqual(expected);
  });

  test('follow the order of a sort, with rows that are equal in it', async () => {
    const sizes = [5, 3, 5, 1, 5, 3];
    await commit(Object.fromEntries(sizes.map((size, i) => [`k${i}`, { size }])));
    await ledger.processIndexesForChaincodeDeploy('cc', index('size'));
    const selector = { size: { $gt: null } };
    const up = ['k3', 'k1', 'k5', 'k0', 'k2', 'k4'];
    expect((await pagesOf({ selector, sort: ['size'] }, 2)).flat()).toEqual(up);
    const down = await pagesOf({ selector, sort: [{ size: 'desc' }] }, 4);
    expect(down.flat()).toEqual(up.toReversed());
  });
});

describe('simulations', () => {
  test('record the rows that were seen as reads, and conflict when one changes', async () => {
    await commit(MARBLES);
    const simulator = ledger.newTxSimulator('tx');
    const results = await simulator.executeQuery('cc', '{"selector":{"color":"blue"}}');
    await results.next();
    simulator.setState('cc', 'found', utf8('1'));
    const { publicResults } = await simulator.getTxSimulationResults();
    const [ns] = rwset.TxReadWriteSet.decode(publicResults).ns_rwset;
    const set = kvrwset.KVRWSet.decode(ns?.rwset ?? new Uint8Array());
    expect(set.reads.map(({ key }) => key)).toEqual(['marble1']);
    expect(set.range_queries_info).toEqual([]);
    const phantom = { marble0: { color: 'blue' } };
    expect(await commit(phantom, publicResults)).toEqual([VALID, VALID]);
    expect(await commit({ marble1: { color: 'red' } }, publicResults)).toEqual([
      VALID,
      MVCC_READ_CONFLICT,
    ]);
  });

  test('allow no pages in a transaction that writes', async () => {
    const simulator = ledger.newTxSimulator('tx');
    await simulator.executeQueryPaged('cc', '{"selector":{}}', '', 1);
    expect(() => simulator.setState('cc', 'a', utf8('1'))).toThrow('paginated query');
    simulator.done();
  });

  test.each([
    ['_key', '1', 'invalid key [_key], cannot begin with "_"'],
    ['', '1', 'Empty string is not supported as a key'],
    ['key', '{"_rev":1}', 'field [_rev] is not valid for the CouchDB state database'],
    ['key', '{"a":1,"~version":1}', 'field [~version] is not valid'],
  ])('refuse to write %j = %s', async (key, value, reason) => {
    const simulator = ledger.newTxSimulator('tx');
    expect(() => simulator.setState('cc', key, utf8(value))).toThrow(reason);
    simulator.done();
  });

  test('cannot read a key that cannot be', async () => {
    const executor = ledger.newQueryExecutor();
    await expect(executor.getState('cc', '_key')).rejects.toMatchObject({ code: 'WRITE_INVALID' });
    executor.done();
  });
});

describe('commits', () => {
  const TXS: readonly Writes[] = [
    { _key: 1 },
    { key: { _id: 'x' } },
    { key: { a: { _id: 'x' } } },
    { list: [{ _id: 'x' }] },
    { infinite: utf8('{"_a":1e999}') },
    { key2: undefined },
  ];

  test('refuse keys and values that CouchDB does not take', async () => {
    const flags = [INVALID_WRITESET, INVALID_WRITESET, VALID, VALID, VALID, VALID];
    expect(await commit(...TXS)).toEqual(flags);
    expect(await keys({ selector: {} })).toEqual(['infinite', 'key', 'list']);
  });

  test('take them on a plain key-value state, and keep them when it becomes another', async () => {
    await reopen('goleveldb');
    expect(await commit(...TXS)).toEqual(TXS.map(() => VALID));
    await provider.close();
    await stores.destroy(`p/${CHANNEL}/state`);
    provider = await start('CouchDB');
    ledger = await provider.open(CHANNEL);
    expect((await ledger.scanState('cc', '', 10)).map(({ key }) => key)).toContain('_key');
  });
});

describe('indexes', () => {
  test('make a sort possible, of documents that have its fields', async () => {
    await commit(MARBLES);
    await ledger.processIndexesForChaincodeDeploy('cc', index('size', 'color'));
    const selector = { color: { $gt: null } };
    const byBoth = { selector, sort: ['size', 'color'] };
    expect(await keys(byBoth)).toEqual(['marble3', 'marble1', 'marble2']);
    // `other` has no color, which the index has as a column.
    expect(await keys({ selector, sort: ['size'] })).toEqual(['marble3', 'marble1', 'marble2']);
    await expect(query({ selector: {}, sort: ['size'] })).rejects.toThrow('No index exists');
    await expect(query({ selector, sort: ['color'] })).rejects.toThrow('No index exists');
    const constant = { selector: { size: 35, color: { $gt: null } }, sort: ['color'] };
    expect(await keys(constant)).toEqual(['marble1']);
  });

  test('follow commits, also for those who read an older state', async () => {
    await ledger.processIndexesForChaincodeDeploy('cc', index('color'));
    const blue = { selector: { color: 'blue' } };
    await commit(MARBLES);
    const [old, older] = [ledger.newQueryExecutor(), ledger.newQueryExecutor()];
    expect(await keys(blue, old)).toEqual(['marble1', 'marble3']);
    await commit({ marble1: { color: 'red' }, marble2: { color: 'blue' } }, { marble3: undefined });
    expect(await keys(blue)).toEqual(['marble2']);
    expect(await keys(blue, older)).toEqual(['marble1', 'marble3']);
  });

  test('of a part of the documents serve those who ask for them', async () => {
    await commit(MARBLES);
    const partial_filter_selector = { size: { $gt: 20 } };
    const definition = { index: { fields: ['color'], partial_filter_selector }, ddoc: 'big' };
    await ledger.processIndexesForChaincodeDeploy('cc', indexFile(definition));
    const selector = { color: 'blue' };
    expect(await keys({ selector })).toEqual(['marble1', 'marble3']);
    expect(await keys({ selector, use_index: '_design/big' })).toEqual(['marble1']);
    expect(await keys({ selector, use_index: ['nothing', 'here'] })).toHaveLength(2);

    const before = ledger.newQueryExecutor();
    await commit({ marble3: { color: 'blue', size: 99 } });
    expect(await keys({ selector, use_index: 'big' })).toEqual(['marble1', 'marble3']);
    expect(await keys({ selector, use_index: 'big' }, before)).toEqual(['marble1']);
  });

  test.each<[string, string]>([
    ['x', 'not valid JSON'],
    ['[]', 'not a JSON object'],
    ['{"index":{"fields":[]}}', 'no "fields"'],
    ['{"index":{"fields":["a"]},"type":"text"}', 'must be json'],
    ['{"index":{"fields":["a"]},"foo":1}', '"foo" is not part'],
    ['{"index":{"fields":[{"a":"up"}]}}', 'Invalid sort direction'],
    ['{"ddoc":"a"}', 'no "index"'],
  ])('%s is none', async (text, reason) => {
    const files = new Map([
      ['statedb/couchdb/indexes/bad.json', utf8(text)],
      ['statedb/couchdb/indexes/readme.txt', utf8('?')],
    ]);
    const problems = await ledger.processIndexesForChaincodeDeploy('cc', files);
    expect(problems).toEqual([expect.stringContaining(reason)]);
  });

  test('give what reading everything gives', async () => {
    const document = fc.dictionary(
      fc.constantFrom('a', 'b'),
      fc.constantFrom<unknown>(null, 1, 2, 3, 'x', 'X', 'y', [1], { z: 1 }),
    );
    const name = fc.constantFrom('k0', 'k1', 'k2', 'k3', 'k4', 'k5', 'k6', 'k7');
    const change = fc.dictionary(name, fc.option(document, { nil: undefined }));
    const bound = fc.tuple(
      fc.constantFrom('$eq', '$lt', '$lte', '$gt', '$gte', '$ne'),
      fc.constantFrom<unknown>(null, 1, 2, 3, 'x', 'X', {}),
    );
    const condition = fc.array(bound, { minLength: 1, maxLength: 3 }).map(Object.fromEntries);
    const selector = fc.record({ a: condition, b: condition }, { requiredKeys: ['a'] });
    const step = fc.record({ change, selector });
    await ledger.processIndexesForChaincodeDeploy('cc', index('a', 'b'));
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 4 }), async (steps) => {
        for (const { change: writes, selector: conditions } of steps) {
          const before = ledger.newQueryExecutor();
          await commit(writes);
          const all = { $and: [{ $or: [conditions, conditions] }] };
          for (const executor of [ledger.newQueryExecutor(), before]) {
            const scanned = await scan(all, executor);
            expect(await keys({ selector: conditions }, executor)).toEqual(scanned);
          }
        }
      }),
      // The ledger grows from run to run, so that a shorter failure cannot be looked for.
      { numRuns: 150, endOnFailure: true },
    );
  });
});

// No index serves a query whose conditions are all within `$or`.
async function scan(selector: unknown, executor: QueryExecutor): Promise<string[]> {
  const results = await executor.executeQuery('cc', JSON.stringify({ selector }));
  return (await rowsOf(results)).map(({ key }) => key);
}

describe('switching the kind of state database', () => {
  test('keeps the state; a state that is made again from the blocks answers the same', async () => {
    await commit(MARBLES, { marble1: { color: 'green' } });
    const selector = { color: { $in: ['blue', 'green'] } };
    const expected = await query({ selector });
    expect(expected.map(({ key }) => key)).toEqual(['marble1', 'marble3']);

    await reopen('goleveldb');
    await commit({ marble9: { color: 'green' } });
    await reopen('CouchDB');
    expect(await keys({ selector })).toEqual(['marble1', 'marble3', 'marble9']);
    await commit({ marble9: undefined });
    expect(await query({ selector })).toEqual(expected);

    await provider.close();
    await stores.destroy(`p/${CHANNEL}/state`);
    provider = await start('CouchDB');
    ledger = await provider.open(CHANNEL);
    expect(await query({ selector })).toEqual(expected);
  });
});
