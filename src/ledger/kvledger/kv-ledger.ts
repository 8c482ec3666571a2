// SPDX-License-Identifier: Apache-2.0
// One channel's ledger at a peer (core/ledger/kvledger/kv_ledger.go): block store, state and history, kept in step. The block store
// is the truth. Private data is stored before the block, so that none is lost with a block that is kept. State and history
// follow in memory and are stored behind it.
import type { Clock } from '../../common/runtime/clock.ts';
import { messageOf } from '../../common/runtime/errors.ts';
import { type Logger, silentLogger } from '../../common/runtime/log.ts';
import { BlockStore } from '../blkstorage/block-store.ts';
import { parseBlock, txIdsOf } from '../blkstorage/serialized-block.ts';
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
import { computeCommitHash, withFinalMetadata } from './commit-hash.ts';
import type { KVLedgerOptions } from './kv-ledger-options.ts';
import { LedgerDBs, type Prepared } from './ledger-dbs.ts';
import { closeAll, type LedgerStores } from './ledger-files.ts';
import { lastCommitHash, recoverDBs } from './recovery.ts';
import { type ExportOptions, exportLedger } from './snapshot/export-snapshot.ts';
import type { SnapshotWriter } from './snapshot/snapshot-files.ts';
import type { SnapshotMetadata } from './snapshot/snapshot-metadata.ts';
import { SnapshotRequests, storedRequests } from './snapshot/snapshot-requests.ts';
import {
  getPrivateDataHash,
  getVersionedValue,
  type ScannedState,
  scanState,
} from './state-queries.ts';
import type { UpdateBatch } from './txmgmt/statedb/update-batch.ts';
import { checkFlags } from './validation/batch-preparer.ts';

interface Parts {
  readonly blockStore: BlockStore;
  readonly dbs: LedgerDBs;
  /** Of the last block. */
  readonly commitHash: Uint8Array;
  readonly requests: readonly number[];
}

export class KVLedger implements PeerLedger {
  readonly ledgerId: string;
  readonly #stores: LedgerStores;
  readonly #blockStore: BlockStore;
  readonly #dbs: LedgerDBs;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #preResetHeight: number | undefined;
  readonly #requests: SnapshotRequests;
  readonly #committing = new Mutex();
  #commitHash: Uint8Array;
  #failure: unknown;
  #closing: Promise<void> | undefined;
  #closed = false;
  #storesClosed = false;

  private constructor(
    stores: LedgerStores,
    { blockStore, dbs, commitHash, requests }: Parts,
    clock: Clock,
    { logger = silentLogger, preResetHeight, snapshots: root }: KVLedgerOptions,
  ) {
    this.ledgerId = blockStore.ledgerId;
    this.#stores = stores;
    this.#blockStore = blockStore;
    this.#dbs = dbs;
    this.#commitHash = commitHash;
    this.#clock = clock;
    this.#log = logger;
    this.#preResetHeight = preResetHeight;
    const { ledgerId } = this;
    const lastBlock = blockStore.height - 1;
    const generate = (out: SnapshotWriter) => this.#exportSnapshot(out);
    const requested = { ledgerId, lastBlock, store: stores.pvtdata, root, logger, generate };
    this.#requests = new SnapshotRequests(requested, requests);
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
    const dbs = await LedgerDBs.open(ledgerId, stores, clock, options);
    await recoverDBs(blockStore, dbs, logger);
    const commitHash = await lastCommitHash(blockStore);
    const requests = await storedRequests(stores.pvtdata);
    const parts = { blockStore, dbs, commitHash, requests };
    const ledger = new KVLedger(stores, parts, clock, options);
    ledger.#requests.regenerateMissed();
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
    const { bootstrap } = this.#blockStore;
    const info = this.#blockStore.getBlockchainInfo();
    return bootstrap ? { ...info, lastBlockInSnapshot: bootstrap.lastBlockNumber } : info;
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
    return this.#dbs.newQueryExecutor();
  }

  newTxSimulator(txId: string): TxSimulator {
    this.#checkUsable();
    return this.#dbs.newTxSimulator(txId);
  }

