// SPDX-License-Identifier: Apache-2.0
// Any sequence of blocks with private writes, deletions and purges, some withheld, with restarts between, against a model
// that just keeps the last write of each key.
import { sha256 } from '@noble/hashes/sha2.js';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { utf8 } from '../../common/runtime/bytes.ts';
import { FakeClock } from '../../common/runtime/clock.ts';
import { MemoryKVStoreProvider } from '../memory/memory-kv-store.ts';
import type { PeerLedger } from '../types.ts';
import type { KVLedgerOptions } from './kv-ledger-options.ts';
import { LedgerProvider } from './ledger-provider.ts';
import { BlockGenerator } from './testing/block-generator.ts';

const LIVES: Readonly<Record<string, number>> = { c0: 0, c1: 1, c3: 3 };
const COLLECTIONS = Object.keys(LIVES);
const KEYS = ['a', 'b', 'c'];

const OPTIONS: KVLedgerOptions = {
  state: { flushBlocks: 2 },
  private: {
    collections: {
      collectionInfo: (_, collection) => ({
        blockToLive: LIVES[collection] ?? 0,
        memberOrgs: [],
      }),
    },
  },
};

const write = fc.record({
  collection: fc.constantFrom(...COLLECTIONS),
  key: fc.constantFrom(...KEYS),
  kind: fc.constantFrom('put', 'put', 'put', 'delete', 'purge'),
});
const block = fc.record({
  writes: fc.array(write, { maxLength: 4 }),
  withheld: fc.boolean(),
  restart: fc.boolean(),
});

interface Held {
  readonly value: string;
  readonly blockNum: number;
  readonly isHere: boolean;
}

// What a reader is to find: the value, nothing, or the code of a refusal.
function expectedOf(held: Held | undefined, collection: string, last: number): unknown {
  const life = LIVES[collection] ?? 0;
  if (!held || (life > 0 && held.blockNum + life + 1 <= last)) return undefined;
  return held.isHere ? held.value : 'PRIVATE_DATA_MISSING';
}

async function checkAll(
  ledger: PeerLedger,
  model: ReadonlyMap<string, Held>,
  last: number,
): Promise<void> {
  const executor = ledger.newQueryExecutor();
  for (const collection of COLLECTIONS) {
    for (const key of KEYS) {
      const found = await executor.getPrivateData('cc', collection, key).then(
        (bytes) => bytes && new TextDecoder().decode(bytes),
        (error) => error.code,
      );
      const held = model.get(`${collection}/${key}`);
      expect(found, `${collection}/${key} after ${last}`).toEqual(
        expectedOf(held, collection, last),
      );
      const hash = await ledger.getPrivateDataHash('cc', collection, sha256(utf8(key)));
      expect(hash !== undefined).toBe(expectedOf(held, collection, last) !== undefined);
    }
  }
  executor.done();
}

test('private data is what was written last, until its life is over', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(block, { minLength: 1, maxLength: 14 }), async (script) => {
      const stores = new MemoryKVStoreProvider();
      const model = new Map<string, Held>();
      const blocks = new BlockGenerator();
      let provider = await LedgerProvider.open(stores, 'p', new FakeClock(), OPTIONS);
      let ledger = await provider.create(blocks.genesis());
      for (const [i, { writes, withheld, restart }] of script.entries()) {
        const blockNum = i + 1;
        const results: Uint8Array[] = [];
        const supplied = new Map<number, Uint8Array>();
        for (const [txNum, { collection, key, kind }] of writes.entries()) {
          const simulator = ledger.newTxSimulator('tx');
          const value = `${blockNum}.${txNum}`;
          if (kind === 'put') simulator.setPrivateData('cc', collection, key, utf8(value));
          if (kind === 'delete') simulator.deletePrivateData('cc', collection, key);
          if (kind === 'purge') simulator.purgePrivateData('cc', collection, key);
          const { publicResults, privateResults } = await simulator.getTxSimulationResults();
          results.push(publicResults);
          // Without the clear name of a key that is deleted, a peer cannot delete it; a purge works all the same.
          if (privateResults && (!withheld || kind === 'delete'))
            supplied.set(txNum, privateResults);
          if (kind === 'put') {
            model.set(`${collection}/${key}`, { value, blockNum, isHere: !withheld });
          } else {
            model.delete(`${collection}/${key}`);
          }
        }
        await ledger.commit(blocks.nextOf(results), new Uint8Array(results.length), supplied);
        if (restart) {
          await provider.close();
          provider = await LedgerProvider.open(stores, 'p', new FakeClock(), OPTIONS);
          ledger = await provider.open('testchannel');
        }
        await checkAll(ledger, model, blockNum);
      }
      await provider.close();
    }),
    { numRuns: 60 },
  );
});
