// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { common } from '../../common/protos/index.ts';
import { equalBytes, fromHex, toHex } from '../../common/runtime/bytes.ts';
import { expectedBlocks, readBlock } from '../../common/testdata/mychannel.ts';
import type { KVOperation, KVStore } from '../kv-store.ts';
import { MemoryKVStore } from '../memory/memory-kv-store.ts';
import { BlockStore, parseBlock, txIdsOf, withMetadata } from './index.ts';

const blocks = expectedBlocks.map(({ number }) => readBlock(number));
const ordererBlock = (name: string): Uint8Array =>
  Uint8Array.from(
    readFileSync(new URL(`../testdata/orderer-blocks/${name}.block`, import.meta.url)),
  );

async function filled(count = blocks.length, store: KVStore = new MemoryKVStore()) {
  const blockStore = await BlockStore.open(store, 'mychannel', {
    txIdIndex: { flushPostings: 10, fanIn: 3 },
  });
  for (const block of blocks.slice(0, count)) await blockStore.addBlock(block);
  return { store, blockStore };
}

describe('parseBlock', () => {
  test.each(expectedBlocks.map((expected) => [expected.number, expected] as const))(
    'finds the parts of block %i',
    (number, expected) => {
      const block = parseBlock(readBlock(number));
      expect(block.number).toBe(number);
      expect(toHex(block.headerHash)).toBe(expected.headerHash);
      expect(toHex(block.previousHash)).toBe(expected.previousHash);
      expect([...(block.metadata[2] ?? [])]).toEqual(expected.transactionsFilter);
      const ids = txIdsOf(block);
      expected.txs.forEach(({ txid }, i) => {
        if (txid) expect(ids[i]).toBe(txid);
        else expect(ids[i]).toMatch(/^[0-9a-f]{64}$/);
      });
    },
  );

  test('splices metadata into what the orderer sent, exactly as the real peer did', () => {
    for (const name of ['015', '038', '063']) {
      const received = parseBlock(ordererBlock(name));
      const stored = parseBlock(readBlock(received.number));
      const slots = new Map([2, 4].map((i) => [i, stored.metadata[i] ?? new Uint8Array()]));
      expect(withMetadata(received, slots)).toEqual(stored.bytes);
    }
  });

  test('adds all slots to a block without metadata, and leaves unknown fields alone', () => {
    const header = common.BlockHeader.encode({ number: 7 }).finish();
    const unknown = Uint8Array.of(0x7a, 1, 42);
    const bytes = Uint8Array.of(0x0a, header.length, ...header, ...unknown);
    const spliced = withMetadata(parseBlock(bytes), new Map([[4, Uint8Array.of(9)]]));
    expect(spliced.subarray(0, bytes.length)).toEqual(bytes);
    expect(parseBlock(spliced).metadata.map((slot) => [...slot])).toEqual([[], [], [], [], [9]]);
  });

  test('refuses what is no block', () => {
    const malformed = expect.objectContaining({ code: 'BLOCK_MALFORMED' });
    const block = readBlock(5);
    expect(() => parseBlock(new Uint8Array())).toThrow(malformed);
    expect(() => parseBlock(block.subarray(0, block.length - 1))).toThrow(malformed);
    expect(() => parseBlock(Uint8Array.of(...block, ...block))).toThrow(malformed);
    expect(() => parseBlock(Uint8Array.of(0x0a, 0xff, 0xff, 0xff, 0xff, 0x0f))).toThrow(malformed);
    const huge = common.BlockHeader.encode({ number: Number.MAX_SAFE_INTEGER }).finish();
    huge[1] = 0xff;
    expect(() => parseBlock(Uint8Array.of(0x0a, huge.length + 0, ...huge))).not.toThrow(TypeError);
  });
});

