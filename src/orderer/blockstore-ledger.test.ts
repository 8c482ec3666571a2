// SPDX-License-Identifier: Apache-2.0
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { LevelDBKVStoreProvider } from '../ledger/leveldb/leveldb-kv-store.ts';
import { MemoryKVStoreProvider } from '../ledger/memory/memory-kv-store.ts';
import { chainOf, describeBlockLedger } from './blockledger.contract.ts';
import { BlockStoreLedgerFactory } from './blockstore-ledger.ts';

describeBlockLedger('BlockStoreLedger in memory', async () => ({
  factory: new BlockStoreLedgerFactory(new MemoryKVStoreProvider()),
}));

describeBlockLedger('BlockStoreLedger in LevelDB', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'orderer-'));
  return {
    factory: new BlockStoreLedgerFactory(new LevelDBKVStoreProvider(directory)),
    teardown: () => rm(directory, { recursive: true }),
  };
});

it('finds its chains again after closing, and no stores of others', async () => {
  const provider = new MemoryKVStoreProvider();
  await (await provider.open('state')).close();
  const first = new BlockStoreLedgerFactory(provider);
  const blocks = chainOf(3);
  for (const block of blocks) await (await first.getOrCreate('a')).append(block);
  await first.getOrCreate('b');
  await first.close();
  const second = new BlockStoreLedgerFactory(provider);
  expect(await second.channelIds()).toEqual(['a', 'b']);
  const again = await second.getOrCreate('a');
  expect(again.height()).toBe(3);
  expect(await again.retrieveBlockByNumber(2)).toEqual(blocks[2]);
  await second.close();
});
