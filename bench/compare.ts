// SPDX-License-Identifier: Apache-2.0
// `--compare REF`: the same figures of two commits in turn, and their ratios. The other commit gets a folder and a build of its own, and
// today's benchmarks, except those parts that reach into the program: it has its own.
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ratiosOf } from './support/compare-runs.ts';
import type { CommandLine } from './support/options.ts';
import { currentCommit, type Run, readRun, resultsPath, writeJson } from './support/results.ts';
import { printRows } from './support/table.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** Files that import from the program more than types; a commit that has them keeps its own. */
export const OF_THE_PROGRAM: readonly string[] = [
  'bench/support/ledger-load.ts',
  'bench/support/ledger-worker.ts',
  'bench/support/member.ts',
  'bench/support/replay-load500.ts',
  'bench/support/signed-load500.ts',
  'bench/support/verify-limit-worker.ts',
  'bench/support/verify-limit.ts',
  'bench/support/verify-loop.ts',
];
/** What benchmarks use besides their own folder. */
const BESIDE = ['browser-args', 'relay-command', 'tab', 'test-network'].map(
  (name) => `src/playwright/${name}.ts`,
);

interface Side {
  readonly name: string;
  readonly root: string;
  readonly runs: Run[];
}

export async function compareWith(
  ref: string,
  names: readonly string[],
  line: CommandLine,
): Promise<void> {
  using other = checkOut(ref);
  const at = new Date().toISOString();
  const sides: Side[] = [
    { name: ref, root: other.root, runs: [] },
    { name: 'here', root: ROOT, runs: [] },
  ];
  for (let round = 0; round < line.rounds; round++) {
    for (const side of sides) {
      console.log(`\n${side.name}, round ${round + 1} of ${line.rounds}`);
      const json = join(other.folder, 'run.json');
      side.runs.push(runAt(side.root, names, { line, json, build: round === 0 && line.build }));
    }
  }
  const [theirs, ours] = sides.map(({ runs }) => runs);
  const ratios = ratiosOf(theirs ?? [], ours ?? []);
  const rows = ratios.map(({ benchmark, figure, unit, before, after, ratio }) => [
    `${benchmark}: ${figure.trim()}`,
    `${before} ${unit}`,
    `${after} ${unit}`,
    ratio,
  ]);
  console.log(`\nMedians of ${line.rounds} runs each, in turn (all runs in brackets)\n`);
  printRows(['figure', ref, 'here', 'here to there'], rows);
  const path = line.json ?? resultsPath(at, `${currentCommit()}-to-${ref.replaceAll('/', '_')}`);
  writeJson(path, { ref, ratios, theirs, ours });
  console.log(`\n${path}`);
}

interface CheckedOut extends Disposable {
  /** Holds the tree, and what belongs to the comparison. */
  readonly folder: string;
  readonly root: string;
}

function checkOut(ref: string): CheckedOut {
  const git = (...args: string[]): void => {
    execFileSync('git', args, { cwd: ROOT, stdio: ['ignore', 'ignore', 'inherit'] });
  };
  const folder = mkdtempSync(join(tmpdir(), 'tabric-compare-'));
  const root = join(folder, 'tree');
  git('worktree', 'add', '--detach', root, ref);
  symlinkSync(join(ROOT, 'node_modules'), join(root, 'node_modules'));
  for (const path of [...filesIn('bench'), ...BESIDE]) {
    if (OF_THE_PROGRAM.includes(path) && existsSync(join(root, path))) continue;
    cpSync(join(ROOT, path), join(root, path));
  }
  return {
    folder,
    root,
    [Symbol.dispose]: () => {
      git('worktree', 'remove', '--force', root);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function filesIn(folder: string): string[] {
  const entries = readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => relative(ROOT, join(parentPath, name)));
}

function runAt(
  root: string,
  names: readonly string[],
  { line, json, build }: { line: CommandLine; json: string; build: boolean },
): Run {
  const { tabs, peers, settleMs, windowMs, loadMs } = line.bench;
  const options = Object.entries({
    only: names.join(','),
    tabs: tabs.join(','),
    peers,
    settle: settleMs / 1000,
    window: windowMs / 1000,
    load: loadMs / 1000,
    json,
  }).map(([name, value]) => `--${name}=${value}`);
  const args = ['bench/main.ts', ...options, ...(build ? [] : ['--no-build'])];
  const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' });
  // 1: some benchmarks failed there, and the others have figures.
  if (status !== 0 && status !== 1) throw new Error(`the benchmarks ended with ${status}`);
  const run = readRun(json);
  rmSync(json);
  return run;
}