  async getHistoryForKey(
    namespace: string,
    key: string,
  ): Promise<ResultsIterator<KeyModification>> {
    this.#checkUsable();
    const { history } = this.#dbs;
    if (history) return history.getHistoryForKey(namespace, key, this.#blockStore);
    throw new LedgerError('HISTORY_DISABLED', 'history database is not enabled');
  }

  async scanState(namespace: string, startKey: string, limit: number): Promise<ScannedState[]> {
    this.#checkUsable();
    return scanState(this.#dbs.state, namespace, startKey, limit);
  }

  async processIndexesForChaincodeDeploy(
    namespace: string,
    metaInf: ReadonlyMap<string, Uint8Array>,
  ): Promise<string[]> {
    return this.#dbs.richQueries?.processIndexesForChaincodeDeploy(namespace, metaInf) ?? [];
  }

  stateNamespaces(): Promise<string[]> {
    this.#checkUsable();
    return this.#dbs.state.namespaces();
  }

  async getVersionedValue(namespace: string, key: string): Promise<VersionedValue | undefined> {
    this.#checkUsable();
    return getVersionedValue(this.#dbs.state, namespace, key);
  }

  hasStateMetadata(namespace: string): boolean {
    return this.#dbs.state.hasMetadata(namespace);
  }

  async getPrivateDataHash(
    namespace: string,
    collection: string,
    keyHash: Uint8Array,
  ): Promise<VersionedValue | undefined> {
    this.#checkUsable();
    return getPrivateDataHash(this.#dbs.state, namespace, collection, keyHash);
  }

  /** The block's bytes must not be changed or transferred before this resolves. */
  commit(
    block: Uint8Array,
    flags: Uint8Array,
    privateData: PrivateData = new Map(),
  ): Promise<CommitResult> {
    const commit = (): Promise<CommitResult> => this.#commit(block, flags, privateData);
    return this.#committing.run(() => this.#requests.aroundCommit(commit));
  }

  getPvtDataByNum(blockNum: number): Promise<PvtData[]> {
    this.#checkUsable();
    return this.#dbs.private.pvtData.getPvtDataByBlockNum(blockNum, this.#blockStore.height);
  }

  getMissingPvtData(limit: number): Promise<PvtDataId[]> {
    this.#checkUsable();
    return this.#dbs.private.pvtData.getMissingPvtData(limit);
  }

  /**
   * Writes a snapshot of the ledger as it is after its last block, in Fabric's files. Commits wait for it. What was written
   * when it rejects is no snapshot.
   */
  generateSnapshot(out: SnapshotWriter, options?: ExportOptions): Promise<SnapshotMetadata> {
    return this.#committing.run(() => this.#exportSnapshot(out, options));
  }

  async submitSnapshotRequest(blockNum: number): Promise<void> {
    this.#checkUsable();
    await this.#requests.submit(blockNum);
  }

  async cancelSnapshotRequest(blockNum: number): Promise<void> {
    this.#checkUsable();
    await this.#requests.cancel(blockNum);
  }

  pendingSnapshotRequests(): number[] {
    return this.#requests.pending();
  }

  /** Stores state and history as of now, which a crash would make the next open do. */
  flush(): Promise<void> {
    return this.#dbs.flush();
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    await this.#committing.run(async () => {
      await this.#requests.stop();
      this.#closed = true;
    });
    await this.#blockStore.close();
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
    await this.#dbs.makeRoom();
    const prepared = await this.#dbs.validateAndPrepare(block, flags, privateData);
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
    this.#dbs.storeBehind();
    return { blockNum: block.number, txIds, flags: flags.slice(), commitHash, ms };
  }

  // The chain of commit hashes begins with block 1. One that lacks its beginning, in a ledger made elsewhere, is not begun.
  #nextCommitHash(blockNum: number, flags: Uint8Array, batch: UpdateBatch): Uint8Array {
    if (blockNum !== 1 && this.#commitHash.length === 0) return this.#commitHash;
    return computeCommitHash(flags, batch, this.#commitHash);
  }

  // The block is stored. A failure from here on leaves databases behind it, which only opening again can mend.
  async #applyToDBs(
    blockNum: number,
    flags: Uint8Array,
    prepared: Prepared,
  ): Promise<{ state: number; history: number }> {
    try {
      return await this.#dbs.apply(blockNum, flags, prepared);
    } catch (error) {
      this.#failure = error;
      throw error;
    }
  }

  async #exportSnapshot(out: SnapshotWriter, options?: ExportOptions): Promise<SnapshotMetadata> {
    this.#checkUsable();
    const exported = { blockStore: this.#blockStore, dbs: this.#dbs, commitHash: this.#commitHash };
    return exportLedger(exported, out, options);
  }

  #checkUsable(): void {
    if (this.#closed) throw new LedgerError('LEDGER_CLOSED', `ledger ${this.ledgerId} is closed`);
    if (this.#failure === undefined) return;
    const text = `ledger ${this.ledgerId} failed after storing a block: ${messageOf(this.#failure)}; open it again`;
    throw new LedgerError('LEDGER_FAILED', text, { cause: this.#failure });
  }
}
