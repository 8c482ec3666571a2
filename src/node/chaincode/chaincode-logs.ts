// SPDX-License-Identifier: Apache-2.0
// What chaincodes of this peer have written to their consoles, newest last, for whoever develops them.

import type { Clock } from '../../common/runtime/clock.ts';

/** One line. Plain data. */
export interface ChaincodeLogLine {
  /** Milliseconds since the Unix epoch, by the peer's clock: the chaincode's own does not tell. */
  readonly at: number;
  readonly packageId: string;
  /** fatal, error, warn, info, debug, … */
  readonly level: string;
  readonly text: string;
  /** The transaction that the chaincode worked on. */
  readonly txId?: string;
}

export interface LogFilter {
  readonly packageId?: string | undefined;
  readonly txId?: string | undefined;
}

/** Of all chaincodes together; the oldest go. */
const MAX_LINES = 1000;
const MAX_CHARACTERS = 1_000_000;

/** A line is at most so much later than the answer of its transaction: the two come on different ways. */
const LOG_TRIES = 10;
const LOG_WAIT_MS = 10;

/** Keeps lines. */
export class ChaincodeLogs {
  #lines: ChaincodeLogLine[] = [];
  #characters = 0;

  add(line: ChaincodeLogLine): void {
    this.#lines.push(line);
    this.#characters += line.text.length;
    while (this.#lines.length > MAX_LINES || this.#characters > MAX_CHARACTERS)
      this.#characters -= this.#lines.shift()?.text.length ?? 0;
  }

  /** Those that fit, oldest first. */
  lines({ packageId, txId }: LogFilter = {}): ChaincodeLogLine[] {
    return this.#lines.filter(
      (line) =>
        (packageId === undefined || line.packageId === packageId) &&
        (txId === undefined || line.txId === txId),
    );
  }

  /** What chaincode wrote about a transaction that it failed, its stack above all; undefined when nothing comes soon. */
  async errorSoon(
    txId: string,
    { clock, signal }: { readonly clock: Clock; readonly signal: AbortSignal },
  ): Promise<string | undefined> {
    for (let i = 0; i < LOG_TRIES && this.#errorOf(txId) === '' && !signal.aborted; i++)
      await clock.sleep(LOG_WAIT_MS);
    return this.#errorOf(txId) || undefined;
  }

  #errorOf(txId: string): string {
    const errors = this.lines({ txId }).filter(({ level }) => level === 'error');
    return errors.map(({ text }) => text).join('\n');
  }
}
