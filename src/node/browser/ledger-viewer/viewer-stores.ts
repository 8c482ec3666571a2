// SPDX-License-Identifier: Apache-2.0
// Where ledgers that were opened from files are kept: each in databases of its own, and one more that lists them. In memory
// when the browser refuses to store anything.

import { fromUtf8, utf8 } from '../../../common/runtime/bytes.ts';
import { systemClock } from '../../../common/runtime/clock.ts';
import { IdbKVStoreProvider } from '../../../ledger/idb/idb-kv-store.ts';
import type { KVStore, KVStoreProvider } from '../../../ledger/kv-store.ts';
import { LedgerProvider } from '../../../ledger/kvledger/ledger-provider.ts';
import { MemoryKVStoreProvider } from '../../../ledger/memory/memory-kv-store.ts';
import { LedgerError } from '../../../ledger/types.ts';
import type { LedgerEntry } from './viewer-api.ts';

/** Before the names of all databases of the viewer. */
const PREFIX = 'ledger-viewer/';

export class ViewerStores {
  /** False when everything is in memory. */
  readonly stored: boolean;
  readonly #entries: KVStore;
  readonly #inMemory = new Map<string, KVStoreProvider>();

  private constructor(entries: KVStore, stored: boolean) {
    this.#entries = entries;
    this.stored = stored;
  }

  /** Falls back to memory only when storage is refused, never when it is damaged or full. */
  static async open(): Promise<ViewerStores> {
    try {
      return new ViewerStores(await new IdbKVStoreProvider(PREFIX).open('ledgers'), true);
    } catch (error) {
      if (!(error instanceof LedgerError && error.code === 'STORAGE_REFUSED')) throw error;
      return new ViewerStores(await new MemoryKVStoreProvider().open('ledgers'), false);
    }
  }

  /** Newest first. */
  async entries(): Promise<LedgerEntry[]> {
    const found: LedgerEntry[] = [];
    for await (const [, value] of this.#entries.range({})) found.push(entryOf(value));
    return found.sort((a, b) => b.importedAt - a.importedAt);
  }

  async entry(id: string): Promise<LedgerEntry | undefined> {
    const value = await this.#entries.get(utf8(id));
    return value && entryOf(value);
  }

  async put(entry: LedgerEntry): Promise<void> {
    const value = utf8(JSON.stringify(entry));
    await this.#entries.write([{ type: 'put', key: utf8(entry.id), value }]);
  }

  /** Opens what holds the one ledger of this id. */
  ledgers(id: string): Promise<LedgerProvider> {
    return LedgerProvider.open(this.#provider(id), 'ledger', systemClock);
  }

  /** Deletes the databases of a closed ledger, and then its entry. */
  async remove(id: string): Promise<void> {
    const provider = this.#provider(id);
    for (const name of await provider.list()) await provider.destroy(name);
    this.#inMemory.delete(id);
    await this.#entries.write([{ type: 'delete', key: utf8(id) }]);
  }

  #provider(id: string): KVStoreProvider {
    if (this.stored) return new IdbKVStoreProvider(`${PREFIX}${id}/`);
    const known = this.#inMemory.get(id) ?? new MemoryKVStoreProvider();
    this.#inMemory.set(id, known);
    return known;
  }
}

// Nobody else writes to this database.
function entryOf(value: Uint8Array): LedgerEntry {
  return JSON.parse(fromUtf8(value)) as LedgerEntry;
}
