// SPDX-License-Identifier: Apache-2.0
// The ledgers that were opened from files: the list, the import under way, and each one that is looked at. Lives as long as the
// page, so that an import goes on while a person looks at other pages.
import { signal } from '@preact/signals';
import { FabricError, messageOf } from '../../common/runtime/errors.ts';
import type { LedgerReport } from '../../node/api/ledger-report.ts';
import type {
  ImportProgress,
  LedgerEntry,
  OwnNetwork,
} from '../../node/browser/ledger-viewer/viewer-api.ts';
import { LedgerViewerClient } from '../../node/browser/ledger-viewer/viewer-client.ts';
import { navigate, page } from '../router.ts';
import { OpenedLedger } from './opened-ledger.ts';

export interface ViewerFailure {
  readonly code: string;
  readonly message: string;
  /** The file that it is about. */
  readonly file: string;
}

export type Opening =
  | { readonly ledger: OpenedLedger; readonly failure?: undefined }
  | { readonly failure: ViewerFailure };

export interface ImportUnderWay {
  readonly files: readonly string[];
  /** Once there is a ledger to look at. */
  readonly ledger?: OpenedLedger;
  readonly cancelling: boolean;
}

export class LedgerViewer {
  /** Newest first; undefined until they were read. */
  readonly ledgers = signal<readonly LedgerEntry[] | undefined>(undefined);
  /** False when the browser keeps nothing, once that is known. */
  readonly stored = signal(true);
  readonly importing = signal<ImportUnderWay | undefined>(undefined);
  /** Why the last import, or listing, came to nothing. */
  readonly failure = signal<ViewerFailure | undefined>(undefined);
  /** Of the newest import that has ended. */
  readonly report = signal<LedgerReport | undefined>(undefined);
  readonly #opened = new Map<string, OpenedLedger>();
  #client: LedgerViewerClient | undefined;

  /** Reads the list again. */
  async refresh(): Promise<void> {
    try {
      this.ledgers.value = await this.#use().api.list();
    } catch (error) {
      this.ledgers.value ??= [];
      this.failure.value = failureOf(error);
    }
  }

  /** Imports block files, in any order. Never rejects: what goes wrong is in `failure` or in the report. */
  async import(files: readonly File[], own?: OwnNetwork): Promise<void> {
    if (this.importing.value || files.length === 0) return;
    this.failure.value = undefined;
    this.importing.value = { files: files.map(({ name }) => name), cancelling: false };
    try {
      const view = await this.#use().import(files, own, { progress: (now) => this.#advance(now) });
      const ledger = this.#ledger(view.entry.id, view);
      ledger.settle(view);
      // A short one may end before its progress was ever told.
      this.#show(ledger);
      this.report.value = view.entry.report;
    } catch (error) {
      this.failure.value = failureOf(error);
      this.#forget(this.importing.value?.ledger?.id);
    }
    this.importing.value = undefined;
    await this.refresh();
  }

  cancel(): void {
    const { value } = this.importing;
    if (!value) return;
    this.importing.value = { ...value, cancelling: true };
    this.#use().api.cancel().catch(reportError);
  }

  /** Never rejects. */
  async open(id: string): Promise<Opening> {
    const known = this.#opened.get(id);
    if (known) return { ledger: known };
    try {
      const view = await this.#use().api.open(id);
      return { ledger: this.#ledger(id, view) };
    } catch (error) {
      return { failure: failureOf(error) };
    }
  }

  async remove(id: string): Promise<void> {
    try {
      await this.#use().api.remove(id);
      this.#opened.delete(id);
      this.failure.value = undefined;
    } catch (error) {
      this.failure.value = failureOf(error);
    }
    await this.refresh();
  }

  #advance(progress: ImportProgress): void {
    if (!this.importing.value) return;
    const ledger = this.#ledger(progress.entry.id, progress);
    ledger.advance(progress);
    this.#show(ledger);
  }

  // Whoever waits on the first page sees it go on at the ledger's own; once, since they may go back.
  #show(ledger: OpenedLedger): void {
    const { value } = this.importing;
    if (!value || value.ledger) return;
    this.importing.value = { ...value, ledger };
    const { route } = page.value;
    if (route.view === 'ledger' && route.id === undefined)
      navigate({ view: 'ledger', id: ledger.id });
  }

  #ledger(id: string, view: ConstructorParameters<typeof OpenedLedger>[0]): OpenedLedger {
    const ledger = this.#opened.get(id) ?? new OpenedLedger(view, this.#use().api);
    this.#opened.set(id, ledger);
    this.stored.value = view.stored;
    return ledger;
  }

  // An import that came to nothing leaves nothing to look at.
  #forget(id: string | undefined): void {
    if (id === undefined) return;
    this.#opened.delete(id);
    const { route } = page.value;
    if (route.view === 'ledger' && route.id === id) navigate({ view: 'ledger' });
  }

  #use(): LedgerViewerClient {
    this.#client ??= new LedgerViewerClient((message) => {
      this.failure.value = { code: 'WORKER_CRASHED', message, file: '' };
      // It answers no more; the next question starts another.
      this.importing.value = undefined;
      this.#opened.clear();
      this.#client = undefined;
    });
    return this.#client;
  }
}

function failureOf(thrown: unknown): ViewerFailure {
  const message = messageOf(thrown);
  if (!(thrown instanceof FabricError)) return { code: 'UNKNOWN', message, file: '' };
  const { reason = thrown.code, file = '' } = thrown.data;
  return { code: String(reason), message, file: String(file) };
}

let viewer: LedgerViewer | undefined;

/** The one of this page; `window.tabricLedger` tells of it from then on. */
export function ledgerViewer(): LedgerViewer {
  if (!viewer) {
    const made = new LedgerViewer();
    viewer = made;
    window.tabricLedger = Object.freeze({ report: () => made.report.peek() });
  }
  return viewer;
}
