// SPDX-License-Identifier: Apache-2.0
import { beforeEach, describe, expect, test } from 'vitest';
import { common, kvrwset, rwset } from '../../../common/protos/index.ts';
import { getActionFromEnvelope } from '../../../common/protoutil/txutils.ts';
import { compareUtf8, equalBytes, fromUtf8, toHex, utf8 } from '../../../common/runtime/bytes.ts';
import { FakeClock } from '../../../common/runtime/clock.ts';
import { expectedBlocks, readBlock } from '../../../common/testdata/mychannel.ts';
import { MemoryKVStoreProvider } from '../../memory/memory-kv-store.ts';
import type { PeerLedger, ResultsIterator, TxSimulator } from '../../types.ts';
import { LedgerProvider } from '../ledger-provider.ts';
import { BlockGenerator } from '../testing/block-generator.ts';
import { type TxRwSet, txRwSetFromBytes } from './rwsetutil/tx-rw-set.ts';

let blocks: BlockGenerator;
let ledger: PeerLedger;

beforeEach(async () => {
  blocks = new BlockGenerator();
  const provider = await LedgerProvider.open(new MemoryKVStoreProvider(), 'p', new FakeClock());
  ledger = await provider.create(blocks.genesis());
});

async function commit(...simulations: ((simulator: TxSimulator) => unknown)[]): Promise<number[]> {
  const results: Uint8Array[] = [];
  for (const simulate of simulations) {
    const simulator = ledger.newTxSimulator('tx');
    await simulate(simulator);
    results.push((await simulator.getTxSimulationResults()).publicResults);
  }
  const { flags } = await ledger.commit(blocks.nextOf(results), new Uint8Array(results.length));
  return [...flags];
}

async function drain<T>(
  iterator: ResultsIterator<T>,
  count = Number.POSITIVE_INFINITY,
): Promise<T[]> {
  const rows: T[] = [];
  while (rows.length < count) {
    const row = await iterator.next();
    if (row === undefined) break;
    rows.push(row);
  }
  return rows;
}

async function decoded(simulator: TxSimulator): Promise<TxRwSet> {
  return txRwSetFromBytes((await simulator.getTxSimulationResults()).publicResults);
}

