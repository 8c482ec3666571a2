// SPDX-License-Identifier: Apache-2.0
// Fills an empty state database with the records of a snapshot (importFromSnapshot of privacyenabledstate/snapshot.go), some at
// a time. The savepoint comes last: a database without one is not complete.
import type { KVOperation, KVStore } from '../../../kv-store.ts';
import type { VersionedValue } from '../../../types.ts';
import { fromBinary, utf8ToBinary } from '../../../util/binary-string.ts';
import { uint64Bytes } from '../../../util/codec.ts';
import { DATA, METADATA_HINT, SAVEPOINT } from './state-db.ts';
import { stateKeyOfBinary } from './state-key.ts';
import { encodeStateRecord } from './state-record.ts';

const BATCH_RECORDS = 1000;
const BATCH_BYTES = 1024 * 1024;

export class StateImporter {
  readonly #store: KVStore;
  readonly #withMetadata = new Set<string>();
  #operations: KVOperation[] = [];
  #bytes = 0;

  constructor(store: KVStore) {
    this.#store = store;
  }

  /** @param binaryKey the key as a binary string. */
  async add(namespace: string, binaryKey: string, value: VersionedValue): Promise<void> {
    const key = fromBinary(DATA + stateKeyOfBinary(namespace, binaryKey));
    const record = encodeStateRecord(value);
    this.#operations.push({ type: 'put', key, value: record });
    this.#bytes += key.length + record.length;
    const [chaincode = ''] = namespace.split('$$h');
    if (value.metadata.length > 0) this.#withMetadata.add(chaincode);
    if (this.#operations.length >= BATCH_RECORDS || this.#bytes >= BATCH_BYTES) await this.#flush();
  }

  /** @param lastBlock the block after which the state was as imported. */
  async done(lastBlock: number): Promise<void> {
    for (const namespace of this.#withMetadata) {
      const key = fromBinary(METADATA_HINT + utf8ToBinary(namespace));
      this.#operations.push({ type: 'put', key, value: new Uint8Array(0) });
    }
    await this.#flush();
    const savepoint = { key: fromBinary(SAVEPOINT), value: uint64Bytes(lastBlock) };
    await this.#store.write([{ type: 'put', ...savepoint }], { durable: true });
  }

  async #flush(): Promise<void> {
    const operations = this.#operations;
    this.#operations = [];
    this.#bytes = 0;
    await this.#store.write(operations);
  }
}
