// SPDX-License-Identifier: Apache-2.0
// What a benchmark is given.
import type { Browser } from 'playwright';
import type { BenchOptions } from './options.ts';
import type { Figure } from './table.ts';

export interface BenchContext {
  readonly options: BenchOptions;
  /** A browser that is shared with other benchmarks, for those that a few more processes do not disturb. */
  browser(): Promise<Browser>;
}

export type Benchmark = (context: BenchContext) => Promise<Figure[]> | Figure[];
