// SPDX-License-Identifier: Apache-2.0
// What chaincodes of this peer have written to their consoles, newest last, for whoever develops them.

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
}
