// SPDX-License-Identifier: Apache-2.0
// Which ledgers a peer has, and how far each was made (idStore of kvledger/kv_ledger_provider.go). A ledger that is not
// ACTIVE was interrupted while it was made or deleted.
import { Reader, Writer } from '../../common/protos/index.ts';
import { fromUtf8, utf8 } from '../../common/runtime/bytes.ts';
import type { KVStore } from '../kv-store.ts';
import { LedgerError } from '../types.ts';

/** Fabric's msgs.Status. */
export type LedgerStatus = 'ACTIVE' | 'INACTIVE' | 'UNDER_CONSTRUCTION' | 'UNDER_DELETION';

const STATUSES: readonly LedgerStatus[] = [
  'ACTIVE',
  'INACTIVE',
  'UNDER_CONSTRUCTION',
  'UNDER_DELETION',
];
const STATUS_TAG = 8; // field 1, varint, of msgs.LedgerMetadata

// Changes when a ledger of an older version can no longer be read.
const FORMAT = 'tabric-1';
const FORMAT_KEY = utf8('f');

export class IdStore {
  readonly #store: KVStore;

  private constructor(store: KVStore) {
    this.#store = store;
  }

  /** Throws LedgerError STORE_UNREADABLE when the ledgers are of a format that is not known here. */
  static async open(store: KVStore): Promise<IdStore> {
    const format = await store.get(FORMAT_KEY);
    if (!format) {
      const value = utf8(FORMAT);
      await store.write([{ type: 'put', key: FORMAT_KEY, value }], { durable: true });
    } else if (fromUtf8(format) !== FORMAT) {
      const text = `ledgers are stored in format ${fromUtf8(format)}, but this version reads ${FORMAT}`;
      throw new LedgerError('STORE_UNREADABLE', text);
    }
    return new IdStore(store);
  }

  async list(): Promise<Map<string, LedgerStatus>> {
    const found = new Map<string, LedgerStatus>();
    for await (const [key, value] of this.#store.range({ gte: utf8('s'), lt: utf8('t') })) {
      found.set(fromUtf8(key.subarray(1)), decodeStatus(value));
    }
    return found;
  }

  async get(ledgerId: string): Promise<LedgerStatus | undefined> {
    const value = await this.#store.get(utf8(`s${ledgerId}`));
    return value && decodeStatus(value);
  }

  async set(ledgerId: string, status: LedgerStatus): Promise<void> {
    const number = STATUSES.indexOf(status);
    const value =
      number === 0 ? new Uint8Array() : new Writer().uint32(STATUS_TAG).uint32(number).finish();
    await this.#store.write([{ type: 'put', key: utf8(`s${ledgerId}`), value }], { durable: true });
  }

  async delete(ledgerId: string): Promise<void> {
    await this.#store.write([{ type: 'delete', key: utf8(`s${ledgerId}`) }], { durable: true });
  }

  close(): Promise<void> {
    return this.#store.close();
  }
}

function decodeStatus(bytes: Uint8Array): LedgerStatus {
  const reader = new Reader(bytes);
  let number = 0;
  while (reader.pos < reader.end) {
    const tag = reader.tag();
    if (tag === STATUS_TAG) number = reader.uint32();
    else reader.skip(tag);
  }
  // An unknown status is one of a ledger that cannot be opened here.
  return STATUSES[number] ?? 'INACTIVE';
}
