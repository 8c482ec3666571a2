// SPDX-License-Identifier: Apache-2.0
// Where a tab keeps its ledgers: IndexedDB, or memory when the browser refuses to store anything.
import { systemClock, systemRandomBytes } from '../../common/runtime/clock.ts';
import { FabricError } from '../../common/runtime/errors.ts';
import { IdbKVStoreProvider, type IdbLoss } from '../../ledger/idb/idb-kv-store.ts';
import type { KVStore, KVStoreProvider } from '../../ledger/kv-store.ts';
import {
  LedgerProvider,
  type LedgerProviderOptions,
} from '../../ledger/kvledger/ledger-provider.ts';
import { MemoryKVStoreProvider } from '../../ledger/memory/memory-kv-store.ts';
import { TransientStoreProvider } from '../../ledger/transientstore/index.ts';
import { LedgerError } from '../../ledger/types.ts';

export interface PeerStorage {
  readonly ledgers: LedgerProvider;
  readonly packages: KVStore;
  /** For private data that is endorsed and not committed yet. */
  readonly transientStores: TransientStoreProvider;
  /** False when everything is in memory and gone with the tab. */
  readonly stored: boolean;
  /** Closes all of it, once nothing uses it any more. */
  close(): Promise<void>;
}

export interface PeerStorageOptions extends LedgerProviderOptions {
  /** False to keep everything in memory. */
  readonly stored: boolean;
  /** Called, once, when a database is lost: nothing can be read or committed until the page is loaded anew. */
  readonly onLost: (why: FabricError) => void;
}

const LOSSES: Readonly<Record<IdbLoss, string>> = {
  upgraded: 'a newer version of this page, in another tab, has taken its ledger over',
  deleted: 'another tab has deleted its ledger',
  terminated:
    'the browser has closed its ledger: the data of this site were cleared, or its disk failed',
};

/** Opens the databases called `name`; falls back to memory only when storage is refused, never when it is damaged or full. */
export async function openLedgers(
  name: string,
  { stored, onLost, ...options }: PeerStorageOptions,
): Promise<PeerStorage> {
  if (!stored) return openIn(new MemoryKVStoreProvider(), false, options);
  let lost = false;
  const onStoreLost = (store: string, loss: IdbLoss): void => {
    if (lost) return;
    lost = true;
    const text = `this tab's peer has stopped, since ${LOSSES[loss]}; reload this tab`;
    onLost(new FabricError('STORE_LOST', text, { data: { store, loss } }));
  };
  try {
    return await openIn(new IdbKVStoreProvider(`${name}/`, { onLost: onStoreLost }), true, options);
  } catch (error) {
    const refused = error instanceof LedgerError && error.code === 'STORAGE_REFUSED';
    if (!refused) throw error;
    return openIn(new MemoryKVStoreProvider(), false, options);
  }
}

async function openIn(
  provider: KVStoreProvider,
  stored: boolean,
  options: LedgerProviderOptions,
): Promise<PeerStorage> {
  const packages = await provider.open('chaincodes');
  let transient: KVStore | undefined;
  try {
    transient = await provider.open('transientstore');
    const ledgers = await LedgerProvider.open(provider, 'ledgers', systemClock, options);
    const transientStores = new TransientStoreProvider(transient, systemRandomBytes);
    const stores = [ledgers, packages, transient];
    const close = async (): Promise<void> => {
      await Promise.all(stores.map((store) => store.close()));
    };
    return { ledgers, packages, transientStores, stored, close };
  } catch (error) {
    await Promise.all([packages.close(), transient?.close()]);
    throw error;
  }
}