describe('TxSimulator', () => {
  test('makes the very bytes that Fabric 2.1 makes, Merkle summary of 10,011 rows included', async () => {
    await commit((simulator) => {
      for (let i = 0; i < 10_011; i++) simulator.setState('ns1', `key-${i}`, utf8(`value-${i}`));
    });
    const simulator = ledger.newTxSimulator('tx');
    await simulator.getState('ns1', 'key-5');
    simulator.setState('ns1', 'key-6', utf8('value-6-new'));
    expect(await drain(await simulator.getStateRange('ns1', '', ''))).toHaveLength(10_011);
    const { publicResults, writtenNamespaces } = await simulator.getTxSimulationResults();
    expect(writtenNamespaces).toEqual(['ns1']);
    // core/ledger/kvledger/testdata/rwsetbytes_v21 of Fabric.
    expect(toHex(publicResults)).toBe(
      '12bf010a036e733112b7010a0b0a056b65792d351202080112910118012a8c01083210021a20e69baee0dd05172d955edc126317c7362614dcc7abb6b4a6b137aea745d5188d1a2046a6e9ef8f10b792fbd19c3b3143164113d4e68905fc54af3a6bd96a17fb55891a2096a1dabc4cba201ad888a866777b9c99afe87e9adc60eb2c4817c29e07d8e50f1a20e3edf3c9573f531881ef4e8e6db23cc33eacab384ae1f41679a25c34ea7ab4121a140a056b65792d361a0b76616c75652d362d6e6577',
    );
  });

  test('does not read what it writes', async () => {
    await commit((simulator) => simulator.setState('cc', 'k', utf8('old')));
    const simulator = ledger.newTxSimulator('tx');
    simulator.setState('cc', 'k', utf8('new'));
    simulator.setState('cc', 'other', utf8('new'));
    expect(await simulator.getState('cc', 'k')).toEqual(utf8('old'));
    expect(await simulator.getState('cc', 'other')).toBeUndefined();
    expect(await drain(await simulator.getStateRange('cc', '', ''))).toHaveLength(1);
    simulator.done();
  });

  test('keeps its state while blocks are committed', async () => {
    await commit((simulator) => simulator.setState('cc', 'a', utf8('1')));
    const executor = ledger.newQueryExecutor();
    await commit((simulator) => {
      simulator.setState('cc', 'a', utf8('2'));
      simulator.setState('cc', 'b', utf8('2'));
    });
    expect(await executor.getState('cc', 'a')).toEqual(utf8('1'));
    expect(await executor.getStateMultipleKeys('cc', ['b', 'a'])).toEqual([undefined, utf8('1')]);
    expect(await drain(await executor.getStateRange('cc', '', ''))).toHaveLength(1);
    executor.done();
    executor.done();
    await expect(executor.getState('cc', 'a')).rejects.toMatchObject({ code: 'EXECUTOR_DONE' });
  });

  test('an empty value and a deletion both are deletions in the write set', async () => {
    const simulator = ledger.newTxSimulator('tx');
    simulator.setState('cc', 'empty', new Uint8Array());
    simulator.deleteState('cc', 'gone');
    const [ns] = await decoded(simulator);
    expect(ns?.kv.writes.map(({ key, is_delete }) => [key, is_delete])).toEqual([
      ['empty', true],
      ['gone', true],
    ]);
  });

  test('sorts namespaces, reads, writes and metadata by UTF-8 bytes', async () => {
    const keys = ['\u{1f600}', '\uffee', 'a', 'Z', 'ab', '\u00e9', '\ue000', ''];
    const simulator = ledger.newTxSimulator('tx');
    for (const key of keys) {
      await simulator.getState('ns', key);
      simulator.setState('ns', key, utf8('v'));
      simulator.setStateMetadata(
        'ns',
        key,
        new Map([
          ['b', utf8('1')],
          ['a', utf8('2')],
        ]),
      );
    }
    for (const ns of keys) await simulator.getState(`ns${ns}`, 'k');
    const found = await decoded(simulator);
    const sorted = keys.toSorted(compareUtf8);
    expect(sorted).not.toEqual(keys.toSorted());
    const kv = found.find(({ namespace }) => namespace === 'ns')?.kv;
    // The namespace without suffix is read twice over: at every key, and at `k`.
    const read = [...keys, 'k'].toSorted(compareUtf8);
    expect(kv?.reads.map(({ key }) => key)).toEqual(read);
    expect(kv?.writes.map(({ key }) => key)).toEqual(sorted);
    expect(kv?.metadata_writes.map(({ key }) => key)).toEqual(sorted);
    expect(kv?.metadata_writes[0]?.entries.map(({ name }) => name)).toEqual(['a', 'b']);
    expect(found.map(({ namespace }) => namespace)).toEqual(sorted.map((ns) => `ns${ns}`));
  });

  test('records how far a range was read, once for equal ranges, nothing for an empty one', async () => {
    await commit((simulator) => {
      for (const key of ['a', 'b', 'c', 'd']) simulator.setState('cc', key, utf8(key));
    });
    const simulator = ledger.newTxSimulator('tx');
    await drain(await simulator.getStateRange('cc', 'a', 'd'), 2);
    await drain(await simulator.getStateRange('cc', 'a', 'd'));
    await drain(await simulator.getStateRange('cc', 'a', 'd'));
    await drain(await simulator.getStateRange('cc', 'x', 'y'));
    await simulator.getStateRange('cc', 'never', 'read');
    const [ns] = await decoded(simulator);
    const infos = ns?.kv.range_queries_info.map((info) => [
      info.start_key,
      info.end_key,
      info.itr_exhausted,
      info.raw_reads?.kv_reads.map(({ key }) => key),
    ]);
    expect(infos).toEqual([
      ['a', 'b', false, ['a', 'b']],
      ['a', 'd', true, ['a', 'b', 'c']],
      ['x', 'y', true, undefined],
      ['never', '', false, undefined],
    ]);
  });

  test('pages with bookmarks, in read-only transactions', async () => {
    await commit((simulator) => {
      for (const key of ['a', 'b', 'c', 'd']) simulator.setState('cc', key, utf8(key));
    });
    const simulator = ledger.newTxSimulator('tx');
    const first = await simulator.getStateRangePaged('cc', '', '', 3);
    expect((await drain(first)).map(({ key }) => key)).toEqual(['a', 'b', 'c']);
    expect(first.bookmark()).toBe('d');
    const second = await simulator.getStateRangePaged('cc', first.bookmark(), '', 3);
    expect((await drain(second)).map(({ key }) => key)).toEqual(['d']);
    expect(second.bookmark()).toBe('');
    const order = expect.objectContaining({ code: 'SIMULATION_ORDER' });
    expect(() => simulator.setState('cc', 'a', utf8('x'))).toThrow(order);
    const writer = ledger.newTxSimulator('tx');
    writer.setState('cc', 'a', utf8('x'));
    await expect(writer.getStateRangePaged('cc', '', '', 1)).rejects.toEqual(order);
    await expect(writer.executeQueryPaged('cc', '{}', '', 1)).rejects.toEqual(order);
    simulator.done();
    writer.done();
  });

  test('sees phantoms among rows that only a Merkle summary stands for', async () => {
    await commit((simulator) => {
      for (let i = 100; i < 220; i++) simulator.setState('cc', `k${i}`, utf8('v'));
    });
    const scan = async (simulator: TxSimulator): Promise<void> => {
      await drain(await simulator.getStateRange('cc', 'k', 'l'));
      simulator.setState('cc', 'result', utf8('v'));
    };
    const scanPart = async (simulator: TxSimulator): Promise<void> => {
      await drain(await simulator.getStateRange('cc', 'k', 'l'), 70);
      simulator.setState('cc', 'result', utf8('v'));
    };
    const write = (key: string) => (simulator: TxSimulator) =>
      simulator.setState('cc', key, utf8('x'));
    const remove = (key: string) => (simulator: TxSimulator) => simulator.deleteState('cc', key);
    expect(await commit(scan, scanPart)).toEqual([0, 0]);
    expect(await commit(write('a'), scan, scanPart)).toEqual([0, 0, 0]);
    expect(await commit(write('k2195'), scanPart, scan)).toEqual([0, 0, 12]);
    expect(await commit(write('k110'), scanPart, scan)).toEqual([0, 12, 12]);
    expect(await commit(remove('k169'), scanPart, scan)).toEqual([0, 12, 12]);
    expect(await commit(remove('k169x'), scanPart, scan)).toEqual([0, 0, 0]);
  });

  test('refuses what is not supported, and everything after its end', async () => {
    const simulator = ledger.newTxSimulator('tx');
    await expect(simulator.executeQuery('cc', '{}')).rejects.toMatchObject({
      code: 'RICH_QUERY_UNSUPPORTED',
    });
    await simulator.getTxSimulationResults();
    const ended = expect.objectContaining({ code: 'EXECUTOR_DONE' });
    await expect(simulator.getTxSimulationResults()).rejects.toEqual(ended);
    expect(() => simulator.setState('cc', 'k', utf8('v'))).toThrow(ended);
    await expect(simulator.getState('cc', 'k')).rejects.toEqual(ended);
  });

  test('hands out copies', async () => {
    await commit((simulator) => simulator.setState('cc', 'k', utf8('value')));
    const executor = ledger.newQueryExecutor();
    (await executor.getState('cc', 'k'))?.fill(0);
    (await drain(await executor.getStateRange('cc', '', '')))[0]?.value.fill(0);
    (await ledger.getVersionedValue('cc', 'k'))?.value.fill(0);
    (await ledger.scanState('cc', '', 1))[0]?.value.fill(0);
    expect(fromUtf8((await executor.getState('cc', 'k')) ?? utf8(''))).toBe('value');
    executor.done();
  });
});