describe('BlockStore', () => {
  test('gives the bytes of a real chain back by number, hash and transaction', async () => {
    const { blockStore } = await filled();
    expect(toHex(blockStore.getBlockchainInfo().currentBlockHash)).toBe(
      expectedBlocks.at(-1)?.headerHash,
    );
    expect(toHex(blockStore.getBlockchainInfo().previousBlockHash)).toBe(
      expectedBlocks.at(-2)?.headerHash,
    );
    for (const { number, headerHash, txs, transactionsFilter } of expectedBlocks) {
      const bytes = readBlock(number);
      expect(same(await blockStore.retrieveBlockByNumber(number), bytes)).toBe(true);
      expect(same(await blockStore.retrieveBlockByHash(fromHex(headerHash)), bytes)).toBe(true);
      const { data } = common.Block.decode(bytes);
      for (const [i, { scenario }] of txs.entries()) {
        const tx = await blockStore.retrieveTxByBlockNumTranNum(number, i);
        expect(same(tx?.envelope, data?.data[i] ?? new Uint8Array())).toBe(true);
        expect(tx?.validationCode).toBe(transactionsFilter[i]);
        const txId = txIdsOf(parseBlock(bytes))[i] ?? '';
        expect(await blockStore.txIDExists(txId)).toBe(true);
        if (scenario === 'duplicate') continue;
        const { blockNum, txNum } = (await blockStore.retrieveTxByID(txId)) ?? {};
        expect([blockNum, txNum]).toEqual([number, i]);
        expect(same(await blockStore.retrieveBlockByTxID(txId), bytes)).toBe(true);
      }
    }
    expect(await blockStore.retrieveBlockByNumber(71)).toBeUndefined();
    expect(await blockStore.retrieveBlockByNumber(-1)).toBeUndefined();
    expect(await blockStore.retrieveBlockByHash(new Uint8Array(32))).toBeUndefined();
    expect(await blockStore.retrieveTxByID('00')).toBeUndefined();
    expect(await blockStore.txIDExists('')).toBe(false);
  });

  test('takes the first of several transactions with one id', async () => {
    const { blockStore } = await filled();
    const [twice] = expectedBlocks[51]?.txs ?? [];
    const location = await blockStore.retrieveTxValidationCodeByTxID(twice?.txid ?? '');
    expect(location).toEqual({ blockNum: 51, txNum: 0, validationCode: 0 });
  });

  test('knows everything again after reopening, at any height', async () => {
    for (const count of [0, 1, 11, 12, 40, 71]) {
      const { store, blockStore } = await filled(count);
      const again = await BlockStore.open(store, 'mychannel');
      expect(again.getBlockchainInfo()).toEqual(blockStore.getBlockchainInfo());
      for (const { number, txs } of expectedBlocks) {
        for (const { txid } of txs) {
          if (txid)
            expect(await again.txIDExists(txid)).toBe(
              number < count || txid === earlier(txid, count),
            );
        }
      }
      const next = blocks[count];
      if (next) await again.addBlock(next);
      expect(again.height).toBe(Math.min(count + 1, 71));
    }
  });

  test('refuses a block out of order, of another chain, or malformed, and stays usable', async () => {
    const { blockStore } = await filled(3);
    const [, , second, third, fourth] = blocks;
    if (!second || !third || !fourth) throw new Error('no blocks');
    const outOfOrder = { code: 'BLOCK_OUT_OF_ORDER', data: { expected: 3, given: 4 } };
    await expect(blockStore.addBlock(fourth)).rejects.toMatchObject(outOfOrder);
    await expect(blockStore.addBlock(second)).rejects.toMatchObject({ code: 'BLOCK_OUT_OF_ORDER' });
    const decoded = common.Block.decode(third);
    const header = { ...decoded.header, previous_hash: new Uint8Array(32) };
    const foreign = common.Block.encode({ ...decoded, header }).finish();
    await expect(blockStore.addBlock(foreign)).rejects.toMatchObject({ code: 'HASH_MISMATCH' });
    await expect(blockStore.addBlock(third.subarray(9))).rejects.toMatchObject({
      code: 'BLOCK_MALFORMED',
    });
    expect(blockStore.height).toBe(3);
    await Promise.all([blockStore.addBlock(third), blockStore.addBlock(fourth)]);
    expect(blockStore.height).toBe(5);
  });

  test('adds nothing when the store fails, and goes on when it works again', async () => {
    const store = new MemoryKVStore();
    const write = store.write.bind(store);
    const { blockStore } = await filled(20, store);
    store.write = async () => {
      throw new Error('disk full');
    };
    await expect(blockStore.addBlock(blocks[20] ?? new Uint8Array())).rejects.toThrow('disk full');
    expect(blockStore.height).toBe(20);
    store.write = write;
    for (const block of blocks.slice(20)) await blockStore.addBlock(block);
    expect((await BlockStore.open(store, 'mychannel')).height).toBe(71);
  });

  test('writes few records a block, durably', async () => {
    const store = new MemoryKVStore();
    const write = store.write.bind(store);
    const batches: { operations: readonly KVOperation[]; durable: boolean | undefined }[] = [];
    store.write = async (operations, options?: { durable?: boolean }) => {
      batches.push({ operations, durable: options?.durable });
      await write(operations);
    };
    const blockStore = await BlockStore.open(store, 'mychannel');
    for (const block of blocks) await blockStore.addBlock(block);
    expect(batches).toHaveLength(71);
    expect(batches.every(({ durable }) => durable)).toBe(true);
    expect(batches.map(({ operations }) => operations.length)).toEqual(batches.map(() => 3));
  });

  test('several chains share a store', async () => {
    const { store, blockStore } = await filled(2);
    const other = await BlockStore.open(store, 'mychannel2');
    expect(other.height).toBe(0);
    await other.addBlock(blocks[0] ?? new Uint8Array());
    expect([other.height, blockStore.height]).toEqual([1, 2]);
    expect((await BlockStore.open(store, 'mychannel')).height).toBe(2);
  });

  test('an iterator gives what is there, waits at the tip, and ends on abort', async () => {
    const { blockStore } = await filled(2);
    const controller = new AbortController();
    const seen: number[] = [];
    const reading = (async () => {
      for await (const block of blockStore.iterator(1, controller))
        seen.push(parseBlock(block).number);
    })();
    for (const block of blocks.slice(2, 5)) await blockStore.addBlock(block);
    await expect.poll(() => seen).toEqual([1, 2, 3, 4]);
    controller.abort();
    await reading;
    await blockStore.addBlock(blocks[5] ?? new Uint8Array());
    expect(seen).toEqual([1, 2, 3, 4]);
  });

  test('an iterator may start beyond the tip, and fails when the store is closed', async () => {
    const { blockStore } = await filled(2);
    const { signal } = new AbortController();
    const ahead = blockStore.iterator(3, { signal });
    const third = ahead.next();
    for (const block of blocks.slice(2, 4)) await blockStore.addBlock(block);
    expect((await third).value).toEqual(blocks[3]);
    const fourth = ahead.next();
    const refused = expect(fourth).rejects.toMatchObject({ code: 'LEDGER_CLOSED' });
    await blockStore.close();
    await refused;
    await expect(blockStore.txIDExists('a')).rejects.toMatchObject({ code: 'LEDGER_CLOSED' });
  });
});

// Quicker than toEqual, which looks at every byte as at a field.
function same(a: Uint8Array | undefined, b: Uint8Array): boolean {
  return a !== undefined && equalBytes(a, b);
}

function earlier(txId: string, count: number): string | undefined {
  return expectedBlocks
    .slice(0, count)
    .flatMap(({ txs }) => txs)
    .find(({ txid }) => txid === txId)?.txid;
}
