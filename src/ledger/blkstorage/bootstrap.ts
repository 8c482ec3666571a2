// SPDX-License-Identifier: Apache-2.0
// A block store that begins behind a snapshot (bootstrapFromSnapshottedTxIDs of blkstorage/blockfile_mgr.go): it knows the
// last block by its hashes, and the ids of all transactions before, so that none can come twice. It has none of the blocks.
import { Reader, Writer } from '../../common/protos/index.ts';
import { concat } from '../../common/runtime/bytes.ts';
import type { KVStore } from '../kv-store.ts';
import { PostingIndex, type PostingIndexOptions } from '../postings/posting-index.ts';
import { readUint64, uint64Bytes } from '../util/codec.ts';
import { PrefixedKVStore } from '../util/prefixed-kv-store.ts';
import { BOOTSTRAP_KEY, chainStore, TXID_PREFIX } from './block-keys.ts';
import { txIdKey } from './block-record.ts';

/** What a snapshot says of the last block before the store's first. */
export interface BootstrapInfo {
  readonly lastBlockNumber: number;
  readonly lastBlockHash: Uint8Array;
  readonly previousBlockHash: Uint8Array;
  readonly lastBlockCommitHash: Uint8Array;
}

function encodeBootstrapInfo(info: BootstrapInfo): Uint8Array {
  const writer = new Writer().bytes(uint64Bytes(info.lastBlockNumber)).bytes(info.lastBlockHash);
  return writer.bytes(info.previousBlockHash).bytes(info.lastBlockCommitHash).finish();
}

function decodeBootstrapInfo(bytes: Uint8Array): BootstrapInfo {
  const reader = new Reader(bytes.slice());
  const lastBlockNumber = readUint64(reader.bytes());
  const [lastBlockHash, previousBlockHash] = [reader.bytes(), reader.bytes()];
  return { lastBlockNumber, lastBlockHash, previousBlockHash, lastBlockCommitHash: reader.bytes() };
}

/** What a chain was continued from; undefined when it begins with its genesis block. */
export async function readBootstrapInfo(chain: KVStore): Promise<BootstrapInfo | undefined> {
  const bytes = await chain.get(BOOTSTRAP_KEY);
  return bytes && decodeBootstrapInfo(bytes);
}

/** Fills an empty store; the information comes last, so that a store that has it is complete. */
export async function bootstrapBlockStore(
  kvStore: KVStore,
  ledgerId: string,
  info: BootstrapInfo,
  txIds: { readonly count: number; readonly ids: AsyncIterable<string> },
  options: Partial<PostingIndexOptions> = {},
): Promise<void> {
  const store = chainStore(kvStore, ledgerId);
  const ofIds = { ...options, flushBlocks: Number.POSITIVE_INFINITY };
  const index = await PostingIndex.open(new PrefixedKVStore(store, TXID_PREFIX), ofIds);
  // The index is by block, but which ids were in which is not known: they are spread evenly over all of them.
  const height = info.lastBlockNumber + 1;
  const perBlock = Math.max(1, Math.ceil(txIds.count / height));
  const ids = txIds.ids[Symbol.asyncIterator]();
  for (let blockNum = 0; blockNum < height; blockNum++) {
    const keys: [string, number][] = [];
    for (let i = 0; i < perBlock; i++) {
      const { value, done } = await ids.next();
      if (done) break;
      keys.push([txIdKey(value), i]);
    }
    index.add(blockNum, keys);
    if (index.flushDue) await flush(store, index);
  }
  await flush(store, index);
  const value = encodeBootstrapInfo(info);
  await store.write([{ type: 'put', key: BOOTSTRAP_KEY, value }], { durable: true });
}

async function flush(store: KVStore, index: PostingIndex): Promise<void> {
  const prepared = await index.prepareFlush();
  if (!prepared) return;
  await store.write(prepared.operations.map((op) => ({ ...op, key: concat(TXID_PREFIX, op.key) })));
  prepared.apply();
}
