// SPDX-License-Identifier: Apache-2.0
// A run's figures as JSON, with the machine that they are of.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, totalmem } from 'node:os';
import { dirname, join } from 'node:path';
import type { Figure } from './table.ts';

export const RESULTS_FOLDER = 'bench-results';

export interface Machine {
  readonly processor: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly node: string;
  /** Load of the last minute when the run began: figures of a machine with other work mean little. */
  readonly load: number;
}

export interface Run {
  readonly at: string;
  readonly commit: string;
  readonly machine: Machine;
  readonly figures: Readonly<Record<string, readonly Figure[]>>;
  /** Why a benchmark gave no figures. */
  readonly failed: Readonly<Record<string, string>>;
}

export function thisMachine(): Machine {
  return {
    processor: cpus()[0]?.model ?? 'unknown processor',
    cores: availableParallelism(),
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    node: process.version,
    load: loadavg()[0] ?? Number.NaN,
  };
}

/** The commit that is checked out, with a plus where files differ from it. */
export function currentCommit(): string {
  try {
    const git = (...args: string[]): string => execFileSync('git', args).toString().trim();
    const isChanged = git('status', '--porcelain', '--untracked-files=no') !== '';
    return `${git('rev-parse', '--short', 'HEAD')}${isChanged ? '+' : ''}`;
  } catch {
    return 'unknown';
  }
}

/** A path that no other run has. */
export function resultsPath(at: string, commit: string): string {
  return join(RESULTS_FOLDER, `${at.replaceAll(/[:.]/g, '-')}-${commit}.json`);
}

export function writeJson(path: string, value: unknown): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `${JSON.stringify(value, null, 2)}\n`);
}

export function readRun(path: string): Run {
  return JSON.parse(readFileSync(path, 'utf8')) as Run;
}
