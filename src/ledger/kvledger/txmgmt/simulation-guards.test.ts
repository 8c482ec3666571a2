// SPDX-License-Identifier: Apache-2.0
// What a simulation refuses, in which order, and in Fabric's very words, since a chaincode sees them (txmgr/tx_simulator.go and
// query_executor.go of v2.5 and v3; "unsuppored" is theirs).
import { beforeEach, describe, expect, test } from 'vitest';
import { utf8 } from '../../../common/runtime/bytes.ts';
import { FakeClock } from '../../../common/runtime/clock.ts';
import { MemoryKVStoreProvider } from '../../memory/memory-kv-store.ts';
import type { QueryExecutor, TxSimulator } from '../../types.ts';
import type { KVLedgerOptions } from '../kv-ledger-options.ts';
import { LedgerProvider } from '../ledger-provider.ts';
import { BlockGenerator } from '../testing/block-generator.ts';

const OPTIONS: KVLedgerOptions = {
  stateDatabase: 'CouchDB',
  private: {
    collections: {
      collectionInfo: (_, collection) =>
        collection === 'coll' ? { blockToLive: 0, memberOrgs: [] } : undefined,
    },
  },
};
const QUERY = '{"selector":{}}';

let provider: LedgerProvider;
let simulator: TxSimulator;
let executor: QueryExecutor;

beforeEach(async () => {
  provider = await LedgerProvider.open(new MemoryKVStoreProvider(), 'p', new FakeClock(), OPTIONS);
  const ledger = await provider.create(new BlockGenerator().genesis());
  simulator = ledger.newTxSimulator('tx7');
  executor = ledger.newQueryExecutor();
});

type Call<T> = readonly [name: string, call: (on: T) => unknown];

const READS: Call<QueryExecutor>[] = [
  ['getState', (on) => on.getState('cc', 'k')],
  ['getStateMultipleKeys', (on) => on.getStateMultipleKeys('cc', [])],
  ['getStateRange', (on) => on.getStateRange('cc', '', '')],
  ['executeQuery', (on) => on.executeQuery('cc', QUERY)],
  ['getStateMetadata', (on) => on.getStateMetadata('cc', 'k')],
  ['getPrivateData', (on) => on.getPrivateData('cc', 'coll', 'k')],
  ['getPrivateDataHash', (on) => on.getPrivateDataHash('cc', 'coll', 'k')],
  ['getPrivateDataMetadata', (on) => on.getPrivateDataMetadata('cc', 'coll', 'k')],
];
const PAGES: Call<QueryExecutor>[] = [
  ['getStateRangePaged', (on) => on.getStateRangePaged('cc', '', '', 1)],
  ['executeQueryPaged', (on) => on.executeQueryPaged('cc', QUERY, '', 1)],
];
const PRIVATE_QUERIES: Call<QueryExecutor>[] = [
  ['getPrivateDataRange', (on) => on.getPrivateDataRange('cc', 'coll', '', '')],
  ['executeQueryOnPrivateData', (on) => on.executeQueryOnPrivateData('cc', 'coll', QUERY)],
];
const WRITES: Call<TxSimulator>[] = [
  ['setState', (on) => on.setState('cc', 'k', utf8('v'))],
  ['deleteState', (on) => on.deleteState('cc', 'k')],
  ['setStateMetadata', (on) => on.setStateMetadata('cc', 'k', new Map())],
  ['deleteStateMetadata', (on) => on.deleteStateMetadata('cc', 'k')],
  ['setPrivateData', (on) => on.setPrivateData('cc', 'coll', 'k', utf8('v'))],
  ['deletePrivateData', (on) => on.deletePrivateData('cc', 'coll', 'k')],
  ['purgePrivateData', (on) => on.purgePrivateData('cc', 'coll', 'k')],
  ['setPrivateDataMetadata', (on) => on.setPrivateDataMetadata('cc', 'coll', 'k', new Map())],
];

async function refusal(call: () => unknown): Promise<{ code: string; message: string }> {
  try {
    await call();
  } catch (error) {
    const { code, message } = error as { code: string; message: string };
    return { code, message };
  }
  throw new Error('was not refused');
}

const order = (what: string) => ({
  code: 'SIMULATION_ORDER',
  message: `txid [tx7]: unsuppored transaction. ${what}`,
});

describe('a transaction that wrote', () => {
  describe.each(WRITES)('by %s', (_, write) => {
    test.each(PAGES)('cannot %s', async (_name, query) => {
      write(simulator);
      expect(await refusal(() => query(simulator))).toEqual(
        order('Paginated queries are supported only in a read-only transaction'),
      );
    });

    test.each(PRIVATE_QUERIES)('cannot %s', async (_name, query) => {
      write(simulator);
      expect(await refusal(() => query(simulator))).toEqual(
        order('Queries on pvt data is supported only in a read-only transaction'),
      );
    });

    test('can read whatever its commit will check', async () => {
      write(simulator);
      for (const [, read] of READS) await read(simulator);
    });
  });
});

