// SPDX-License-Identifier: Apache-2.0
// The ledger's block store as the orderer's chain (common/ledger/blockledger/fileledger @ v2.5). Every channel has a
// key-value store of its own, so that channels can be listed, and removed, without reading each other's.
import { BlockStore } from '../ledger/blkstorage/block-store.ts';
import type { KVStore, KVStoreProvider } from '../ledger/kv-store.ts';
import type { BlockLedger, BlockLedgerFactory } from './blockledger.ts';

const STORE_PREFIX = 'orderer-';

interface OpenLedger extends BlockLedger {
  close(): Promise<void>;
}

/** Chains in stores named `orderer-<channel>` of a provider, which may hold others besides. */
export class BlockStoreLedgerFactory implements BlockLedgerFactory {
  readonly #provider: KVStoreProvider;
  readonly #ledgers = new Map<string, Promise<OpenLedger>>();

  constructor(provider: KVStoreProvider) {
    this.#provider = provider;
  }

  async channelIds(): Promise<readonly string[]> {
    const names = await this.#provider.list();
    return names
      .filter((name) => name.startsWith(STORE_PREFIX))
      .map((name) => name.slice(STORE_PREFIX.length))
      .sort();
  }

  getOrCreate(channelId: string): Promise<BlockLedger> {
    const known = this.#ledgers.get(channelId);
    if (known) return known;
    const opening = this.#open(channelId);
    this.#ledgers.set(channelId, opening);
    opening.catch(() => this.#ledgers.delete(channelId));
    return opening;
  }

  async close(): Promise<void> {
    const opened = await Promise.allSettled(this.#ledgers.values());
    this.#ledgers.clear();
    for (const ledger of opened) if (ledger.status === 'fulfilled') await ledger.value.close();
  }

  async #open(channelId: string): Promise<OpenLedger> {
    const kvStore = await this.#provider.open(`${STORE_PREFIX}${channelId}`);
    try {
      return ledgerOver(await BlockStore.open(kvStore, channelId), kvStore);
    } catch (error) {
      await kvStore.close();
      throw error;
    }
  }
}

function ledgerOver(store: BlockStore, kvStore: KVStore): OpenLedger {
  return {
    height: () => store.height,
    append: (block) => store.addBlock(block),
    retrieveBlockByNumber: (number) => store.retrieveBlockByNumber(number),
    iterator: (from, options) => store.iterator(from, options),
    async close() {
      await store.close();
      await kvStore.close();
    },
  };
}
