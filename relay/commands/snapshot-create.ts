// SPDX-License-Identifier: Apache-2.0
// `tabric ledger snapshot create`: what a ledger holds after its last block, as a Fabric peer would write it.
import { Command } from 'commander';
import { CHANNEL_FLAG, LEDGER_DIRECTORY } from './arguments.ts';
import type { CommandContext } from './command-context.ts';
import { type ExitCode, examples, type OutputOptions, print, sizeText } from './command-output.ts';
import { openPeerLedgers } from './peer-ledgers.ts';
import { NewSnapshotFolder } from './snapshot-folder.ts';
import { metadataRows } from './snapshot-text.ts';

interface CreateFlags extends OutputOptions {
  readonly out: string;
  readonly channel?: string;
}

export function snapshotCreateCommand({ signal, finish }: CommandContext): Command {
  return new Command('create')
    .description('writes a snapshot of a ledger as it is after its last block')
    .argument('<directory>', LEDGER_DIRECTORY)
    .requiredOption('--out <folder>', 'where its files go; there must be no such folder yet')
    .option(...CHANNEL_FLAG)
    .option('--json', 'answer in one line of JSON')
    .addHelpText('after', examples('snapshot create ledgers --out snapshots/mychannel/70'))
    .action(async (path: string, flags: CreateFlags) => finish(await create(path, flags, signal)));
}

async function create(
  path: string,
  { out, channel, json }: CreateFlags,
  signal: AbortSignal,
): Promise<ExitCode> {
  await using opened = await openPeerLedgers(path, signal);
  const ledger = await opened.open(await opened.choose(channel));
  await using folder = await NewSnapshotFolder.make(out, signal);
  const { filesHashes, ...metadata } = await ledger.generateSnapshot(folder);
  await folder.complete();
  const files = Object.fromEntries(filesHashes);
  if (json) print(JSON.stringify({ ...metadata, files, folder: folder.path }));
  else {
    const size = `${filesHashes.size + 2} of ${sizeText(folder.bytesWritten)}`;
    print(metadataRows(metadata, [['files', `${size}, in ${out}`]]));
  }
  return 0;
}
