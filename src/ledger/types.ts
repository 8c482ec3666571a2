// SPDX-License-Identifier: Apache-2.0
// What the rest of a node sees of the ledger (Fabric's core/ledger/ledger_interface.go).
import type { StateDatabase } from '../common/network/types.ts';
import type { CollectionInfoSource } from './collection-info.ts';
import type { SnapshotReader, SnapshotWriter } from './kvledger/snapshot/snapshot-files.ts';
import type { SnapshotMetadata } from './kvledger/snapshot/snapshot-metadata.ts';

export { LedgerError, type LedgerErrorCode } from './ledger-error.ts';

export interface Version {
  readonly blockNum: number;
  readonly txNum: number;
}

export interface BlockchainInfo {
  readonly height: number;
  readonly currentBlockHash: Uint8Array;
  readonly previousBlockHash: Uint8Array;
  /** Of a ledger that was made from a snapshot, which has no blocks up to this one. */
  readonly lastBlockInSnapshot?: number;
}

export interface VersionedValue {
  readonly value: Uint8Array;
  readonly version: Version;
  /** Serialized metadata entries (statemetadata), empty when there are none. */
  readonly metadata: Uint8Array;
}

export interface KVResult {
  readonly namespace: string;
  readonly key: string;
  readonly value: Uint8Array;
  readonly version: Version;
}

/** An iterator that must be closed; `next` gives undefined at the end. */
export interface ResultsIterator<T> {
  next(): Promise<T | undefined>;
  close(): void;
}

export interface PagedResults<T> extends ResultsIterator<T> {
  /** After the rows were read: where the next page starts; empty at the end. */
  bookmark(): string;
}

/** Reads committed state at one height, consistently, until `done`. */
export interface QueryExecutor {
  getState(namespace: string, key: string): Promise<Uint8Array | undefined>;
  getStateMultipleKeys(
    namespace: string,
    keys: readonly string[],
  ): Promise<(Uint8Array | undefined)[]>;
  /** Rows of [startKey, endKey) in byte order; an empty endKey is the end of the namespace. */
  getStateRange(
    namespace: string,
    startKey: string,
    endKey: string,
  ): Promise<ResultsIterator<KVResult>>;
  getStateRangePaged(
    namespace: string,
    startKey: string,
    endKey: string,
    pageSize: number,
  ): Promise<PagedResults<KVResult>>;
  /** Rich (Mango) query. Throws LedgerError RICH_QUERY_UNSUPPORTED on a plain key-value state database. */
  executeQuery(namespace: string, query: string): Promise<ResultsIterator<KVResult>>;
  executeQueryPaged(
    namespace: string,
    query: string,
    bookmark: string,
    pageSize: number,
  ): Promise<PagedResults<KVResult>>;
  getStateMetadata(namespace: string, key: string): Promise<ReadonlyMap<string, Uint8Array>>;
  getPrivateData(
    namespace: string,
    collection: string,
    key: string,
  ): Promise<Uint8Array | undefined>;
  getPrivateDataHash(
    namespace: string,
    collection: string,
    key: string,
  ): Promise<Uint8Array | undefined>;
  getPrivateDataMetadata(
    namespace: string,
    collection: string,
    key: string,
  ): Promise<ReadonlyMap<string, Uint8Array>>;
  getPrivateDataRange(
    namespace: string,
    collection: string,
    startKey: string,
    endKey: string,
  ): Promise<ResultsIterator<KVResult>>;
  /** Rich query over the values of a private collection; in a simulation only without writes. */
  executeQueryOnPrivateData(
    namespace: string,
    collection: string,
    query: string,
  ): Promise<ResultsIterator<KVResult>>;
  done(): void;
}

/** A QueryExecutor that also records what it reads, and takes writes. No read-your-own-writes, as in Fabric. */
export interface TxSimulator extends QueryExecutor {
  setState(namespace: string, key: string, value: Uint8Array): void;
  deleteState(namespace: string, key: string): void;
  setStateMetadata(namespace: string, key: string, metadata: ReadonlyMap<string, Uint8Array>): void;
  deleteStateMetadata(namespace: string, key: string): void;
  setPrivateData(namespace: string, collection: string, key: string, value: Uint8Array): void;
  deletePrivateData(namespace: string, collection: string, key: string): void;
  purgePrivateData(namespace: string, collection: string, key: string): void;
  setPrivateDataMetadata(
    namespace: string,
    collection: string,
    key: string,
    metadata: ReadonlyMap<string, Uint8Array>,
  ): void;
  /** Ends the simulation. Deterministic bytes: two peers at one height give the same. */
  getTxSimulationResults(): Promise<SimulationResults>;
}

export interface SimulationResults {
  /** Serialized rwset.TxReadWriteSet. */
  readonly publicResults: Uint8Array;
  /** Serialized rwset.TxPvtReadWriteSet; absent without private writes. */
  readonly privateResults?: Uint8Array;
  /** Namespaces that were written, for the endorsement plan. */
  readonly writtenNamespaces: readonly string[];
  /** Collections of which a value was read, by namespace and name; those of which only hashes were are not among them. */
  readonly privateReads?: readonly { readonly namespace: string; readonly collection: string }[];
}

