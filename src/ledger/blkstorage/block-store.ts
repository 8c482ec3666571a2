// SPDX-License-Identifier: Apache-2.0
// The chain of one channel, at a peer or an orderer (common/ledger/blkstorage of Fabric). Blocks are stored as the
// bytes they came in. Fabric appends to files and indexes each transaction in LevelDB; here a block is three
// puts of one batch: its bytes, an index record, its hash.
import { EMPTY_BYTES, toHex } from '../../common/runtime/bytes.ts';
import { type Logger, silentLogger } from '../../common/runtime/log.ts';
import type { KVOperation, KVStore } from '../kv-store.ts';
import type { PostingIndexOptions } from '../postings/posting-index.ts';
import type { Posting } from '../postings/segment.ts';
import {
  type BlockchainInfo,
  LedgerError,
  type TransactionInfo,
  type TxValidationCodeInfo,
} from '../types.ts';
import { Mutex } from '../util/mutex.ts';
import { BlockIndex, follows, indexOperations, recordOf } from './block-index.ts';
import { blockKey, chainStore } from './block-keys.ts';
import type { BlockRecord } from './block-record.ts';
import { type BootstrapInfo, readBootstrapInfo } from './bootstrap.ts';
import { parseBlock, type SerializedBlock, txIdsOf } from './serialized-block.ts';
import { syncIndex } from './sync-index.ts';

export interface BlockStoreOptions {
  /** How ids of transactions are indexed. */
  readonly txIdIndex?: Partial<PostingIndexOptions>;
  readonly logger?: Logger;
}

export class BlockStore {
  readonly ledgerId: string;
  readonly #store: KVStore;
  readonly #index: BlockIndex;
  readonly #adding = new Mutex();
  readonly #bootstrap: BootstrapInfo | undefined;
  #info: BlockchainInfo;
  #waiting = new Set<() => void>();
  #closed = false;

  private constructor(
    ledgerId: string,
    store: KVStore,
    index: BlockIndex,
    found: { info: BlockchainInfo; bootstrap: BootstrapInfo | undefined },
  ) {
    this.ledgerId = ledgerId;
    this.#store = store;
    this.#index = index;
    this.#info = found.info;
    this.#bootstrap = found.bootstrap;
  }

  /**
   * Opens the chain of a ledger in a store, which it may share with other ledgers; makes an empty one when there
   * is none. The store stays the caller's to close. Blocks that are not indexed are indexed, and a last one that was not
   * stored whole is taken off. Throws LedgerError LEDGER_CORRUPT when blocks are missing.
   */
  static async open(
    kvStore: KVStore,
    ledgerId: string,
    { txIdIndex, logger = silentLogger }: BlockStoreOptions = {},
  ): Promise<BlockStore> {
    const store = chainStore(kvStore, ledgerId);
    const index = await BlockIndex.open(store, txIdIndex);
    const bootstrap = await readBootstrapInfo(store);
    const info = await syncIndex({ ledgerId, store, index }, beginning(bootstrap), logger);
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
    if (!follows(block, currentBlockHash)) {
      const text = `block ${block.number} follows ${toHex(block.previousHash)}, but the last block of ${this.ledgerId} is ${toHex(currentBlockHash)}`;
      throw new LedgerError('HASH_MISMATCH', text);
    }
  }

  async #add(block: SerializedBlock, record: BlockRecord): Promise<void> {
    this.checkNext(block);
    const flush = await this.#index.flushIfDue();
    const operations: KVOperation[] = [
      { type: 'put', key: blockKey(block.number), value: block.bytes },
      ...indexOperations(block.number, record),
      // Ids of earlier blocks, since those of this one are not known to be stored yet.
      ...(flush?.operations ?? []),
    ];
    await this.#store.write(operations, { durable: true });
    flush?.apply();
    this.#index.add(block.number, record);
    this.#info = {
      height: block.number + 1,
      currentBlockHash: block.headerHash,
      previousBlockHash: block.previousHash.slice(),
    };
    this.#wake();
  }

  /** The block's bytes as stored. */
  async retrieveBlockByNumber(blockNum: number): Promise<Uint8Array | undefined> {
    this.#checkOpen();
    if (!(blockNum >= 0 && blockNum < this.height)) return undefined;
    if (blockNum < this.firstBlock) this.#beforeSnapshot(`block ${blockNum}`);
    const bytes = await this.#store.get(blockKey(blockNum));
    return bytes ?? this.#missing(blockNum);
  }

  async retrieveBlockByHash(headerHash: Uint8Array): Promise<Uint8Array | undefined> {
    this.#checkOpen();
    const blockNum = await this.#index.blockNumOf(headerHash);
    return blockNum === undefined ? undefined : this.retrieveBlockByNumber(blockNum);
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
    const { transactions, flags } = await this.#index.record(blockNum);
    const span = transactions[txNum];
    if (!span) return undefined;
    const envelope = block.slice(span.start, span.end);
    return { envelope, validationCode: flags[txNum] ?? NOT_VALIDATED, blockNum, txNum };
  }

  /** Where the first transaction of this id is, and its code, without reading the block. */
  async retrieveTxValidationCodeByTxID(txId: string): Promise<TxValidationCodeInfo | undefined> {
    const posting = await this.#firstPosting(txId);
    if (!posting) return undefined;
    const { flags } = await this.#index.record(posting.blockNum);
    return { ...posting, validationCode: flags[posting.txNum] ?? NOT_VALIDATED };
  }

  /** True when a transaction of this id stands in any block, valid or not. */
  async txIDExists(txId: string): Promise<boolean> {
    this.#checkOpen();
    return this.#index.has(txId);
  }

  /** The ids of all transactions, in no order, as binary strings. Nothing may be added meanwhile. */
  async *txIds(): AsyncGenerator<string> {
    this.#checkOpen();
    yield* this.#index.txIds();
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
    const posting = await this.#index.find(txId);
    if (posting && posting.blockNum < this.firstBlock) this.#beforeSnapshot(`transaction ${txId}`);
    return posting;
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

function beginning(bootstrap: BootstrapInfo | undefined): BlockchainInfo {
  return {
    height: bootstrap ? bootstrap.lastBlockNumber + 1 : 0,
    currentBlockHash: bootstrap?.lastBlockHash ?? EMPTY_BYTES,
    previousBlockHash: bootstrap?.previousBlockHash ?? EMPTY_BYTES,
  };
}
