// SPDX-License-Identifier: Apache-2.0
// `tabric ledger verify`: links, data hashes, block signatures and commit hashes of a chain.
import { Command } from 'commander';
import { type VerifyReport, verifyChain } from '../src/node/replay/index.ts';
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
import { fromGenesis, readChain } from './read-chain.ts';

interface VerifyFlags extends OutputOptions {
  readonly channel?: string;
}

export function verifyCommand({ signal, finish }: CommandContext): Command {
  return new Command('verify')
    .description(
      'checks a chain: links, data hashes, orderers’ signatures under the configurations in the chain, commit hashes',
    )
    .argument('<path>', CHAIN_PATH)
    .option(...CHANNEL_FLAG)
    .option('--json', 'answer in one line of JSON')
    .addHelpText('after', examples('verify blockfile_000000', 'verify data --channel mychannel'))
    .action(async (path: string, flags: VerifyFlags) => finish(await verify(path, flags, signal)));
}

async function verify(
  path: string,
  { json, channel }: VerifyFlags,
  signal: AbortSignal,
): Promise<ExitCode> {
  await using chain = await readChain(path, { channel, signal });
  await using opened = await temporaryLedgers();
  const report = await verifyChain(fromGenesis(chain.blocks), opened.ledgers, { signal });
  const torn = chain.tornTail();
  print(json ? JSON.stringify({ ...report, ...(torn && { torn }) }) : reportText(report));
  return report.problems.length > 0 || torn ? 1 : 0;
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
      ['genesis block', `${report.genesisHash} (trusted as it is: compare it)`],
      ['last block', report.lastBlockHash],
      [
        'commit hashes',
        commitHashesChecked === 0 ? 'none' : `${commitHashesChecked} computed again`,
      ],
    ]),
    ...someLines(lines),
    verdict,
  ].join('\n');
}