describe.each(WRITES)('%s', (_, write) => {
  test.each(PAGES)('is refused after %s', async (_name, query) => {
    await query(simulator);
    expect(await refusal(() => write(simulator))).toEqual(
      order('Transaction has already performed a paginated query. Writes are not allowed'),
    );
  });

  test.each(PRIVATE_QUERIES)('is refused after %s', async (_name, query) => {
    await query(simulator);
    const text = 'Transaction has already performed queries on pvt data. Writes are not allowed';
    expect(await refusal(() => write(simulator))).toEqual(order(text));
    for (const [, page] of PAGES) await page(simulator);
    expect(await refusal(() => write(simulator))).toEqual(order(text));
  });
});

describe('a write that the state database refuses', () => {
  test.each<Call<TxSimulator>>([
    ['setState', (on) => on.setState('cc', '_k', utf8('v'))],
    ['setState of a value', (on) => on.setState('cc', 'k', utf8('{"_id":1}'))],
    ['deleteState', (on) => on.deleteState('cc', '')],
    ['setStateMetadata', (on) => on.setStateMetadata('cc', '_k', new Map())],
    ['setPrivateData', (on) => on.setPrivateData('cc', 'coll', '_k', utf8('v'))],
    ['purgePrivateData', (on) => on.purgePrivateData('cc', 'coll', '_k')],
    ['setPrivateDataMetadata', (on) => on.setPrivateDataMetadata('cc', 'coll', '', new Map())],
  ])('by %s still counts as one', async (_, write) => {
    expect((await refusal(() => write(simulator))).code).toBe('WRITE_INVALID');
    expect((await refusal(() => simulator.getStateRangePaged('cc', '', '', 1))).code).toBe(
      'SIMULATION_ORDER',
    );
    const { writtenNamespaces } = await simulator.getTxSimulationResults();
    expect(writtenNamespaces).toEqual([]);
  });
});

describe('what has no collection', () => {
  const unknown = {
    code: 'COLLECTION_UNKNOWN',
    message: 'collection [other] not defined in the collection config for chaincode [cc]',
  };
  test.each<Call<TxSimulator>>([
    ['getPrivateData', (on) => on.getPrivateData('cc', 'other', 'k')],
    ['getPrivateDataHash', (on) => on.getPrivateDataHash('cc', 'other', 'k')],
    ['getPrivateDataMetadata', (on) => on.getPrivateDataMetadata('cc', 'other', 'k')],
    ['getPrivateDataRange', (on) => on.getPrivateDataRange('cc', 'other', '', '')],
    ['executeQueryOnPrivateData', (on) => on.executeQueryOnPrivateData('cc', 'other', QUERY)],
    ['setPrivateData', (on) => on.setPrivateData('cc', 'other', 'k', utf8('v'))],
    ['purgePrivateData', (on) => on.purgePrivateData('cc', 'other', 'k')],
    ['setPrivateDataMetadata', (on) => on.setPrivateDataMetadata('cc', 'other', 'k', new Map())],
  ])('is refused: %s', async (_, call) => {
    expect(await refusal(() => call(simulator))).toEqual(unknown);
  });

  test('is refused before a write counts as one', async () => {
    await refusal(() => simulator.setPrivateData('cc', 'other', 'k', utf8('v')));
    await simulator.getStateRangePaged('cc', '', '', 1);
  });
});

describe('after its end', () => {
  const ended = {
    code: 'EXECUTOR_DONE',
    message: 'this instance should not be used after calling Done()',
  };

  test.each([...READS, ...PAGES, ...PRIVATE_QUERIES])('%s is refused', async (_, call) => {
    executor.done();
    expect(await refusal(() => call(executor))).toEqual(ended);
    simulator.done();
    expect(await refusal(() => call(simulator))).toEqual(ended);
  });

  test.each(WRITES)('%s is refused', async (_, write) => {
    simulator.done();
    expect(await refusal(() => write(simulator))).toEqual(ended);
  });

  test('results are given once', async () => {
    await simulator.getTxSimulationResults();
    expect(await refusal(() => simulator.getTxSimulationResults())).toEqual({
      code: 'EXECUTOR_DONE',
      message: 'this function should only be called once on a transaction simulator instance',
    });
    expect(await refusal(() => simulator.getState('cc', 'k'))).toEqual(ended);
  });

  test('an iterator gives no more rows', async () => {
    const rows = await executor.getStateRange('cc', '', '');
    const found = await executor.executeQuery('cc', QUERY);
    executor.done();
    expect([await rows.next(), await found.next()]).toEqual([undefined, undefined]);
  });
});
