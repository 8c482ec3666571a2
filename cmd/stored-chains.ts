// SPDX-License-Identifier: Apache-2.0
// The chains in a directory of LevelDB databases: a peer's, as `replay --store leveldb` and `snapshot join` leave them, and an
// orderer's, as a relay keeps them.
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { FabricError } from '../src/common/runtime/errors.ts';
import { BlockStore } from '../src/ledger/blkstorage/index.ts';
import { LevelDBKVStoreProvider } from '../src/ledger/leveldb/leveldb-kv-store.ts';
import { LedgerError } from '../src/ledger/types.ts';
import { ProgressBar } from './progress-bar.ts';

/** Before the names of a peer's stores. */
export const PEER_STORES = 'peer';
const PEER_IDS = `${PEER_STORES}/ledgerProvider`;
const PEER_BLOCKS = new RegExp(`^${PEER_STORES}/(.+)/blocks$`);
const ORDERER_BLOCKS = /^orderer-(.+)$/;

/** The name of the store of a peer's blocks. */
export function peerBlocks(channelId: string): string {
  return `${PEER_STORES}/${channelId}/blocks`;
}

export interface StoredChain {
  readonly kind: 'peer' | 'orderer';
  readonly channelId: string;
  /** The name of its store. */
  readonly store: string;
}

export interface ChainDirectory {
  readonly path: string;
  readonly stores: LevelDBKVStoreProvider;
  readonly chains: readonly StoredChain[];
  /** Whether a peer ever kept ledgers here, even if there are none now. */
  readonly isPeers: boolean;
}

/** What is in a directory, or in the chains folder of a relay's data directory; undefined when it is neither. */
export async function findChains(path: string): Promise<ChainDirectory | undefined> {
  for (const folder of [path, join(path, 'chains')]) {
    const found = await stat(folder).catch(() => undefined);
    if (!found?.isDirectory()) continue;
    const stores = new LevelDBKVStoreProvider(folder);
    const names = await stores.list().catch(noneIfNotOurs);
    const chains = names.flatMap(chainOf);
    const isPeers = names.includes(PEER_IDS);
    if (isPeers || chains.length > 0) return { path: folder, stores, chains, isPeers };
  }
  return undefined;
}

// Names of other folders need not be encoded as ours are.
function noneIfNotOurs(error: unknown): string[] {
  if (error instanceof URIError) return [];
  throw error;
}

function chainOf(store: string): StoredChain[] {
  const [, peers] = PEER_BLOCKS.exec(store) ?? [];
  if (peers !== undefined) return [{ kind: 'peer', channelId: peers, store }];
  const [, orderers] = ORDERER_BLOCKS.exec(store) ?? [];
  return orderers === undefined ? [] : [{ kind: 'orderer', channelId: orderers, store }];
}

/** The same, where there must be something. Throws FabricError LEDGER_NOT_FOUND. */
export async function needChains(path: string): Promise<ChainDirectory> {
  const found = await findChains(path);
  if (found) return found;
  throw new FabricError('LEDGER_NOT_FOUND', `there are no ledgers in ${path}`);
}

/** The chain of a channel, or the only one. Throws FabricError LEDGER_NOT_FOUND. */
export function chooseChain(
  { path, chains }: ChainDirectory,
  wanted: string | undefined,
): StoredChain {
  const [chain, another] = chains.filter(({ channelId }) => channelId === (wanted ?? channelId));
  if (chain && !another) return chain;
  const names = chains.map(({ channelId }) => channelId).join(', ') || 'none';
  const text = another
    ? `say which --channel: ${names}`
    : `there is no such ledger in ${path}; there are: ${names}`;
  throw new FabricError('LEDGER_NOT_FOUND', text);
}

/** The blocks of a chain, without its other databases. Throws FabricError STORE_LOCKED. */
export async function openBlocks(
  { path, stores }: ChainDirectory,
  { store, channelId }: StoredChain,
): Promise<AsyncDisposable & { readonly blockStore: BlockStore }> {
  const kvStore = await stores.open(store).catch((error: unknown) => throwClearly(error, path));
  try {
    const blockStore = await BlockStore.open(kvStore, channelId);
    return { blockStore, [Symbol.asyncDispose]: () => kvStore.close() };
  } catch (error) {
    await kvStore.close();
    throw error;
  }
}

/** Says of a locked store what to do; rethrows everything else. */
export function throwClearly(error: unknown, path: string): never {
  if (!(error instanceof LedgerError && error.code === 'STORE_LOCKED')) throw error;
  const text = `another process uses the ledgers in ${path}; stop it (a relay, or another command) and try again`;
  throw new FabricError('STORE_LOCKED', text, { cause: error });
}

export interface BlockRange {
  readonly from: number;
  /** Not included. */
  readonly to: number;
}

/** A range of blocks that are all here, by its first and last, or all there are. Throws FabricError BLOCK_NOT_FOUND. */
export function rangeOf(
  { ledgerId, firstBlock, height }: BlockStore,
  { from = firstBlock, to = height - 1 }: { readonly from?: number; readonly to?: number } = {},
): BlockRange {
  if (from >= firstBlock && to < height && from <= to) return { from, to: to + 1 };
  const origin = firstBlock > 0 ? ', since it was made from a snapshot' : '';
  const text =
    height > firstBlock
      ? `${ledgerId} has blocks ${firstBlock} to ${height - 1}${origin}`
      : `${ledgerId} has no block yet${origin}`;
  throw new FabricError('BLOCK_NOT_FOUND', text);
}

/** Serialized common.Blocks of a range that is there, with a progress bar. */
export async function* blocksOf(
  store: BlockStore,
  { from, to }: BlockRange,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const bar = new ProgressBar('blocks');
  try {
    for (let number = from; number < to; number++) {
      signal.throwIfAborted();
      yield (await store.retrieveBlockByNumber(number)) ?? new Uint8Array();
      bar.update({ done: number + 1 - from, total: to - from, count: number + 1 - from });
    }
  } finally {
    bar.end();
  }
}
