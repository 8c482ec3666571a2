// SPDX-License-Identifier: Apache-2.0
// What a chaincode and the page hear where the history database is off, with the real shim in a thread and a real ledger.
import { afterAll, describe, expect, it } from 'vitest';
import { protos } from '../../common/protos/index.ts';
import { FakeClock } from '../../common/runtime/clock.ts';
import { expectedBlocks, readBlock } from '../../common/testdata/mychannel.ts';
import { LedgerProvider } from '../../ledger/kvledger/ledger-provider.ts';
import { MemoryKVStoreProvider } from '../../ledger/memory/memory-kv-store.ts';
import type { PeerLedger } from '../../ledger/types.ts';
import { queryHistory, queryTx } from '../peer/peer-queries.ts';
import { CHANNEL, contractFiles, inputOf, proposalOf, threadBench } from './testing/fixtures.ts';

const CHAINCODE = contractFiles(`
const { Contract } = require('fabric-contract-api');
class Assets extends Contract {
  async History(ctx, key) { await ctx.stub.getHistoryForKey(key); }
}
exports.contracts = [Assets];
`);

async function ledgerWith(enableHistoryDatabase: boolean): Promise<PeerLedger> {
  const stores = new MemoryKVStoreProvider();
  const provider = await LedgerProvider.open(stores, 'p', new FakeClock(), {
    enableHistoryDatabase,
  });
  const ledger = await provider.create(readBlock(0));
  for (let number = 1; number <= 70; number++) {
    const flags = Uint8Array.from(expectedBlocks[number]?.transactionsFilter ?? []);
    await ledger.commit(readBlock(number), flags);
  }
  return ledger;
}

describe('without a history database', () => {
  let stop = async (): Promise<void> => {};
  afterAll(() => stop());

  it('tells a chaincode that asks, in Fabric’s words', async () => {
    const { bench } = await threadBench({ assets: CHAINCODE });
    stop = () => bench.support.stop();
    const ledger = await ledgerWith(false);
    const call = { chaincode: 'assets', args: ['History', 'k'] };
    const { signedProposal, txId } = proposalOf(call);
    const simulator = ledger.newTxSimulator(txId);
    const params = { channelId: CHANNEL, txId, signedProposal, simulator, history: ledger };
    const { response } = await bench.support.execute(params, 'assets', inputOf(call));
    expect(response).toMatchObject({
      status: 500,
      message: `GET_HISTORY_FOR_KEY failed: transaction ID: ${txId}: history database is not enabled`,
    });
  });

  it('still shows a transaction that lost its reads, though not to whom', async () => {
    const conflict = protos.TxValidationCode.MVCC_READ_CONFLICT;
    const lost = expectedBlocks
      .flatMap(({ txs, transactionsFilter }) =>
        txs.filter((_, i) => transactionsFilter[i] === conflict),
      )
      .map(({ txid = '' }) => txid);
    const [on, off] = await Promise.all([ledgerWith(true), ledgerWith(false)]);
    let told = 0;
    for (const txId of lost) {
      const { conflict: found, ...view } = (await queryTx(on, txId)) ?? {};
      if (found) told++;
      expect(await queryTx(off, txId)).toEqual(view);
    }
    expect(told).toBe(lost.length);
    expect(told).toBeGreaterThan(0);
    await expect(queryHistory(off, 'both', 'counter')).rejects.toMatchObject({
      code: 'HISTORY_DISABLED',
      message: 'history database is not enabled',
    });
  });
});
