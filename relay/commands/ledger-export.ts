// SPDX-License-Identifier: Apache-2.0
// `tabric ledger export`: the blocks of a LevelDB ledger as the block files that a Fabric peer or orderer would have.
import { type FileHandle, mkdir, open } from 'node:fs/promises';
import { join } from 'node:path';
import { Command } from 'commander';
import { FabricError, messageOf } from '../../src/common/runtime/errors.ts';
import { writeBlockfiles } from '../../src/ledger/blkstorage/blockfile/index.ts';
import { BlockStore } from '../../src/ledger/blkstorage/index.ts';
import type { KVStoreProvider } from '../../src/ledger/kv-store.ts';
import { LevelDBKVStoreProvider } from '../../src/ledger/leveldb/leveldb-kv-store.ts';
import { type ExitCode, print } from './command-output.ts';

interface ExportOptions {
  readonly channel?: string;
  readonly out: string;
}

export function exportCommand(finish: (code: ExitCode) => void): Command {
  return new Command('export')
    .description(
      'writes the blocks of a ledger of `replay --store leveldb`, or of a stopped relay (its chains folder), into block files',
    )
    .argument('<directory>', 'directory of LevelDB databases')
    .option('--channel <name>', 'which one, when there are several')
    .option('--out <folder>', 'where the files go; none is overwritten', '.')
    .action(async (directory: string, options: ExportOptions) => {
      finish(await exportLedger(directory, options));
    });
}

async function exportLedger(directory: string, options: ExportOptions): Promise<ExitCode> {
  const stores = new LevelDBKVStoreProvider(directory);
  const { channelId, store } = await chooseChain(stores, options.channel);
  const kvStore = await stores.open(store);
  try {
    const blockStore = await BlockStore.open(kvStore, channelId);
    const files = await writeFiles(blocksOf(blockStore), options.out);
    print(`${blockStore.height} blocks of ${channelId} in ${files.join(', ')}`);
    return 0;
  } finally {
    await kvStore.close();
  }
}

async function chooseChain(
  stores: KVStoreProvider,
  wanted: string | undefined,
): Promise<{ channelId: string; store: string }> {
  const chains = (await stores.list()).flatMap((store) => {
    // A peer's block store, and an orderer's.
    const channelId = /^[^/]+\/(.+)\/blocks$/.exec(store)?.[1] ?? /^orderer-(.+)$/.exec(store)?.[1];
    return channelId === undefined ? [] : [{ channelId, store }];
  });
  const [chain, another] = chains.filter(({ channelId }) => channelId === (wanted ?? channelId));
  if (chain && !another) return chain;
  const names = chains.map(({ channelId }) => channelId).join(', ');
  const text = another ? `say which --channel: ${names}` : `no such ledger; there are: ${names}`;
  throw new FabricError('LEDGER_NOT_FOUND', text);
}

async function* blocksOf(store: BlockStore): AsyncGenerator<Uint8Array> {
  for (let number = 0; number < store.height; number++) {
    yield (await store.retrieveBlockByNumber(number)) ?? new Uint8Array();
  }
}

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
    return written;
  } finally {
    await finishFile();
  }
}

async function createFile(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'wx');
  } catch (cause) {
    throw new FabricError('FILE_EXISTS', `cannot make ${path}: ${messageOf(cause)}`, { cause });
  }
}
