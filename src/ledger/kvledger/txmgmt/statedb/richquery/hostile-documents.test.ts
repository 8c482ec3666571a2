// SPDX-License-Identifier: Apache-2.0
// Documents that somebody writes in order to make peers differ, or queries fail.
import { describe, expect, test } from 'vitest';
import { utf8 } from '../../../../../common/runtime/bytes.ts';
import { FakeClock } from '../../../../../common/runtime/clock.ts';
import { MemoryKVStoreProvider } from '../../../../memory/memory-kv-store.ts';
import { LedgerProvider } from '../../../ledger-provider.ts';
import { BlockGenerator } from '../../../testing/block-generator.ts';
import { compareJson, isSameJson } from './collate.ts';
import { documentOf, type Json } from './json.ts';
import { problemOfKeyValue } from './key-value-rules.ts';

const nested = (depth: number, inmost = '1'): string =>
  `${'['.repeat(depth)}${inmost}${']'.repeat(depth)}`;

describe('whether a value is a document', () => {
  // Go: json: exceeded max depth.
  test.each([
    [true, 'as deep as Go reads', nested(9_999)],
    [false, 'deeper than Go reads', nested(10_000)],
    [false, 'far deeper', nested(100_000)],
    [true, 'deep, with a large number', nested(9_999, '1e300')],
    [false, 'deep, with a number beyond all', nested(9_999, '1e309')],
    [false, 'a number of 400 digits', '9'.repeat(400)],
    [true, 'a fraction of 400 digits', `0.${'9'.repeat(400)}`],
    [true, 'brackets in a text', JSON.stringify('['.repeat(50_000))],
    [true, 'very long, but flat', `[${'[],'.repeat(20_000)}1]`],
  ])('%s: %s', (isDocument, _, member) => {
    const value = utf8(`{"_id":1,"a":${member}}`);
    expect(documentOf(value) !== undefined).toBe(isDocument);
    // The peers of a channel must agree about it: a document may not have this field, other bytes may.
    const problem = problemOfKeyValue('k', value);
    expect(problem).toBe(
      isDocument ? 'field [_id] is not valid for the CouchDB state database' : undefined,
    );
  });
});

describe('values that are very deep', () => {
  const deep = (inmost: string): Json => JSON.parse(nested(50_000, inmost));
  test('are compared', () => {
    expect(compareJson(deep('1'), deep('2'))).toBeLessThan(0);
    expect(compareJson(deep('"b"'), deep('"a"'))).toBeGreaterThan(0);
    expect(compareJson(deep('{"a":1}'), deep('{"a":1}'))).toBe(0);
    expect(isSameJson(deep('1'), deep('1'))).toBe(true);
    expect(isSameJson(deep('1'), deep('2'))).toBe(false);
  });

  test('do not keep an index from being built', async () => {
    const stores = new MemoryKVStoreProvider();
    const options = { stateDatabase: 'CouchDB' } as const;
    const provider = await LedgerProvider.open(stores, 'p', new FakeClock(), options);
    const blocks = new BlockGenerator();
    const ledger = await provider.create(blocks.genesis());
    const simulator = ledger.newTxSimulator('tx');
    for (const key of ['x', 'y', 'z']) {
      simulator.setState('cc', key, utf8(`{"a":${nested(9_999)},"b":[${nested(9_000)}]}`));
    }
    simulator.setState('cc', 'small', utf8('{"a":1}'));
    const { publicResults } = await simulator.getTxSimulationResults();
    await ledger.commit(blocks.nextOf([publicResults]), Uint8Array.of(0));
    const index = utf8('{"index":{"fields":["a"]},"ddoc":"d","name":"n"}');
    const files = new Map([['statedb/couchdb/indexes/a.json', index]]);
    await ledger.processIndexesForChaincodeDeploy('cc', files);
    const executor = ledger.newQueryExecutor();
    const keysOf = async (query: string): Promise<string[]> => {
      const rows = await executor.executeQuery('cc', query);
      const found: string[] = [];
      for (let row = await rows.next(); row; row = await rows.next()) found.push(row.key);
      return found;
    };
    expect(await keysOf('{"selector":{"a":{"$lt":5}}}')).toEqual(['small']);
    expect(await keysOf('{"selector":{"a":{"$gt":5}},"sort":["a"]}')).toEqual(['x', 'y', 'z']);
    expect(await keysOf(`{"selector":{"b":{"$all":[${nested(9_000)}]}}}`)).toEqual(['x', 'y', 'z']);
    executor.done();
    await provider.close();
  });
});
