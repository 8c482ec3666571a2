// SPDX-License-Identifier: Apache-2.0
// The chain of one channel, at a peer or an orderer (common/ledger/blkstorage of Fabric). Blocks are stored as the
// bytes they came in. Fabric appends to files and indexes each transaction in LevelDB; here a block is three
// puts of one batch: its bytes, an index record, its hash. Ids of transactions are indexed in segments
// (see PostingIndex), and those of the last blocks are read again from the index records on open.
import { concat, EMPTY_BYTES, equalBytes, toHex, utf8 } from '../../common/runtime/bytes.ts';
import type { KVOperation, KVStore } from '../kv-store.ts';
import { type Flush, PostingIndex, type PostingIndexOptions } from '../postings/posting-index.ts';
import type { Posting } from '../postings/segment.ts';
import { type BlockchainInfo, LedgerError, type TransactionInfo } from '../types.ts';
import { utf8ToBinary } from '../util/binary-string.ts';
import { readUint64, uint64Bytes } from '../util/codec.ts';
import { Mutex } from '../util/mutex.ts';
import { PrefixedKVStore } from '../util/prefixed-kv-store.ts';
import {
  type BlockRecord,
  decodeBlockRecord,
  encodeBlockRecord,
  txIdKey,
  txIdOfKey,
} from './block-record.ts';
import { BOOTSTRAP_KEY, type BootstrapInfo, decodeBootstrapInfo } from './bootstrap.ts';
import {
  parseBlock,
  type SerializedBlock,
  transactionsFilterOf,
  txIdsOf,
} from './serialized-block.ts';

const BLOCK = 0x62; // b number -> bytes
const RECORD = 0x69; // i number -> BlockRecord
const HASH = 0x68; // h header hash -> number
const TXID = 0x74; // t... segments of the transaction id index

export interface BlockStoreOptions {
  /** How ids of transactions are indexed. */
  readonly txIdIndex?: Partial<PostingIndexOptions>;
}

export class BlockStore {
  readonly ledgerId: string;
  readonly #store: KVStore;
  readonly #txIds: PostingIndex;
  readonly #adding = new Mutex();
  readonly #bootstrap: BootstrapInfo | undefined;
  #info: BlockchainInfo;
  #waiting = new Set<() => void>();
  #closed = false;

  private constructor(
    ledgerId: string,
    store: KVStore,
    txIds: PostingIndex,
    found: { info: BlockchainInfo; bootstrap: BootstrapInfo | undefined },
  ) {
    this.ledgerId = ledgerId;
    this.#store = store;
    this.#txIds = txIds;
    this.#info = found.info;
    this.#bootstrap = found.bootstrap;
  }

  /**
   * Opens the chain of a ledger in a store, which it may share with other ledgers; makes an empty one when there
   * is none. The store stays the caller's to close.
   */
  static async open(
    kvStore: KVStore,
    ledgerId: string,
    options: BlockStoreOptions = {},
  ): Promise<BlockStore> {
    const store = new PrefixedKVStore(kvStore, utf8(`${ledgerId}\0`));
    const txIdStore = new PrefixedKVStore(store, Uint8Array.of(TXID));
    const index = await PostingIndex.open(txIdStore, options.txIdIndex);
    const bootstrapBytes = await store.get(BOOTSTRAP_KEY);
    const bootstrap = bootstrapBytes && decodeBootstrapInfo(bootstrapBytes);
    const info = await readInfo(store, bootstrap);
    if (index.nextBlock > info.height) {
      const text = `index of ${ledgerId} covers ${index.nextBlock} blocks, but there are ${info.height}`;
      throw new LedgerError('LEDGER_CORRUPT', text);
    }
    await recoverTxIds(store, index, info.height);
    return new BlockStore(ledgerId, store, index, { info, bootstrap });
  }

  getBlockchainInfo(): BlockchainInfo {
    return this.#info;
  }

  get height(): number {
    return this.#info.height;
  }

  /** The snapshot that the chain was continued from. */
  get bootstrap(): BootstrapInfo | undefined {
    return this.#bootstrap;
  }

  /** The first block that is here, or will be; 0 unless the chain was continued from a snapshot. */
  get firstBlock(): number {
    return this.#bootstrap ? this.#bootstrap.lastBlockNumber + 1 : 0;
  }

  /**
   * Appends the next block; on return it is durable. Throws LedgerError BLOCK_MALFORMED, BLOCK_OUT_OF_ORDER,
   * HASH_MISMATCH, QUOTA_EXCEEDED, ...; then nothing was added. The bytes must not change meanwhile.
   */
  async addBlock(
    block: Uint8Array | SerializedBlock,
    known: { txIds?: readonly string[] } = {},
  ): Promise<void> {
    const parsed = block instanceof Uint8Array ? parseBlock(block) : block;
    const record = recordOf(parsed, known.txIds ?? txIdsOf(parsed));
    await this.#adding.run(() => this.#add(parsed, record));
  }

