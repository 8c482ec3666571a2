// SPDX-License-Identifier: Apache-2.0
// `tabric ledger export`: the blocks of a LevelDB ledger as the block files that a Fabric peer or orderer would have.
import { type FileHandle, mkdir, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Command } from 'commander';
import { FabricError, messageOf } from '../src/common/runtime/errors.ts';
import {
  BOOTSTRAPPING_SNAPSHOT_FILE,
  type BootstrappingSnapshotInfo,
  encodeBootstrappingSnapshot,
  writeBlockfiles,
} from '../src/ledger/blkstorage/blockfile/index.ts';
import { CHAIN_DIRECTORY, CHANNEL_FLAG, wholeNumber } from './arguments.ts';
import type { CommandContext } from './command-context.ts';
import { type ExitCode, examples, print, warn } from './command-output.ts';
import { bootstrappingSnapshotOf } from './read-chain.ts';
import { blocksOf, chooseChain, needChains, openBlocks, rangeOf } from './stored-chains.ts';

interface ExportOptions {
  readonly channel?: string;
  readonly out: string;
  readonly from?: number;
  readonly to?: number;
}

export function exportCommand({ signal, finish }: CommandContext): Command {
  return new Command('export')
    .description(
      'writes the blocks of a ledger into block files, byte for byte as a Fabric peer or orderer would have them',
    )
    .argument('<directory>', CHAIN_DIRECTORY)
    .option(...CHANNEL_FLAG)
    .option('--out <folder>', 'where the files go; none is overwritten', '.')
    .option('--from <number>', 'the first block (default: the first there is)', wholeNumber)
    .option('--to <number>', 'the last block (default: the last there is)', wholeNumber)
    .addHelpText('after', examples('export ledgers --out chains/mychannel'))
    .action(async (path: string, options: ExportOptions) => {
      finish(await exportLedger(path, options, signal));
    });
}

async function exportLedger(
  path: string,
  options: ExportOptions,
  signal: AbortSignal,
): Promise<ExitCode> {
  const directory = await needChains(path);
  const chain = chooseChain(directory, options.channel);
  await using opened = await openBlocks(directory, chain);
  const { from, to } = rangeOf(opened.blockStore, options);
  const blocks = blocksOf(opened.blockStore, { from, to }, signal);
  const snapshot = bootstrappingSnapshotOf(opened.blockStore);
  const isWhole = snapshot !== undefined && from === opened.blockStore.firstBlock;
  const files = await writeFiles(blocks, options.out);
  if (isWhole) await writeBootstrap(snapshot, files, options.out);
  const [first, last] = [files[0], files.at(-1)];
  const names = first === last ? first : `${first} to ${last}`;
  print(`${to - from} blocks of ${chain.channelId} in ${names}`);
  if (isWhole) {
    print(`${BOOTSTRAPPING_SNAPSHOT_FILE} says that they go on from block ${from - 1}`);
  } else if (from > 0) warn(`block ${from} is the first of these files, and not a genesis block`);
  return 0;
}

// Without it a Fabric peer would take the first block for a genesis block.
async function writeBootstrap(
  info: BootstrappingSnapshotInfo,
  written: readonly string[],
  folder: string,
): Promise<void> {
  try {
    const handle = await createFile(join(folder, BOOTSTRAPPING_SNAPSHOT_FILE));
    try {
      await handle.writeFile(encodeBootstrappingSnapshot(info));
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch (error) {
    for (const file of written) await rm(join(folder, file));
    throw error;
  }
}

// What is interrupted leaves no file.
async function writeFiles(blocks: AsyncIterable<Uint8Array>, folder: string): Promise<string[]> {
  await mkdir(folder, { recursive: true });
  const written: string[] = [];
  let handle: FileHandle | undefined;
  const finishFile = async (): Promise<void> => {
    await handle?.sync();
    await handle?.close();
    handle = undefined;
  };
  try {
    for await (const { file, bytes } of writeBlockfiles(blocks)) {
      if (written.at(-1) !== file) {
        await finishFile();
        handle = await createFile(join(folder, file));
        written.push(file);
      }
      await handle?.writeFile(bytes);
    }
    await finishFile();
    return written;
  } catch (error) {
    await handle?.close();
    for (const file of written) await rm(join(folder, file));
    throw error;
  }
}

async function createFile(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'wx');
  } catch (cause) {
    throw new FabricError('FILE_EXISTS', `cannot make ${path}: ${messageOf(cause)}`, { cause });
  }
}
