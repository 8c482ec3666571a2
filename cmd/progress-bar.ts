// SPDX-License-Identifier: Apache-2.0
// One line on a terminal that says how far a long command is. Nothing when stderr is no terminal.

export interface Progress {
  /** Parts of `total`. */
  readonly done: number;
  /** Absent when it is not known how much there is. */
  readonly total?: number;
  /** What is counted: blocks, or bytes when the unit is MB. */
  readonly count: number;
}

export type ProgressUnit = 'blocks' | 'MB';

const WIDTH = 30;
const REDRAW_MS = 100;

export class ProgressBar {
  readonly #unit: ProgressUnit;
  readonly #stream: NodeJS.WriteStream;
  readonly #began = performance.now();
  #drawn = 0;

  constructor(unit: ProgressUnit, stream: NodeJS.WriteStream = process.stderr) {
    this.#unit = unit;
    this.#stream = stream;
  }

  update({ done, total, count }: Progress): void {
    const now = performance.now();
    if (!this.#stream.isTTY || now - this.#drawn < REDRAW_MS) return;
    this.#drawn = now;
    const rate = this.#amount(count / Math.max(0.001, (now - this.#began) / 1000));
    const text = `${this.#amount(count)} ${this.#unit}  ${rate}/s`;
    this.#stream.write(`\r${total === undefined ? '' : barOf(done, total)}${text}\u001b[K`);
  }

  /** Takes the line away. */
  end(): void {
    if (this.#stream.isTTY && this.#drawn > 0) this.#stream.write('\r\u001b[K');
  }

  #amount(count: number): string {
    return this.#unit === 'MB' ? (count / 1e6).toFixed(1) : count.toFixed(0);
  }
}

function barOf(done: number, total: number): string {
  const part = total === 0 ? 1 : Math.min(1, done / total);
  const bar = '#'.repeat(Math.round(part * WIDTH)).padEnd(WIDTH, '.');
  return `[${bar}] ${(100 * part).toFixed(0).padStart(3)}%  `;
}
