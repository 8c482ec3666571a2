// SPDX-License-Identifier: Apache-2.0
// Private write sets of transactions that are endorsed and not committed yet (core/transientstore/store.go). The block has only
// their hashes; the committer takes the clear data from here. What is never submitted is purged by height.
//
// Fabric's store has no bound. A tab's disk does, and whoever may propose could fill it with transactions that are never
// submitted: a full store refuses what is new, so that nothing is lost that somebody has a signed endorsement for.
import { transientstore } from '../../common/protos/index.ts';
import { toHex } from '../../common/runtime/bytes.ts';
import { messageOf } from '../../common/runtime/errors.ts';
import type { RandomBytes } from '../../common/runtime/random.ts';
import type { KVOperation, KVStore } from '../kv-store.ts';
import { LedgerError } from '../types.ts';
import { readUint64, uint64Bytes } from '../util/codec.ts';
import { Mutex } from '../util/mutex.ts';
import {
  belowHeight,
  byHeightKey,
  byTxIdKey,
  heightOf,
  indexOf,
  parseByHeightKey,
  parseByTxIdKey,
  rwSetKey,
  rwSetsOf,
  type TransientId,
} from './transient-keys.ts';

export interface TransientStoreOptions {
  /** Of all write sets together. */
  readonly maxTotalBytes: number;
  /** Write sets of one transaction; several peers may have endorsed it. */
  readonly maxSetsPerTx: number;
}

export const DEFAULT_TRANSIENT_STORE_OPTIONS: TransientStoreOptions = Object.freeze({
  maxTotalBytes: 128 * 2 ** 20,
  maxSetsPerTx: 64,
});

/** A write set, and the ledger's height when it came. */
export interface EndorserPvtSimulationResults {
  readonly receivedAtBlockHeight: number;
  readonly results: transientstore.TxPvtReadWriteSetWithConfigInfo;
}

const PURGE_ROWS = 500;

/** The transient store of one channel. */
export class TransientStore {
  readonly #store: KVStore;
  readonly #random: RandomBytes;
  readonly #options: TransientStoreOptions;
  readonly #purging = new Mutex();
  // How many sets a transaction has here: most blocks have nothing to look for.
  readonly #txIds = new Map<string, number>();
  #totalBytes = 0;

  private constructor(store: KVStore, random: RandomBytes, options: TransientStoreOptions) {
    this.#store = store;
    this.#random = random;
    this.#options = options;
  }

  static async open(
    store: KVStore,
    random: RandomBytes,
    options: Partial<TransientStoreOptions> = {},
  ): Promise<TransientStore> {
    const all = { ...DEFAULT_TRANSIENT_STORE_OPTIONS, ...options };
    const opened = new TransientStore(store, random, all);
    for await (const [key, size] of store.range(belowHeight())) {
      opened.#count(parseByHeightKey(key).txId, 1, readUint64(size));
    }
    return opened;
  }

  /** Bytes of all write sets. */
  get totalBytes(): number {
    return this.#totalBytes;
  }

  /** Whether there is anything of a transaction. */
  has(txId: string): boolean {
    return this.#txIds.has(txId);
  }

