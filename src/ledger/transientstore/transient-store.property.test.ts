// SPDX-License-Identifier: Apache-2.0
// Any sequence of calls, against a list in memory.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { utf8 } from '../../common/runtime/bytes.ts';
import { systemRandomBytes } from '../../common/runtime/clock.ts';
import { MemoryKVStoreProvider } from '../memory/memory-kv-store.ts';
import { TransientStoreProvider } from './transient-store-provider.ts';

const TX_IDS = ['a', 'aa', 'ab', 'b', 'ff'];
const txId = fc.constantFrom(...TX_IDS);
const height = fc.constantFrom(0, 1, 2, 255, 256, 65536, 2 ** 40);

const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('persist' as const), txId, height }) },
  fc.record({ do: fc.constant('purgeByTxids' as const), txIds: fc.array(txId, { maxLength: 3 }) }),
  fc.record({ do: fc.constant('purgeBelowHeight' as const), height }),
  fc.record({ do: fc.constant('reopen' as const) }),
);

test('a transient store has what was persisted and not purged', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      const kv = await new MemoryKVStoreProvider().open('t');
      const stores = new TransientStoreProvider(kv, systemRandomBytes);
      let store = await stores.openStore('c');
      let model: { txId: string; height: number; value: string }[] = [];
      let count = 0;
      for (const one of steps) {
        if (one.do === 'persist') {
          const value = String(count++);
          const collection_pvt_rwset = [{ collection_name: 'c', rwset: utf8(value) }];
          const ns_pvt_rwset = [{ namespace: 'n', collection_pvt_rwset }];
          await store.persist(one.txId, one.height, { pvt_rwset: { ns_pvt_rwset } });
          model.push({ txId: one.txId, height: one.height, value });
        } else if (one.do === 'purgeByTxids') {
          await store.purgeByTxids(one.txIds);
          model = model.filter((row) => !one.txIds.includes(row.txId));
        } else if (one.do === 'purgeBelowHeight') {
          await store.purgeBelowHeight(one.height);
          model = model.filter((row) => row.height >= one.height);
        } else {
          store = await stores.openStore('c');
        }
      }
      for (const id of TX_IDS) {
        const found = await store.getTxPvtRWSetByTxid(id);
        const rows = found.map(({ receivedAtBlockHeight, results }) => {
          const bytes = results.pvt_rwset?.ns_pvt_rwset?.[0]?.collection_pvt_rwset?.[0]?.rwset;
          return `${receivedAtBlockHeight}:${new TextDecoder().decode(bytes)}`;
        });
        const expected = model.filter((row) => row.txId === id);
        expect(rows.sort()).toEqual(expected.map((r) => `${r.height}:${r.value}`).sort());
        expect(store.has(id)).toBe(expected.length > 0);
      }
      const heights = model.map((row) => row.height);
      const least = heights.length > 0 ? Math.min(...heights) : undefined;
      expect(await store.getMinTransientBlkHt()).toBe(least);
      expect(store.totalBytes === 0).toBe(model.length === 0);
    }),
    { numRuns: 150 },
  );
});
