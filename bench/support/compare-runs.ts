// SPDX-License-Identifier: Apache-2.0
// Ratios of the figures of two series of runs.
import type { Run } from './results.ts';
import { median } from './table.ts';

export interface Ratio {
  readonly benchmark: string;
  readonly figure: string;
  readonly unit: string;
  /** Median, and all runs when there are several; `-` when there is none. */
  readonly before: string;
  readonly after: string;
  /** `-` when one side has no figure. */
  readonly ratio: string;
}

/** Of every figure that is a number, in the order of the runs. */
export function ratiosOf(before: readonly Run[], after: readonly Run[]): Ratio[] {
  const [then, now] = [amountsOf(before), amountsOf(after)];
  const keys = new Set([...now.keys(), ...then.keys()]);
  return [...keys].map((key) => {
    const [a, b] = [then.get(key), now.get(key)];
    const { benchmark = '', figure = '', unit = '' } = b ?? a ?? {};
    const ratio = a && b ? (median(b.amounts) / median(a.amounts)).toFixed(2) : '-';
    return { benchmark, figure, unit, before: textOf(a), after: textOf(b), ratio };
  });
}

interface Amounts {
  readonly benchmark: string;
  readonly figure: string;
  readonly unit: string;
  readonly amounts: number[];
}

// Figures below a heading have names that come again: `  bytes of a tab` of 4 tabs and of 8.
function amountsOf(runs: readonly Run[]): Map<string, Amounts> {
  const all = new Map<string, Amounts>();
  for (const { figures } of runs) {
    for (const [benchmark, list] of Object.entries(figures)) {
      let heading = '';
      for (const { name, amount, unit = '' } of list) {
        if (!name.startsWith(' ')) heading = name;
        if (amount === undefined) continue;
        const figure = name === heading ? name : `${heading} /${name.trimEnd()}`;
        const key = `${benchmark}\0${figure}`;
        const entry = all.get(key) ?? { benchmark, figure, unit, amounts: [] };
        entry.amounts.push(amount);
        all.set(key, entry);
      }
    }
  }
  return all;
}

function textOf(amounts: Amounts | undefined): string {
  if (!amounts) return '-';
  const digits = (amount: number): string => amount.toFixed(Math.abs(amount) < 10 ? 2 : 0);
  const all = amounts.amounts.map(digits);
  const middle = digits(median(amounts.amounts));
  return all.length > 1 ? `${middle} (${all.join(', ')})` : middle;
}
