// SPDX-License-Identifier: Apache-2.0
// `tabric ledger snapshot create`: what a ledger holds after its last block, or after an earlier one, as a Fabric peer would write
// it. Fabric makes one of an earlier block only when it was asked for in time; here the blocks up to it are committed again.
import { Command } from 'commander';
import type { SnapshotWriter } from '../src/ledger/kvledger/snapshot/snapshot-files.ts';
import type { SnapshotMetadata } from '../src/ledger/kvledger/snapshot/snapshot-metadata.ts';
import { CHANNEL_FLAG, LEDGER_DIRECTORY, wholeNumber } from './arguments.ts';
import type { CommandContext } from './command-context.ts';
import { temporaryLedgers } from './command-ledgers.ts';
import { type ExitCode, examples, type OutputOptions, print, sizeText } from './command-output.ts';
import { type LedgerPoint, ledgerOfBlocks } from './ledger-at-block.ts';
import { openPeerLedgers, type PeerLedgers } from './peer-ledgers.ts';
import { NewSnapshotFolder } from './snapshot-folder.ts';
import { metadataRows } from './snapshot-text.ts';

interface CreateFlags extends OutputOptions {
  readonly out: string;
  readonly channel?: string;
  readonly block?: number;
}

export function snapshotCreateCommand({ signal, finish }: CommandContext): Command {
  return new Command('create')
    .description(
      'writes a snapshot of a ledger as it is after its last block, or was after another',
    )
    .argument('<directory>', LEDGER_DIRECTORY)
    .requiredOption('--out <folder>', 'where its files go; there must be no such folder yet')
    .option(
      '--block <number>',
      'as of this block, by committing those up to it again in a temporary directory',
      wholeNumber,
    )
    .option(...CHANNEL_FLAG)
    .option('--json', 'answer in one line of JSON')
    .addHelpText(
      'after',
      examples(
        'snapshot create ledgers --out snapshots/mychannel/70',
        'snapshot create ledgers --block 40 --out snapshots/mychannel/40',
      ),
    )
    .action(async (path: string, flags: CreateFlags) => finish(await create(path, flags, signal)));
}

async function create(
  path: string,
  { out, channel, block, json }: CreateFlags,
  signal: AbortSignal,
): Promise<ExitCode> {
  await using opened = await openPeerLedgers(path, signal);
  const ledgerId = await opened.choose(channel);
  await using folder = await NewSnapshotFolder.make(out, signal);
  const { filesHashes, ...metadata } =
    block === undefined
      ? await (await opened.open(ledgerId)).generateSnapshot(folder)
      : await writeAsOf({ ledgerId, block }, opened, folder, signal);
  await folder.complete();
  const files = Object.fromEntries(filesHashes);
  if (json) print(JSON.stringify({ ...metadata, files, folder: folder.path }));
  else {
    const size = `${filesHashes.size + 2} of ${sizeText(folder.bytesWritten)}`;
    print(metadataRows(metadata, [['files', `${size}, in ${out}`]]));
  }
  return 0;
}

async function writeAsOf(
  point: LedgerPoint,
  opened: PeerLedgers,
  out: SnapshotWriter,
  signal: AbortSignal,
): Promise<SnapshotMetadata> {
  await using temporary = await temporaryLedgers({ enableHistoryDatabase: false });
  const ledger = await ledgerOfBlocks(opened, point, temporary.ledgers, signal);
  return await ledger.generateSnapshot(out);
}
