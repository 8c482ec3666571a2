// SPDX-License-Identifier: Apache-2.0
// Ledgers that a command makes: in memory, in a LevelDB directory that stays, or in one that is deleted afterwards.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../src/common/runtime/clock.ts';
import type { KVStoreProvider } from '../src/ledger/kv-store.ts';
import {
  LedgerProvider,
  type LedgerProviderOptions,
} from '../src/ledger/kvledger/ledger-provider.ts';
import { LevelDBKVStoreProvider } from '../src/ledger/leveldb/leveldb-kv-store.ts';
import { MemoryKVStoreProvider } from '../src/ledger/memory/memory-kv-store.ts';
import { PEER_STORES, throwClearly } from './stored-chains.ts';

export interface CommandLedgers extends AsyncDisposable {
  readonly ledgers: LedgerProvider;
}

/** Ledgers in memory: gone afterwards, and no larger than it. */
export function memoryLedgers(options?: LedgerProviderOptions): Promise<CommandLedgers> {
  return openLedgers(new MemoryKVStoreProvider(), undefined, options);
}

/** Ledgers in a directory of LevelDB databases, made when it is none. Throws FabricError STORE_LOCKED. */
export function levelDBLedgers(
  directory: string,
  options?: LedgerProviderOptions,
): Promise<CommandLedgers> {
  return ledgersIn(new LevelDBKVStoreProvider(directory), directory, options);
}

/** Ledgers in stores that are in a directory. Throws FabricError STORE_LOCKED. */
export async function ledgersIn(
  stores: KVStoreProvider,
  directory: string,
  options?: LedgerProviderOptions,
): Promise<CommandLedgers> {
  try {
    return await openLedgers(stores, undefined, options);
  } catch (error) {
    return throwClearly(error, directory);
  }
}

/** Ledgers on disk that are deleted when disposed. */
export async function temporaryLedgers(options?: LedgerProviderOptions): Promise<CommandLedgers> {
  const directory = await mkdtemp(join(tmpdir(), 'tabric-'));
  const remove = (): Promise<void> => rm(directory, { recursive: true, force: true });
  try {
    return await openLedgers(new LevelDBKVStoreProvider(directory), remove, options);
  } catch (error) {
    await remove();
    throw error;
  }
}

async function openLedgers(
  stores: KVStoreProvider,
  afterwards: () => Promise<void> = async () => {},
  options?: LedgerProviderOptions,
): Promise<CommandLedgers> {
  const ledgers = await LedgerProvider.open(stores, PEER_STORES, systemClock, options);
  return {
    ledgers,
    [Symbol.asyncDispose]: async () => {
      await ledgers.close();
      await afterwards();
    },
  };
}
