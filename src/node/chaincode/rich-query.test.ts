// SPDX-License-Identifier: Apache-2.0
// Rich queries as a chaincode makes them, with the real shim in a thread and a real ledger: what asset-transfer-ledger-queries
// of fabric-samples does.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { StateDatabase } from '../../common/network/types.ts';
import { protos } from '../../common/protos/index.ts';
import { fromUtf8, utf8 } from '../../common/runtime/bytes.ts';
import { FakeClock } from '../../common/runtime/clock.ts';
import { LedgerProvider } from '../../ledger/kvledger/ledger-provider.ts';
import { BlockGenerator } from '../../ledger/kvledger/testing/block-generator.ts';
import { MemoryKVStoreProvider } from '../../ledger/memory/memory-kv-store.ts';
import type { PeerLedger } from '../../ledger/types.ts';
import {
  type Call,
  CHANNEL,
  contractFiles,
  inputOf,
  proposalOf,
  threadBench,
} from './testing/fixtures.ts';

const CHAINCODE = contractFiles(`
const { Contract } = require('fabric-contract-api');
async function keysOf(iterator) {
  const keys = [];
  for (let next = await iterator.next(); !next.done; next = await iterator.next()) {
    keys.push(next.value.key + '=' + JSON.parse(next.value.value.toString()).owner);
  }
  return keys;
}
class Assets extends Contract {
  async Put(ctx, key, value) { await ctx.stub.putState(key, Buffer.from(value)); }
  async Query(ctx, query) { return keysOf(await ctx.stub.getQueryResult(query)); }
  async Page(ctx, query, size, bookmark) {
    const { iterator, metadata } =
      await ctx.stub.getQueryResultWithPagination(query, Number(size), bookmark);
    return { keys: await keysOf(iterator), count: metadata.fetchedRecordsCount, bookmark: metadata.bookmark };
  }
}
exports.contracts = [Assets];
`);

let threads: Awaited<ReturnType<typeof threadBench>>;
beforeAll(async () => {
  threads = await threadBench({ assets: CHAINCODE });
});
afterAll(() => threads.bench.support.stop());

class Network {
  readonly ledger: PeerLedger;
  readonly #blocks: BlockGenerator;

  private constructor(ledger: PeerLedger, blocks: BlockGenerator) {
    this.ledger = ledger;
    this.#blocks = blocks;
  }

  static async start(stateDatabase: StateDatabase): Promise<Network> {
    const stores = new MemoryKVStoreProvider();
    const provider = await LedgerProvider.open(stores, 'p', new FakeClock(), { stateDatabase });
    const blocks = new BlockGenerator(CHANNEL);
    return new Network(await provider.create(blocks.genesis()), blocks);
  }

  async call(...args: string[]): Promise<{ text: string; results: Uint8Array }> {
    const call: Call = { chaincode: 'assets', args };
    const { signedProposal, txId } = proposalOf(call);
    const simulator = this.ledger.newTxSimulator(txId);
    const params = {
      channelId: CHANNEL,
      txId,
      signedProposal,
      simulator,
      history: this.ledger,
    };
    const { response } = await threads.bench.support.execute(params, 'assets', inputOf(call));
    if (response.status !== 200) throw new Error(response.message);
    const { publicResults } = await simulator.getTxSimulationResults();
    return { text: fromUtf8(response.payload), results: publicResults };
  }

  async submit(...args: string[]): Promise<number | undefined> {
    const { results } = await this.call(...args);
    const { flags } = await this.ledger.commit(this.#blocks.nextOf([results]), new Uint8Array(1));
    return flags[0];
  }
}

describe('getQueryResult', () => {
  it('finds what was committed, in one go and in pages', async () => {
    const network = await Network.start('CouchDB');
    for (const [i, owner] of ['tom', 'ann', 'tom', 'bob', 'tom'].entries()) {
      const asset = JSON.stringify({ docType: 'asset', owner, size: i });
      expect(await network.submit('Put', `asset${i}`, asset)).toBe(protos.TxValidationCode.VALID);
    }
    const query = JSON.stringify({ selector: { docType: 'asset', owner: { $regex: '^t' } } });
    const found = ['asset0=tom', 'asset2=tom', 'asset4=tom'];
    expect(JSON.parse((await network.call('Query', query)).text)).toEqual(found);

    const first = JSON.parse((await network.call('Page', query, '2', '')).text);
    expect(first).toMatchObject({ keys: found.slice(0, 2), count: 2 });
    const second = JSON.parse((await network.call('Page', query, '2', first.bookmark)).text);
    expect(second).toMatchObject({ keys: found.slice(2), count: 1 });
  });

  it('crosses more than one message of results', async () => {
    const network = await Network.start('CouchDB');
    const simulator = network.ledger.newTxSimulator('tx');
    for (let i = 0; i < 250; i++) simulator.setState('assets', `k${i}`, utf8('{"owner":"tom"}'));
    const { publicResults } = await simulator.getTxSimulationResults();
    const blocks = new BlockGenerator(CHANNEL);
    blocks.genesis();
    await network.ledger.commit(blocks.nextOf([publicResults]), new Uint8Array(1));
    const { text } = await network.call('Query', '{"selector":{"owner":"tom"}}');
    expect(JSON.parse(text)).toHaveLength(250);
  });

  it('tells the chaincode why a query fails', async () => {
    const couch = await Network.start('CouchDB');
    await expect(couch.call('Query', '{"selector":{"a":{"$foo":1}}}')).rejects.toThrow(
      'Invalid operator: $foo',
    );
    const plain = await Network.start('goleveldb');
    await expect(plain.call('Query', '{"selector":{}}')).rejects.toThrow(
      'ExecuteQuery not supported for leveldb',
    );
  });
});
