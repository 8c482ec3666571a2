// SPDX-License-Identifier: Apache-2.0
// `tabric ledger replay`: the blocks of a real peer through our validator and committer, from the genesis block on, and
// every code and commit hash compared with what that peer stored.
import { availableParallelism } from 'node:os';
import { Command, Option } from 'commander';
import { systemClock } from '../src/common/runtime/clock.ts';
import { FabricError } from '../src/common/runtime/errors.ts';
import type { LedgerProviderOptions } from '../src/ledger/kvledger/ledger-provider.ts';
import { startVerifyThreads } from '../src/node/headless/verify-threads.ts';
import { isClean, ReplayError, type ReplayReport, replayChain } from '../src/node/replay/index.ts';
import { addWholeNumber, CHAIN_PATH, CHANNEL_FLAG, wholeNumber } from './arguments.ts';
import type { CommandContext } from './command-context.ts';
import {
  type CommandLedgers,
  levelDBLedgers,
  memoryLedgers,
  temporaryLedgers,
} from './command-ledgers.ts';
import {
  counts,
  type ExitCode,
  examples,
  type OutputOptions,
  print,
  rows,
  someLines,
} from './command-output.ts';
import { FROM_SNAPSHOT_FLAG, joinSnapshot, originOf } from './from-snapshot.ts';
import { blocksBehind, type ChainReading, readChain } from './read-chain.ts';
import { SnapshotsDirectory } from './snapshots-directory.ts';

interface ReplayFlags extends OutputOptions {
  readonly channel?: string;
  readonly store: readonly string[];
  readonly threads?: number;
  readonly snapshot?: readonly number[];
  readonly snapshots: string;
  readonly fromSnapshot?: string;
}

/** Below this, threads take longer to start than they save. */
const WORTH_THREADS_BYTES = 1024 * 1024;
/** Above this, the ledger does not belong into memory. */
const MAX_MEMORY_BYTES = 32 * 1024 * 1024;

export function replayCommand({ signal, finish }: CommandContext): Command {
  return new Command('replay')
    .description(
      'validates and commits the blocks of a peer again, and reports each code and commit hash that differs from what it stored; with --store leveldb it is also how a ledger is imported',
    )
    .argument('<path>', CHAIN_PATH)
    .option(...CHANNEL_FLAG)
    .option(...FROM_SNAPSHOT_FLAG)
    .addOption(
      new Option(
        '--store <kind...>',
        'where the ledger is made: `memory`, `temporary` files, or `leveldb DIR`, which stays',
      ).default([], 'memory, or temporary files when it is large'),
    )
    .option(
      '--threads <number>',
      'threads that check signatures (default: one a core)',
      wholeNumber,
    )
    .option(
      '--snapshot <block>',
      'makes a snapshot after this block, as a Fabric peer that was asked for it; may be given again',
      addWholeNumber,
    )
    .option(
      '--snapshots <folder>',
      'where snapshots go, as completed/CHANNEL/BLOCK below it',
      'snapshots',
    )
    .option('--json', 'answer in one line of JSON')
    .addHelpText(
      'after',
      examples(
        'replay blockfile_000000',
        'replay chains/mychannel --store leveldb ledgers',
        'replay chains/mychannel --snapshot 40 --snapshot 70',
        'replay chains/mychannel --from-snapshot snapshots/completed/mychannel/70',
      ),
    )
    .action(async (path: string, flags: ReplayFlags) => finish(await replay(path, flags, signal)));
}

async function replay(path: string, flags: ReplayFlags, signal: AbortSignal): Promise<ExitCode> {
  const { json, store, threads, channel, fromSnapshot } = flags;
  const { snapshot: snapshotsAt = [], snapshots: folder } = flags;
  await using chain = await readChain(path, { channel, signal });
  await checkBeginning(chain, fromSnapshot);
  const { totalBytes = Number.POSITIVE_INFINITY } = chain;
  const snapshots = new SnapshotsDirectory(folder, signal);
  await using opened = await openStore(store, totalBytes, { snapshots });
  const wanted = threads ?? (totalBytes < WORTH_THREADS_BYTES ? 0 : availableParallelism());
  await using verifying = wanted > 0 ? startVerifyThreads(wanted) : undefined;
  const began = performance.now();
  const components = {
    ledgers: opened.ledgers,
    clock: systemClock,
    ...(verifying && { signatureStage: verifying.pool.verify }),
  };
  const expected = await chain.snapshot();
  const joined =
    fromSnapshot === undefined
      ? undefined
      : await joinSnapshot(fromSnapshot, opened.ledgers, { signal, expected });
  const blocks = blocksBehind(joined && originOf(joined), chain.blocks);
  const { report, stopped } = await outcomeOf(() =>
    replayChain(blocks, components, { signal, snapshotsAt, joined }),
  );
  const ms = performance.now() - began;
  const torn = chain.tornTail();
  // Waits for a snapshot that is being made.
  await opened.ledgers.close();
  const made = madeOf(snapshotsAt, snapshots);
  const more = {
    ms,
    ...(snapshotsAt.length > 0 && { snapshots: made }),
    ...(torn && { torn }),
    ...(stopped && { stopped: stopped.message }),
  };
  if (json) print(JSON.stringify({ ...report, ...more }));
  else print([reportText(report, ms, stopped), ...made.map(snapshotText)].join('\n'));
  const isWhole = made.every(({ folder: path }) => path !== undefined);
  const isGood = isClean(report) && !isMeaningless(report) && !stopped && !torn;
  return isGood && isWhole ? 0 : 1;
}

