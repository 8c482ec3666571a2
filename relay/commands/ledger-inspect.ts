// SPDX-License-Identifier: Apache-2.0
// `tabric ledger inspect`: what is in block files, unverified; or one block of them in words.
import { Command } from 'commander';
import { FabricError } from '../../src/common/runtime/errors.ts';
import type { FileBlock } from '../../src/ledger/blkstorage/blockfile/index.ts';
import { BlocksSummariser, type BlocksSummary } from '../../src/node/replay/index.ts';
import { blockViewOf } from '../../src/node/views/index.ts';
import { wholeNumber } from './arguments.ts';
import { counts, type ExitCode, megabytes, print, rows } from './command-output.ts';
import { readChain } from './read-chain.ts';

interface InspectOptions {
  readonly json?: boolean;
  readonly block?: number;
}

export function inspectCommand(finish: (code: ExitCode) => void): Command {
  return new Command('inspect')
    .description('what is in the block files of a peer or an orderer; nothing is verified')
    .argument('<path>', 'a block file, packed (.gz) or not, or a directory of blockfile_NNNNNN')
    .option('--block <number>', 'one block in words, as JSON', wholeNumber)
    .option('--json', 'answer in one line of JSON')
    .action(async (path: string, options: InspectOptions) => finish(await inspect(path, options)));
}

async function inspect(path: string, { json, block: wanted }: InspectOptions): Promise<ExitCode> {
  const { blocks, tornTail } = await readChain(path);
  if (wanted !== undefined) return printBlock(blocks, wanted);
  const summariser = new BlocksSummariser();
  for await (const block of blocks) summariser.add(block);
  const summary = summariser.summary();
  const torn = tornTail();
  print(json ? JSON.stringify({ ...summary, ...(torn && { torn }) }) : summaryText(summary));
  return torn ? 1 : 0;
}

async function printBlock(blocks: AsyncIterable<FileBlock>, wanted: number): Promise<ExitCode> {
  for await (const { number, block } of blocks) {
    if (number !== wanted) continue;
    print(JSON.stringify(blockViewOf(block), null, 2));
    return 0;
  }
  throw new FabricError('BLOCK_NOT_FOUND', `there is no block ${wanted} in these files`);
}

function summaryText(summary: BlocksSummary): string {
  const { firstBlock, lastBlock, blocks, largestBlock, from, to } = summary;
  const time = (ms: number | undefined): string =>
    ms === undefined || Math.abs(ms) > 8.64e15 ? 'unknown' : new Date(ms).toISOString();
  return rows([
    ['channel', summary.channelIds.join(', ') || 'unknown'],
    ['blocks', `${blocks}, numbers ${firstBlock} to ${lastBlock}`],
    [
      'size',
      `${megabytes(summary.bytes)}; largest is block ${largestBlock.number} of ${megabytes(largestBlock.bytes)}`,
    ],
    ['time', `${time(from)} to ${time(to)}`],
    ['config blocks', summary.configBlocks.join(', ') || 'none'],
    ['transactions', `${summary.transactions}: ${counts(summary.types)}`],
    ['chaincodes', counts(summary.chaincodes)],
    [
      'codes',
      Object.keys(summary.codes).length > 0 ? counts(summary.codes) : 'none: an orderer’s blocks',
    ],
  ]);
}