/** One change of a key; newest first in queries. */
export interface KeyModification {
  readonly txId: string;
  readonly value: Uint8Array;
  readonly timestampMs: number;
  readonly isDelete: boolean;
  readonly blockNum: number;
  readonly txNum: number;
}

export interface TransactionInfo {
  /** Serialized common.Envelope. */
  readonly envelope: Uint8Array;
  /** protos.TxValidationCode. */
  readonly validationCode: number;
  readonly blockNum: number;
  readonly txNum: number;
}

/** Whether and where a transaction was found valid. */
export type TxValidationCodeInfo = Omit<TransactionInfo, 'envelope'>;

/** What a commit did, for events, traces and the page. */
export interface CommitResult {
  readonly blockNum: number;
  readonly txIds: readonly string[];
  /** One protos.TxValidationCode a transaction, after MVCC. */
  readonly flags: Uint8Array;
  readonly commitHash: Uint8Array;
  /** Milliseconds of each stage. */
  readonly ms: Readonly<Record<'mvcc' | 'store' | 'state' | 'history', number>>;
}

/** The private writes of one transaction to one collection, by place and name. */
export interface PvtDataId {
  readonly blockNum: number;
  readonly txNum: number;
  readonly namespace: string;
  readonly collection: string;
}

/** Private writes in clear. */
export interface PvtData extends PvtDataId {
  /** Serialized kvrwset.KVRWSet. */
  readonly rwset: Uint8Array;
}

/** One channel's ledger at a peer. */
export interface PeerLedger {
  readonly ledgerId: string;
  /** The height that the ledger had before a reset, until it has it again; a peer refuses to endorse till then. */
  readonly preResetHeight: number | undefined;
  getBlockchainInfo(): BlockchainInfo;
  /** Serialized common.Block with its final metadata. The bytes are what was stored; do not change them. */
  getBlockByNumber(blockNum: number): Promise<Uint8Array | undefined>;
  getBlockByHash(hash: Uint8Array): Promise<Uint8Array | undefined>;
  getBlockByTxID(txId: string): Promise<Uint8Array | undefined>;
  /** The first transaction of this id; its code and place with it. */
  getTransactionByID(txId: string): Promise<TransactionInfo | undefined>;
  getTransactionByBlockNumTranNum(
    blockNum: number,
    txNum: number,
  ): Promise<TransactionInfo | undefined>;
  /** The code and place of the first transaction of this id, without reading its block. */
  getTxValidationCodeByTxID(txId: string): Promise<TxValidationCodeInfo | undefined>;
  /** True when a transaction with this id stands in any block, valid or not. */
  txIDExists(txId: string): Promise<boolean>;
  /** Blocks from `from` on; waits at the tip until the signal is aborted. */
  blocks(from: number, options: { signal: AbortSignal }): AsyncIterable<Uint8Array>;
  newQueryExecutor(): QueryExecutor;
  newTxSimulator(txId: string): TxSimulator;
  /** Newest first. Throws LedgerError HISTORY_DISABLED when the history database is off. */
  getHistoryForKey(namespace: string, key: string): Promise<ResultsIterator<KeyModification>>;
  /** Keys of the state with value and version, in byte order, for browsing. `startKey` inclusive. */
  scanState(
    namespace: string,
    startKey: string,
    limit: number,
  ): Promise<(KVResult & { metadata: Uint8Array })[]>;
  /**
   * Sets the indexes of a chaincode: files of its package by their paths below META-INF. Gives one line for each that is no
   * index. Of no effect on a plain key-value state database.
   */
  processIndexesForChaincodeDeploy(
    namespace: string,
    metaInf: ReadonlyMap<string, Uint8Array>,
  ): Promise<string[]>;
  /** Namespaces that hold at least one key. */
  stateNamespaces(): Promise<string[]>;
  /** Committed value, version and metadata of one key; for validation. */
  getVersionedValue(namespace: string, key: string): Promise<VersionedValue | undefined>;
  /** Whether any key of the namespace, or of its collections, ever had metadata; if not, none need be asked for. */
  hasStateMetadata(namespace: string): boolean;
  /** The same of a private key, by the hash of its name; the value is a hash as well. */
  getPrivateDataHash(
    namespace: string,
    collection: string,
    keyHash: Uint8Array,
  ): Promise<VersionedValue | undefined>;
  /**
   * Commits the next block: MVCC in transaction order over `flags` (codes of the validator; changed in place), block store, then state, then
   * history. When it resolves, the block is durable. Throws LedgerError BLOCK_OUT_OF_ORDER, HASH_MISMATCH, QUOTA_EXCEEDED, …; then nothing was committed.
   * `privateData` is a serialized rwset.TxPvtReadWriteSet by the number of its transaction. A set that is absent, or has not
   * the hash that the block tells, is recorded as missing.
   */
  commit(
    block: Uint8Array,
    flags: Uint8Array,
    privateData?: ReadonlyMap<number, Uint8Array>,
  ): Promise<CommitResult>;
  /**
   * Writes a snapshot of the ledger as it is after its last block, in Fabric's files. Commits wait for it. What was written
   * when it rejects is no snapshot.
   */
  generateSnapshot(out: SnapshotWriter): Promise<SnapshotMetadata>;
  /**
   * Asks for a snapshot as of a block, 0 being the last one. It is made when that block was committed, before the next one is, and
   * a snapshot that fails is not tried again. Durable on return. Throws LedgerError SNAPSHOT_REQUEST_INVALID, SNAPSHOTS_DISABLED.
   */
  submitSnapshotRequest(blockNum: number): Promise<void>;
  /** Throws LedgerError SNAPSHOT_REQUEST_INVALID when there is none, or it is being made. */
  cancelSnapshotRequest(blockNum: number): Promise<void>;
  /** Blocks whose snapshots were asked for and are not made yet, in order. */
  pendingSnapshotRequests(): number[];
  /** The private write sets that this peer has of a block, less what has been purged or has expired. */
  getPvtDataByNum(blockNum: number): Promise<PvtData[]>;
  /** Up to `limit` private write sets that this peer should have but lacks, oldest first. */
  getMissingPvtData(limit: number): Promise<PvtDataId[]>;
  close(): Promise<void>;
}

