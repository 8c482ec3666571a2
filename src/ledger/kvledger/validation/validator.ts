// SPDX-License-Identifier: Apache-2.0
// Serializability: transactions are taken in the order of the block, and each is valid only if what it read is what stands
// after the valid ones before it (validation/validator.go). Per namespace: public reads, range queries, private reads.
import { type kvrwset, protos } from '../../../common/protos/index.ts';
import type { Version, VersionedValue } from '../../types.ts';
import { toBinary, utf8ToBinary } from '../../util/binary-string.ts';
import { isSameVersion, type NsRwSet, type TxRwSet } from '../txmgmt/rwsetutil/tx-rw-set.ts';
import type { StateSnapshot } from '../txmgmt/statedb/state-db.ts';
import { hashedDataNs, stateKeyOfBinary } from '../txmgmt/statedb/state-key.ts';
import { UpdateBatch } from '../txmgmt/statedb/update-batch.ts';
import type { PreparedTx } from './batch-preparer.ts';
import { validateRangeQuery } from './range-query-validator.ts';
import { applyWriteSet, type CommittedReader } from './tx-ops.ts';

const { VALID, MVCC_READ_CONFLICT, PHANTOM_READ_CONFLICT } = protos.TxValidationCode;

export interface ValidatorOptions {
  /** False when the codes of a stored block are to be trusted. */
  readonly doMVCCValidation: boolean;
  /** Whether a namespace ever had metadata; if not, none is looked up for its written keys. */
  readonly hasMetadata: (namespace: string) => boolean;
}

/** Validates prepared transactions, marking those that fail in `flags`; the result is what the others change. */
export async function validateAndPrepareBatch(
  blockNum: number,
  txs: readonly PreparedTx[],
  flags: Uint8Array,
  state: StateSnapshot,
  options: ValidatorOptions,
): Promise<UpdateBatch> {
  const batch = new UpdateBatch();
  const validator = new Validator(state, batch, options.hasMetadata);
  await validator.preload(txs, options.doMVCCValidation);
  for (const { txNum, rwSet } of txs) {
    const code = options.doMVCCValidation ? await validator.validate(rwSet) : VALID;
    flags[txNum] = code;
    if (code === VALID) {
      applyWriteSet(rwSet, { blockNum, txNum }, batch, validator.committed);
    }
  }
  return batch;
}

class Validator {
  readonly #state: StateSnapshot;
  readonly #batch: UpdateBatch;
  readonly #hasMetadata: (namespace: string) => boolean;
  // Of what is read, the version decides; of what is written, some is merged with what stands.
  readonly #versions = new Map<string, Version | undefined>();
  readonly #loaded = new Map<string, VersionedValue | undefined>();

  constructor(
    state: StateSnapshot,
    batch: UpdateBatch,
    hasMetadata: (namespace: string) => boolean,
  ) {
    this.#state = state;
    this.#batch = batch;
    this.#hasMetadata = hasMetadata;
  }

  // All keys that the block may need are read at once, because many single reads of IndexedDB take far longer.
  async preload(txs: readonly PreparedTx[], withReads: boolean): Promise<void> {
    const read = new Set<string>();
    const written = new Set<string>();
    for (const { rwSet } of txs) {
      for (const ns of rwSet) {
        if (withReads) for (const key of readKeysOf(ns)) read.add(key);
        for (const key of this.#writtenKeysOf(ns)) written.add(key);
      }
    }
    const [reads, writes] = [[...read], [...written]];
    const [versions, values] = await Promise.all([
      this.#state.getVersions(reads),
      this.#state.getMany(writes),
    ]);
    reads.forEach((key, i) => {
      this.#versions.set(key, versions[i]);
    });
    writes.forEach((key, i) => {
      this.#loaded.set(key, values[i]);
    });
  }

  async validate(rwSet: TxRwSet): Promise<number> {
    for (const ns of rwSet) {
      for (const read of ns.kv.reads) {
        if (!this.#isCurrent(ns.namespace, '', utf8ToBinary(read.key), read.version)) {
          return MVCC_READ_CONFLICT;
        }
      }
      for (const info of ns.kv.range_queries_info) {
        if (!(await validateRangeQuery(ns.namespace, info, this.#state, this.#batch))) {
          return PHANTOM_READ_CONFLICT;
        }
      }
      for (const { collection, hashed } of ns.collections) {
        for (const read of hashed.hashed_reads) {
          const key = toBinary(read.key_hash);
          if (!this.#isCurrent(ns.namespace, collection, key, read.version)) {
            return MVCC_READ_CONFLICT;
          }
        }
      }
    }
    return VALID;
  }

  // What was not loaded is asked for its metadata only, and is of a namespace that has none.
  readonly committed: CommittedReader = (namespace, collection, key) =>
    this.#loaded.get(collectionKey(namespace, collection, key));

  #isCurrent(
    namespace: string,
    collection: string,
    key: string,
    version: kvrwset.IVersion | null,
  ): boolean {
    if (this.#batch.get(namespace, collection, key)) return false;
    return isSameVersion(version, this.#versions.get(collectionKey(namespace, collection, key)));
  }

  // Committed metadata is kept by a write of a value, the committed value by a write of metadata, and so it is by two
  // writes of one key (see tx-ops).
  *#writtenKeysOf({ namespace, kv, collections }: NsRwSet): Generator<string> {
    const all = this.#hasMetadata(namespace);
    const values = kv.writes.map(({ key }) => utf8ToBinary(key));
    for (const key of all ? values : repeated(values)) yield collectionKey(namespace, '', key);
    for (const { key } of kv.metadata_writes) {
      yield collectionKey(namespace, '', utf8ToBinary(key));
    }
    for (const { collection, hashed } of collections) {
      const hashes = hashed.hashed_writes.map(({ key_hash }) => toBinary(key_hash));
      for (const key of all ? hashes : repeated(hashes)) {
        yield collectionKey(namespace, collection, key);
      }
      for (const { key_hash } of hashed.metadata_writes) {
        yield collectionKey(namespace, collection, toBinary(key_hash));
      }
    }
  }
}

function* readKeysOf({ namespace, kv, collections }: NsRwSet): Generator<string> {
  for (const { key } of kv.reads) yield collectionKey(namespace, '', utf8ToBinary(key));
  for (const { collection, hashed } of collections) {
    for (const { key_hash } of hashed.hashed_reads) {
      yield collectionKey(namespace, collection, toBinary(key_hash));
    }
  }
}

function collectionKey(namespace: string, collection: string, key: string): string {
  return stateKeyOfBinary(collection === '' ? namespace : hashedDataNs(namespace, collection), key);
}

function repeated(keys: readonly string[]): string[] {
  const seen = new Set<string>();
  return keys.filter((key) => seen.has(key) || !seen.add(key));
}
