// SPDX-License-Identifier: Apache-2.0
// Where a tab keeps its ledgers: IndexedDB, or memory when the browser refuses to store anything.
import type { StateDatabase } from '../../common/network/types.ts';
import { systemClock } from '../../common/runtime/clock.ts';
import { IdbKVStoreProvider } from '../../ledger/idb/idb-kv-store.ts';
import type { KVStore, KVStoreProvider } from '../../ledger/kv-store.ts';
import {
  LedgerProvider,
  type LedgerProviderOptions,
} from '../../ledger/kvledger/ledger-provider.ts';
import { MemoryKVStoreProvider } from '../../ledger/memory/memory-kv-store.ts';
import { LedgerError } from '../../ledger/types.ts';

export interface PeerStorage {
  readonly ledgers: LedgerProvider;
  readonly packages: KVStore;
  /** False when everything is in memory and gone with the tab. */
  readonly stored: boolean;
}

/** Opens the databases called `name`; falls back to memory only when storage is refused, never when it is damaged or full. */
export async function openLedgers(
  name: string,
  stored: boolean,
  stateDatabase?: StateDatabase,
): Promise<PeerStorage> {
  const options = { stateDatabase };
  if (!stored) return openIn(new MemoryKVStoreProvider(), false, options);
  try {
    return await openIn(new IdbKVStoreProvider(`${name}/`), true, options);
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
  const ledgers = await LedgerProvider.open(provider, 'ledgers', systemClock, options);
  return { ledgers, packages, stored };
}
