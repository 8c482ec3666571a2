// SPDX-License-Identifier: Apache-2.0
// What a peer keeps, wherever it runs: ledgers, chaincode packages, and private data that waits for its block.
import type { Clock, RandomBytes } from '../../common/runtime/clock.ts';
import type { KVStore, KVStoreProvider } from '../../ledger/kv-store.ts';
import {
  LedgerProvider,
  type LedgerProviderOptions,
} from '../../ledger/kvledger/ledger-provider.ts';
import { TransientStoreProvider } from '../../ledger/transientstore/index.ts';

export interface PeerStorage {
  readonly ledgers: LedgerProvider;
  readonly packages: KVStore;
  /** For private data that is endorsed and not committed yet. */
  readonly transientStores: TransientStoreProvider;
  /** False when everything is in memory and gone with the peer. */
  readonly stored: boolean;
  /** Closes all of it, once nothing uses it any more. */
  close(): Promise<void>;
}

export interface PeerStorageComponents {
  readonly stores: KVStoreProvider;
  readonly clock: Clock;
  readonly random: RandomBytes;
}

export interface PeerStorageNames {
  /** Before the names of the ledgers' stores. */
  readonly ledgers: string;
  readonly stored: boolean;
}

/** The store of chaincode packages: the first that is opened. */
export const PACKAGES_STORE = 'chaincodes';

/** Opens it all, or leaves nothing open. */
export async function openPeerStorage(
  { stores, clock, random }: PeerStorageComponents,
  { ledgers: prefix, stored }: PeerStorageNames,
  options: LedgerProviderOptions,
): Promise<PeerStorage> {
  const packages = await stores.open(PACKAGES_STORE);
  let transient: KVStore | undefined;
  try {
    transient = await stores.open('transientstore');
    const ledgers = await LedgerProvider.open(stores, prefix, clock, options);
    const transientStores = new TransientStoreProvider(transient, random);
    const opened = [ledgers, packages, transient];
    const close = async (): Promise<void> => {
      await Promise.all(opened.map((store) => store.close()));
    };
    return { ledgers, packages, transientStores, stored, close };
  } catch (error) {
    await Promise.all([packages.close(), transient?.close()]);
    throw error;
  }
}
