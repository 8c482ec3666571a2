// SPDX-License-Identifier: Apache-2.0
// Peers on a network in memory that loses, delays and splits, on one fake clock.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DEFAULT_GOSSIP_SETTINGS } from '../../../common/network/types.ts';
import { fromHex } from '../../../common/runtime/bytes.ts';
import { FakeClock } from '../../../common/runtime/clock.ts';
import { silentLogger } from '../../../common/runtime/log.ts';
import { LeaderElection } from './election.ts';

const settings = DEFAULT_GOSSIP_SETTINGS.election;
/** A follower notices within the threshold, an election takes its duration; twice, for a round that a lower proposal cut short. */
const SETTLED_MS =
  settings.startupGracePeriodMs +
  2 * (settings.leaderAliveThresholdMs + settings.leaderElectionDurationMs);

interface Peer {
  readonly id: string;
  readonly election: LeaderElection;
  /** Leadership as told to the owner, in order. */
  readonly told: boolean[];
  readonly leaders: (string | undefined)[];
  up: boolean;
}

class Network {
  readonly clock = new FakeClock(1_000_000);
  readonly peers = new Map<string, Peer>();
  /** Group of each peer; only peers of one group hear each other. */
  groups = new Map<string, number>();
  lose: () => boolean = () => false;
  delayMs: () => number = () => 20;

  add(id: string): Peer {
    const told: boolean[] = [];
    const leaders: (string | undefined)[] = [];
    const pkiId = fromHex(id);
    const election = new LeaderElection(
      {
        pkiId,
        gossip: (isDeclaration) => this.#send(id, { pkiId, isDeclaration }),
        memberCount: () =>
          [...this.peers.values()].filter((other) => this.#hears(id, other.id)).length,
        leadershipChanged: (isLeader) => told.push(isLeader),
        leaderChanged: (leader) => leaders.push(leader),
        clock: this.clock,
        log: silentLogger,
      },
      settings,
    );
    const peer = { id, election, told, leaders, up: true };
    this.peers.set(id, peer);
    election.start();
    return peer;
  }

  kill(id: string): void {
    const peer = this.peers.get(id);
    if (!peer) return;
    peer.up = false;
    peer.election.stop();
    this.peers.delete(id);
  }

  leaders(): string[] {
    return [...this.peers.values()]
      .filter((peer) => peer.election.isLeader)
      .map((peer) => peer.id)
      .sort();
  }

  #hears(a: string, b: string): boolean {
    return (this.groups.get(a) ?? 0) === (this.groups.get(b) ?? 0);
  }

  #send(from: string, message: { pkiId: Uint8Array; isDeclaration: boolean }): void {
    for (const peer of this.peers.values()) {
      if (peer.id === from || this.lose()) continue;
      const arrive = (): void => {
        if (peer.up && this.#hears(from, peer.id)) peer.election.handleMessage(message);
      };
      this.clock.setTimer(arrive, this.delayMs());
    }
  }
}

function network(...ids: string[]): Network {
  const net = new Network();
  for (const id of ids) net.add(id);
  return net;
}

