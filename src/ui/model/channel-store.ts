// SPDX-License-Identifier: Apache-2.0
// One channel of the running peer as signals. What can be told from the peer's answers is read again when the peer store says
// so; what only some views need, they ask for.
import { computed, type ReadonlySignal, signal } from '@preact/signals';
import type { TraceEvent } from '../../common/runtime/trace.ts';
import type { ChaincodeInfo } from '../../node/api/ledger-views.ts';
import type { ChannelInfo, PeerInfo } from '../../node/api/network-view.ts';
import type { ChannelFacade, Tabric } from '../../node/api/tabric.ts';
import type { ChannelRoute, Route } from '../router.ts';
import { BlockFeed } from './block-feed.ts';
import { Calls } from './calls.ts';
import { type ClassRow, classRows } from './class-list.ts';
import type { LedgerStore } from './ledger-store.ts';
import { setIfChanged, setItemsIfChanged } from './same.ts';
import type { Update, Updates } from './updates.ts';

/** When somebody was last seen is told in minutes; alive messages of every second shall not change a view. */
const LAST_SEEN_STEP_MS = 60_000;

interface CommittedBlock {
  readonly number: number;
  readonly transactions: number;
}

export class ChannelStore implements LedgerStore {
  readonly facade: ChannelFacade;
  readonly reader: ChannelFacade;
  readonly updates: Updates;
  readonly live = signal(true);
  readonly height = signal(0);
  readonly isLeader = signal(false);
  readonly buffered = signal<readonly number[]>([]);
  readonly peers = signal<readonly PeerInfo[]>([]);
  readonly chaincodes = signal<readonly ChaincodeInfo[]>([]);
  /** Whether `chaincodes` was read: starting one to ask for its functions takes a second. */
  readonly chaincodesKnown = signal(false);
  readonly namespaces: ReadonlySignal<readonly string[]>;
  readonly feed: BlockFeed;
  readonly calls: Calls;
  readonly #tabric: Tabric;
  #newest: CommittedBlock = { number: -1, transactions: 0 };

  constructor(tabric: Tabric, facade: ChannelFacade, updates: Updates) {
    this.#tabric = tabric;
    this.facade = facade;
    this.reader = facade;
    this.updates = updates;
    this.namespaces = computed(() => this.chaincodes.value.map(({ name }) => name));
    this.feed = new BlockFeed(facade);
    this.calls = new Calls(facade, (listener) => tabric.on('trace', listener));
  }

  get channel(): string {
    return this.facade.name;
  }

  readonly place = (page: ChannelRoute): Route => ({
    view: 'channel',
    channel: this.channel,
    page,
  });

  /** The newest block that was told of. */
  get newest(): CommittedBlock {
    return this.#newest;
  }

  /** The event of a commit may come before the peer's height tells of it. */
  committed(block: CommittedBlock): void {
    if (block.number > this.#newest.number) this.#newest = block;
  }

  heightNow(): number {
    return Math.max(this.facade.height(), this.#newest.number + 1);
  }

  /** Takes over what the peer has; false when nothing is new. */
  read(info: ChannelInfo | undefined): boolean {
    const peers = this.facade.peers().map((peer) => ({
      ...peer,
      lastSeen: Math.floor(peer.lastSeen / LAST_SEEN_STEP_MS) * LAST_SEEN_STEP_MS,
    }));
    const changes = [
      setIfChanged(this.height, this.heightNow()),
      setIfChanged(this.isLeader, info?.isLeader ?? false),
      setIfChanged(this.buffered, info?.buffered ?? []),
      setItemsIfChanged(this.peers, peers, ({ peerId }) => peerId),
    ];
    return changes.includes(true);
  }

  async readChaincodes(): Promise<void> {
    try {
      const chaincodes = await this.facade.chaincodes();
      setItemsIfChanged(this.chaincodes, chaincodes, ({ name }) => name);
    } catch (error) {
      reportError(error);
    }
    this.chaincodesKnown.value = true;
  }

  /** Everybody on the channel, and who has made transactions there. */
  async members(): Promise<ClassRow[]> {
    return classRows(this.peers.peek(), await this.facade.members(), Date.now());
  }

  /** Trace events that are kept, of this channel. */
  trace(): readonly TraceEvent[] {
    return this.#tabric.trace().filter((event) => this.#isOurs(event));
  }

  /** Gives the events of this channel to `take`, and has `update` run with the next ones when it returns true. */
  followTrace(take: (event: TraceEvent) => boolean, update: Update): () => void {
    return this.#tabric.on('trace', (event) => {
      if (this.#isOurs(event) && take(event)) this.updates.request(update);
    });
  }

  // Stages that know of no channel are told without one.
  #isOurs({ channel }: TraceEvent): boolean {
    return channel === undefined || channel === this.channel;
  }
}
