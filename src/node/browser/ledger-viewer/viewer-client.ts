// SPDX-License-Identifier: Apache-2.0
// The page's end of the ledger viewer's worker.
import * as Comlink from 'comlink';
import { startVerifyWorkers } from '../verify-workers.ts';
import { carryErrors } from '../worker-errors.ts';
import type { ImportCallbacks, LedgerView, LedgerViewerApi, OwnNetwork } from './viewer-api.ts';

export class LedgerViewerClient {
  readonly api: Comlink.Remote<LedgerViewerApi>;
  readonly #onCrash: (message: string) => void;

  /** @param onCrash is told when the worker's script failed; nothing works any more. */
  constructor(onCrash: (message: string) => void) {
    carryErrors();
    this.#onCrash = onCrash;
    const worker = new Worker(new URL('../worker-main.ts', import.meta.url), {
      type: 'module',
      name: 'ledger-viewer',
    });
    worker.addEventListener('error', ({ message }) => onCrash(message));
    this.api = Comlink.wrap<LedgerViewerApi>(worker);
  }

  async import(
    files: readonly File[],
    own: OwnNetwork | undefined,
    callbacks: ImportCallbacks,
  ): Promise<LedgerView> {
    const verifying = startVerifyWorkers(this.#onCrash);
    const ports = Comlink.transfer(verifying.ports, verifying.ports);
    try {
      return await this.api.import(files, own, Comlink.proxy(callbacks), ports);
    } finally {
      verifying.stop();
    }
  }
}
