// SPDX-License-Identifier: Apache-2.0
// Figures as rows of one table, with how each was measured.

export interface Figure {
  readonly name: string;
  readonly value: string;
  readonly aim?: string;
  readonly method: string;
}

export function printTable(figures: readonly Figure[]): void {
  const rows = figures.map(({ name, value, aim = '', method }) => [name, value, aim, method]);
  const head = ['figure', 'value', 'aim', 'method'];
  const widths = head.map((_, column) =>
    Math.max(...[head, ...rows].map((row) => row[column]?.length ?? 0)),
  );
  const line = (row: readonly string[]): string =>
    `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  console.log(line(head));
  console.log(line(widths.map((width) => '-'.repeat(width))));
  for (const row of rows) console.log(line(row));
}

/** `p50 / p95` of samples in milliseconds. */
export function percentiles(samples: readonly number[]): string {
  const sorted = [...samples].sort((a, b) => a - b);
  const at = (q: number): number =>
    sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? Number.NaN;
  return `${at(0.5).toFixed(0)} / ${at(0.95).toFixed(0)} ms`;
}

export function median(samples: readonly number[]): number {
  const sorted = [...samples].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
