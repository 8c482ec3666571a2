// SPDX-License-Identifier: Apache-2.0
// What an idle member sends, as counts and bytes of gossip messages and calls, however many members there are (see pace.ts). Frames of libp2p
// and gossipsub's own heartbeats are not in it; `npm run bench -- --only idle` measures those with real tabs.
import { beforeAll, describe, expect, it } from 'vitest';
import { GossipWorld, type Organisation, RELAY, type TestCast, testCast } from './testing/world.ts';

/** As many peers as a tab dials. */
const DEGREE = 4;
const SETTLE_MS = 60_000;
const MEASURE_MS = 120_000;

let cast: TestCast;
beforeAll(async () => {
  cast = await testCast(100);
}, 60_000);

interface PerSecond {
  readonly messages: number;
  readonly bytes: number;
}

interface Idle {
  /** The mean of all members. */
  readonly member: PerSecond;
  readonly most: PerSecond;
  readonly relay: PerSecond;
}

// Members connected at random to DEGREE others and to the relay, or to the relay alone.
async function idle(members: number, direct: boolean): Promise<Idle> {
  const world = new GossipWorld(cast, 1);
  const links = new Set<string>();
  const key = (a: string, b: string): string => [a, b].sort().join();
  world.network.areNeighbours = (a, b) => a === RELAY || b === RELAY || links.has(key(a, b));
  const ids: string[] = [];
  for (let i = 0; i < members; i++) {
    const mspId: Organisation = i % 2 === 0 ? 'Org1MSP' : 'Org2MSP';
    const id = `${mspId === 'Org1MSP' ? 'a' : 'b'}${i >> 1}`;
    const others = direct ? Math.min(ids.length, DEGREE / 2) : 0;
    while ([...links].filter((link) => link.split(',').includes(id)).length < others)
      links.add(key(id, ids[Math.floor(world.random() * ids.length)] ?? id));
    ids.push(id);
    await world.join(mspId, i >> 1);
    await world.clock.advance(50);
  }
  await world.clock.advance(SETTLE_MS);
  expect(world.peers.every(({ channel }) => channel.members().length === members - 1)).toBe(true);
  const before = world.network.traffic();
  await world.clock.advance(MEASURE_MS);
  const perSecond = ([id, after]: [string, PerSecond]): [string, PerSecond] => {
    const first = before.get(id) ?? { messages: 0, bytes: 0 };
    const seconds = MEASURE_MS / 1_000;
    return [
      id,
      {
        messages: (after.messages - first.messages) / seconds,
        bytes: (after.bytes - first.bytes) / seconds,
      },
    ];
  };
  const rates = new Map([...world.network.traffic()].map(perSecond));
  const relay = rates.get(RELAY) ?? { messages: 0, bytes: 0 };
  rates.delete(RELAY);
  for (const peer of world.peers) await peer.stop();
  const all = [...rates.values()];
  const of = (combine: (list: number[]) => number): PerSecond => ({
    messages: combine(all.map(({ messages }) => messages)),
    bytes: combine(all.map(({ bytes }) => bytes)),
  });
  const mean = (list: number[]): number => list.reduce((sum, one) => sum + one, 0) / list.length;
  return { member: of(mean), most: of((list) => Math.max(...list)), relay };
}

describe('an idle member', () => {
  it.each([4, 12, 60])(
    'of %i with direct connections sends few messages',
    async (members) => {
      const { member, most } = await idle(members, true);
      expect(member.messages).toBeLessThan(5);
      expect(member.bytes).toBeLessThan(2_000);
      expect(most.messages).toBeLessThan(12);
      expect(most.bytes).toBeLessThan(4_000);
    },
    60_000,
  );

  it('of twelve sends at most half as much again as one of four', async () => {
    const [four, twelve] = [await idle(4, true), await idle(12, true)];
    expect(twelve.member.messages / four.member.messages).toBeLessThan(1.5);
    expect(twelve.member.bytes / four.member.bytes).toBeLessThan(1.5);
  }, 60_000);

  it.each([60, 200])(
    'of %i that has only the relay sends next to nothing, and the relay what it must',
    async (members) => {
      const { member, relay } = await idle(members, false);
      expect(member.messages).toBeLessThan(1);
      expect(member.bytes).toBeLessThan(500);
      // One copy of each message for each member.
      expect(relay.messages / members).toBeLessThan(2);
      expect(relay.bytes / members).toBeLessThan(1_000);
    },
    120_000,
  );
});
