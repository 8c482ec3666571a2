// SPDX-License-Identifier: Apache-2.0
// What a real simulation tells a gateway: golden interests of a real peer are compared in endorser.test.ts.
import { beforeEach, describe, expect, it } from 'vitest';
import { utf8 } from '../../common/runtime/bytes.ts';
import { FakeClock } from '../../common/runtime/clock.ts';
import { LedgerProvider } from '../../ledger/kvledger/ledger-provider.ts';
import { BlockGenerator } from '../../ledger/kvledger/testing/block-generator.ts';
import { MemoryKVStoreProvider } from '../../ledger/memory/memory-kv-store.ts';
import type { TxSimulator } from '../../ledger/types.ts';
import { chaincodeInterest } from './chaincode-interest.ts';

let simulator: TxSimulator;
beforeEach(async () => {
  const provider = await LedgerProvider.open(new MemoryKVStoreProvider(), 'p', new FakeClock());
  const ledger = await provider.create(new BlockGenerator('mychannel').genesis());
  simulator = ledger.newTxSimulator('tx');
});

async function interest() {
  const { publicResults, privateReads } = await simulator.getTxSimulationResults();
  return chaincodeInterest(publicResults, privateReads).chaincodes;
}

const collection = (name: string, no_private_reads: boolean) => ({
  name: 'cc',
  collection_names: [name],
  no_private_reads,
});

describe('the interest of a simulation', () => {
  it('is the chaincode where nothing private was touched', async () => {
    await simulator.getState('cc', 'k');
    simulator.setState('other', 'k', utf8('v'));
    await simulator.getState('_lifecycle', 'k');
    expect(await interest()).toEqual([{ name: 'cc' }, { name: 'other' }]);
  });

  it('is the collection alone where nothing public was written', async () => {
    await simulator.getState('cc', 'k');
    simulator.setPrivateData('cc', 'b', 'k', utf8('v'));
    simulator.setPrivateDataMetadata('cc', 'a', 'k', new Map());
    expect(await interest()).toEqual([collection('a', true), collection('b', true)]);
  });

  it('is both where both were written', async () => {
    simulator.setState('cc', 'k', utf8('v'));
    simulator.purgePrivateData('cc', 'a', 'k');
    expect(await interest()).toEqual([{ name: 'cc' }, collection('a', true)]);
  });

  it('tells private reads from reads of hashes', async () => {
    await simulator.getPrivateData('cc', 'a', 'k');
    await simulator.getPrivateDataHash('cc', 'b', 'k');
    await simulator.getPrivateDataMetadata('cc', 'c', 'k');
    expect(await interest()).toEqual([{ name: 'cc' }, collection('a', false)]);
  });

  it('says of a collection that was read and written that it was read', async () => {
    await simulator.getPrivateData('cc', 'a', 'k');
    simulator.setPrivateData('cc', 'a', 'k', utf8('v'));
    expect(await interest()).toEqual([collection('a', false)]);
  });
});
