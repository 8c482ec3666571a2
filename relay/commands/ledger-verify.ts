// SPDX-License-Identifier: Apache-2.0
// `tabric ledger verify`: links, data hashes, block signatures and commit hashes of block files.
import { Command } from 'commander';
import { type VerifyReport, verifyChain } from '../../src/node/replay/index.ts';
import { temporaryLedgers } from './command-ledgers.ts';
import { type ExitCode, type OutputOptions, print, rows, someLines } from './command-output.ts';
import { blockBytes, readChain } from './read-chain.ts';

export function verifyCommand(finish: (code: ExitCode) => void): Command {
  return new Command('verify')
    .description(
      'checks the chain in block files: links, data hashes, orderers’ signatures under the configurations in the chain, commit hashes',
    )
    .argument('<path>', 'a block file, packed (.gz) or not, or a directory of blockfile_NNNNNN')
    .option('--json', 'answer in one line of JSON')
    .action(async (path: string, options: OutputOptions) => finish(await verify(path, options)));
}

async function verify(path: string, { json }: OutputOptions): Promise<ExitCode> {
  const { blocks, tornTail } = await readChain(path);
  await using opened = await temporaryLedgers();
  const report = await verifyChain(blockBytes(blocks), opened.ledgers);
  const torn = tornTail();
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
        commitHashesChecked === 0 ? 'none' : `${commitHashesChecked} computed anew`,
      ],
    ]),
    ...someLines(lines),
    verdict,
  ].join('\n');
}
