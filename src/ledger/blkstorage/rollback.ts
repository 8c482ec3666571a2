// SPDX-License-Identifier: Apache-2.0
// Takes blocks off the end of a closed chain, and the index off all of it (blkstorage/rollback.go and reset.go,
// DeleteBlockStoreIndex). The index is made again when the chain is opened. Everything here may be interrupted and done
// again; until it is done, the chain must not be opened.
import type { KVStore } from '../kv-store.ts';
import { deleteRange } from '../util/delete-range.ts';
import { allOf, BLOCK, chainStore, HASH, lastOf, RECORD, TXID } from './block-keys.ts';
import { readBootstrapInfo } from './bootstrap.ts';
import { removalsOf } from './sync-index.ts';

/** How many blocks a chain has, whether or not it is indexed. */
export interface ChainExtent {
  /** One more than the last block's number; 0 of an empty chain. */
  readonly height: number;
  /** True when it was continued from a snapshot, so that it lacks its beginning. */
  readonly isFromSnapshot: boolean;
}

const BATCH = 500;

/** Reads the extent of the chain of a ledger in a store. */
export async function chainExtent(kvStore: KVStore, ledgerId: string): Promise<ChainExtent> {
  const chain = chainStore(kvStore, ledgerId);
  const bootstrap = await readBootstrapInfo(chain);
  const last = (await lastOf(chain, BLOCK))?.blockNum ?? bootstrap?.lastBlockNumber ?? -1;
  return { height: last + 1, isFromSnapshot: bootstrap !== undefined };
}

/** Deletes the blocks behind `lastBlock`, the last ones first, so that what is left is always a chain. */
export async function truncateChain(
  kvStore: KVStore,
  ledgerId: string,
  lastBlock: number,
): Promise<void> {
  const chain = chainStore(kvStore, ledgerId);
  const tips = await Promise.all([lastOf(chain, BLOCK), lastOf(chain, RECORD)]);
  let next = Math.max(...tips.map((tip) => tip?.blockNum ?? -1));
  while (next > lastBlock) {
    const count = Math.min(BATCH, next - lastBlock);
    const blockNums = Array.from({ length: count }, (_, i) => next - i);
    await chain.write(await removalsOf(chain, blockNums), { durable: true });
    next -= count;
  }
}

/** Deletes everything but the blocks. Of a chain that was continued from a snapshot, ids would be lost with it. */
export async function dropIndex(kvStore: KVStore, ledgerId: string): Promise<void> {
  const chain = chainStore(kvStore, ledgerId);
  for (const kind of [TXID, HASH, RECORD]) await deleteRange(chain, allOf(kind));
}
