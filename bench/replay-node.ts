// SPDX-License-Identifier: Apache-2.0
// How fast Node replays a real peer's chain: every signature, policy and read checked, stored in LevelDB, and the same codes and
// commit hashes found.
import { execFileSync } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { ReplayFigures } from './support/replay-load500.ts';
import { type Figure, median } from './support/table.ts';

const SCRIPT = fileURLToPath(new URL('./support/replay-load500.ts', import.meta.url));
const RUNS = 3;

export function replayNode(): Figure[] {
  const threads = Math.min(2, availableParallelism());
  const runs = Array.from({ length: RUNS }, () => run(threads));
  const rates = runs.map(({ transactions, ms }) => (transactions * 1000) / ms);
  const [one] = runs.toSorted((a, b) => a.ms - b.ms);
  if (!one) return [];
  const { transactions, blocks, cpuMs, stages, peakRssBytes } = one;
  const ms = Object.entries(stages).map(([name, value]) => `${name} ${value.toFixed(0)}`);
  return [
    {
      name: 'replay of a real chain',
      value: `${median(rates).toFixed(0)} tx/s`,
      aim: '3300 tx/s',
      method: `${transactions} transactions in ${blocks} blocks, ${threads} verify threads, LevelDB, warm; median of ${RUNS} (best ${Math.max(...rates).toFixed(0)})`,
    },
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

function run(threads: number): ReplayFigures {
  const output = execFileSync(process.execPath, [SCRIPT, String(threads)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return JSON.parse(output.toString()) as ReplayFigures;
}
