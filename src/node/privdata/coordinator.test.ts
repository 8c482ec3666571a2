// SPDX-License-Identifier: Apache-2.0
// What only a clock of blocks or a failing store shows; the rest is in private-data.test.ts.
import { beforeEach, describe, expect, it } from 'vitest';
import { common } from '../../common/protos/index.ts';
import { utf8 } from '../../common/runtime/bytes.ts';
import { systemRandomBytes } from '../../common/runtime/clock.ts';
import { createLogger, type Logger } from '../../common/runtime/log.ts';
import type { KVStore } from '../../ledger/kv-store.ts';
import { MemoryKVStoreProvider } from '../../ledger/memory/memory-kv-store.ts';
import { type TransientStore, TransientStoreProvider } from '../../ledger/transientstore/index.ts';
import { validationBench } from '../committer/testing/validation-bench.ts';
import { describedChaincodes } from '../lifecycle/index.ts';
import { collectionOf } from '../testing/collections.ts';
import { createTestChannel } from '../testing/test-channel.ts';
import { Coordinator } from './index.ts';

const RESULTS = { pvt_rwset: { ns_pvt_rwset: [{ namespace: 'cc' }] } };

let kv: KVStore;
let broken: boolean;
let transientStore: TransientStore;
let lines: string[];
let log: Logger;

beforeEach(async () => {
  const memory = await new MemoryKVStoreProvider().open('transientstore');
  broken = false;
  kv = {
    get: (key) => memory.get(key),
    getMany: (keys) => memory.getMany(keys),
    range: (range) => {
      if (broken) throw new Error('the disk is gone');
      return memory.range(range);
    },
    write: (...args) => memory.write(...args),
    close: () => memory.close(),
  };
  transientStore = await new TransientStoreProvider(kv, systemRandomBytes).openStore('mychannel');
  lines = [];
  log = createLogger('test', 'warn', (_level, _name, text) => void lines.push(text));
});

const [own] = describedChaincodes([
  {
    name: 'both',
    version: '1.0',
    sequence: 1,
    endorsementPolicy: "OR('Org1MSP.peer')",
    collections: [collectionOf('own')],
  },
]).flatMap(({ collections }) => collections);

function coordinator(options?: { transientBlockRetention: number }): Coordinator {
  const collections = {
    find: async (_chaincode: string, name: string) => (name === 'own' ? own : undefined),
  };
  return new Coordinator({ mspId: 'Org1MSP', collections, transientStore, log }, options);
}

describe('purging', () => {
  it('forgets transactions of a block', async () => {
    await transientStore.persist('aa', 1, RESULTS);
    await transientStore.persist('bb', 1, RESULTS);
    const one = coordinator();
    one.purge(7, ['aa', 'unknown']);
    await one.stop();
    expect([transientStore.has('aa'), transientStore.has('bb')]).toEqual([false, true]);
  });

  it('forgets at every so many blocks what is older than as many', async () => {
    for (const height of [1, 9, 10, 11, 20]) {
      await transientStore.persist(`tx${height}`, height, RESULTS);
    }
    const one = coordinator({ transientBlockRetention: 10 });
    const left = async (blockNum: number): Promise<number | undefined> => {
      one.purge(blockNum, []);
      await one.stop();
      return transientStore.getMinTransientBlkHt();
    };
    // Not at the first multiple: nothing can be that old.
    expect([await left(9), await left(10), await left(19)]).toEqual([1, 1, 1]);
    expect([await left(20), await left(25), await left(30)]).toEqual([10, 10, 20]);
    expect(await left(40)).toBeUndefined();
  });

  it('outlives a store that fails', async () => {
    await transientStore.persist('aa', 1, RESULTS);
    const one = coordinator();
    broken = true;
    one.purge(7, ['aa']);
    await one.stop();
    expect(lines).toEqual(['the transient store was not purged at block 7: the disk is gone']);
    broken = false;
    one.purge(8, ['aa']);
    await one.stop();
    expect(transientStore.has('aa')).toBe(false);
  });
});

describe('private data of a block', () => {
  async function blockWithWrite() {
    const channel = await createTestChannel();
    const bench = validationBench(channel);
    const writes = { both: { collections: { own: { keys: ['k'] }, none: { keys: ['k'] } } } };
    const endorsers = [channel.peers.Org1MSP[0], channel.peers.Org2MSP[0]];
    const envelope = await bench.transaction({ chaincode: 'both', writes, endorsers });
    const verdicts = await bench.verdictsOf([envelope]);
    const header = { number: 7 };
    const bytes = common.Block.encode({ header, data: { data: [envelope] } }).finish();
    return { block: common.Block.decode(bytes), verdicts, txId: verdicts[0]?.txId ?? '' };
  }

  it('is missing when the store fails, and the block goes on', async () => {
    const { block, verdicts, txId } = await blockWithWrite();
    await transientStore.persist(txId, 7, RESULTS);
    broken = true;
    const found = await coordinator().retrievePvtdata(block, verdicts, Uint8Array.of(0));
    expect(found.size).toBe(0);
    expect(lines).toEqual([
      'failed fetching private data from transient store: the disk is gone',
      'block 7 is committed with missing private write sets: 0/both/own',
    ]);
  });

  it('is not asked for when the transaction is invalid', async () => {
    const { block, verdicts } = await blockWithWrite();
    const found = await coordinator().retrievePvtdata(block, verdicts, Uint8Array.of(11));
    expect([found.size, lines]).toEqual([0, []]);
  });

  it('does not count when it has another hash', async () => {
    const { block, verdicts, txId } = await blockWithWrite();
    const set = { collection_name: 'own', rwset: utf8('something else') };
    const ns_pvt_rwset = [{ namespace: 'both', collection_pvt_rwset: [set] }];
    await transientStore.persist(txId, 7, { pvt_rwset: { ns_pvt_rwset } });
    const found = await coordinator().retrievePvtdata(block, verdicts, Uint8Array.of(0));
    expect(found.size).toBe(0);
    expect(lines).toHaveLength(1);
  });
});
