// SPDX-License-Identifier: Apache-2.0
// The running peer as signals: views read these and are redrawn when the peer says that something changed.
import { computed, type ReadonlySignal, signal } from '@preact/signals';
import type { ChaincodeInfo } from '../../node/api/ledger-views.ts';
import type { NetworkView } from '../../node/api/network-view.ts';
import type { Tabric } from '../../node/api/tabric.ts';
import type { LedgerRoute, Route } from '../router.ts';
import { BlockFeed } from './block-feed.ts';
import { Calls } from './calls.ts';
import type { LedgerStore } from './ledger-store.ts';

/** Trace events come in bursts; views follow at most this often. */
const TRACE_INTERVAL_MS = 60;

export class PeerStore implements LedgerStore {
  readonly tabric: Tabric;
  readonly reader: Tabric;
  readonly live = signal(true);
  readonly namespaces: ReadonlySignal<readonly string[]>;
  readonly network;
  readonly height;
  readonly chaincodes = signal<readonly ChaincodeInfo[]>([]);
  /** Whether `chaincodes` was read: starting one to ask for its functions takes a second. */
  readonly chaincodesKnown = signal(false);
  readonly feed: BlockFeed;
  readonly calls: Calls;
  /** Grows when new trace events are there to read. */
  readonly traceCount = signal(0);
  readonly #committed = signal(0);
  #stops: (() => void)[] = [];

  constructor(tabric: Tabric) {
    this.tabric = tabric;
    this.reader = tabric;
    this.namespaces = computed(() => this.chaincodes.value.map(({ name }) => name));
    this.network = signal<NetworkView>(tabric.network);
    // The event of a commit comes before the next view of the network.
    this.height = computed(() => Math.max(this.network.value.me.height, this.#committed.value));
    this.feed = new BlockFeed(tabric);
    this.calls = new Calls(tabric);
  }

  get channel(): string {
    return this.network.value.channel;
  }

  place(route: LedgerRoute): Route {
    return route;
  }

  start(): void {
    if (this.#stops.length > 0) return;
    const { tabric } = this;
    this.#committed.value = tabric.height();
    this.#stops = [
      tabric.on('network:changed', (view) => {
        this.network.value = { ...view };
      }),
      tabric.on('leader:changed', () => this.#readNetwork()),
      tabric.on('peers:changed', () => this.#readNetwork()),
      tabric.on('block:committed', ({ number }) => {
        this.#committed.value = Math.max(this.#committed.value, number + 1);
        this.#readNetwork();
      }),
      tabric.on('chaincode:installed', () => void this.readChaincodes()),
      tabric.on('trace', () => this.#traceSoon()),
      this.height.subscribe((height) => void this.feed.follow(height).catch(reportError)),
    ];
    void this.readChaincodes();
  }

  stop(): void {
    for (const stop of this.#stops) stop();
    this.#stops = [];
  }

  async readChaincodes(): Promise<void> {
    try {
      this.chaincodes.value = await this.tabric.chaincodes();
    } catch (error) {
      reportError(error);
    }
    this.chaincodesKnown.value = true;
  }

  #readNetwork(): void {
    this.network.value = { ...this.tabric.network };
  }

  #traceTimer: ReturnType<typeof setTimeout> | undefined;

  #traceSoon(): void {
    this.#traceTimer ??= setTimeout(() => {
      this.#traceTimer = undefined;
      this.traceCount.value += 1;
    }, TRACE_INTERVAL_MS);
  }
}