  /** Throws LedgerError BLOCK_OUT_OF_ORDER or HASH_MISMATCH unless the block can be added now. */
  checkNext(block: SerializedBlock): void {
    this.#checkOpen();
    const { height, currentBlockHash } = this.#info;
    if (block.number !== height) {
      const text = `block ${block.number} was given to ${this.ledgerId}, which expects block ${height}`;
      const data = { expected: height, given: block.number };
      throw new LedgerError('BLOCK_OUT_OF_ORDER', text, { data });
    }
    if (!equalBytes(block.previousHash, currentBlockHash)) {
      const text = `block ${block.number} follows ${toHex(block.previousHash)}, but the last block of ${this.ledgerId} is ${toHex(currentBlockHash)}`;
      throw new LedgerError('HASH_MISMATCH', text);
    }
  }

  async #add(block: SerializedBlock, record: BlockRecord): Promise<void> {
    this.checkNext(block);
    const number = uint64Bytes(block.number);
    const operations: KVOperation[] = [
      { type: 'put', key: concat(Uint8Array.of(BLOCK), number), value: block.bytes },
      { type: 'put', key: concat(Uint8Array.of(RECORD), number), value: encodeBlockRecord(record) },
      { type: 'put', key: concat(Uint8Array.of(HASH), block.headerHash), value: number },
    ];
    const flush = await this.#flushOfTxIds();
    operations.push(...(flush?.operations ?? []));
    await this.#store.write(operations, { durable: true });
    flush?.apply();
    this.#txIds.add(block.number, txIdPostings(record));
    this.#info = {
      height: block.number + 1,
      currentBlockHash: block.headerHash,
      previousBlockHash: block.previousHash.slice(),
    };
    this.#wake();
  }

  // Ids of earlier blocks, since those of this one are not known to be stored yet.
  async #flushOfTxIds(): Promise<Flush | undefined> {
    if (!this.#txIds.flushDue) return undefined;
    const flush = await this.#txIds.prepareFlush();
    return (
      flush && {
        ...flush,
        operations: flush.operations.map((op) => ({
          ...op,
          key: concat(Uint8Array.of(TXID), op.key),
        })),
      }
    );
  }

  /** The block's bytes as stored. */
  async retrieveBlockByNumber(blockNum: number): Promise<Uint8Array | undefined> {
    this.#checkOpen();
    if (!(blockNum >= 0 && blockNum < this.height)) return undefined;
    if (blockNum < this.firstBlock) this.#beforeSnapshot(`block ${blockNum}`);
    const bytes = await this.#store.get(concat(Uint8Array.of(BLOCK), uint64Bytes(blockNum)));
    return bytes ?? this.#missing(blockNum);
  }

  async retrieveBlockByHash(headerHash: Uint8Array): Promise<Uint8Array | undefined> {
    this.#checkOpen();
    const number = await this.#store.get(concat(Uint8Array.of(HASH), headerHash));
    return number && this.retrieveBlockByNumber(readUint64(number));
  }

  /** The first block that holds a transaction of this id. */
  async retrieveBlockByTxID(txId: string): Promise<Uint8Array | undefined> {
    const posting = await this.#firstPosting(txId);
    return posting && this.retrieveBlockByNumber(posting.blockNum);
  }

  /** The first transaction of this id. */
  async retrieveTxByID(txId: string): Promise<TransactionInfo | undefined> {
    const posting = await this.#firstPosting(txId);
    return posting && this.retrieveTxByBlockNumTranNum(posting.blockNum, posting.txNum);
  }

  async retrieveTxByBlockNumTranNum(
    blockNum: number,
    txNum: number,
  ): Promise<TransactionInfo | undefined> {
    const block = await this.retrieveBlockByNumber(blockNum);
    if (!block) return undefined;
    const { transactions, flags } = await this.#record(blockNum);
    const span = transactions[txNum];
    if (!span) return undefined;
    const envelope = block.slice(span.start, span.end);
    return { envelope, validationCode: flags[txNum] ?? NOT_VALIDATED, blockNum, txNum };
  }

  /** Where the first transaction of this id is, and its code, without reading the block. */
  async retrieveTxLocation(
    txId: string,
  ): Promise<(Posting & { validationCode: number }) | undefined> {
    const posting = await this.#firstPosting(txId);
    if (!posting) return undefined;
    const { flags } = await this.#record(posting.blockNum);
    return { ...posting, validationCode: flags[posting.txNum] ?? NOT_VALIDATED };
  }

  /** True when a transaction of this id stands in any block, valid or not. */
  async txIDExists(txId: string): Promise<boolean> {
    this.#checkOpen();
    return this.#txIds.has(txIdKey(txId));
  }

  /** The ids of all transactions, in no order, as binary strings. Nothing may be added meanwhile. */
  async *txIds(): AsyncGenerator<string> {
    this.#checkOpen();
    for await (const key of this.#txIds.keys()) yield utf8ToBinary(txIdOfKey(key));
  }

  /**
   * Blocks from `from` on. At the tip it waits for the next, until the signal is aborted, which ends it; when the
   * store is closed it throws LEDGER_CLOSED.
   */
  async *iterator(from: number, { signal }: { signal: AbortSignal }): AsyncGenerator<Uint8Array> {
    for (let next = from; !signal.aborted; ) {
      const block = await this.retrieveBlockByNumber(next);
      if (block) {
        next++;
        yield block;
      } else {
        await this.#waitFor(next, signal);
      }
    }
  }

  /** Ends waiting iterators. Does not close the store beneath. */
  async close(): Promise<void> {
    await this.#adding.run(async () => {
      this.#closed = true;
    });
    this.#wake();
  }

  async #waitFor(blockNum: number, signal: AbortSignal): Promise<void> {
    while (!signal.aborted && !this.#closed && this.height <= blockNum) {
      await new Promise<void>((resolve) => {
        const wake = (): void => {
          this.#waiting.delete(wake);
          signal.removeEventListener('abort', wake);
          resolve();
        };
        this.#waiting.add(wake);
        signal.addEventListener('abort', wake);
      });
    }
  }

  #wake(): void {
    for (const wake of [...this.#waiting]) wake();
  }

  async #firstPosting(txId: string): Promise<Posting | undefined> {
    this.#checkOpen();
    for await (const posting of this.#txIds.find(txIdKey(txId))) {
      if (posting.blockNum < this.firstBlock) this.#beforeSnapshot(`transaction ${txId}`);
      return posting;
    }
    return undefined;
  }

  async #record(blockNum: number): Promise<BlockRecord> {
    const bytes = await this.#store.get(concat(Uint8Array.of(RECORD), uint64Bytes(blockNum)));
    return bytes ? decodeBlockRecord(bytes) : this.#missing(blockNum);
  }

  #beforeSnapshot(what: string): never {
    const text = `${what} is not here: ${this.ledgerId} was made from a snapshot, and its first block is ${this.firstBlock}`;
    throw new LedgerError('BLOCK_BEFORE_SNAPSHOT', text, { data: { firstBlock: this.firstBlock } });
  }

  #missing(blockNum: number): never {
    throw new LedgerError('LEDGER_CORRUPT', `block ${blockNum} of ${this.ledgerId} is missing`);
  }

  #checkOpen(): void {
    if (this.#closed) throw new LedgerError('LEDGER_CLOSED', `ledger ${this.ledgerId} is closed`);
  }
}

