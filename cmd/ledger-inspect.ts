// SPDX-License-Identifier: Apache-2.0
// `tabric ledger inspect`: what is in a chain, unverified; or one block or transaction of it in words.
import { Command } from 'commander';
import { toHex } from '../src/common/runtime/bytes.ts';
import { FabricError } from '../src/common/runtime/errors.ts';
import { parseBlock, txIdsOf } from '../src/ledger/blkstorage/index.ts';
import { blockViewOf } from '../src/node/inspect/index.ts';
import { BlocksSummariser, type BlocksSummary } from '../src/node/replay/index.ts';
import { CHAIN_PATH, CHANNEL_FLAG, wholeNumber } from './arguments.ts';
import type { CommandContext } from './command-context.ts';
import { counts, type ExitCode, examples, print, rows, sizeText } from './command-output.ts';
import { type NumberedBlock, readChain } from './read-chain.ts';

interface InspectOptions {
  readonly channel?: string;
  readonly json?: boolean;
  readonly block?: number;
  readonly tx?: string;
}

export function inspectCommand({ signal, finish }: CommandContext): Command {
  return new Command('inspect')
    .description('what is in a chain: block files, or databases of ours; nothing is verified')
    .argument('<path>', CHAIN_PATH)
    .option(...CHANNEL_FLAG)
    .option('--block <number>', 'one block in words, as JSON', wholeNumber)
    .option('--tx <id>', 'the first transaction whose id begins so, in words, as JSON')
    .option('--json', 'answer in one line of JSON')
    .addHelpText(
      'after',
      examples('inspect ledgersData/chains/chains/mychannel', 'inspect data --block 7'),
    )
    .action(async (path: string, options: InspectOptions) => {
      finish(await inspect(path, options, signal));
    });
}

async function inspect(
  path: string,
  { channel, json, block: wanted, tx }: InspectOptions,
  signal: AbortSignal,
): Promise<ExitCode> {
  await using chain = await readChain(path, { channel, signal });
  if (wanted !== undefined) return await printBlock(chain.blocks, wanted);
  if (tx !== undefined) return await printTransaction(chain.blocks, tx);
  const summariser = new BlocksSummariser();
  for await (const block of chain.blocks) summariser.add(block);
  const summary = summariser.summary();
  if (summary.blocks === 0)
    throw new FabricError('BLOCK_NOT_FOUND', `there is no block in ${path}`);
  const torn = chain.tornTail();
  const info = await chain.snapshot();
  const snapshot = info && {
    lastBlockNum: info.lastBlockNum,
    lastBlockHash: toHex(info.lastBlockHash),
  };
  const more = { ...(snapshot && { snapshot }), ...(torn && { torn }) };
  print(json ? JSON.stringify({ ...summary, ...more }) : summaryText(summary, snapshot));
  return torn ? 1 : 0;
}

async function printBlock(blocks: AsyncIterable<NumberedBlock>, wanted: number): Promise<ExitCode> {
  for await (const { number, block } of blocks) {
    if (number !== wanted) continue;
    print(JSON.stringify(blockViewOf(block), null, 2));
    return 0;
  }
  throw new FabricError('BLOCK_NOT_FOUND', `there is no block ${wanted} here`);
}

async function printTransaction(
  blocks: AsyncIterable<NumberedBlock>,
  wanted: string,
): Promise<ExitCode> {
  for await (const { block } of blocks) {
    const index = txIdsOf(parseBlock(block)).findIndex((txId) => txId.startsWith(wanted));
    if (index < 0) continue;
    print(JSON.stringify(blockViewOf(block).transactions[index], null, 2));
    return 0;
  }
  throw new FabricError('TX_NOT_FOUND', `there is no transaction ${wanted} here`);
}

interface SnapshotOrigin {
  readonly lastBlockNum: number;
  readonly lastBlockHash: string;
}

function summaryText(summary: BlocksSummary, snapshot?: SnapshotOrigin): string {
  const { firstBlock, lastBlock, blocks, largestBlock, from, to } = summary;
  const time = (ms: number | undefined): string =>
    ms === undefined || Math.abs(ms) > 8.64e15 ? 'unknown' : new Date(ms).toISOString();
  return rows([
    ['channel', summary.channelIds.join(', ') || 'unknown'],
    ...(snapshot
      ? [['snapshot', `of block ${snapshot.lastBlockNum}, ${snapshot.lastBlockHash}`] as const]
      : []),
    ['blocks', `${blocks}, numbers ${firstBlock} to ${lastBlock}`],
    [
      'size',
      `${sizeText(summary.bytes)}; largest is block ${largestBlock.number} of ${sizeText(largestBlock.bytes)}`,
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
