// SPDX-License-Identifier: Apache-2.0
// The private side of a ledger: clear data, its expiry, and the history of collection configurations, which share one store
// so that one write before the block store makes all of it durable.
import { protos } from '../../common/protos/index.ts';
import { concat } from '../../common/runtime/bytes.ts';
import type { Logger } from '../../common/runtime/log.ts';
import type { CollectionInfoSource } from '../collection-info.ts';
import type { KVOperation, KVStore } from '../kv-store.ts';
import { PvtDataStore } from '../pvtdatastorage/pvt-data-store.ts';
import type { HashedSet, PrivateData } from '../pvtdatastorage/pvt-write-set.ts';
import { deleteRange } from '../util/delete-range.ts';
import { PrefixedKVStore } from '../util/prefixed-kv-store.ts';
import { ConfigHistory } from './confighistory/config-history.ts';
import { expiredUpdates, purgedUpdates } from './txmgmt/pvtstatepurgemgmt/purged-keys.ts';
import type { StateSnapshot } from './txmgmt/statedb/state-db.ts';
import type { UpdateBatch } from './txmgmt/statedb/update-batch.ts';
import type { PreparedTx } from './validation/batch-preparer.ts';
import { pvtUpdatesOf, type StateUpdates } from './validation/pvt-updates.ts';

export interface PrivatePartOptions {
  /** The peer's organisation; without it, data of every collection counts as wanted. */
  readonly mspId?: string;
  /** Collections of chaincodes that `_lifecycle` does not define. */
  readonly collections?: CollectionInfoSource;
}

/** A block whose transactions are validated. */
export interface ValidatedBlock {
  readonly blockNum: number;
  readonly txs: readonly PreparedTx[];
  readonly flags: Uint8Array;
  readonly batch: UpdateBatch;
}

/** What a block does on the private side; `store` makes it durable. */
export interface PreparedPrivate {
  readonly updates: StateUpdates;
  store(): Promise<void>;
}

const CONFIG_HISTORY = Uint8Array.of(0x63); // c; see pvt-keys for the others
const AFTER_CONFIG_HISTORY = Uint8Array.of(0x64);

/** Deletes the history of collection configurations, which blocks make again, from the store of a closed ledger. */
export function dropConfigHistory(store: KVStore): Promise<void> {
  return deleteRange(store, { gte: CONFIG_HISTORY, lt: AFTER_CONFIG_HISTORY });
}

export class PrivatePart {
  readonly configHistory: ConfigHistory;
  readonly pvtData: PvtDataStore;
  readonly #log: Logger;

  private constructor(configHistory: ConfigHistory, pvtData: PvtDataStore, log: Logger) {
    this.configHistory = configHistory;
    this.pvtData = pvtData;
    this.#log = log;
  }

  /** @param state as far as it is stored; absent while a snapshot is imported. */
  static async open(
    store: KVStore,
    options: PrivatePartOptions,
    log: Logger,
    state?: StateSnapshot,
  ): Promise<PrivatePart> {
    const rows = new PrefixedKVStore(store, CONFIG_HISTORY);
    const history = await ConfigHistory.open(rows, options.collections, state);
    const infoAt = history.collectionInfo.bind(history);
    return new PrivatePart(history, await PvtDataStore.open(store, infoAt, options), log);
  }

  /** Works out what a block does; `supplied` is absent when a stored block is replayed. */
  async prepare(
    { blockNum, txs, flags, batch }: ValidatedBlock,
    state: StateSnapshot,
    supplied: PrivateData | undefined,
  ): Promise<PreparedPrivate> {
    const sets = hashedSetsOf(blockNum, txs, flags);
    const commit = await this.pvtData.prepare({ blockNum, sets, ...(supplied && { supplied }) });
    for (const { txNum, namespace, collection } of commit.mismatches) {
      const text = `private data for ${namespace}/${collection} of transaction ${txNum} in block ${blockNum} does not have the hash in the block; it counts as missing`;
      this.#log.warn(text);
    }
    const updates = await pvtUpdatesOf(commit.data, batch, state);
    await purgedUpdates(this.pvtData, sets, commit.data, updates);
    await expiredUpdates(this.pvtData, blockNum, batch, state, updates);
    const definitions = await this.configHistory.updateOf(blockNum, batch, state);
    return {
      updates,
      store: async () => {
        await this.pvtData.commit(commit, definitions.operations.map(prefixed));
        definitions.apply();
      },
    };
  }
}

function prefixed(operation: KVOperation): KVOperation {
  return { ...operation, key: concat(CONFIG_HISTORY, operation.key) };
}

/** The collections with private writes of a block's valid transactions, in order. */
function hashedSetsOf(
  blockNum: number,
  txs: readonly PreparedTx[],
  flags: Uint8Array,
): HashedSet[] {
  const valid = txs.filter(({ txNum }) => flags[txNum] === protos.TxValidationCode.VALID);
  return valid.flatMap(({ txNum, rwSet }) =>
    rwSet.flatMap(({ namespace, collections }) =>
      collections
        .filter(({ pvtRwSetHash }) => pvtRwSetHash.length > 0)
        .map((set) => ({ blockNum, txNum, namespace, ...set })),
    ),
  );
}