// protos.TxValidationCode.NOT_VALIDATED, which is what an orderer's transactions are.
const NOT_VALIDATED = 254;

function recordOf(block: SerializedBlock, txIds: readonly string[]): BlockRecord {
  return {
    headerHash: block.headerHash,
    previousHash: block.previousHash,
    transactions: block.transactions,
    txIdKeys: txIds.map(txIdKey),
    flags: transactionsFilterOf(block),
  };
}

function* txIdPostings({ txIdKeys }: BlockRecord): Generator<readonly [string, number]> {
  for (const [txNum, key] of txIdKeys.entries()) if (key !== '') yield [key, txNum];
}

async function readInfo(
  store: KVStore,
  bootstrap: BootstrapInfo | undefined,
): Promise<BlockchainInfo> {
  const last = {
    gte: Uint8Array.of(RECORD),
    lt: Uint8Array.of(RECORD + 1),
    reverse: true,
    limit: 1,
  };
  for await (const [key, value] of store.range(last)) {
    const { headerHash, previousHash } = decodeBlockRecord(value);
    return {
      height: readUint64(key, 1) + 1,
      currentBlockHash: headerHash.slice(),
      previousBlockHash: previousHash.slice(),
    };
  }
  return {
    height: bootstrap ? bootstrap.lastBlockNumber + 1 : 0,
    currentBlockHash: bootstrap?.lastBlockHash ?? EMPTY_BYTES,
    previousBlockHash: bootstrap?.previousBlockHash ?? EMPTY_BYTES,
  };
}

async function recoverTxIds(store: KVStore, index: PostingIndex, height: number): Promise<void> {
  const lost = {
    gte: concat(Uint8Array.of(RECORD), uint64Bytes(index.nextBlock)),
    lt: concat(Uint8Array.of(RECORD), uint64Bytes(height)),
  };
  for await (const [key, value] of store.range(lost)) {
    index.add(readUint64(key, 1), txIdPostings(decodeBlockRecord(value)));
  }
}
