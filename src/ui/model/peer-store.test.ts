// SPDX-License-Identifier: Apache-2.0
import { effect } from '@preact/signals';
import { describe, expect, it } from 'vitest';
import { FakeClock } from '../../common/runtime/clock.ts';
import type { TraceEvent } from '../../common/runtime/trace.ts';
import { TypedEventTarget } from '../../common/runtime/typed-events.ts';
import type { NetworkView, PeerInfo } from '../../node/api/network-view.ts';
import type { Tabric, TabricEvents } from '../../node/api/tabric.ts';
import { sampleTabric } from '../dev/sample-tabric.ts';
import { PeerStore } from './peer-store.ts';
import { FakeVisibility } from './testing/fake-visibility.ts';
import { DEFAULT_UPDATES_OPTIONS, Updates } from './updates.ts';

const { intervalMs, busyIntervalMs, busyUpdates } = DEFAULT_UPDATES_OPTIONS;

/** The sample's peer, whose chain and neighbours a test moves on. */
class MovingPeer {
  readonly events = new TypedEventTarget<TabricEvents>();
  readonly clock = new FakeClock();
  readonly visibility = new FakeVisibility();
  readonly tabric: Tabric;
  readonly store: PeerStore;
  height = 10;
  peersRead = 0;
  #peers: readonly PeerInfo[];

  constructor(channels: readonly string[] = ['mychannel']) {
    const sample = sampleTabric({
      connection: 'online',
      faults: [],
      blockEveryMs: 0,
      transactionsPerBlock: 1,
      channels,
    });
    this.#peers = sample.peers();
    const own = {
      name: 'mychannel',
      height: () => this.height,
      peers: () => {
        this.peersRead += 1;
        return this.#peers;
      },
      on: <Name extends keyof TabricEvents>(
        name: Name,
        listener: (detail: TabricEvents[Name]) => void,
      ) => this.events.on(name, listener),
    };
    const tabric: Tabric = {
      ...sample,
      ...own,
      channel: (name) => (name === 'mychannel' ? tabric : sample.channel(name)),
    };
    this.tabric = tabric;
    this.store = new PeerStore(tabric, new Updates(this));
    this.store.start();
  }

  get view(): NetworkView {
    return this.tabric.network;
  }

  /** An alive message of everybody. */
  heard(): void {
    this.#peers = this.#peers.map((peer) => ({ ...peer, lastSeen: peer.lastSeen + 1 }));
    this.events.emit('network:changed', this.view);
  }

  /** One peer's height. */
  grew(name: string): void {
    this.#peers = this.#peers.map((peer) =>
      peer.name === name ? { ...peer, height: peer.height + 1 } : peer,
    );
    this.events.emit('network:changed', this.view);
  }

  commit(): void {
    const number = this.height;
    this.height += 1;
    this.events.emit('network:changed', this.view);
    const detail = { channel: 'mychannel', number, txIds: ['t'], statuses: ['VALID'] };
    this.events.emit('block:committed', detail);
  }
}

/** How often whoever reads it is told of something new. */
function changesOf(read: () => unknown): { count: number } {
  const changes = { count: -1 };
  effect(() => {
    read();
    changes.count += 1;
  });
  return changes;
}

describe('the peer as the page follows it', () => {
  it('follows a thousand blocks in ten seconds with a few updates a second, and ends at the tip', async () => {
    const peer = new MovingPeer();
    const channel = peer.store.defaultChannel;
    await peer.clock.advance(1000);
    const heights = changesOf(() => channel.height.value);
    const { peersRead } = peer;
    for (let i = 0; i < 1000; i++) {
      peer.commit();
      await peer.clock.advance(10);
    }
    await peer.clock.advance(busyIntervalMs);
    expect(channel.height.value).toBe(1010);
    expect(heights.count).toBeLessThan(10_000 / busyIntervalMs + busyUpdates);
    expect(heights.count).toBeGreaterThan(10_000 / busyIntervalMs);
    expect(peer.peersRead - peersRead).toBe(heights.count);
  });

  it('shows a single block at once', async () => {
    const peer = new MovingPeer();
    await peer.clock.advance(1000);
    const { height } = peer.store.defaultChannel;
    peer.commit();
    await peer.clock.advance(0);
    expect(height.value).toBe(11);
  });

  it('asks the peer nothing and tells no view anything while hidden', async () => {
    const peer = new MovingPeer();
    const channel = peer.store.defaultChannel;
    await peer.clock.advance(1000);
    const heights = changesOf(() => channel.height.value);
    const { peersRead } = peer;
    peer.visibility.set(true);
    for (let i = 0; i < 1000; i++) {
      peer.commit();
      await peer.clock.advance(10);
    }
    expect(heights.count).toBe(0);
    expect(peer.peersRead).toBe(peersRead);
    peer.visibility.set(false);
    await peer.clock.advance(0);
    expect(heights.count).toBe(1);
    expect(channel.height.value).toBe(1010);
  });

  it('takes alive messages for no news', async () => {
    const peer = new MovingPeer();
    const channel = peer.store.defaultChannel;
    await peer.clock.advance(1000);
    const views = changesOf(() => [channel.peers.value, peer.store.network.value]);
    for (let i = 0; i < 100; i++) {
      peer.heard();
      await peer.clock.advance(100);
    }
    // Once when a minute of the clock is over, if that falls into these milliseconds.
    expect(views.count).toBeLessThanOrEqual(1);
  });

  it('leaves the rows of other peers as they are when one has grown', async () => {
    const peer = new MovingPeer();
    const { peers } = peer.store.defaultChannel;
    await peer.clock.advance(1000);
    const before = new Map(peers.value.map((row) => [row.name, row]));
    peer.grew('peer1.org1.example.com');
    await peer.clock.advance(1000);
    const touched = peers.value.filter((row) => before.get(row.name) !== row);
    expect(touched.map(({ name }) => name)).toEqual(['peer1.org1.example.com']);
  });

  it('keeps channels apart, and knows none that the peer has not joined', async () => {
    const peer = new MovingPeer(['mychannel', 'other']);
    const { store } = peer;
    const other = store.channel('other');
    expect(other?.channel).toBe('other');
    expect(store.channel('other')).toBe(other);
    expect(store.channel('third')).toBeUndefined();
    expect(store.network.value.channels).toEqual(['mychannel', 'other']);
    const before = other?.height.value;
    peer.commit();
    await peer.clock.advance(1000);
    expect(store.defaultChannel.height.value).toBe(11);
    expect(other?.height.value).toBe(before);
  });

  it('updates a view for the trace events that it takes, and for no others', async () => {
    const peer = new MovingPeer(['mychannel', 'other']);
    const channel = peer.store.defaultChannel;
    await peer.clock.advance(1000);
    let drawn = 0;
    channel.followTrace(
      ({ txId }) => txId === 'mine',
      () => {
        drawn += 1;
        return true;
      },
    );
    const tell = (event: Partial<TraceEvent>): void =>
      peer.events.emit('trace', { at: 0, peer: 'p', stage: 'endorse', ...event });
    for (let i = 0; i < 500; i++) {
      tell({ txId: `other${i}` });
      tell({ txId: 'mine', channel: 'other' });
      await peer.clock.advance(2);
    }
    expect(drawn).toBe(0);
    tell({ txId: 'mine' });
    tell({ txId: 'mine', channel: 'mychannel' });
    await peer.clock.advance(intervalMs);
    expect(drawn).toBe(1);
  });
});
