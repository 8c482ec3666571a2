// SPDX-License-Identifier: Apache-2.0
// Which ledgers a peer has, and what is written down of each (idStore of kvledger/kv_ledger_provider.go). A ledger that is UNDER_
// something was interrupted while it was made or deleted.
import { fromUtf8, utf8 } from '../../common/runtime/bytes.ts';
import type { KVOperation, KVStore } from '../kv-store.ts';
import {
  decodeLedgerMetadata,
  encodeLedgerMetadata,
  type LedgerMetadata,
} from './ledger-metadata.ts';

export class IdStore {
  readonly #store: KVStore;

  /** @param store one whose format is that of this version (see maintenance/upgrade-dbs). */
  constructor(store: KVStore) {
    this.#store = store;
  }

  /** In the order of their ids. */
  async list(): Promise<Map<string, LedgerMetadata>> {
    const found = new Map<string, LedgerMetadata>();
    for await (const [key, value] of this.#store.range({ gte: utf8('s'), lt: utf8('t') })) {
      found.set(fromUtf8(key.subarray(1)), decodeLedgerMetadata(value));
    }
    return found;
  }

  async get(ledgerId: string): Promise<LedgerMetadata | undefined> {
    const value = await this.#store.get(utf8(`s${ledgerId}`));
    return value && decodeLedgerMetadata(value);
  }

  set(ledgerId: string, metadata: LedgerMetadata): Promise<void> {
    return this.setAll(new Map([[ledgerId, metadata]]));
  }

  /** All or none; durable on return. */
  async setAll(metadata: ReadonlyMap<string, LedgerMetadata>): Promise<void> {
    const operations = [...metadata].map(([ledgerId, value]): KVOperation => {
      return { type: 'put', key: utf8(`s${ledgerId}`), value: encodeLedgerMetadata(value) };
    });
    await this.#store.write(operations, { durable: true });
  }

  async delete(ledgerId: string): Promise<void> {
    await this.#store.write([{ type: 'delete', key: utf8(`s${ledgerId}`) }], { durable: true });
  }

  close(): Promise<void> {
    return this.#store.close();
  }
}
