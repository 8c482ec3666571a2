// SPDX-License-Identifier: Apache-2.0
// One channel's ledger at a peer (core/ledger/kvledger/kv_ledger.go): block store, state and history, kept in step.
// The block store is the truth. Private data is stored before the block, so that none is lost with a block that is kept. State and history follow in memory and are stored behind it, many blocks at a time;
// what a crash takes from them is replayed from the blocks on open, trusting the validation codes stored there.
import type { StateDatabase } from '../../common/network/types.ts';
import { common } from '../../common/protos/index.ts';
import type { Clock } from '../../common/runtime/clock.ts';
import { messageOf } from '../../common/runtime/errors.ts';
import { type Logger, silentLogger } from '../../common/runtime/log.ts';
import { BlockStore } from '../blkstorage/block-store.ts';
import {
  parseBlock,
  type SerializedBlock,
  transactionsFilterOf,
  txIdsOf,
  withMetadata,
} from '../blkstorage/serialized-block.ts';
import type { PostingIndexOptions } from '../postings/posting-index.ts';
import type { PrivateData } from '../pvtdatastorage/pvt-write-set.ts';
import {
  type BlockchainInfo,
  type CommitResult,
  type KeyModification,
  LedgerError,
  type PeerLedger,
  type PvtData,
  type PvtDataId,
  type QueryExecutor,
  type ResultsIterator,
  type TransactionInfo,
  type TxSimulator,
  type TxValidationCodeInfo,
  type VersionedValue,
} from '../types.ts';
import { Mutex } from '../util/mutex.ts';
import { commitHashOf, commitHashSlot, computeCommitHash } from './commit-hash.ts';
import { HistoryDB } from './history/history-db.ts';
import { closeAll, type LedgerStores } from './ledger-files.ts';
import { type PreparedPrivate, PrivatePart, type PrivatePartOptions } from './private-part.ts';
import { type ExportOptions, exportSnapshot } from './snapshot/export-snapshot.ts';
import type { SnapshotWriter } from './snapshot/snapshot-files.ts';
import type { SnapshotMetadata } from './snapshot/snapshot-metadata.ts';
import {
  getPrivateDataHash,
  getVersionedValue,
  type ScannedState,
  scanState,
} from './state-queries.ts';
import { StateQueryExecutor } from './txmgmt/query-executor.ts';
import { problemOfKeyValue } from './txmgmt/statedb/richquery/key-value-rules.ts';
import { RichQueries } from './txmgmt/statedb/richquery/rich-queries.ts';
import { StateDB, type StateDBOptions } from './txmgmt/statedb/state-db.ts';
import type { UpdateBatch } from './txmgmt/statedb/update-batch.ts';
import { StateTxSimulator } from './txmgmt/tx-simulator.ts';
import { checkFlags, type PreparedTx, preprocessBlock } from './validation/batch-preparer.ts';
import { validateAndPrepareBatch } from './validation/validator.ts';

export interface KVLedgerOptions {
  /** Fabric's ledger.state.stateDatabase; the same at all peers of a channel. `CouchDB` has rich queries. */
  readonly stateDatabase?: StateDatabase | undefined;
  readonly state?: Partial<StateDBOptions>;
  readonly historyIndex?: Partial<PostingIndexOptions>;
  readonly txIdIndex?: Partial<PostingIndexOptions>;
  readonly private?: PrivatePartOptions;
  /** The height before a reset. */
  readonly preResetHeight?: number | undefined;
  readonly logger?: Logger;
}

interface Parts {
  readonly blockStore: BlockStore;
  readonly state: StateDB;
  readonly history: HistoryDB | undefined;
  readonly private: PrivatePart;
}

interface Prepared {
  readonly txs: readonly PreparedTx[];
  readonly batch: UpdateBatch;
  readonly private: PreparedPrivate;
}

const { TRANSACTIONS_FILTER, COMMIT_HASH } = common.BlockMetadataIndex;

export class KVLedger implements PeerLedger {
  readonly ledgerId: string;
  readonly #stores: LedgerStores;
  readonly #blockStore: BlockStore;
  readonly #state: StateDB;
  readonly #richQueries: RichQueries | undefined;
  readonly #history: HistoryDB | undefined;
  readonly #private: PrivatePart;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #committing = new Mutex();
  #commitHash: Uint8Array;
  #storing: Promise<void> | undefined;
  #failure: unknown;
  readonly #preResetHeight: number | undefined;
  #closing: Promise<void> | undefined;
  #closed = false;
  #storesClosed = false;

