// SPDX-License-Identifier: Apache-2.0
// What becomes of a chain that was not stored whole, or whose index was dropped.
import { describe, expect, test } from 'vitest';
import { concat, equalBytes, fromHex, toHex, utf8 } from '../../common/runtime/bytes.ts';
import { createLogger } from '../../common/runtime/log.ts';
import { expectedBlocks, readBlock } from '../../common/testdata/mychannel.ts';
import type { KVStore } from '../kv-store.ts';
import { MemoryKVStore } from '../memory/memory-kv-store.ts';
import { toBinary } from '../util/binary-string.ts';
import { uint64Bytes } from '../util/codec.ts';
import { BlockStore, chainExtent, dropIndex, truncateChain } from './index.ts';

const blocks = expectedBlocks.map(({ number }) => readBlock(number));

async function filled(count: number): Promise<{ store: KVStore }> {
  const store = new MemoryKVStore();
  const txIdIndex = { flushPostings: 10, fanIn: 3 };
  const blockStore = await BlockStore.open(store, 'mychannel', { txIdIndex });
  for (const block of blocks.slice(0, count)) await blockStore.addBlock(block);
  return { store };
}

describe('a chain that is opened without its index, or with a part of it', () => {
  const keyOf = (kind: string, number: number): Uint8Array =>
    concat(utf8(`mychannel\0${kind}`), uint64Bytes(number));
  const lines: string[] = [];
  const logger = createLogger('test', 'info', (level, _, text) => lines.push(`${level} ${text}`));
  const options = { txIdIndex: { flushPostings: 10, flushBlocks: 5, fanIn: 3 }, logger };

  async function remove(store: KVStore, ...keys: Uint8Array[]): Promise<void> {
    await store.write(keys.map((key) => ({ type: 'delete', key })));
  }

  async function expectWhole(store: KVStore, height: number): Promise<void> {
    const again = await BlockStore.open(store, 'mychannel', options);
    expect(again.height).toBe(height);
    for (const block of blocks.slice(height)) await again.addBlock(block);
    for (const { number, headerHash, txs } of expectedBlocks) {
      const bytes = readBlock(number);
      expect(same(await again.retrieveBlockByHash(fromHex(headerHash)), bytes)).toBe(true);
      for (const [i, { txid, scenario }] of txs.entries()) {
        if (!txid || scenario === 'duplicate') continue;
        const { blockNum, txNum } = (await again.retrieveTxByID(txid)) ?? {};
        expect([blockNum, txNum]).toEqual([number, i]);
      }
    }
  }

  test.each([1, 20, 71])('indexes %i blocks again', async (count) => {
    const { store } = await filled(count);
    await dropIndex(store, 'mychannel');
    await expectWhole(store, count);
    await expectWhole(store, 71);
  });

  test('goes on where indexing was interrupted, whatever was written', async () => {
    const { store } = await filled(71);
    await dropIndex(store, 'mychannel');
    const write = store.write.bind(store);
    for (let cut = 0; cut < 20; cut++) {
      let left = cut;
      store.write = async (operations) => {
        if (left-- <= 0) throw new Error('no power');
        await write(operations);
      };
      await BlockStore.open(store, 'mychannel', options).catch(() => {});
      store.write = write;
    }
    await expectWhole(store, 71);
  });

  test('takes off a last block that was stored in part, and says so', async () => {
    const torn: [string, (store: KVStore) => Promise<void>, number][] = [
      ['without bytes', (store) => remove(store, keyOf('b', 19)), 19],
      ['without record', (store) => remove(store, keyOf('i', 19)), 20],
      [
        'with bytes cut off, and no record',
        async (store) => {
          await remove(store, keyOf('i', 19));
          const value = (blocks[19] ?? utf8('')).slice(0, -500);
          await store.write([{ type: 'put', key: keyOf('b', 19), value }]);
        },
        19,
      ],
      [
        'with bytes of another block',
        (store) =>
          store.write([{ type: 'put', key: keyOf('b', 19), value: blocks[18] ?? utf8('') }]),
        19,
      ],
      [
        'with empty bytes',
        (store) => store.write([{ type: 'put', key: keyOf('b', 19), value: utf8('') }]),
        19,
      ],
    ];
    for (const [what, tear, height] of torn) {
      lines.length = 0;
      const { store } = await filled(20);
      await tear(store);
      await expectWhole(store, height);
      const warned = lines.filter((line) => line.startsWith('warn mychannel: block 19 '));
      expect(warned, what).toHaveLength(height === 19 ? 1 : 0);
    }
  });

  test('reports any other hole, and deletes nothing', async () => {
    const holes: ((store: KVStore) => Promise<void>)[] = [
      (store) => remove(store, keyOf('i', 18)),
      (store) => remove(store, keyOf('b', 18), keyOf('b', 19)),
      async (store) => {
        await dropIndex(store, 'mychannel');
        await remove(store, keyOf('b', 7));
      },
      async (store) => {
        await dropIndex(store, 'mychannel');
        const value = blocks[8] ?? utf8('');
        await store.write([{ type: 'put', key: keyOf('b', 7), value }]);
      },
    ];
    for (const makeHole of holes) {
      const { store } = await filled(20);
      await makeHole(store);
      const before = await rowsOf(store);
      await expect(BlockStore.open(store, 'mychannel', options)).rejects.toMatchObject({
        code: 'LEDGER_CORRUPT',
      });
      expect((await rowsOf(store)).filter((row) => row.includes('mychannel\0b'))).toEqual(
        before.filter((row) => row.includes('mychannel\0b')),
      );
    }
  });

  test('is cut back to a block, and the rest can be added again', async () => {
    for (const lastBlock of [0, 19, 69]) {
      const { store } = await filled(71);
      await truncateChain(store, 'mychannel', lastBlock);
      await dropIndex(store, 'mychannel');
      expect(await chainExtent(store, 'mychannel')).toEqual({
        height: lastBlock + 1,
        isFromSnapshot: false,
      });
      await expectWhole(store, lastBlock + 1);
    }
  });
});

// Quicker than toEqual, which looks at every byte as at a field.
function same(a: Uint8Array | undefined, b: Uint8Array): boolean {
  return a !== undefined && equalBytes(a, b);
}

async function rowsOf(store: KVStore): Promise<string[]> {
  const rows: string[] = [];
  for await (const [key, value] of store.range({})) rows.push(`${toBinary(key)}=${toHex(value)}`);
  return rows;
}
