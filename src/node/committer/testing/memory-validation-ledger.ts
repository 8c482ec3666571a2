// SPDX-License-Identifier: Apache-2.0
// What validation asks of a ledger, kept in maps: transaction ids, and the policies of keys.
import { type common, kvrwset, protos, rwset } from '../../../common/protos/index.ts';
import {
  getActionFromEnvelope,
  getOrComputeTxIdFromEnvelope,
} from '../../../common/protoutil/index.ts';
import { toHex } from '../../../common/runtime/bytes.ts';
import type { ValidationLedger } from '../block-validator.ts';
import { VALIDATION_PARAMETER } from '../index.ts';

const NO_POLICY = new Uint8Array();

export class MemoryValidationLedger implements ValidationLedger {
  readonly txIds = new Set<string>();
  /** Policies of the keys that exist. */
  readonly policies = new Map<string, Uint8Array>();

  async txIDExists(txId: string): Promise<boolean> {
    return this.txIds.has(txId);
  }

  async validationParameter(namespace: string, key: string): Promise<Uint8Array | undefined> {
    return this.policies.get(idOf(namespace, '', key));
  }

  async hashedValidationParameter(
    namespace: string,
    collection: string,
    keyHash: string,
  ): Promise<Uint8Array | undefined> {
    return this.policies.get(idOf(namespace, collection, keyHash));
  }

  /** Takes in a block whose codes are final. */
  commit(block: common.Block, codes: ArrayLike<number>): void {
    for (const [index, envelope] of (block.data?.data ?? []).entries()) {
      try {
        this.txIds.add(getOrComputeTxIdFromEnvelope(envelope));
      } catch {
        // A transaction without an id.
      }
      if (codes[index] === protos.TxValidationCode.VALID) this.#apply(envelope);
    }
  }

  #apply(envelope: Uint8Array): void {
    let results: Uint8Array;
    try {
      ({ results } = getActionFromEnvelope(envelope));
    } catch {
      return; // A configuration.
    }
    for (const set of rwset.TxReadWriteSet.decode(results).ns_rwset) {
      const { writes, metadata_writes } = kvrwset.KVRWSet.decode(set.rwset);
      for (const { key, is_delete } of writes) this.#write(set.namespace, '', key, is_delete);
      for (const { key, entries } of metadata_writes) {
        this.#setPolicy(set.namespace, '', key, entries);
      }
      for (const { collection_name, hashed_rwset } of set.collection_hashed_rwset) {
        const hashed = kvrwset.HashedRWSet.decode(hashed_rwset);
        for (const { key_hash, is_delete } of hashed.hashed_writes) {
          this.#write(set.namespace, collection_name, toHex(key_hash), is_delete);
        }
        for (const { key_hash, entries } of hashed.metadata_writes) {
          this.#setPolicy(set.namespace, collection_name, toHex(key_hash), entries);
        }
      }
    }
  }

  #write(namespace: string, collection: string, key: string, isDelete: boolean): void {
    const id = idOf(namespace, collection, key);
    if (isDelete) this.policies.delete(id);
    else if (!this.policies.has(id)) this.policies.set(id, NO_POLICY);
  }

  #setPolicy(
    namespace: string,
    collection: string,
    key: string,
    entries: readonly kvrwset.KVMetadataEntry[],
  ): void {
    const id = idOf(namespace, collection, key);
    const policy = entries.find(({ name }) => name === VALIDATION_PARAMETER)?.value ?? NO_POLICY;
    // Metadata of a key that does not exist is not kept.
    if (this.policies.has(id)) this.policies.set(id, policy);
  }
}

function idOf(namespace: string, collection: string, key: string): string {
  return JSON.stringify([namespace, collection, key]);
}