  private constructor(
    stores: LedgerStores,
    parts: Parts,
    commitHash: Uint8Array,
    clock: Clock,
    { logger = silentLogger, stateDatabase, preResetHeight }: KVLedgerOptions,
  ) {
    this.ledgerId = parts.blockStore.ledgerId;
    this.#stores = stores;
    this.#blockStore = parts.blockStore;
    this.#state = parts.state;
    this.#richQueries = stateDatabase === 'CouchDB' ? new RichQueries() : undefined;
    this.#history = parts.history;
    this.#private = parts.private;
    this.#commitHash = commitHash;
    this.#clock = clock;
    this.#log = logger;
    this.#preResetHeight = preResetHeight;
  }

  /**
   * Opens the ledger that the stores hold, an empty one when they are empty, and brings its databases up to its blocks.
   * Throws LedgerError LEDGER_CORRUPT when a database is ahead of the blocks.
   */
  static async open(
    ledgerId: string,
    stores: LedgerStores,
    clock: Clock,
    options: KVLedgerOptions = {},
  ): Promise<KVLedger> {
    const { txIdIndex = {}, logger = silentLogger } = options;
    const blockStore = await BlockStore.open(stores.blocks, ledgerId, { txIdIndex, logger });
    const state = await StateDB.open(stores.state, options.state);
    const history = stores.history && (await HistoryDB.open(stores.history, options.historyIndex));
    const commitHash = await lastCommitHash(blockStore);
    const pvt = await PrivatePart.open(stores.pvtdata, options.private ?? {}, logger);
    const parts = { blockStore, state, history, private: pvt };
    const ledger = new KVLedger(stores, parts, commitHash, clock, options);
    await ledger.#recoverDBs();
    return ledger;
  }

  get preResetHeight(): number | undefined {
    const height = this.#preResetHeight;
    return height !== undefined && this.#blockStore.height < height ? height : undefined;
  }

  /** True when its stores are closed. */
  get isClosed(): boolean {
    return this.#storesClosed;
  }

  getBlockchainInfo(): BlockchainInfo {
    return this.#blockStore.getBlockchainInfo();
  }

  getBlockByNumber(blockNum: number): Promise<Uint8Array | undefined> {
    return this.#blockStore.retrieveBlockByNumber(blockNum);
  }

  getBlockByHash(hash: Uint8Array): Promise<Uint8Array | undefined> {
    return this.#blockStore.retrieveBlockByHash(hash);
  }

  getBlockByTxID(txId: string): Promise<Uint8Array | undefined> {
    return this.#blockStore.retrieveBlockByTxID(txId);
  }

  getTransactionByID(txId: string): Promise<TransactionInfo | undefined> {
    return this.#blockStore.retrieveTxByID(txId);
  }

  getTransactionByBlockNumTranNum(
    blockNum: number,
    txNum: number,
  ): Promise<TransactionInfo | undefined> {
    return this.#blockStore.retrieveTxByBlockNumTranNum(blockNum, txNum);
  }

  getTxValidationCodeByTxID(txId: string): Promise<TxValidationCodeInfo | undefined> {
    return this.#blockStore.retrieveTxValidationCodeByTxID(txId);
  }

  txIDExists(txId: string): Promise<boolean> {
    return this.#blockStore.txIDExists(txId);
  }

  blocks(from: number, options: { signal: AbortSignal }): AsyncIterable<Uint8Array> {
    return this.#blockStore.iterator(from, options);
  }

  newQueryExecutor(): QueryExecutor {
    this.#checkUsable();
    const snapshot = this.#state.snapshot();
    const collections = this.#private.configHistory.checkerAt(snapshot.asOf);
    const richQueries = this.#richQueries;
    return new StateQueryExecutor(snapshot, undefined, { collections, richQueries });
  }

  newTxSimulator(txId: string): TxSimulator {
    this.#checkUsable();
    const snapshot = this.#state.snapshot();
    const collections = this.#private.configHistory.checkerAt(snapshot.asOf);
    const richQueries = this.#richQueries;
    return new StateTxSimulator(txId, snapshot, { collections, richQueries });
  }

