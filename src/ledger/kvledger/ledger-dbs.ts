// SPDX-License-Identifier: Apache-2.0
// What a ledger makes of its blocks: the state, private data beside it, and history (txmgmt/txmgr/lockbased_txmgr.go, and the
// databases that kv_ledger.go holds). Blocks are applied in memory, and stored behind the commits, many at a time; what a
// crash takes is made again from the blocks (see recovery).
import type { Clock } from '../../common/runtime/clock.ts';
import { messageOf } from '../../common/runtime/errors.ts';
import { type Logger, silentLogger } from '../../common/runtime/log.ts';
import type { SerializedBlock } from '../blkstorage/serialized-block.ts';
import type { PrivateData } from '../pvtdatastorage/pvt-write-set.ts';
import type { QueryExecutor, TxSimulator } from '../types.ts';
import { HistoryDB } from './history/history-db.ts';
import type { KVLedgerOptions } from './kv-ledger-options.ts';
import type { LedgerStores } from './ledger-files.ts';
import { type PreparedPrivate, PrivatePart } from './private-part.ts';
import { StateQueryExecutor } from './txmgmt/query-executor.ts';
import { problemOfKeyValue } from './txmgmt/statedb/richquery/key-value-rules.ts';
import { RichQueries } from './txmgmt/statedb/richquery/rich-queries.ts';
import { StateDB } from './txmgmt/statedb/state-db.ts';
import type { UpdateBatch } from './txmgmt/statedb/update-batch.ts';
import { StateTxSimulator } from './txmgmt/tx-simulator.ts';
import { type PreparedTx, preprocessBlock } from './validation/batch-preparer.ts';
import { validateAndPrepareBatch } from './validation/validator.ts';

/** What a block does to the databases. */
export interface Prepared {
  readonly txs: readonly PreparedTx[];
  readonly batch: UpdateBatch;
  readonly private: PreparedPrivate;
}

interface Parts {
  readonly state: StateDB;
  readonly history: HistoryDB | undefined;
  readonly private: PrivatePart;
}

export class LedgerDBs {
  readonly state: StateDB;
  /** Absent when the history database is off. */
  readonly history: HistoryDB | undefined;
  readonly private: PrivatePart;
  /** Absent on a plain key-value state database. */
  readonly richQueries: RichQueries | undefined;
  readonly #ledgerId: string;
  readonly #clock: Clock;
  readonly #log: Logger;
  #storing: Promise<void> | undefined;

  private constructor(ledgerId: string, parts: Parts, clock: Clock, options: KVLedgerOptions) {
    this.state = parts.state;
    this.history = parts.history;
    this.private = parts.private;
    this.richQueries = options.stateDatabase === 'CouchDB' ? new RichQueries() : undefined;
    this.#ledgerId = ledgerId;
    this.#clock = clock;
    this.#log = options.logger ?? silentLogger;
  }

  static async open(
    ledgerId: string,
    stores: LedgerStores,
    clock: Clock,
    options: KVLedgerOptions,
  ): Promise<LedgerDBs> {
    const { logger = silentLogger } = options;
    const state = await StateDB.open(stores.state, options.state);
    const history = stores.history && (await HistoryDB.open(stores.history, options.historyIndex));
    const stored = state.snapshot();
    const pvt = await PrivatePart.open(
      stores.pvtdata,
      options.private ?? {},
      logger,
      stored,
    ).finally(() => stored.release());
    return new LedgerDBs(ledgerId, { state, history, private: pvt }, clock, options);
  }

  newQueryExecutor(): QueryExecutor {
    const snapshot = this.state.snapshot();
    const collections = this.private.configHistory.checkerAt(snapshot.asOf);
    const richQueries = this.richQueries;
    return new StateQueryExecutor(snapshot, undefined, { collections, richQueries });
  }

  newTxSimulator(txId: string): TxSimulator {
    const snapshot = this.state.snapshot();
    const collections = this.private.configHistory.checkerAt(snapshot.asOf);
    const richQueries = this.richQueries;
    return new StateTxSimulator(txId, snapshot, { collections, richQueries });
  }

  /**
   * Works out what a block does; changes nothing but its codes. Without private data it is a replay, which trusts the
   * codes.
   */
  async validateAndPrepare(
    block: SerializedBlock,
    flags: Uint8Array,
    privateData: PrivateData | undefined,
  ): Promise<Prepared> {
    // The codes of a stored block are kept, even if it was stored with another kind of state database.
    const rules = privateData && this.richQueries ? problemOfKeyValue : undefined;
    const txs = preprocessBlock(block, flags, rules);
    const snapshot = this.state.snapshot();
    try {
      const batch = await validateAndPrepareBatch(block.number, txs, flags, snapshot, {
        doMVCCValidation: privateData !== undefined,
        hasMetadata: (namespace) => this.state.hasMetadata(namespace),
      });
      const validated = { blockNum: block.number, txs, flags, batch };
      return { txs, batch, private: await this.private.prepare(validated, snapshot, privateData) };
    } finally {
      snapshot.release();
    }
  }

  /** Applies a block, in memory, to the databases that lack it. Gives the milliseconds it took each. */
  async apply(
    blockNum: number,
    flags: Uint8Array,
    prepared: Prepared,
  ): Promise<{ state: number; history: number }> {
    const began = this.#clock.now();
    if (this.state.lastBlock < blockNum) {
      this.state.apply(blockNum, prepared.batch, prepared.private.updates);
      this.richQueries?.applied(blockNum, prepared.batch);
    }
    const applied = this.#clock.now();
    if (this.history && this.history.nextBlock <= blockNum) {
      await this.history.add(blockNum, prepared.txs, flags);
    }
    return { state: applied - began, history: this.#clock.now() - applied };
  }

  /** Stores what is in memory if there is too much of it. Call before a block is prepared. */
  async makeRoom(): Promise<void> {
    await this.state.makeRoom();
    await this.history?.makeRoom();
  }

  /**
   * Stores while the next block is validated. What fails is tried again after the next block, and when memory is full,
   * commits wait for it and fail with it.
   */
  storeBehind(): void {
    this.#storing ??= this.storeDue().finally(() => {
      this.#storing = undefined;
    });
  }

  /** Stores what is due; what fails stays due. */
  async storeDue(): Promise<void> {
    try {
      if (this.state.flushDue) await this.state.flush();
      await this.history?.flushIfDue();
      await this.#cleanUp();
    } catch (error) {
      this.#log.warn(`${this.#ledgerId}: cannot store state now: ${messageOf(error)}`);
    }
  }

  // Rows that a replay would need go when none can come any more; a power cut could take back what is not synced.
  async #cleanUp(): Promise<void> {
    const { pvtData } = this.private;
    if (!pvtData.isCleanUpDue(this.state.savepoint)) return;
    await pvtData.cleanUp(await this.state.sync());
  }

  /** Stores all that is in memory, behind what is being stored. */
  async flush(): Promise<void> {
    await this.#storing;
    await this.state.flush();
    await this.history?.flush();
  }
}
