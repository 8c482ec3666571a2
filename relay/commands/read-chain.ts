// SPDX-License-Identifier: Apache-2.0
// The blocks at a path, with a progress bar, and a word about a torn end.
import {
  type FileBlock,
  readBlockfiles,
  type TornTail,
} from '../../src/ledger/blkstorage/blockfile/index.ts';
import { openBlockfiles } from './blockfile-sources.ts';
import { warn } from './command-output.ts';
import { ProgressBar } from './progress-bar.ts';

export interface ChainReading {
  /** All files, as stored. */
  readonly totalBytes: number;
  readonly blocks: AsyncGenerator<FileBlock>;
  /** Set once the last block was read, when a file ends within one. */
  readonly tornTail: () => TornTail | undefined;
}

/** Opens the block files at a path. Throws BlockfileError; reading `blocks` does too. */
export async function readChain(path: string): Promise<ChainReading> {
  const sources = await openBlockfiles(path);
  let torn: TornTail | undefined;
  async function* blocks(): AsyncGenerator<FileBlock> {
    const bar = new ProgressBar();
    try {
      yield* readBlockfiles(sources, {
        onProgress: (progress) => bar.update(progress),
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
  const totalBytes = sources.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  return { totalBytes, blocks: blocks(), tornTail: () => torn };
}

/** The blocks alone, as serialized common.Blocks. */
export async function* blockBytes(blocks: AsyncIterable<FileBlock>): AsyncGenerator<Uint8Array> {
  for await (const { block } of blocks) yield block;
}
