// SPDX-License-Identifier: Apache-2.0
// How commands answer: text or one line of JSON on stdout, everything else on stderr.

/** What a command came to: 0 all is well, 1 something differs, 2 it could not be done, 130 it was stopped. */
export type ExitCode = 0 | 1 | 2 | 130;

export interface OutputOptions {
  readonly json?: boolean;
}

/** Lists longer than this are cut in texts; JSON has them all. */
const MAX_LINES = 20;

export function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

export function warn(text: string): void {
  process.stderr.write(`tabric: ${text}\n`);
}

/** Rows of a name and a value, in two columns. */
export function rows(entries: readonly (readonly [name: string, value: string])[]): string {
  const width = Math.max(...entries.map(([name]) => name.length));
  return entries.map(([name, value]) => `${name.padEnd(width)}  ${value}`).join('\n');
}

/** `VALID 59, MVCC_READ_CONFLICT 5`. */
export function counts(byName: Readonly<Record<string, number>>): string {
  const parts = Object.entries(byName).map(([name, count]) => `${name} ${count}`);
  return parts.length === 0 ? 'none' : parts.join(', ');
}

/** Lines, and how many more there are. */
export function someLines(lines: readonly string[]): string[] {
  const more = lines.length - MAX_LINES;
  return more > 0
    ? [...lines.slice(0, MAX_LINES), `… and ${more} more (--json has all)`]
    : [...lines];
}

/** Lines behind the help of a command, with calls that work. */
export function examples(...calls: readonly string[]): string {
  return `\nExamples:\n${calls.map((call) => `  $ tabric ledger ${call}`).join('\n')}`;
}

export function sizeText(bytes: number): string {
  return bytes < 1e6 ? `${(bytes / 1e3).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}
