// SPDX-License-Identifier: Apache-2.0
// `tabric ledger verify`: links, data hashes, block signatures and commit hashes of a chain.
import { Command } from 'commander';
import type { LedgerProvider } from '../src/ledger/kvledger/ledger-provider.ts';
import { type ChainOrigin, type VerifyReport, verifyChain } from '../src/node/replay/index.ts';
import { CHAIN_PATH, CHANNEL_FLAG } from './arguments.ts';
import type { CommandContext } from './command-context.ts';
import { temporaryLedgers } from './command-ledgers.ts';
import {
  type ExitCode,
  examples,
  type OutputOptions,
  print,
  rows,
  someLines,
} from './command-output.ts';
import { FROM_SNAPSHOT_FLAG, joinSnapshot, originOf } from './from-snapshot.ts';
import { blocksBehind, type ChainReading, readChain } from './read-chain.ts';

interface VerifyFlags extends OutputOptions {
  readonly channel?: string;
  readonly fromSnapshot?: string;
}

export function verifyCommand({ signal, finish }: CommandContext): Command {
  return new Command('verify')
    .description(
      'checks a chain: links, data hashes, orderers’ signatures under the configurations in the chain, commit hashes; one that begins behind a snapshot from there',
    )
    .argument('<path>', CHAIN_PATH)
    .option(...CHANNEL_FLAG)
    .option(...FROM_SNAPSHOT_FLAG)
    .option('--json', 'answer in one line of JSON')
    .addHelpText('after', examples('verify blockfile_000000', 'verify data --channel mychannel'))
    .action(async (path: string, flags: VerifyFlags) => finish(await verify(path, flags, signal)));
}

async function verify(
  path: string,
  { json, channel, fromSnapshot }: VerifyFlags,
  signal: AbortSignal,
): Promise<ExitCode> {
  await using chain = await readChain(path, { channel, signal });
  await using opened = await temporaryLedgers();
  const origin = await originFor(chain, fromSnapshot, opened.ledgers, signal);
  const blocks = blocksBehind(origin?.info, chain.blocks);
  const report = await verifyChain(blocks, opened.ledgers, { signal, origin });
  const torn = chain.tornTail();
  print(json ? JSON.stringify({ ...report, ...(torn && { torn }) }) : reportText(report));
  return report.problems.length > 0 || torn ? 1 : 0;
}

async function originFor(
  chain: ChainReading,
  path: string | undefined,
  ledgers: LedgerProvider,
  signal: AbortSignal,
): Promise<ChainOrigin | undefined> {
  const expected = await chain.snapshot();
  if (path === undefined) return expected && { info: expected };
  const ledger = await joinSnapshot(path, ledgers, { signal, expected });
  return { info: originOf(ledger), ledger };
}

function reportText(report: VerifyReport): string {
  const { problems, commitHashesChecked } = report;
  const lines = problems.map(
    ({ blockNum, code, message }) => `block ${blockNum}: ${code}: ${message}`,
  );
  const verdict =
    problems.length === 0 ? 'the chain is whole' : `${problems.length} problem(s) in the chain`;
  return [
    rows([
      ['channel', report.channelId],
      ['blocks', `${report.blocks} with ${report.transactions} transactions`],
      beginningRow(report),
      ['last block', report.lastBlockHash],
      ['signatures', signaturesText(report)],
      [
        'commit hashes',
        commitHashesChecked === 0 ? noneText(report) : `${commitHashesChecked} computed again`,
      ],
    ]),
    ...someLines(lines),
    verdict,
  ].join('\n');
}

function beginningRow({ snapshot, genesisHash = '' }: VerifyReport): [name: string, value: string] {
  if (!snapshot) return ['genesis block', `${genesisHash} (trusted as it is: compare it)`];
  const { lastBlockNum, lastBlockHash } = snapshot;
  return ['snapshot', `of block ${lastBlockNum}, ${lastBlockHash} (trusted as it is: compare it)`];
}

// Who may sign is in a configuration, which a chain behind a snapshot need not have.
function signaturesText({ blocks, signaturesUnverified, firstConfig }: VerifyReport): string {
  if (signaturesUnverified === 0) return 'of all blocks that have them';
  const rest = blocks - signaturesUnverified;
  const reason = `not verified in ${signaturesUnverified} block(s): the configuration is in the snapshot (--from-snapshot)`;
  if (firstConfig === undefined) return reason;
  return `${reason}; verified in ${rest} under that of block ${firstConfig}, which was taken as it is`;
}

function noneText({ snapshot, signaturesUnverified }: VerifyReport): string {
  return snapshot && signaturesUnverified > 0 ? 'none: that needs the snapshot' : 'none';
}
