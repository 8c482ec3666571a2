// SPDX-License-Identifier: Apache-2.0
// The blocks at a path, with a progress bar, and a word about a torn end. They are in block files, or in the databases of
// a peer or an orderer of ours.
import { FabricError } from '../src/common/runtime/errors.ts';
import {
  BOOTSTRAPPING_SNAPSHOT_FILE,
  type BootstrappingSnapshotInfo,
  type FileBlock,
  readBlockfiles,
  type TornTail,
} from '../src/ledger/blkstorage/blockfile/index.ts';
import type { BlockStore } from '../src/ledger/blkstorage/index.ts';
import { openBlockfiles, openBootstrappingSnapshot } from './blockfile-sources.ts';
import { warn } from './command-output.ts';
import { ProgressBar } from './progress-bar.ts';
import {
  blocksOf,
  type ChainDirectory,
  chooseChain,
  findChains,
  openBlocks,
  rangeOf,
  type StoredChain,
} from './stored-chains.ts';

/** A serialized common.Block and its number. */
export interface NumberedBlock {
  readonly number: number;
  readonly block: Uint8Array;
}

export interface ChainReading extends AsyncDisposable {
  /** Of all files, as stored; not known of databases. */
  readonly totalBytes: number | undefined;
  readonly blocks: AsyncGenerator<NumberedBlock>;
  /** What the chain begins behind, when not with its genesis block. Throws BlockfileError BOOTSTRAP_MALFORMED. */
  readonly snapshot: () => Promise<BootstrappingSnapshotInfo | undefined>;
  /** Set once the last block was read, when a file ends within one. */
  readonly tornTail: () => TornTail | undefined;
}

export interface ReadChainOptions {
  /** Which chain of a directory that has several. */
  readonly channel?: string | undefined;
  readonly signal: AbortSignal;
}

/** Opens what is at a path. Throws BlockfileError, and FabricError LEDGER_NOT_FOUND or STORE_LOCKED; reading `blocks` does too. */
export async function readChain(path: string, options: ReadChainOptions): Promise<ChainReading> {
  const directory = await findChains(path);
  if (!directory) return readFiles(path, options);
  return readStored(directory, chooseChain(directory, options.channel), options);
}

async function readFiles(path: string, { signal }: ReadChainOptions): Promise<ChainReading> {
  const sources = await openBlockfiles(path);
  let torn: TornTail | undefined;
  async function* blocks(): AsyncGenerator<FileBlock> {
    const bar = new ProgressBar('blocks');
    try {
      yield* readBlockfiles(sources, {
        signal,
        onProgress: ({ bytesRead, totalBytes, blocks: count }) =>
          bar.update({ done: bytesRead, total: totalBytes, count }),
        onTornTail: (tail) => {
          torn = tail;
        },
      });
    } finally {
      bar.end();
    }
    if (torn) {
      warn(`${torn.file} ends within a block: ${torn.bytes} bytes at ${torn.offset} are left out`);
    }
  }
  return {
    totalBytes: sources.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
    blocks: blocks(),
    snapshot: () => openBootstrappingSnapshot(path),
    tornTail: () => torn,
    [Symbol.asyncDispose]: async () => {},
  };
}

async function readStored(
  directory: ChainDirectory,
  chain: StoredChain,
  { signal }: ReadChainOptions,
): Promise<ChainReading> {
  const opened = await openBlocks(directory, chain);
  async function* blocks(): AsyncGenerator<NumberedBlock> {
    const range = rangeOf(opened.blockStore);
    let number = range.from;
    for await (const block of blocksOf(opened.blockStore, range, signal)) {
      yield { number: number++, block };
    }
  }
  return {
    totalBytes: undefined,
    blocks: blocks(),
    snapshot: async () => bootstrappingSnapshotOf(opened.blockStore),
    tornTail: () => undefined,
    [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose](),
  };
}

/** The snapshot that a store of ours was made from, as a Fabric peer would keep it. */
export function bootstrappingSnapshotOf({
  bootstrap,
}: BlockStore): BootstrappingSnapshotInfo | undefined {
  if (!bootstrap) return undefined;
  const { lastBlockNumber: lastBlockNum, lastBlockHash, previousBlockHash } = bootstrap;
  return { lastBlockNum, lastBlockHash, previousBlockHash };
}

/**
 * The blocks alone, from the genesis block on, or those behind `snapshot`: earlier ones are passed over. Throws FabricError
 * NO_GENESIS_BLOCK when they begin later than that.
 */
export async function* blocksBehind(
  snapshot: BootstrappingSnapshotInfo | undefined,
  blocks: AsyncIterable<NumberedBlock>,
): AsyncGenerator<Uint8Array> {
  const wanted = snapshot ? snapshot.lastBlockNum + 1 : 0;
  let isFirst = true;
  for await (const { number, block } of blocks) {
    if (number < wanted) continue;
    if (isFirst && number !== wanted) throw beginsLate(number, snapshot);
    isFirst = false;
    yield block;
  }
}

function beginsLate(number: number, snapshot: BootstrappingSnapshotInfo | undefined): FabricError {
  const reason = snapshot
    ? `but the snapshot that goes before it ends with block ${snapshot.lastBlockNum}`
    : `and there is no ${BOOTSTRAPPING_SNAPSHOT_FILE} beside it: without the genesis block or a snapshot there is nothing to check it by`;
  return new FabricError('NO_GENESIS_BLOCK', `the chain begins with block ${number}, ${reason}`);
}
