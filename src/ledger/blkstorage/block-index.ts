// SPDX-License-Identifier: Apache-2.0
// Finds blocks and transactions (common/ledger/blkstorage/blockindex.go). Fabric writes two LevelDB entries a transaction; here
// a block has one record, and ids of transactions are indexed in segments (see PostingIndex), those of the last blocks
// being read again from the records on open.
import { concat, equalBytes } from '../../common/runtime/bytes.ts';
import type { KVOperation, KVStore } from '../kv-store.ts';
import { type Flush, PostingIndex, type PostingIndexOptions } from '../postings/posting-index.ts';
import type { Posting } from '../postings/segment.ts';
import { LedgerError } from '../types.ts';
import { utf8ToBinary } from '../util/binary-string.ts';
import { readUint64, uint64Bytes } from '../util/codec.ts';
import { PrefixedKVStore } from '../util/prefixed-kv-store.ts';
import { hashKey, recordKey, TXID_PREFIX } from './block-keys.ts';
import {
  type BlockRecord,
  decodeBlockRecord,
  encodeBlockRecord,
  txIdKey,
  txIdOfKey,
} from './block-record.ts';
import { type SerializedBlock, transactionsFilterOf } from './serialized-block.ts';

export class BlockIndex {
  readonly #chain: KVStore;
  readonly #txIds: PostingIndex;

  private constructor(chain: KVStore, txIds: PostingIndex) {
    this.#chain = chain;
    this.#txIds = txIds;
  }

  /** Opens what is stored; `add` the blocks from `nextBlock` on. */
  static async open(
    chain: KVStore,
    options: Partial<PostingIndexOptions> | undefined,
  ): Promise<BlockIndex> {
    const txIdStore = new PrefixedKVStore(chain, TXID_PREFIX);
    return new BlockIndex(chain, await PostingIndex.open(txIdStore, options));
  }

  /** The block whose ids of transactions are to be added next. */
  get nextBlock(): number {
    return this.#txIds.nextBlock;
  }

  /** Adds the ids of a block whose record is stored. */
  add(blockNum: number, record: BlockRecord): void {
    this.#txIds.add(blockNum, txIdPostings(record));
  }

  /** What stores the ids of the blocks that were added, if there are enough of them. */
  async flushIfDue(): Promise<Flush | undefined> {
    if (!this.#txIds.flushDue) return undefined;
    const flush = await this.#txIds.prepareFlush();
    return flush && { ...flush, operations: flush.operations.map(ofTxIds) };
  }

  /** Throws LEDGER_CORRUPT when there is none. */
  async record(blockNum: number): Promise<BlockRecord> {
    const bytes = await this.#chain.get(recordKey(blockNum));
    if (bytes) return decodeBlockRecord(bytes);
    const text = `the index record of block ${blockNum} is missing; rebuild the databases`;
    throw new LedgerError('LEDGER_CORRUPT', text);
  }

  async blockNumOf(headerHash: Uint8Array): Promise<number | undefined> {
    const number = await this.#chain.get(hashKey(headerHash));
    return number && readUint64(number);
  }

  /** Where the first transaction of this id is. */
  async find(txId: string): Promise<Posting | undefined> {
    for await (const posting of this.#txIds.find(txIdKey(txId))) return posting;
    return undefined;
  }

  /** True when a transaction of this id stands in any block, valid or not. */
  has(txId: string): Promise<boolean> {
    return this.#txIds.has(txIdKey(txId));
  }

  /** The ids of all transactions, in no order, as binary strings. Nothing may be added meanwhile. */
  async *txIds(): AsyncGenerator<string> {
    for await (const key of this.#txIds.keys()) yield utf8ToBinary(txIdOfKey(key));
  }
}

export function recordOf(block: SerializedBlock, txIds: readonly string[]): BlockRecord {
  return {
    headerHash: block.headerHash,
    previousHash: block.previousHash,
    transactions: block.transactions,
    txIdKeys: txIds.map(txIdKey),
    flags: transactionsFilterOf(block),
  };
}

/** What the index stores of a block, besides ids of transactions. */
export function indexOperations(blockNum: number, record: BlockRecord): KVOperation[] {
  return [
    { type: 'put', key: recordKey(blockNum), value: encodeBlockRecord(record) },
    { type: 'put', key: hashKey(record.headerHash), value: uint64Bytes(blockNum) },
  ];
}

/** Whether a block, or its record, comes after the one with this header hash; the first one follows the empty hash. */
export function follows(
  { previousHash }: { readonly previousHash: Uint8Array },
  headerHash: Uint8Array,
): boolean {
  return equalBytes(previousHash, headerHash);
}

function* txIdPostings({ txIdKeys }: BlockRecord): Generator<readonly [string, number]> {
  for (const [txNum, key] of txIdKeys.entries()) if (key !== '') yield [key, txNum];
}

function ofTxIds(operation: KVOperation): KVOperation {
  return { ...operation, key: concat(TXID_PREFIX, operation.key) };
}
