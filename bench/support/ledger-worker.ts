// SPDX-License-Identifier: Apache-2.0
// Runs in a worker of a page: a ledger in IndexedDB under load.
import * as Comlink from 'comlink';
import { IdbKVStoreProvider } from '../../src/ledger/idb/idb-kv-store.ts';
import { costAtSizes, makeLedger, signaturesOfBlock, timeToOpen } from './ledger-load.ts';

const stores = (): IdbKVStoreProvider => new IdbKVStoreProvider('bench/');

/** What the page asks of the worker. */
export const ledgerWorker = {
  costAtSizes: (sizes: readonly number[]) => costAtSizes(stores(), sizes),
  makeLedger: (shape: Parameters<typeof makeLedger>[1]) => makeLedger(stores(), shape),
  signaturesOfBlock,
  timeToOpen: () => timeToOpen(stores()),
};

Comlink.expose(ledgerWorker);
