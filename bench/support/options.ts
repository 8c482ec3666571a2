// SPDX-License-Identifier: Apache-2.0
// What `npm run bench` takes on its command line.
import { parseArgs } from 'node:util';

export interface BenchOptions {
  /** Tabs of the idle figures, in rising order. */
  readonly tabs: readonly number[];
  /** Headless peers. */
  readonly peers: number;
  /** How long a network is left alone before it is measured idle. */
  readonly settleMs: number;
  /** How long idle figures are measured. */
  readonly windowMs: number;
  /** How long load figures are measured. */
  readonly loadMs: number;
}

export interface CommandLine {
  /** Names as asked for; all when empty. */
  readonly only: readonly string[];
  /** A commit to compare with. */
  readonly compare?: string;
  /** How often a comparison runs each side. */
  readonly rounds: number;
  /** Where figures go as JSON; a name of its own in bench-results/ when absent. */
  readonly json?: string;
  readonly build: boolean;
  readonly bench: BenchOptions;
}

export const USAGE = `npm run bench -- [options] [figure …]
  --only a,b       these figures alone; \`idle\` stands for all whose names begin with it
  --compare REF    runs them here and on another commit alternately, and prints ratios
  --rounds 2       how often a comparison runs each side
  --tabs 4,8,12    tabs of the idle figures
  --peers 60       headless peers
  --settle 60      seconds that a network is left alone before it is measured idle
  --window 30      seconds of an idle measurement
  --load 15        seconds of a load measurement
  --json FILE      where the figures go as JSON, instead of bench-results/
  --no-build       takes dist/ as it is`;

/** Throws TypeError or RangeError with what is wrong. */
export function parseCommandLine(args: readonly string[]): CommandLine {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      only: { type: 'string', multiple: true, default: [] },
      compare: { type: 'string' },
      rounds: { type: 'string', default: '2' },
      tabs: { type: 'string', default: '4,8,12' },
      peers: { type: 'string', default: '60' },
      settle: { type: 'string', default: '60' },
      window: { type: 'string', default: '30' },
      load: { type: 'string', default: '15' },
      json: { type: 'string' },
      'no-build': { type: 'boolean', default: false },
    },
  });
  const { compare, json } = values;
  const tabs = listOf(values.tabs).map((text) => positive('tabs', text));
  return {
    only: [...values.only.flatMap(listOf), ...positionals],
    ...(compare === undefined ? {} : { compare }),
    ...(json === undefined ? {} : { json }),
    rounds: positive('rounds', values.rounds),
    build: !values['no-build'],
    bench: {
      tabs: tabs.toSorted((a, b) => a - b),
      peers: positive('peers', values.peers),
      settleMs: seconds('settle', values.settle),
      windowMs: seconds('window', values.window),
      loadMs: seconds('load', values.load),
    },
  };
}

/** The names that a request stands for: itself, or those that begin with it and a hyphen. Empty when there are none. */
export function chooseNames(all: readonly string[], request: string): string[] {
  return all.filter((name) => name === request || name.startsWith(`${request}-`));
}

function listOf(text: string): string[] {
  return text.split(',').filter((part) => part !== '');
}

function positive(name: string, text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) {
    throw new RangeError(`--${name} takes whole numbers from 1 on, not ${text}`);
  }
  return value;
}

function seconds(name: string, text: string): number {
  const value = Number(text);
  if (!(value > 0 && value < 3600)) throw new RangeError(`--${name} takes seconds, not ${text}`);
  return value * 1000;
}
