// SPDX-License-Identifier: Apache-2.0
// What the page is told while an import goes on.
import type { ImportCallbacks, ImportProgress, LedgerView } from './viewer-api.ts';

/** The page is told at most this often. */
const PROGRESS_MS = 250;

/** Tells the page of progress, not too often, and one at a time. */
export class ProgressTeller {
  readonly #view: (id: string) => Promise<LedgerView>;
  readonly #callbacks: ImportCallbacks;
  readonly #began = performance.now();
  #id: string | undefined;
  #blocks = 1;
  #transactions = 1;
  #bytesRead = 0;
  #told = 0;
  #telling = false;

  constructor(view: (id: string) => Promise<LedgerView>, callbacks: ImportCallbacks) {
    this.#view = view;
    this.#callbacks = callbacks;
  }

  began(id: string): void {
    this.#id = id;
    void this.#tell();
  }

  committed(transactions: number, bytesRead: number): void {
    this.#blocks++;
    this.#transactions += transactions;
    this.#bytesRead = bytesRead;
    if (performance.now() - this.#told >= PROGRESS_MS) void this.#tell();
  }

  end(): void {
    this.#id = undefined;
  }

  async #tell(): Promise<void> {
    const id = this.#id;
    if (id === undefined || this.#telling) return;
    this.#telling = true;
    try {
      const view = await this.#view(id);
      const progress: ImportProgress = {
        ...view,
        bytesRead: this.#bytesRead,
        blocks: this.#blocks,
        transactions: this.#transactions,
        ms: performance.now() - this.#began,
      };
      if (this.#id === id) this.#callbacks.progress(progress);
    } catch {
      // The ledger has gone wrong, or away: the import itself tells why.
    } finally {
      this.#told = performance.now();
      this.#telling = false;
    }
  }
}