/** Fabric's msgs.Status. Only ACTIVE ledgers can be opened; what is UNDER_ something was interrupted. */
export type LedgerStatus = 'ACTIVE' | 'INACTIVE' | 'UNDER_CONSTRUCTION' | 'UNDER_DELETION';

/** What may differ between the ledgers of a peer; what is absent is as the provider was told. */
export interface LedgerSettings {
  /** Fabric's ledger.state.stateDatabase; the kind that the ledger has, or `goleveldb`, when nobody says. */
  readonly stateDatabase?: StateDatabase | undefined;
  /** Fabric's ledger.history.enableHistoryDatabase. */
  readonly enableHistoryDatabase?: boolean | undefined;
  /** Collections of chaincodes that `_lifecycle` does not define. */
  readonly collections?: CollectionInfoSource | undefined;
}

/** All ledgers of a peer. */
export interface LedgerProvider {
  /** Ids of the ledgers that can be opened. */
  list(): Promise<string[]>;
  /** All ledgers, those that cannot be opened as well. */
  statuses(): Promise<ReadonlyMap<string, LedgerStatus>>;
  /** True of a ledger that can be opened. */
  exists(ledgerId: string): Promise<boolean>;
  /**
   * Makes a ledger of a channel's genesis block (serialized common.Block, number 0) and opens it. The ledger's id is the
   * channel's. Throws LEDGER_EXISTS. One that was interrupted leaves nothing behind at the next start.
   */
  create(genesisBlock: Uint8Array, settings?: LedgerSettings): Promise<PeerLedger>;
  /**
   * Makes a ledger of a snapshot in Fabric's format and opens it; the next block it takes is the one after the snapshot's
   * last. Throws LEDGER_EXISTS, SNAPSHOT_INVALID. Whether the snapshot is one to be trusted is for the caller to know,
   * by its hash.
   */
  createFromSnapshot(files: SnapshotReader, settings?: LedgerSettings): Promise<PeerLedger>;
  /**
   * Opens a ledger, bringing databases that lag up to its blocks. A state that was made for another kind of state database
   * is made again. Throws LEDGER_NOT_FOUND, LEDGER_PAUSED, LEDGER_OPEN, LEDGER_CORRUPT.
   */
  open(ledgerId: string, settings?: LedgerSettings): Promise<PeerLedger>;
  /**
   * Drops state, history, history of collections and the index of blocks of a closed ledger; `open` makes them again from the
   * blocks. Blocks and private data are kept. Throws LEDGER_NOT_FOUND, LEDGER_OPEN, LEDGER_FROM_SNAPSHOT.
   */
  rebuildDBs(ledgerId: string): Promise<void>;
  /**
   * Makes a block the last one of a closed ledger, and drops what `rebuildDBs` drops. Private data is kept, and used again
   * when its block comes again. Throws ROLLBACK_INVALID unless the block is below the last one, and as `rebuildDBs`.
   */
  rollback(ledgerId: string, blockNum: number): Promise<void>;
  /**
   * Rolls all ledgers back to their genesis blocks, paused ones too; each knows its `preResetHeight` afterwards. Throws
   * LEDGER_OPEN or LEDGER_FROM_SNAPSHOT for any of them, before anything is changed.
   */
  reset(): Promise<void>;
  /** Makes a closed ledger INACTIVE, so that it cannot be opened. Throws LEDGER_NOT_FOUND, LEDGER_OPEN. */
  pause(ledgerId: string): Promise<void>;
  /** Makes it ACTIVE again. Throws LEDGER_NOT_FOUND. */
  resume(ledgerId: string): Promise<void>;
  /** Deletes a ledger, paused or not, and all it holds; closes it first. Throws LEDGER_NOT_FOUND. */
  remove(ledgerId: string): Promise<void>;
  /** Closes all open ledgers. */
  close(): Promise<void>;
}
