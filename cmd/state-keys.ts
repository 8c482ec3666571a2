// SPDX-License-Identifier: Apache-2.0
// Counts what is in the state of a closed ledger.
import type { KVStoreProvider } from '../src/ledger/kv-store.ts';
import { DATA } from '../src/ledger/kvledger/txmgmt/statedb/state-db.ts';
import { PEER_STORES } from './stored-chains.ts';

/** Keys of all namespaces, private ones among them. */
export async function countKeys(stores: KVStoreProvider, channelId: string): Promise<number> {
  const store = await stores.open(`${PEER_STORES}/${channelId}/state`);
  try {
    const kind = DATA.charCodeAt(0);
    let count = 0;
    for await (const _ of store.range({
      gte: Uint8Array.of(kind),
      lt: Uint8Array.of(kind + 1),
    })) {
      count++;
    }
    return count;
  } finally {
    await store.close();
  }
}