  async getHistoryForKey(
    namespace: string,
    key: string,
  ): Promise<ResultsIterator<KeyModification>> {
    this.#checkUsable();
    if (this.#history) return this.#history.getHistoryForKey(namespace, key, this.#blockStore);
    throw new LedgerError('HISTORY_DISABLED', `${this.ledgerId} keeps no history of keys`);
  }

  async scanState(namespace: string, startKey: string, limit: number): Promise<ScannedState[]> {
    this.#checkUsable();
    return scanState(this.#state, namespace, startKey, limit);
  }

  async processIndexesForChaincodeDeploy(
    namespace: string,
    metaInf: ReadonlyMap<string, Uint8Array>,
  ): Promise<string[]> {
    return this.#richQueries?.processIndexesForChaincodeDeploy(namespace, metaInf) ?? [];
  }

  stateNamespaces(): Promise<string[]> {
    this.#checkUsable();
    return this.#state.namespaces();
  }

  async getVersionedValue(namespace: string, key: string): Promise<VersionedValue | undefined> {
    this.#checkUsable();
    return getVersionedValue(this.#state, namespace, key);
  }

  hasStateMetadata(namespace: string): boolean {
    return this.#state.hasMetadata(namespace);
  }

  async getPrivateDataHash(
    namespace: string,
    collection: string,
    keyHash: Uint8Array,
  ): Promise<VersionedValue | undefined> {
    this.#checkUsable();
    return getPrivateDataHash(this.#state, namespace, collection, keyHash);
  }

  /** The block's bytes must not be changed or transferred before this resolves. */
  commit(
    block: Uint8Array,
    flags: Uint8Array,
    privateData: PrivateData = new Map(),
  ): Promise<CommitResult> {
    return this.#committing.run(() => this.#commit(block, flags, privateData));
  }

  getPvtDataByNum(blockNum: number): Promise<PvtData[]> {
    this.#checkUsable();
    return this.#private.pvtData.getPvtDataByBlockNum(blockNum, this.#blockStore.height);
  }

  getMissingPvtData(limit: number): Promise<PvtDataId[]> {
    this.#checkUsable();
    return this.#private.pvtData.getMissingPvtData(limit);
  }

  /**
   * Writes a snapshot of the ledger as it is after its last block, in Fabric's files. Commits wait for it. What was written
   * when it rejects is no snapshot.
   */
  generateSnapshot(out: SnapshotWriter, options?: ExportOptions): Promise<SnapshotMetadata> {
    return this.#committing.run(async () => {
      this.#checkUsable();
      const state = this.#state.snapshot();
      try {
        const parts = {
          ledgerId: this.ledgerId,
          info: this.#blockStore.getBlockchainInfo(),
          commitHash: this.#commitHash,
          state,
          txIds: () => this.#blockStore.txIds(),
          configHistory: this.#private.configHistory,
        };
        return await exportSnapshot(parts, out, options);
      } finally {
        state.release();
      }
    });
  }

  /** Stores state and history as of now, which a crash would make the next open do. */
  async flush(): Promise<void> {
    await this.#state.flush();
    await this.#history?.flush();
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    await this.#committing.run(async () => {
      this.#closed = true;
    });
    await this.#blockStore.close();
    await this.#storing;
    try {
      await this.flush();
    } catch (error) {
      this.#log.warn(`${this.ledgerId}: state is stored at the next start: ${messageOf(error)}`);
    }
    await closeAll(this.#stores);
    this.#storesClosed = true;
  }

  async #commit(
    received: Uint8Array,
    flags: Uint8Array,
    privateData: PrivateData,
  ): Promise<CommitResult> {
    this.#checkUsable();
    const began = this.#clock.now();
    const block = parseBlock(received);
    this.#blockStore.checkNext(block);
    checkFlags(block, flags);
    await this.#makeRoom();
    const prepared = await this.#validateAndPrepare(block, flags, privateData);
    const commitHash = this.#nextCommitHash(block.number, flags, prepared.batch);
    const final = withFinalMetadata(block, flags, commitHash);
    const txIds = txIdsOf(final);
    const validated = this.#clock.now();
    await prepared.private.store();
    await this.#blockStore.addBlock(final, { txIds });
    const stored = this.#clock.now();
    this.#commitHash = commitHash;
    const { state, history } = await this.#applyToDBs(block.number, flags, prepared);
    const ms = { mvcc: validated - began, store: stored - validated, state, history };
    this.#log.info(
      `[${this.ledgerId}] committed block ${block.number} with ${flags.length} transactions`,
      ms,
    );
    this.#storeBehind();
    return { blockNum: block.number, txIds, flags: flags.slice(), commitHash, ms };
  }

  // The chain of commit hashes begins with block 1. One that lacks its beginning, in a ledger made elsewhere, is not begun.
  #nextCommitHash(blockNum: number, flags: Uint8Array, batch: UpdateBatch): Uint8Array {
    if (blockNum !== 1 && this.#commitHash.length === 0) return this.#commitHash;
    return computeCommitHash(flags, batch, this.#commitHash);
  }

  // Without private data it is a replay, which trusts the codes.
  async #validateAndPrepare(
    block: SerializedBlock,
    flags: Uint8Array,
    privateData: PrivateData | undefined,
  ): Promise<Prepared> {
    // The codes of a stored block are kept, even if it was stored with another kind of state database.
    const rules = privateData && this.#richQueries ? problemOfKeyValue : undefined;
    const txs = preprocessBlock(block, flags, rules);
    const snapshot = this.#state.snapshot();
    try {
      const batch = await validateAndPrepareBatch(block.number, txs, flags, snapshot, {
        doMVCCValidation: privateData !== undefined,
        hasMetadata: (namespace) => this.#state.hasMetadata(namespace),
      });
      const validated = { blockNum: block.number, txs, flags, batch };
      return { txs, batch, private: await this.#private.prepare(validated, snapshot, privateData) };
    } finally {
      snapshot.release();
    }
  }

  // The block is stored. A failure from here on leaves databases behind it, which only opening again can mend.
  async #applyToDBs(
    blockNum: number,
    flags: Uint8Array,
    prepared: Prepared,
  ): Promise<{ state: number; history: number }> {
    try {
      const began = this.#clock.now();
      if (this.#state.lastBlock < blockNum) {
        this.#state.apply(blockNum, prepared.batch, prepared.private.updates);
        this.#richQueries?.applied(blockNum, prepared.batch);
      }
      const applied = this.#clock.now();
      if (this.#history && this.#history.nextBlock <= blockNum) {
        await this.#history.add(blockNum, prepared.txs, flags);
      }
      return { state: applied - began, history: this.#clock.now() - applied };
    } catch (error) {
      this.#failure = error;
      throw error;
    }
  }

  // Stores state and history while the next block is validated. What fails is tried again after the next block, and
  // when memory is full, commits wait for it and fail with it.
  #storeBehind(): void {
    this.#storing ??= this.#storeDue().finally(() => {
      this.#storing = undefined;
    });
  }

  async #storeDue(): Promise<void> {
    try {
      if (this.#state.flushDue) await this.#state.flush();
      await this.#history?.flushIfDue();
      await this.#private.pvtData.cleanUp(this.#state.savepoint);
    } catch (error) {
      this.#log.warn(`${this.ledgerId}: cannot store state now: ${messageOf(error)}`);
    }
  }

  async #makeRoom(): Promise<void> {
    await this.#state.makeRoom();
    await this.#history?.makeRoom();
  }

  async #recoverDBs(): Promise<void> {
    const { height, firstBlock } = this.#blockStore;
    await this.#history?.skipTo(firstBlock);
    const nextOfState = this.#state.lastBlock + 1;
    const nextOfHistory = this.#history?.nextBlock ?? height;
    if (nextOfState > height || nextOfHistory > height) {
      const text = `${this.ledgerId} has ${height} blocks, but state of ${nextOfState} and history of ${nextOfHistory}; rebuild its databases`;
      throw new LedgerError('LEDGER_CORRUPT', text);
    }
    if (nextOfState < firstBlock) {
      const text = `${this.ledgerId} was made from a snapshot of block ${firstBlock - 1}, and its state cannot be rebuilt; remove it and join again`;
      throw new LedgerError('LEDGER_CORRUPT', text);
    }
    const first = Math.min(nextOfState, nextOfHistory);
    if (first < height)
      this.#log.info(`${this.ledgerId}: replaying blocks ${first} to ${height - 1}`);
    for (let blockNum = first; blockNum < height; blockNum++) await this.#recommit(blockNum);
  }

  async #recommit(blockNum: number): Promise<void> {
    const bytes = await this.#blockStore.retrieveBlockByNumber(blockNum);
    const block = parseBlock(bytes ?? new Uint8Array());
    const flags = transactionsFilterOf(block).slice();
    checkFlags(block, flags);
    await this.#makeRoom();
    const prepared = await this.#validateAndPrepare(block, flags, undefined);
    await prepared.private.store();
    await this.#applyToDBs(blockNum, flags, prepared);
    await this.#storeDue();
  }

  #checkUsable(): void {
    if (this.#closed) throw new LedgerError('LEDGER_CLOSED', `ledger ${this.ledgerId} is closed`);
    if (this.#failure === undefined) return;
    const text = `ledger ${this.ledgerId} failed after storing a block: ${messageOf(this.#failure)}; open it again`;
    throw new LedgerError('LEDGER_FAILED', text, { cause: this.#failure });
  }
}

async function lastCommitHash(blockStore: BlockStore): Promise<Uint8Array> {
  const { height, firstBlock, bootstrap } = blockStore;
  if (bootstrap && height === firstBlock) return bootstrap.lastBlockCommitHash;
  const last = await blockStore.retrieveBlockByNumber(height - 1);
  return last ? commitHashOf(parseBlock(last)) : new Uint8Array();
}

function withFinalMetadata(
  block: SerializedBlock,
  flags: Uint8Array,
  commitHash: Uint8Array,
): SerializedBlock {
  const hash = commitHash.length > 0 ? commitHashSlot(commitHash) : new Uint8Array();
  return parseBlock(
    withMetadata(
      block,
      new Map([
        [TRANSACTIONS_FILTER, flags],
        [COMMIT_HASH, hash],
      ]),
    ),
  );
}
