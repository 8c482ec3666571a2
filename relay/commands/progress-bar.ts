// SPDX-License-Identifier: Apache-2.0
// One line on a terminal that says how far a long command is. Nothing when stderr is no terminal.
import type { BlockfileProgress } from '../../src/ledger/blkstorage/blockfile/index.ts';

const WIDTH = 30;
const REDRAW_MS = 100;

export class ProgressBar {
  readonly #stream: NodeJS.WriteStream;
  readonly #began = performance.now();
  #drawn = 0;

  constructor(stream: NodeJS.WriteStream = process.stderr) {
    this.#stream = stream;
  }

  update({ bytesRead, totalBytes, blocks }: BlockfileProgress): void {
    const now = performance.now();
    if (!this.#stream.isTTY || now - this.#drawn < REDRAW_MS) return;
    this.#drawn = now;
    const part = totalBytes === 0 ? 1 : Math.min(1, bytesRead / totalBytes);
    const bar = '#'.repeat(Math.round(part * WIDTH)).padEnd(WIDTH, '.');
    const seconds = (now - this.#began) / 1000;
    const rate = (blocks / seconds).toFixed(0);
    this.#stream.write(
      `\r[${bar}] ${(100 * part).toFixed(0).padStart(3)}%  block ${blocks - 1}  ${rate} blocks/s\u001b[K`,
    );
  }

  /** Takes the line away. */
  end(): void {
    if (this.#stream.isTTY && this.#drawn > 0) this.#stream.write('\r\u001b[K');
  }
}