  /**
   * Keeps the private write sets of an endorsement; durable on return. Throws LedgerError TRANSIENT_STORE_FULL.
   *
   * @param blockHeight of the ledger, now.
   */
  async persist(
    txId: string,
    blockHeight: number,
    results: transientstore.ITxPvtReadWriteSetWithConfigInfo,
  ): Promise<void> {
    const value = transientstore.TxPvtReadWriteSetWithConfigInfo.encode(results).finish();
    this.#checkRoom(txId, value.length);
    const id = { txId, uuid: toHex(this.#random(16)), blockHeight };
    // Counted before it is written, so that many at once do not pass the bound together.
    this.#count(txId, 1, value.length);
    try {
      const size = uint64Bytes(value.length);
      const rows: KVOperation[] = [
        { type: 'put', key: rwSetKey(id), value },
        { type: 'put', key: byHeightKey(id), value: size },
        { type: 'put', key: byTxIdKey(id), value: size },
      ];
      await this.#store.write(rows, { durable: true });
    } catch (error) {
      this.#count(txId, -1, -value.length);
      throw error;
    }
  }

  /** What endorsements of a transaction left here. */
  async getTxPvtRWSetByTxid(txId: string): Promise<EndorserPvtSimulationResults[]> {
    const found: EndorserPvtSimulationResults[] = [];
    if (!this.has(txId)) return found;
    for await (const [key, value] of this.#store.range(rwSetsOf(txId))) {
      found.push({ receivedAtBlockHeight: heightOf(key), results: decode(value, txId) });
    }
    return found;
  }

  /** Forgets transactions that stand in a block. */
  purgeByTxids(txIds: readonly string[]): Promise<void> {
    return this.#purging.run(() => this.#purgeByTxids(txIds));
  }

  /** Forgets what came when the ledger was lower than `height`. */
  purgeBelowHeight(height: number): Promise<void> {
    return this.#purging.run(() => this.#purgeBelowHeight(height));
  }

  /** The least height that something came at; undefined when there is nothing. */
  async getMinTransientBlkHt(): Promise<number | undefined> {
    for await (const [key] of this.#store.range({ ...belowHeight(), limit: 1 })) {
      return parseByHeightKey(key).blockHeight;
    }
    return undefined;
  }

  async #purgeByTxids(txIds: readonly string[]): Promise<void> {
    const rows: [TransientId, number][] = [];
    for (const txId of new Set(txIds)) {
      if (!this.has(txId)) continue;
      for await (const [key, size] of this.#store.range(indexOf(txId))) {
        rows.push([parseByTxIdKey(key), readUint64(size)]);
      }
    }
    await this.#purge(rows);
  }

  async #purgeBelowHeight(height: number): Promise<void> {
    for (;;) {
      const rows: [TransientId, number][] = [];
      const range = { ...belowHeight(height), limit: PURGE_ROWS };
      for await (const [key, size] of this.#store.range(range)) {
        rows.push([parseByHeightKey(key), readUint64(size)]);
      }
      await this.#purge(rows);
      if (rows.length < PURGE_ROWS) return;
    }
  }

  async #purge(rows: readonly (readonly [TransientId, number])[]): Promise<void> {
    if (rows.length === 0) return;
    const keys = rows.flatMap(([id]) => [rwSetKey(id), byHeightKey(id), byTxIdKey(id)]);
    await this.#store.write(keys.map((key) => ({ type: 'delete', key })));
    for (const [{ txId }, size] of rows) this.#count(txId, -1, -size);
  }

  #checkRoom(txId: string, size: number): void {
    const { maxTotalBytes, maxSetsPerTx } = this.#options;
    const isFull = this.#totalBytes + size > maxTotalBytes;
    if (!isFull && (this.#txIds.get(txId) ?? 0) < maxSetsPerTx) return;
    const what = isFull
      ? `the transient store holds ${this.#totalBytes} of at most ${maxTotalBytes} bytes of private data that was never submitted`
      : `the transient store holds ${maxSetsPerTx} write sets of this transaction already`;
    const text = `private data of transaction ${txId} is not taken: ${what}`;
    throw new LedgerError('TRANSIENT_STORE_FULL', text);
  }

  #count(txId: string, sets: number, bytes: number): void {
    const count = (this.#txIds.get(txId) ?? 0) + sets;
    if (count > 0) this.#txIds.set(txId, count);
    else this.#txIds.delete(txId);
    this.#totalBytes += bytes;
  }
}

function decode(value: Uint8Array, txId: string): transientstore.TxPvtReadWriteSetWithConfigInfo {
  try {
    return transientstore.TxPvtReadWriteSetWithConfigInfo.decode(value);
  } catch (cause) {
    const text = `the transient store's data of transaction ${txId} cannot be read: ${messageOf(cause)}`;
    throw new LedgerError('STORE_UNREADABLE', text, { cause });
  }
}
