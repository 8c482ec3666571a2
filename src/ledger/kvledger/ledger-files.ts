// SPDX-License-Identifier: Apache-2.0
// Where the parts of each ledger are stored (kvledger/ledger_filepath.go): one store a part, named after the ledger.
import type { KVStore, KVStoreProvider } from '../kv-store.ts';
import { moveIntoPages, PagedKVStore } from '../paged/index.ts';

/** The stores of one ledger, open. */
export interface LedgerStores {
  readonly blocks: KVStore;
  readonly state: KVStore;
  /** Absent when the history database is off. */
  readonly history: KVStore | undefined;
  /** Private data and the history of collections. */
  readonly pvtdata: KVStore;
}

export type LedgerPart = keyof LedgerStores;

const PARTS: readonly LedgerPart[] = ['blocks', 'state', 'history', 'pvtdata'];

export class LedgerFiles {
  readonly #stores: KVStoreProvider;
  readonly #prefix: string;

  /** @param prefix begins the names of the stores, before a `/`. */
  constructor(stores: KVStoreProvider, prefix: string) {
    this.#stores = stores;
    this.#prefix = prefix;
  }

  /** The store that tells of all ledgers. */
  openIdStore(): Promise<KVStore> {
    return this.#stores.open(`${this.#prefix}/ledgerProvider`);
  }

  /** All stores of a ledger, or all but its history; none stays open when one cannot be opened. */
  async openAll(ledgerId: string, withHistory: boolean): Promise<LedgerStores> {
    const opened: KVStore[] = [];
    const openPart = async (part: LedgerPart): Promise<KVStore> => {
      const store = await this.#open(ledgerId, part);
      opened.push(store);
      return store;
    };
    try {
      return {
        blocks: await openPart('blocks'),
        state: await openPart('state'),
        history: withHistory ? await openPart('history') : undefined,
        pvtdata: await openPart('pvtdata'),
      };
    } catch (error) {
      await Promise.all(opened.map((store) => store.close()));
      throw error;
    }
  }

  /** Uses one store of a closed ledger. */
  async with<T>(
    ledgerId: string,
    part: LedgerPart,
    use: (store: KVStore) => Promise<T>,
  ): Promise<T> {
    const store = await this.#open(ledgerId, part);
    try {
      return await use(store);
    } finally {
      await store.close();
    }
  }

  /** Brings the state of a closed ledger into pages, as `tabric-1` did not have it. May be done again. */
  async moveStateIntoPages(ledgerId: string): Promise<void> {
    if (!this.#stores.chargesByRecord) return;
    const store = await this.#stores.open(this.#name(ledgerId, 'state'));
    try {
      await moveIntoPages(store);
    } finally {
      await store.close();
    }
  }

  destroy(ledgerId: string, part: LedgerPart): Promise<void> {
    return this.#stores.destroy(this.#name(ledgerId, part));
  }

  async destroyAll(ledgerId: string): Promise<void> {
    for (const part of PARTS) await this.destroy(ledgerId, part);
  }

  // Of the parts, only the state writes its entries one by one; the others pack theirs.
  async #open(ledgerId: string, part: LedgerPart): Promise<KVStore> {
    const store = await this.#stores.open(this.#name(ledgerId, part));
    if (part !== 'state' || !this.#stores.chargesByRecord) return store;
    try {
      return await PagedKVStore.open(store);
    } catch (error) {
      await store.close();
      throw error;
    }
  }

  #name(ledgerId: string, part: LedgerPart): string {
    return `${this.#prefix}/${ledgerId}/${part}`;
  }
}

export async function closeAll({ blocks, state, history, pvtdata }: LedgerStores): Promise<void> {
  await Promise.all([blocks.close(), state.close(), history?.close(), pvtdata.close()]);
}
