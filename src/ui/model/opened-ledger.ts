// SPDX-License-Identifier: Apache-2.0
// A ledger that was opened from files, as signals: what the views of a ledger need, and its report.
import { computed, signal } from '@preact/signals';
import type { Remote } from 'comlink';
import type {
  ImportProgress,
  LedgerEntry,
  LedgerView,
  LedgerViewerApi,
} from '../../node/browser/ledger-viewer/viewer-api.ts';
import type { LedgerRoute, Route } from '../router.ts';
import { BlockFeed } from './block-feed.ts';
import type { LedgerReader, LedgerStore } from './ledger-store.ts';

/** How fast it goes is told of the last so many milliseconds. */
const RATE_WINDOW_MS = 3000;

export interface ImportRate {
  /** A second. */
  readonly blocks: number;
  readonly transactions: number;
}

export class OpenedLedger implements LedgerStore {
  readonly id: string;
  readonly channel: string;
  readonly reader: LedgerReader;
  readonly feed: BlockFeed;
  readonly entry;
  readonly height;
  readonly namespaces;
  readonly stored: boolean;
  readonly firstBlock: number;
  /** How far the import is, while it goes on in this tab. */
  readonly progress = signal<ImportProgress | undefined>(undefined);
  readonly rate = signal<ImportRate>({ blocks: 0, transactions: 0 });
  readonly live = computed(() => this.progress.value !== undefined);
  #samples: ImportProgress[] = [];

  constructor(view: LedgerView, api: Remote<LedgerViewerApi>) {
    const { id, channelId } = view.entry;
    this.id = id;
    this.channel = channelId;
    this.stored = view.stored;
    this.firstBlock = view.firstBlock;
    this.entry = signal<LedgerEntry>(view.entry);
    this.height = signal(view.height);
    this.namespaces = signal(view.namespaces);
    this.reader = {
      block: (number) => api.block(id, number),
      blocks: (options = {}) => api.blocks(id, options),
      tx: (txId) => api.tx(id, txId),
      state: (namespace, key) => api.state(id, namespace, key),
      states: (namespace, options = {}) => api.states(id, namespace, options),
      history: (namespace, key) => api.history(id, namespace, key),
      blockfileEntry: (number) => api.blockfileEntry(id, number),
    };
    this.feed = new BlockFeed(this.reader);
  }

  readonly place = (page: LedgerRoute): Route => ({ view: 'ledger', id: this.id, page });

  heightNow(): number {
    return this.height.peek();
  }

  /** The import goes on. */
  advance(progress: ImportProgress): void {
    this.#take(progress);
    this.progress.value = progress;
    this.#samples = [
      ...this.#samples.filter(({ ms }) => ms >= progress.ms - RATE_WINDOW_MS),
      progress,
    ];
    const [first = progress] = this.#samples;
    const seconds = (progress.ms - first.ms) / 1000;
    if (seconds <= 0) return;
    this.rate.value = {
      blocks: (progress.blocks - first.blocks) / seconds,
      transactions: (progress.transactions - first.transactions) / seconds,
    };
  }

  /** The import has ended, or the ledger was opened. */
  settle(view: LedgerView): void {
    this.#take(view);
    this.progress.value = undefined;
  }

  #take({ entry, height, namespaces }: LedgerView): void {
    this.entry.value = entry;
    this.height.value = height;
    if (namespaces.join('\n') !== this.namespaces.value.join('\n')) {
      this.namespaces.value = namespaces;
    }
  }
}
