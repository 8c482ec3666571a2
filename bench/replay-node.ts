// SPDX-License-Identifier: Apache-2.0
// How fast Node replays a real peer's chain: every signature, policy and read checked, stored in LevelDB, and the same codes and
// commit hashes found.
import { execFileSync } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { ReplayFigures } from './support/replay-load500.ts';
import { shareFigures } from './support/replay-share.ts';
import { amountFigure, type Figure, median } from './support/table.ts';
import type { VerifyLimit } from './support/verify-limit.ts';

const REPLAY = './support/replay-load500.ts';
const LIMIT = './support/verify-limit.ts';
const RUNS = 3;

export function replayNode(): Figure[] {
  const threads = Math.min(2, availableParallelism());
  const runs: ReplayFigures[] = [];
  const limits: VerifyLimit[] = [];
  // In turn, since a machine is not the same from minute to minute.
  for (let i = 0; i < RUNS; i++) {
    runs.push(run<ReplayFigures>(REPLAY, threads));
    limits.push(run<VerifyLimit>(LIMIT, threads));
  }
  const rates = runs.map(({ transactions, ms }) => (transactions * 1000) / ms);
  const [one] = runs.toSorted((a, b) => a.ms - b.ms);
  if (!one) return [];
  const { transactions, blocks, cpuMs, stages, peakRssBytes } = one;
  const ms = Object.entries(stages).map(([name, value]) => `${name} ${value.toFixed(0)}`);
  return [
    amountFigure(
      'replay of a real chain',
      [median(rates), 'tx/s'],
      `${transactions} transactions in ${blocks} blocks, ${threads} verify threads, LevelDB, warm; median of ${RUNS} (best ${Math.max(...rates).toFixed(0)})`,
      { aim: '3300 tx/s' },
    ),
    ...shareFigures(rates, limits, { threads: `${threads} threads`, aim: '0.85' }),
    {
      name: '  processor time',
      value: `${((cpuMs * 1000) / transactions).toFixed(0)} µs/tx`,
      method: 'of all threads together, fastest run',
    },
    {
      name: '  stages of a block',
      value: `${ms.join(', ')} ms`,
      method: 'medians; validate waits for signatures checked ahead',
    },
    {
      name: '  peak memory',
      value: `${(peakRssBytes / 1e6).toFixed(0)} MB`,
      method: 'resident set of the whole process',
    },
  ];
}

function run<T>(script: string, threads: number): T {
  const path = fileURLToPath(new URL(script, import.meta.url));
  const output = execFileSync(process.execPath, [path, String(threads)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return JSON.parse(output.toString()) as T;
}
