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
import { FROM_SNAPSHOT_FLAG, ledgerFromSnapshot } from './from-snapshot.ts';
import { fromBlock, fromGenesis, readChain } from './read-chain.ts';

interface VerifyFlags extends OutputOptions {
  readonly channel?: string;
  readonly fromSnapshot?: string;
}

export function verifyCommand({ signal, finish }: CommandContext): Command {
  return new Command('verify')
    .description(
      'checks a chain: links, data hashes, orderers’ signatures under the configurations in the chain, commit hashes',
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
  const joined = await ledgerFromSnapshot(fromSnapshot, opened.ledgers, signal);
  const begin = joined ?? chain.snapshot;
  const first = joined
    ? joined.getBlockchainInfo().height
    : chain.snapshot && chain.snapshot.lastBlockNumber + 1;
  const blocks = first === undefined ? fromGenesis(chain.blocks) : fromBlock(chain.blocks, first);
  const report = await verifyChain(blocks, opened.ledgers, { signal, ...(begin && { begin }) });
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
  const { firstBlock, blocksWithoutConfig: unsigned } = report;
  const trusted = firstBlock === 0 ? 'genesis block' : `block ${firstBlock - 1}`;
  return [
    rows([
      ['channel', report.channelId],
      ['blocks', `${report.blocks} with ${report.transactions} transactions`],
      [trusted, `${report.trustedHash} (trusted as it is: compare it)`],
      ['last block', report.lastBlockHash],
      [
        'commit hashes',
        commitHashesChecked === 0 ? 'none' : `${commitHashesChecked} computed again`,
      ],
    ]),
    ...someLines(lines),
    ...(unsigned > 0
      ? [
          `the signatures of ${unsigned} block(s) were not checked: before the first configuration only --from-snapshot tells whose they should be`,
        ]
      : []),
    verdict,
  ].join('\n');
}
