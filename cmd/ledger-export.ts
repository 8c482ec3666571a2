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
import type { BlockStore } from '../src/ledger/blkstorage/index.ts';
import type { LedgerProvider } from '../src/ledger/kvledger/ledger-provider.ts';
import { CHAIN_DIRECTORY, CHANNEL_FLAG, wholeNumber } from './arguments.ts';
import { asPeerStores } from './as-peer-stores.ts';
import type { CommandContext } from './command-context.ts';
import { temporaryLedgers } from './command-ledgers.ts';
import { type ExitCode, examples, print, warn } from './command-output.ts';
import { bootstrappingSnapshotOf } from './read-chain.ts';
import {
  type BlockRange,
  blocksOf,
  chooseChain,
  needChains,
  openBlocks,
  rangeOf,
} from './stored-chains.ts';

interface ExportOptions {
  readonly channel?: string;
  readonly out: string;
  readonly from?: number;
  readonly to?: number;
  readonly asOrderer?: boolean;
}

export function exportCommand({ signal, finish }: CommandContext): Command {
  return new Command('export')
    .description(
      'writes the blocks of a ledger into block files, byte for byte as a Fabric peer would have them; an orderer’s chain is replayed first, since it holds no validation codes',
    )
    .argument('<directory>', CHAIN_DIRECTORY)
    .option(...CHANNEL_FLAG)
    .option('--out <folder>', 'where the files go; none is overwritten', '.')
    .option('--as-orderer', 'writes an orderer’s chain as it is, without codes and commit hashes')
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
  const isOrderers = chain.kind === 'orderer';
  if (options.asOrderer && !isOrderers) {
    throw new FabricError(
      'BAD_FLAG',
      `${chain.channelId} is a peer’s: --as-orderer is for an orderer’s chain`,
    );
  }
  await using temporary = isOrderers && !options.asOrderer ? await temporaryLedgers() : undefined;
  const blocks = temporary
    ? replayedBlocks(opened.blockStore, { from, to }, temporary.ledgers, signal)
    : blocksOf(opened.blockStore, { from, to }, signal);
  const snapshot = bootstrappingSnapshotOf(opened.blockStore);
  const isWhole = snapshot !== undefined && from === opened.blockStore.firstBlock;
  const files = await writeFiles(blocks, options.out);
  if (isWhole) await writeBootstrap(snapshot, files, options.out);
  const [first, last] = [files[0], files.at(-1)];
  const names = first === last ? first : `${first} to ${last}`;
  print(`${to - from} blocks of ${chain.channelId} in ${names}`);
  if (options.asOrderer)
    warn(
      'these are an orderer’s blocks: a peer’s tools cannot read them, since they have no validation codes',
    );
  if (isWhole) {
    print(`${BOOTSTRAPPING_SNAPSHOT_FILE} says that they go on from block ${from - 1}`);
  } else if (from > 0) warn(`block ${from} is the first of these files, and not a genesis block`);
  return 0;
}

async function* replayedBlocks(
  store: BlockStore,
  { from, to }: BlockRange,
  ledgers: LedgerProvider,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const all = blocksOf(store, { from: 0, to }, signal);
  const ledger = await asPeerStores(all, ledgers, signal);
  for (let number = from; number < to; number++) {
    signal.throwIfAborted();
    yield (await ledger.getBlockByNumber(number)) ?? new Uint8Array();
  }
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
