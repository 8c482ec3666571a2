// SPDX-License-Identifier: Apache-2.0
// Where a tab keeps its ledgers: IndexedDB, or memory when the browser refuses to store anything.
import { systemClock, systemRandomBytes } from '../../common/runtime/clock.ts';
import { FabricError } from '../../common/runtime/errors.ts';
import { IdbKVStoreProvider, type IdbLoss } from '../../ledger/idb/idb-kv-store.ts';
import type { KVStoreProvider } from '../../ledger/kv-store.ts';
import type { LedgerProviderOptions } from '../../ledger/kvledger/ledger-provider.ts';
import { MemoryKVStoreProvider } from '../../ledger/memory/memory-kv-store.ts';
import { LedgerError } from '../../ledger/types.ts';
import { openPeerStorage, type PeerStorage } from '../peer/peer-storage.ts';

export type { PeerStorage } from '../peer/peer-storage.ts';

export interface PeerStorageOptions extends LedgerProviderOptions {
  /** False to keep everything in memory. */
  readonly stored: boolean;
  /** Called, once, when a database is lost: nothing can be read or committed until the page is reloaded. */
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

function openIn(
  stores: KVStoreProvider,
  stored: boolean,
  options: LedgerProviderOptions,
): Promise<PeerStorage> {
  const components = { stores, clock: systemClock, random: systemRandomBytes };
  return openPeerStorage(components, { ledgers: 'ledgers', stored }, options);
}
