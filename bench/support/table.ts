// SPDX-License-Identifier: Apache-2.0
// Figures as rows of one table, with how each was measured.

export interface Figure {
  readonly name: string;
  readonly value: string;
  /** The value as a number, for comparisons, with its unit. */
  readonly amount?: number;
  readonly unit?: string;
  readonly aim?: string;
  readonly method: string;
  /** More than a table shows, for the JSON. */
  readonly detail?: Readonly<Record<string, number>>;
}

export interface AmountOptions {
  readonly aim?: string;
  readonly digits?: number;
}

/** A figure whose value is a number and a unit. */
export function amountFigure(
  name: string,
  [amount, unit]: readonly [amount: number, unit: string],
  method: string,
  { aim, digits = amount < 10 ? 1 : 0 }: AmountOptions = {},
): Figure {
  const value = `${amount.toFixed(digits)} ${unit}`;
  return { name, value, amount, unit, method, ...(aim === undefined ? {} : { aim }) };
}

export function printTable(figures: readonly Figure[]): void {
  const rows = figures.map(({ name, value, aim = '', method }) => [name, value, aim, method]);
  printRows(['figure', 'value', 'aim', 'method'], rows);
}

export function printRows(head: readonly string[], rows: readonly (readonly string[])[]): void {
  const widths = head.map((_, column) =>
    Math.max(...[head, ...rows].map((row) => row[column]?.length ?? 0)),
  );
  const line = (row: readonly string[]): string =>
    `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  console.log(line(head));
  console.log(line(widths.map((width) => '-'.repeat(width))));
  for (const row of rows) console.log(line(row));
}

/** The sample that the share `q` of all is at most as large as. */
export function quantile(samples: readonly number[], q: number): number {
  const sorted = [...samples].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? Number.NaN;
}

/** `p50 / p95` of samples in milliseconds. */
export function percentiles(samples: readonly number[]): string {
  return `${quantile(samples, 0.5).toFixed(0)} / ${quantile(samples, 0.95).toFixed(0)} ms`;
}

export function median(samples: readonly number[]): number {
  return quantile(samples, 0.5);
}

export function mean(samples: readonly number[]): number {
  return samples.reduce((sum, one) => sum + one, 0) / samples.length;
}

/** `main 1.2, worker 0.4`, without what rounds to nothing. */
export function partsText(parts: ReadonlyMap<string, number>, digits = 1): string {
  const shown = [...parts].filter(([, amount]) => Number(amount.toFixed(digits)) > 0);
  return shown.map(([name, amount]) => `${name} ${amount.toFixed(digits)}`).join(', ');
}
