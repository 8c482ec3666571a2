// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { FakeClock } from '../../common/runtime/clock.ts';
import { silentLogger } from '../../common/runtime/log.ts';
import {
  Connectivity,
  type ConnectivityNode,
  type ConnectivityOptions,
  DEFAULT_CONNECTIVITY_OPTIONS,
  type DialCandidate,
  type PeerConnection,
} from './connectivity.ts';

// A libp2p that does what the test says.
class FakeNode implements ConnectivityNode {
  readonly peerId = 'M';
  readonly dialled: string[] = [];
  open: PeerConnection[] = [];
  reservation = true;
  relayUp = true;
  answersPings = true;
  reachable = new Set<string>();
  dialMs = 200;
  heardAt: number | undefined;
  pings = 0;
  #listeners = new Set<() => void>();
  readonly #clock: FakeClock;

  constructor(clock: FakeClock) {
    this.#clock = clock;
  }

  connections(): readonly PeerConnection[] {
    return this.open.map((connection) => ({ ...connection, heardAt: this.heardAt }));
  }

  async dial(address: string, { signal }: { signal: AbortSignal }): Promise<void> {
    const peerId = address.split('/').at(-1) ?? '';
    this.dialled.push(peerId);
    await this.#clock.sleep(this.dialMs, { signal });
    if (peerId === 'RELAY' ? !this.relayUp : !this.reachable.has(peerId))
      throw new Error(`no answer from ${peerId}`);
    this.add(peerId, peerId === 'RELAY' ? 'websocket' : 'webrtc');
  }

  hasReservation(): boolean {
    return this.reservation;
  }

