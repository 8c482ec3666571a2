// SPDX-License-Identifier: Apache-2.0
// `tabric ledger snapshot verify`: whether a snapshot, a real peer's or ours, is what its hashes promise.
import { Command } from 'commander';
import { messageOf } from '../src/common/runtime/errors.ts';
import { LedgerError } from '../src/ledger/types.ts';
import type { CommandContext } from './command-context.ts';
import {
  type ExitCode,
  examples,
  type OutputOptions,
  print,
  sizeText,
  someLines,
  warn,
} from './command-output.ts';
import { SnapshotFolder } from './snapshot-folder.ts';
import { metadataRows } from './snapshot-text.ts';
import { type SnapshotReport, verifySnapshot } from './verify-snapshot.ts';

export function snapshotVerifyCommand({ signal, finish }: CommandContext): Command {
  return new Command('verify')
    .description('checks every hash of a snapshot, and counts what is in it')
    .argument('<folder>', 'folder of a snapshot, a Fabric peer’s or ours')
    .option('--json', 'answer in one line of JSON')
    .addHelpText('after', examples('snapshot verify snapshots/completed/mychannel/70'))
    .action(async (path: string, flags: OutputOptions) => {
      finish(await verify(path, flags, signal));
    });
}

async function verify(
  path: string,
  { json }: OutputOptions,
  signal: AbortSignal,
): Promise<ExitCode> {
  using folder = await SnapshotFolder.open(path, { signal, passes: 2 });
  const report = await reportOn(folder);
  folder[Symbol.dispose]();
  if (json) print(JSON.stringify(report));
  else print(reportText(report));
  if ('notes' in report) for (const note of report.notes) warn(note);
  return report.problems.length > 0 ? 1 : 0;
}

/** Of a snapshot whose metadata is wrong, nothing else is known. */
type Report = SnapshotReport | Pick<SnapshotReport, 'problems'>;

async function reportOn(folder: SnapshotFolder): Promise<Report> {
  try {
    return await verifySnapshot(folder);
  } catch (error) {
    if (!(error instanceof LedgerError && error.code === 'SNAPSHOT_INVALID')) throw error;
    return { problems: [{ file: 'metadata', message: messageOf(error) }] };
  }
}

function reportText(report: Report): string {
  const { problems } = report;
  const lines = problems.map(({ file, message }) => `${file}: ${message}`);
  const verdict =
    problems.length === 0 ? 'the snapshot is whole' : `${problems.length} problem(s) in it`;
  return [...('files' in report ? [contentsText(report)] : []), ...someLines(lines), verdict].join(
    '\n',
  );
}

function contentsText(report: SnapshotReport): string {
  const size = report.files.reduce((sum, { bytes }) => sum + bytes, 0);
  return metadataRows(report, [
    ['state', `${report.stateDbType}: ${keysText(report.publicState)}`],
    ['private hashes', keysText(report.privateStateHashes)],
    ['transactions', String(report.txIds)],
    ['collections', `${report.collectionConfigs} configuration(s)`],
    ['files', `${report.files.length} of ${sizeText(size)}`],
  ]);
}

function keysText(byNamespace: Readonly<Record<string, number>>): string {
  const parts = Object.entries(byNamespace);
  const total = parts.reduce((sum, [, count]) => sum + count, 0);
  const names = parts.map(([name, count]) => `${name || 'the channel’s own'} ${count}`);
  return parts.length === 0 ? 'none' : `${total} keys (${names.join(', ')})`;
}
