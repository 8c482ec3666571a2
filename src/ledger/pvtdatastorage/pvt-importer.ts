// SPDX-License-Identifier: Apache-2.0
// Takes the hashes of private data from a snapshot (pvtdatastorage/snapshot_data_importer.go): when each expires, and that
// the clear data is not here.
import { EMPTY_BYTES } from '../../common/runtime/bytes.ts';
import { type CollectionInfo, expiringBlock } from '../collection-info.ts';
import type { KVOperation, KVStore } from '../kv-store.ts';
import type { PvtDataId, Version } from '../types.ts';
import { fromBinary } from '../util/binary-string.ts';
import { expiryKey } from './pvt-keys.ts';

const BATCH = 1000;

export class PvtImporter {
  readonly #store: KVStore;
  readonly #infoOf: (namespace: string, collection: string) => CollectionInfo | undefined;
  readonly #missingRow: (id: PvtDataId) => KVOperation;
  #operations: KVOperation[] = [];

  constructor(
    store: KVStore,
    infoOf: (namespace: string, collection: string) => CollectionInfo | undefined,
    missingRow: (id: PvtDataId) => KVOperation,
  ) {
    this.#store = store;
    this.#infoOf = infoOf;
    this.#missingRow = missingRow;
  }

  /** @param keyHash as a binary string. */
  async add(
    namespace: string,
    collection: string,
    keyHash: string,
    { blockNum, txNum }: Version,
  ): Promise<void> {
    this.#operations.push(this.#missingRow({ blockNum, txNum, namespace, collection }));
    const expiry = expiringBlock(this.#infoOf(namespace, collection), blockNum);
    if (expiry !== undefined) {
      const id = { namespace, collection, keyHash: fromBinary(keyHash) };
      const key = expiryKey(expiry, blockNum, id);
      this.#operations.push({ type: 'put', key, value: EMPTY_BYTES });
    }
    if (this.#operations.length >= BATCH) await this.#flush();
  }

  async done(): Promise<void> {
    await this.#flush({ durable: true });
  }

  async #flush(options?: { durable: boolean }): Promise<void> {
    const operations = this.#operations;
    this.#operations = [];
    await this.#store.write(operations, options);
  }
}