describe('leader election', () => {
  it('makes a lone peer leader within seconds', async () => {
    const net = network('aa');
    await net.clock.advance(
      settings.membershipSampleIntervalMs + settings.leaderElectionDurationMs + 50,
    );
    expect(net.leaders()).toEqual(['aa']);
    expect(net.peers.get('aa')?.told).toEqual([true]);
  });

  it('chooses the lowest PKI-ID, once, and everybody knows it', async () => {
    const net = network('cc', 'bb', 'aa', 'dd');
    await net.clock.advance(SETTLED_MS);
    expect(net.leaders()).toEqual(['aa']);
    await net.clock.advance(60_000);
    expect(net.leaders()).toEqual(['aa']);
    for (const peer of net.peers.values()) {
      expect(peer.election.leader).toBe('aa');
      expect(peer.told).toEqual(peer.id === 'aa' ? [true] : []);
    }
  });

  it('lets a lower newcomer follow the leader that there is', async () => {
    const net = network('bb', 'cc');
    await net.clock.advance(SETTLED_MS);
    net.add('aa');
    await net.clock.advance(60_000);
    expect(net.leaders()).toEqual(['bb']);
  });

  it('replaces a leader that falls silent within the threshold', async () => {
    const net = network('aa', 'bb', 'cc');
    await net.clock.advance(SETTLED_MS);
    net.kill('aa');
    await net.clock.advance(
      2 * settings.leaderAliveThresholdMs + settings.leaderElectionDurationMs + 100,
    );
    expect(net.leaders()).toEqual(['bb']);
  });

  it('replaces a leader that is known to be gone after one election', async () => {
    const net = network('aa', 'bb', 'cc');
    await net.clock.advance(SETTLED_MS);
    net.kill('aa');
    for (const peer of net.peers.values()) peer.election.leaderLost('aa');
    await net.clock.advance(settings.leaderElectionDurationMs + 100);
    expect(net.leaders()).toEqual(['bb']);
  });

  it('has one leader in each part of a split network, and the lower one after it heals', async () => {
    const net = network('aa', 'bb', 'cc', 'dd');
    await net.clock.advance(SETTLED_MS);
    net.groups = new Map([
      ['aa', 1],
      ['cc', 1],
      ['bb', 2],
      ['dd', 2],
    ]);
    await net.clock.advance(SETTLED_MS);
    expect(net.leaders()).toEqual(['aa', 'bb']);
    net.groups = new Map();
    await net.clock.advance(settings.leaderAliveThresholdMs / 2 + 100);
    expect(net.leaders()).toEqual(['aa']);
    expect(net.peers.get('bb')?.told).toEqual([true, false]);
    expect(net.peers.get('aa')?.told).toEqual([true]);
  });

  it('yields to another, and does not stand again while that one leads', async () => {
    const net = network('aa', 'bb');
    await net.clock.advance(SETTLED_MS);
    net.peers.get('aa')?.election.yield();
    expect(net.leaders()).toEqual([]);
    await net.clock.advance(SETTLED_MS);
    expect(net.leaders()).toEqual(['bb']);
    await net.clock.advance(120_000);
    expect(net.leaders()).toEqual(['bb']);
  });

  it('leads again after yielding when nobody else will', async () => {
    const net = network('aa');
    await net.clock.advance(SETTLED_MS);
    net.peers.get('aa')?.election.yield();
    await net.clock.advance(6 * settings.leaderAliveThresholdMs - 1_000);
    expect(net.leaders()).toEqual([]);
    await net.clock.advance(SETTLED_MS);
    expect(net.leaders()).toEqual(['aa']);
  });

  it('leads again at once when the orderer is back', async () => {
    const net = network('aa');
    await net.clock.advance(SETTLED_MS);
    net.peers.get('aa')?.election.yield();
    await net.clock.advance(1_000);
    expect(net.leaders()).toEqual([]);
    net.peers.get('aa')?.election.ordererBack();
    await net.clock.advance(settings.leaderElectionDurationMs + 100);
    expect(net.leaders()).toEqual(['aa']);
  });

  it('tells its owner when it stops while leading', async () => {
    const net = network('aa');
    const peer = net.peers.get('aa');
    await net.clock.advance(SETTLED_MS);
    peer?.election.stop();
    await net.clock.advance(60_000);
    expect(peer?.told).toEqual([true, false]);
  });

  it('settles on one leader whatever was lost, delayed or split before (property)', async () => {
    const step = fc.record({
      groups: fc.array(fc.integer({ min: 0, max: 2 }), { minLength: 6, maxLength: 6 }),
      loss: fc.double({ min: 0, max: 0.6, noNaN: true }),
      delay: fc.integer({ min: 0, max: 900 }),
      ms: fc.integer({ min: 500, max: 20_000 }),
      seed: fc.integer(),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { maxLength: 4 }),
        fc.uniqueArray(fc.integer({ min: 0, max: 255 }), { minLength: 2, maxLength: 6 }),
        async (steps, numbers) => {
          const ids = numbers.map((n) => n.toString(16).padStart(2, '0'));
          const net = network(...ids);
          for (const { groups, loss, delay, ms, seed } of steps) {
            let state = seed >>> 0;
            const random = (): number => {
              state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
              return state / 2 ** 32;
            };
            net.groups = new Map(ids.map((id, i) => [id, groups[i] ?? 0]));
            net.lose = () => random() < loss;
            net.delayMs = () => Math.floor(random() * delay);
            await net.clock.advance(ms);
          }
          net.groups = new Map();
          net.lose = () => false;
          net.delayMs = () => 20;
          await net.clock.advance(3 * SETTLED_MS);
          expect(net.leaders()).toHaveLength(1);
          const [leader] = net.leaders();
          for (const peer of net.peers.values()) expect(peer.election.leader).toBe(leader);
        },
      ),
      { numRuns: 25 },
    );
  });
});
