// SPDX-License-Identifier: Apache-2.0
// The blocks at a path, with a progress bar, and a word about a torn end. They are in block files, or in the databases of
// a peer or an orderer of ours.
import { FabricError } from '../src/common/runtime/errors.ts';
import {
  type FileBlock,
  readBlockfiles,
  type TornTail,
} from '../src/ledger/blkstorage/blockfile/index.ts';
import { openBlockfiles } from './blockfile-sources.ts';
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
    tornTail: () => undefined,
    [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose](),
  };
}

/** The blocks alone. Throws FabricError NO_GENESIS_BLOCK when they begin late, as those of a ledger made from a snapshot. */
export async function* fromGenesis(
  blocks: AsyncIterable<NumberedBlock>,
): AsyncGenerator<Uint8Array> {
  let isFirst = true;
  for await (const { number, block } of blocks) {
    if (isFirst && number !== 0) {
      const text = `the chain begins with block ${number}: without the genesis block there is nothing to check it by`;
      throw new FabricError('NO_GENESIS_BLOCK', text);
    }
    isFirst = false;
    yield block;
  }
}