// To validate transactions takes the state before them, which no block file holds.
async function checkBeginning(chain: ChainReading, fromSnapshot?: string): Promise<void> {
  const info = fromSnapshot === undefined ? await chain.snapshot() : undefined;
  if (!info) return;
  const text = `the chain begins with block ${info.lastBlockNum + 1}, behind a snapshot: to replay it, give the snapshot of block ${info.lastBlockNum} with --from-snapshot FOLDER`;
  throw new FabricError('SNAPSHOT_NEEDED', text);
}

interface MadeSnapshot {
  readonly block: number;
  /** Absent when it was not made: the block did not come, or there is such a folder already. */
  readonly folder?: string;
}

function madeOf(blocks: readonly number[], { made }: SnapshotsDirectory): MadeSnapshot[] {
  return blocks.map((block) => {
    const folder = made.get(block);
    return folder === undefined ? { block } : { block, folder };
  });
}

function snapshotText({ block, folder }: MadeSnapshot): string {
  return `snapshot after block ${block}: ${folder ?? 'not made; the block did not come, or there is one already'}`;
}

async function openStore(
  [kind = '', directory, ...rest]: readonly string[],
  totalBytes: number,
  options: LedgerProviderOptions,
): Promise<CommandLedgers> {
  if (kind === 'leveldb' && directory !== undefined && rest.length === 0) {
    return levelDBLedgers(directory, options);
  }
  const place = kind === '' ? (totalBytes > MAX_MEMORY_BYTES ? 'temporary' : 'memory') : kind;
  if (place === 'memory' && directory === undefined) return memoryLedgers(options);
  if (place === 'temporary' && directory === undefined) return temporaryLedgers(options);
  const text = '--store is `memory`, `temporary`, or `leveldb` and a directory';
  throw new FabricError('BAD_FLAG', text);
}

// A chain that is refused midway was still replayed up to there.
async function outcomeOf(
  run: () => Promise<ReplayReport>,
): Promise<{ report: ReplayReport; stopped?: ReplayError }> {
  try {
    return { report: await run() };
  } catch (error) {
    if (error instanceof ReplayError && error.report)
      return { report: error.report, stopped: error };
    throw error;
  }
}

function reportText(report: ReplayReport, ms: number, stopped: ReplayError | undefined): string {
  const { blocks, transactions, codeDifferences, commitHashDifferences } = report;
  const lines = [
    ...codeDifferences.map(
      ({ blockNum, txNum, txId, stored, replayed }) =>
        `block ${blockNum}, transaction ${txNum} (${txId.slice(0, 12)}): stored ${stored}, replayed ${replayed}`,
    ),
    ...commitHashDifferences.map(
      ({ blockNum, stored, replayed }) =>
        `block ${blockNum}: stored commit hash ${stored}, replayed ${replayed}`,
    ),
  ];
  const rate = ((transactions * 1000) / ms).toFixed(0);
  return [
    rows([
      ['channel', report.channelId],
      ...(report.lastBlockInSnapshot === undefined
        ? []
        : [['snapshot', `of block ${report.lastBlockInSnapshot}`] as const]),
      [
        'blocks',
        `${blocks} with ${transactions} transactions, in ${(ms / 1000).toFixed(1)} s (${rate}/s)`,
      ],
      ['codes', counts(report.codes)],
      ['compared', comparedText(report)],
      ['last block', report.lastBlockHash],
      ['last commit', report.lastCommitHash || 'none'],
    ]),
    ...someLines(lines),
    ...(stopped ? [stopped.message] : []),
    verdictOf(report),
  ].join('\n');
}

// An orderer's blocks hold nothing to compare with; and those of a network of ours may be of chaincodes that its file alone defines.
function verdictOf(report: ReplayReport): string {
  if (!isUncompared(report)) {
    const { codeDifferences, commitHashDifferences } = report;
    return `${codeDifferences.length} code(s) and ${commitHashDifferences.length} commit hash(es) differ`;
  }
  const undefinedCount = report.codes.INVALID_CHAINCODE ?? 0;
  const text = 'nothing was compared: the blocks hold no codes, as those of an orderer';
  if (undefinedCount === 0) return text;
  return `${text}; ${undefinedCount} transaction(s) are of chaincodes that the chain does not define, so that their codes mean nothing`;
}

function isUncompared({ blocks, blocksWithoutCodes }: ReplayReport): boolean {
  return blocksWithoutCodes >= blocks;
}

function isMeaningless(report: ReplayReport): boolean {
  return isUncompared(report) && (report.codes.INVALID_CHAINCODE ?? 0) > 0;
}

function comparedText({
  blocks,
  blocksWithoutCodes,
  blocksWithoutCommitHash,
  lastBlockInSnapshot,
}: ReplayReport): string {
  // The genesis block has none.
  const withHash = lastBlockInSnapshot === undefined ? blocks - 1 : blocks;
  const hashes = withHash - blocksWithoutCommitHash;
  return `codes of ${blocks - blocksWithoutCodes} blocks, ${hashes} commit hashes`;
}
