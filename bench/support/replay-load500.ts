// SPDX-License-Identifier: Apache-2.0
// A process of its own for bench/replay-node.ts: replays the chain into LevelDB and prints what it took as JSON. The threads and
// the code are warm when the clock starts.
import { fileURLToPath } from 'node:url';
import { memoryLedgers, temporaryLedgers } from '../../cmd/command-ledgers.ts';
import { blocksBehind, readChain } from '../../cmd/read-chain.ts';
import { systemClock } from '../../src/common/runtime/clock.ts';
import { TraceBus } from '../../src/common/runtime/trace.ts';
import type { CommitResult } from '../../src/ledger/types.ts';
import { startVerifyThreads } from '../../src/node/headless/verify-threads.ts';
import { isClean, replayChain } from '../../src/node/replay/index.ts';
import { load500 } from './load500.ts';
import { median } from './table.ts';

/** What the process prints. */
export interface ReplayFigures {
  readonly transactions: number;
  readonly blocks: number;
  readonly ms: number;
  /** Of all threads together. */
  readonly cpuMs: number;
  readonly peakRssBytes: number;
  /** Medians of blocks, in milliseconds. `validate` waits for signatures, then checks keys' own policies. */
  readonly stages: Readonly<Record<'validate' | keyof CommitResult['ms'], number>>;
}

const WARM_UP = '../../src/ledger/testdata/mychannel-ledger/peer0.org1.blockfile_000000';

const chainOf = async (path: string): Promise<AsyncGenerator<Uint8Array>> => {
  const { blocks } = await readChain(path, { signal: new AbortController().signal });
  return blocksBehind(undefined, blocks);
};

using chain = load500();
await using threads = startVerifyThreads(Number(process.argv[2] ?? 2));
const clock = { ...systemClock, now: () => performance.now() };
const common = { clock, signatureStage: threads.pool.verify };
for (let i = 0; i < 2; i++) {
  await using warm = await memoryLedgers();
  await replayChain(await chainOf(fileURLToPath(new URL(WARM_UP, import.meta.url))), {
    ledgers: warm.ledgers,
    ...common,
  });
}

await using stored = await temporaryLedgers();
const trace = new TraceBus();
const validate: number[] = [];
trace.on(({ stage, ms = 0 }) => stage === 'validate' && validate.push(ms));
const commits: CommitResult[] = [];
const cpu = process.cpuUsage();
const began = performance.now();
const report = await replayChain(
  await chainOf(chain.path),
  { ledgers: stored.ledgers, trace, ...common },
  { onCommit: (result) => commits.push(result) },
);
const ms = performance.now() - began;
const { user, system } = process.cpuUsage(cpu);
if (!isClean(report)) throw new Error('the replay differs from what the real peer stored');
const stage = (name: keyof CommitResult['ms']): number =>
  median(commits.map((one) => one.ms[name]));
const figures: ReplayFigures = {
  transactions: report.transactions,
  blocks: report.blocks,
  ms,
  cpuMs: (user + system) / 1000,
  peakRssBytes: process.resourceUsage().maxRSS * 1024,
  stages: {
    validate: median(validate),
    mvcc: stage('mvcc'),
    store: stage('store'),
    state: stage('state'),
    history: stage('history'),
  },
};
process.stdout.write(JSON.stringify(figures));