  async ping(_peerId: string, { signal }: { signal: AbortSignal }): Promise<void> {
    this.pings++;
    if (!this.answersPings) await this.#clock.sleep(1e9, { signal });
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  add(peerId: string, kind: PeerConnection['kind']): void {
    const connection: PeerConnection = { peerId, kind, close: async () => this.remove(connection) };
    this.open = [...this.open, connection];
    this.#changed();
  }

  remove(connection: PeerConnection): void {
    this.open = this.open.filter((other) => other !== connection);
    this.#changed();
  }

  dropAll(peerId?: string): void {
    this.open = this.open.filter(
      (connection) => peerId !== undefined && connection.peerId !== peerId,
    );
    this.#changed();
  }

  #changed(): void {
    for (const listener of this.#listeners) listener();
  }
}

interface Rig {
  readonly clock: FakeClock;
  readonly node: FakeNode;
  readonly connectivity: Connectivity;
  readonly states: string[];
  known: DialCandidate[];
}

function rig(options: Partial<ConnectivityOptions> = {}): Rig {
  const clock = new FakeClock(1_000_000);
  const node = new FakeNode(clock);
  const states: string[] = [];
  const parts: Rig = {
    clock,
    node,
    states,
    known: [],
    connectivity: new Connectivity(
      {
        node,
        relay: { address: '/dns/relay/tcp/7050/ws/p2p/RELAY', peerId: 'RELAY' },
        candidates: () => parts.known,
        clock,
        random: () => 0.5,
        log: silentLogger,
      },
      options,
    ),
  };
  parts.connectivity.events.on(
    'status:changed',
    ({ state }) => states.at(-1) !== state && states.push(state),
  );
  return parts;
}

function peers(...ids: string[]): DialCandidate[] {
  return ids.map((peerId) => ({ peerId, name: `${peerId}.org1.example.com`, webrtc: true }));
}

describe('connectivity', () => {
  it('connects to the relay, then to tabs, two dials at a time, until there are enough', async () => {
    const all = rig();
    all.node.reachable = new Set(['P1', 'P2', 'P3', 'P4', 'P5', 'P6', 'P7', 'P8']);
    all.known = peers(...all.node.reachable);
    all.node.dialMs = 1000;
    all.connectivity.start();
    await all.clock.advance(1_100);
    expect(all.states).toEqual(['connecting', 'online']);
    await all.clock.advance(600);
    expect(all.node.dialled).toEqual(['RELAY', 'P1', 'P2']);
    await all.clock.advance(20_000);
    expect(all.node.dialled).toHaveLength(1 + DEFAULT_CONNECTIVITY_OPTIONS.targetPeers);
    expect(all.connectivity.status).toEqual({
      state: 'online',
      directPeers: DEFAULT_CONNECTIVITY_OPTIONS.targetPeers,
      relayConnected: true,
    });
    expect(all.connectivity.link('P1')).toBe('webrtc');
    expect(all.connectivity.link('P8')).toBe('relay');
    expect(all.connectivity.link('RELAY')).toBe('relay');
    expect(all.connectivity.neighbours()).toHaveLength(
      1 + DEFAULT_CONNECTIVITY_OPTIONS.targetPeers,
    );
  });

  it('leaves the first move to the tab with the lower peer id', async () => {
    const all = rig();
    all.known = peers('A1', 'Z1');
    all.node.reachable = new Set(['A1', 'Z1']);
    all.connectivity.start();
    await all.clock.advance(1_500);
    expect(all.node.dialled).toEqual(['RELAY', 'Z1']);
    await all.clock.advance(3_000);
    expect(all.node.dialled).toEqual(['RELAY', 'Z1', 'A1']);
  });

  it('says relay-only with the reason when WebRTC fails, and online again when it works', async () => {
    const all = rig();
    all.known = peers('P1', 'P2');
    all.connectivity.start();
    await all.clock.advance(4_000);
    expect(all.connectivity.status.state).toBe('relay-only');
    expect(all.connectivity.status.detail).toMatch(
      /^no direct connection to P[12].org1.example.com: no answer from P[12]$/,
    );
    all.node.reachable = new Set(['P1', 'P2']);
    all.connectivity.retryNow();
    await all.clock.advance(1_000);
    expect(all.connectivity.status).toEqual({
      state: 'online',
      directPeers: 2,
      relayConnected: true,
    });
  });

  it('backs off from peers that cannot be reached', async () => {
    const all = rig();
    all.known = peers('P1');
    all.connectivity.start();
    await all.clock.advance(600_000);
    // 2 + 4 + 8 + 16 + 32 + 64 + 120 * n seconds apart.
    expect(all.node.dialled.filter((peerId) => peerId === 'P1').length).toBeLessThanOrEqual(12);
  });

  it('never dials without WebRTC, and says so', async () => {
    const all = rig({ webrtc: false });
    all.node.reservation = false;
    all.known = peers('P1');
    all.connectivity.start();
    await all.clock.advance(60_000);
    expect(all.node.dialled).toEqual(['RELAY']);
    expect(all.connectivity.status).toMatchObject({
      state: 'relay-only',
      detail: 'this browser offers no WebRTC',
    });
  });

  it('redials a relay that went away, again and again, and says when it is back', async () => {
    const all = rig();
    let ups = 0;
    all.connectivity.events.on('relay:connected', () => ups++);
    all.connectivity.start();
    await all.clock.advance(2_000);
    all.node.relayUp = false;
    all.node.dropAll();
    await all.clock.advance(1_000);
    expect(all.connectivity.status.state).toBe('reconnecting');
    await all.clock.advance(60_000);
    expect(all.connectivity.status).toMatchObject({
      state: 'offline',
      detail: 'the relay does not answer: no answer from RELAY',
    });
    all.node.relayUp = true;
    await all.clock.advance(11_000);
    expect(all.connectivity.status.state).toBe('online');
    expect(all.states).toEqual(['connecting', 'online', 'reconnecting', 'offline', 'online']);
    expect(ups).toBe(2);
  });

  it('is not offline while tabs are connected directly', async () => {
    const all = rig();
    all.known = peers('P1');
    all.node.reachable = new Set(['P1']);
    all.connectivity.start();
    await all.clock.advance(3_000);
    all.node.relayUp = false;
    all.node.dropAll('RELAY');
    await all.clock.advance(60_000);
    expect(all.connectivity.status).toMatchObject({ state: 'reconnecting', directPeers: 1 });
    expect(all.connectivity.link('P1')).toBe('webrtc');
  });

  it('connects again when the relay keeps no reservation or answers no pings', async () => {
    const all = rig();
    all.connectivity.start();
    await all.clock.advance(1_000);
    all.node.reservation = false;
    await all.clock.advance(17_000);
    all.node.reservation = true;
    await all.clock.advance(2_000);
    expect(all.node.dialled).toEqual(['RELAY', 'RELAY']);
    all.node.answersPings = false;
    await all.clock.advance(40_000);
    all.node.answersPings = true;
    expect(all.node.dialled.length).toBeGreaterThanOrEqual(3);
    await all.clock.advance(5_000);
    expect(all.connectivity.status.state).toBe('online');
  });

  it('asks only a relay that is silent, and notices within 21 seconds that it is dead', async () => {
    const all = rig();
    all.connectivity.start();
    await all.clock.advance(1_000);
    for (let s = 0; s < 120; s += 5) {
      all.node.heardAt = all.clock.now();
      await all.clock.advance(5_000);
    }
    expect(all.node.pings).toBe(0);
    await all.clock.advance(60_000);
    // Answered, so that one is enough for each ten seconds of silence.
    expect(all.node.pings).toBeGreaterThanOrEqual(5);
    expect(all.node.pings).toBeLessThanOrEqual(7);
    expect(all.node.dialled).toEqual(['RELAY']);
    all.node.heardAt = all.clock.now();
    all.node.answersPings = false;
    await all.clock.advance(21_500);
    expect(all.node.dialled).toEqual(['RELAY', 'RELAY']);
  });

  it('keeps a relay that answers no question but says other things', async () => {
    const all = rig();
    all.connectivity.start();
    await all.clock.advance(1_000);
    all.node.answersPings = false;
    for (let s = 0; s < 300; s += 12) {
      await all.clock.advance(12_000);
      all.node.heardAt = all.clock.now();
    }
    expect(all.node.pings).toBeGreaterThan(10);
    expect(all.node.dialled).toEqual(['RELAY']);
  });

  it('stops', async () => {
    const all = rig();
    all.node.relayUp = false;
    all.connectivity.start();
    await all.clock.advance(2_000);
    const dialled = all.node.dialled.length;
    all.connectivity.stop();
    await all.clock.advance(60_000);
    expect(all.node.dialled.length).toBe(dialled);
  });
});