describe('transactions of a real channel', () => {
  // Repeats what a read-write set says was done, in any order, on the state before its block.
  async function repeat(simulator: TxSimulator, rwSet: TxRwSet): Promise<void> {
    for (const { namespace, kv } of rwSet.toReversed()) {
      for (const info of kv.range_queries_info) {
        const rows = info.raw_reads?.kv_reads.length ?? 0;
        const range = await simulator.getStateRange(
          namespace,
          info.start_key,
          info.itr_exhausted ? info.end_key : '',
        );
        await drain(range, info.itr_exhausted ? undefined : rows);
      }
      for (const { key } of kv.reads.toReversed()) await simulator.getState(namespace, key);
      for (const { key, value } of kv.writes.toReversed())
        simulator.setState(namespace, key, value);
      for (const { key, entries } of kv.metadata_writes) {
        const metadata = new Map(entries.map(({ name, value }) => [name, value]));
        simulator.setStateMetadata(namespace, key, metadata);
      }
    }
  }

  test('give the same bytes when they are simulated again', async () => {
    const provider = await LedgerProvider.open(new MemoryKVStoreProvider(), 'p', new FakeClock());
    const real = await provider.create(readBlock(0));
    let compared = 0;
    for (const { number, transactionsFilter } of expectedBlocks.slice(1)) {
      for (const [i, envelope] of (
        common.Block.decode(readBlock(number)).data?.data ?? []
      ).entries()) {
        const { type } = expectedBlocks[number]?.txs[i] ?? {};
        if (transactionsFilter[i] !== 0 || type !== 'ENDORSER_TRANSACTION') continue;
        const { results } = getActionFromEnvelope(envelope);
        const rwSet = txRwSetFromBytes(results);
        if (rwSet.some(({ collections }) => collections.length > 0)) continue;
        const simulator = real.newTxSimulator('tx');
        await repeat(simulator, rwSet);
        const { publicResults } = await simulator.getTxSimulationResults();
        const same = equalBytes(publicResults, results);
        if (!same) {
          expect(readable(publicResults), `block ${number}, transaction ${i}`).toEqual(
            readable(results),
          );
        }
        expect(same).toBe(true);
        compared++;
      }
      await real.commit(readBlock(number), Uint8Array.from(transactionsFilter));
    }
    expect(compared).toBeGreaterThan(30);
  });
});

function readable(results: Uint8Array): unknown {
  return rwset.TxReadWriteSet.decode(results).ns_rwset.map((ns) => [
    ns.namespace,
    kvrwset.KVRWSet.decode(ns.rwset),
  ]);
}
