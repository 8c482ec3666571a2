// SPDX-License-Identifier: Apache-2.0
// Which transactions wrote a key (core/ledger/kvledger/history of Fabric). The index holds places only; the values are
// read from the blocks. Fabric writes one LevelDB entry a write; here they are postings, kept in memory at first and
// added again from the blocks after a crash.
import { common, protos } from '../../../common/protos/index.ts';
import { getActionFromEnvelope } from '../../../common/protoutil/txutils.ts';
import {
  unmarshalChannelHeader,
  unmarshalEnvelope,
  unmarshalPayload,
} from '../../../common/protoutil/unmarshalers.ts';
import type { BlockStore } from '../../blkstorage/block-store.ts';
import type { KVStore } from '../../kv-store.ts';
import { PostingIndex, type PostingIndexOptions } from '../../postings/posting-index.ts';
import type { Posting } from '../../postings/segment.ts';
import { type KeyModification, LedgerError, type ResultsIterator } from '../../types.ts';
import { Mutex } from '../../util/mutex.ts';
import { isKVWriteDelete, txRwSetFromBytes } from '../txmgmt/rwsetutil/tx-rw-set.ts';
import { stateKey } from '../txmgmt/statedb/state-key.ts';
import type { PreparedTx } from '../validation/batch-preparer.ts';

export class HistoryDB {
  readonly #store: KVStore;
  readonly #index: PostingIndex;
  readonly #writing = new Mutex();

  private constructor(store: KVStore, index: PostingIndex) {
    this.#store = store;
    this.#index = index;
  }

  static async open(store: KVStore, options?: Partial<PostingIndexOptions>): Promise<HistoryDB> {
    return new HistoryDB(store, await PostingIndex.open(store, options));
  }

  /** The block to be added next. */
  get nextBlock(): number {
    return this.#index.nextBlock;
  }

  /** Adds the public writes of a block's valid endorser transactions. */
  async add(blockNum: number, txs: readonly PreparedTx[], flags: Uint8Array): Promise<void> {
    await this.#writing.run(async () => this.#index.add(blockNum, writtenKeys(txs, flags)));
  }

  /** Passes over blocks that are not here: history begins behind a snapshot. */
  async skipTo(blockNum: number): Promise<void> {
    await this.#writing.run(async () => {
      while (this.#index.nextBlock < blockNum) this.#index.add(this.#index.nextBlock, []);
    });
  }

  /** Stores what is in memory when there is enough of it. Rejects when the store fails; nothing is lost then. */
  async flushIfDue(): Promise<void> {
    if (this.#index.flushDue) await this.flush();
  }

  /** Stores what is in memory if there is too much of it. Call before a commit. */
  async makeRoom(): Promise<void> {
    if (this.#index.flushOverdue) await this.flush();
  }

  async flush(): Promise<void> {
    await this.#writing.run(async () => {
      const flush = await this.#index.prepareFlush();
      if (!flush) return;
      await this.#store.write(flush.operations);
      flush.apply();
    });
  }

  /** Changes of a key, newest first. */
  getHistoryForKey(
    namespace: string,
    key: string,
    blockStore: BlockStore,
  ): ResultsIterator<KeyModification> {
    const postings = this.#index.find(stateKey(namespace, key), { reverse: true });
    return {
      next: async () => {
        const { value: posting, done } = await postings.next();
        return done ? undefined : keyModification(blockStore, posting, namespace, key);
      },
      close: () => void postings.return(undefined),
    };
  }
}

function* writtenKeys(
  txs: readonly PreparedTx[],
  flags: Uint8Array,
): Generator<readonly [string, number]> {
  for (const { txNum, type, rwSet } of txs) {
    if (flags[txNum] !== protos.TxValidationCode.VALID) continue;
    if (type !== common.HeaderType.ENDORSER_TRANSACTION) continue;
    const seen = new Set<string>();
    for (const { namespace, kv } of rwSet) {
      for (const write of kv.writes) {
        const key = stateKey(namespace, write.key);
        if (!seen.has(key)) yield [key, txNum];
        seen.add(key);
      }
    }
  }
}

async function keyModification(
  blockStore: BlockStore,
  { blockNum, txNum }: Posting,
  namespace: string,
  key: string,
): Promise<KeyModification> {
  const tx = await blockStore.retrieveTxByBlockNumTranNum(blockNum, txNum);
  const envelope = tx?.envelope ?? new Uint8Array();
  const { header } = unmarshalPayload(unmarshalEnvelope(envelope).payload);
  const { tx_id, timestamp } = unmarshalChannelHeader(header?.channel_header ?? new Uint8Array());
  const rwSet = txRwSetFromBytes(getActionFromEnvelope(envelope).results);
  const write = rwSet
    .find((ns) => ns.namespace === namespace)
    ?.kv.writes.find((candidate) => candidate.key === key);
  if (!write) {
    const text = `history says that transaction ${txNum} of block ${blockNum} writes ${key}, but it does not`;
    throw new LedgerError('LEDGER_CORRUPT', text);
  }
  const timestampMs =
    Number(timestamp?.seconds ?? 0) * 1000 + Math.floor((timestamp?.nanos ?? 0) / 1e6);
  const isDelete = isKVWriteDelete(write);
  return { txId: tx_id, value: write.value.slice(), timestampMs, isDelete, blockNum, txNum };
}
