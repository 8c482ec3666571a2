// SPDX-License-Identifier: Apache-2.0
// Gossip of whole peers, with the relay in the middle.
import { beforeAll, describe, expect, it } from 'vitest';
import { DEFAULT_GOSSIP_SETTINGS } from '../../common/network/types.ts';
import { gossip } from '../../common/protos/index.ts';
import { equalBytes, utf8 } from '../../common/runtime/bytes.ts';
import { noopSign } from './message.ts';
import { GossipWorld, RELAY, type TestCast, type TestPeer, testCast } from './testing/world.ts';
import { topicName } from './topics.ts';

const settings = DEFAULT_GOSSIP_SETTINGS;
/** Until a new set of peers has a leader: stable membership, an election, and a round more. */
const SETTLED_MS = 10_000;

let cast: TestCast;
beforeAll(async () => {
  cast = await testCast(6);
});

const newWorld = (height: number): GossipWorld => new GossipWorld(cast, height);

function expectSameChain(world: GossipWorld, peers: readonly TestPeer[]): void {
  const { height, blocks } = world.orderer;
  for (const { chain, peerId } of peers) {
    expect(`${peerId}: ${chain.length}`).toBe(`${peerId}: ${height}`);
    expect(chain.every((block, n) => equalBytes(block, blocks[n] ?? new Uint8Array()))).toBe(true);
  }
}

function statusOf(viewer: TestPeer, of: TestPeer): string | undefined {
  return viewer.channel.members().find(({ member }) => member.metadata.peerId === of.peerId)?.member
    .status;
}

const { signal } = new AbortController();

describe('blocks', () => {
  it('reach everybody, pulled by one leader and pushed by it to the others', async () => {
    const world = newWorld(1);
    const peers = await world.joinAll('Org1MSP', 4);
    await world.clock.advance(SETTLED_MS);
    expect(world.leaders()).toHaveLength(1);
    for (let i = 0; i < 10; i++) {
      world.orderer.grow(1);
      await world.clock.advance(300);
    }
    expectSameChain(world, peers);
    expect(new Set(world.orderer.follows.map(({ by }) => by))).toEqual(new Set(world.leaders()));
    for (const { channel, sources } of peers) {
      expect(sources).toEqual(
        Array.from({ length: 10 }, () => (channel.isLeader ? 'deliver' : 'push')),
      );
    }
  });

  it('are traced: delivered to the leader, gossiped by it, buffered and released', async () => {
    const world = newWorld(1);
    const peers = await world.joinAll('Org1MSP', 2);
    await world.clock.advance(SETTLED_MS);
    world.orderer.grow(1);
    await world.clock.advance(500);
    const leader = peers.find(({ channel }) => channel.isLeader);
    const follower = peers.find(({ channel }) => !channel.isLeader);
    const stages = (peer: TestPeer | undefined): string[] =>
      (peer?.trace.events() ?? [])
        .filter(({ block }) => block === 1)
        .map(({ stage, from }) => `${stage} ${from}`);
    const leaderStages = stages(leader);
    expect(leaderStages).toHaveLength(3);
    expect(leaderStages).toEqual(
      expect.arrayContaining(['deliver orderer', 'gossip undefined', 'buffer orderer']),
    );
    expect(stages(follower)).toEqual([`gossip ${leader?.name}`, `buffer ${leader?.name}`]);
  });

  it('stay within the organisation: each has its leader', async () => {
    const world = newWorld(1);
    const peers = [...(await world.joinAll('Org1MSP', 2)), ...(await world.joinAll('Org2MSP', 2))];
    await world.clock.advance(SETTLED_MS);
    expect(world.leaders()).toHaveLength(2);
    world.orderer.grow(5);
    await world.clock.advance(2_000);
    expectSameChain(world, peers);
    const blocksTopics = world.network.verdicts.filter(
      ({ topic, by }) => topic.endsWith('/blocks') && by !== RELAY,
    );
    expect(
      blocksTopics.every(({ topic, by }) =>
        topic.includes(by.startsWith('a') ? 'Org1MSP' : 'Org2MSP'),
      ),
    ).toBe(true);
    // Everybody knows everybody, heights included.
    for (const { channel } of peers) {
      const others = channel.members();
      expect(others.map(({ ledger }) => ledger?.height)).toEqual([6, 6, 6]);
      expect(others[0]?.ledger?.chaincodes).toEqual([{ name: 'basic', version: '1.0' }]);
      expect(others.filter(({ isLeader }) => isLeader).length).toBe(channel.isLeader ? 1 : 2);
    }
  });

  it('that were lost on the way are fetched from a peer', async () => {
    const world = newWorld(1);
    const peers = await world.joinAll('Org1MSP', 3);
    await world.clock.advance(SETTLED_MS);
    let n = 0;
    world.network.reaches = (_from, _to, topic) => !topic?.endsWith('/blocks') || n++ % 2 === 0;
    for (let i = 0; i < 20; i++) {
      world.orderer.grow(1);
      await world.clock.advance(200);
    }
    await world.clock.advance(5_000);
    expectSameChain(world, peers);
    expect(peers.flatMap(({ sources }) => sources)).toContain('state-transfer');
    expect(peers.flatMap(({ channel }) => channel.buffered())).toEqual([]);
  });

  it('too large to be pushed are fetched as soon as the leader has them', async () => {
    const world = newWorld(1);
    const peers = await world.joinAll('Org1MSP', 2);
    await world.clock.advance(SETTLED_MS);
    world.orderer.grow(1, 3_000_000);
    await world.clock.advance(2_000);
    expectSameChain(world, peers);
    expect(peers.find(({ channel }) => !channel.isLeader)?.sources).toEqual(['state-transfer']);
  });

  it('that are forged are rejected and never reach a ledger', async () => {
    const world = newWorld(1);
    const peers = await world.joinAll('Org1MSP', 2);
    await world.clock.advance(SETTLED_MS);
    const forged = (seq_num: number): Uint8Array =>
      noopSign({
        channel: utf8('ch'),
        tag: gossip.GossipMessage.Tag.CHAN_AND_ORG,
        data_msg: { payload: { seq_num, data: utf8('not a block') } },
      });
    const topic = topicName({ networkId: 'net', channel: 'ch', mspId: 'Org1MSP', kind: 'blocks' });
    world.network.verdicts.length = 0;
    await world.relay.pubsub.publish(topic, forged(1));
    await world.relay.pubsub.publish(topic, utf8('rubbish'));
    await world.clock.advance(200);
    const verdicts = world.network.verdicts.filter(
      (entry) => entry.topic === topic && entry.by !== RELAY,
    );
    expect(verdicts.map(({ verdict }) => verdict)).toEqual([
      'reject',
      'reject',
      'reject',
      'reject',
    ]);
    world.orderer.grow(1);
    await world.clock.advance(1_000);
    expectSameChain(world, peers);
  });

  it('are caught up on before anybody leads, with progress', async () => {
    const world = newWorld(60);
    const peer = await world.join('Org1MSP', 0);
    const progress: number[] = [];
    const caughtUp = peer.channel.catchUp(
      (done, total) => {
        expect(total).toBe(59);
        progress.push(done);
      },
      { signal },
    );
    await world.clock.advance(2_000);
    await caughtUp;
    expectSameChain(world, [peer]);
    expect(progress.at(-1)).toBe(59);
    await expect(
      peer.channel.catchUp(() => {}, { signal: AbortSignal.abort(new Error('enough')) }),
    ).rejects.toThrow();
  });

  it('are tried again when the ledger could not take one', async () => {
    const world = newWorld(1);
    const peer = await world.join('Org1MSP', 0);
    await world.clock.advance(SETTLED_MS);
    peer.commitFails = true;
    const failures: unknown[] = [];
    peer.channel.events.on('commit:failed', ({ error }) => failures.push(error));
    world.orderer.grow(3);
    await world.clock.advance(20_000);
    expect(failures.length).toBeGreaterThan(1);
    expect(peer.chain).toHaveLength(1);
    peer.commitFails = false;
    await world.clock.advance(60_000);
    expectSameChain(world, [peer]);
  });
});

describe('leadership', () => {
  it('passes to another when the leader is gone, and blocks go on', async () => {
    const world = newWorld(1);
    const peers = await world.joinAll('Org1MSP', 3);
    await world.clock.advance(SETTLED_MS);
    const leader = peers.find(({ channel }) => channel.isLeader) as TestPeer;
    world.kill(leader);
    world.orderer.grow(3);
    await world.clock.advance(
      2 * settings.election.leaderAliveThresholdMs +
        settings.election.leaderElectionDurationMs +
        1_000,
    );
    expect(world.leaders()).toHaveLength(1);
    expectSameChain(
      world,
      peers.filter((peer) => peer !== leader),
    );
  });

  it('passes on within two seconds when the leader says goodbye', async () => {
    const world = newWorld(1);
    const peers = await world.joinAll('Org1MSP', 3);
    await world.clock.advance(SETTLED_MS);
    const leader = peers.find(({ channel }) => channel.isLeader) as TestPeer;
    leader.gossip.sayGoodbye();
    await world.clock.advance(50);
    world.kill(leader);
    await world.clock.advance(2_000);
    expect(world.leaders()).toHaveLength(1);
    expect(world.leaders()).not.toContain(leader.peerId);
  });

  it('passes to another when the leader cannot reach the orderer', async () => {
    const world = newWorld(1);
    const peers = await world.joinAll('Org1MSP', 2);
    await world.clock.advance(SETTLED_MS);
    const leader = peers.find(({ channel }) => channel.isLeader) as TestPeer;
    world.network.reaches = (from, to) =>
      ![from, to].includes(RELAY) || ![from, to].includes(leader.peerId);
    // The stream breaks on the next block.
    world.orderer.grow(1);
    await world.clock.advance(40_000);
    world.orderer.grow(2);
    await world.clock.advance(3_000);
    expect(world.leaders()).toHaveLength(1);
    expect(world.leaders()).not.toContain(leader.peerId);
    expectSameChain(world, peers);
  });

  it('heals after a split: one leader, one chain', async () => {
    const world = newWorld(1);
    const peers = await world.joinAll('Org1MSP', 4);
    await world.clock.advance(SETTLED_MS);
    const left = new Set(['a0', 'a1']);
    // The relay is there, and carries no gossip.
    world.network.reaches = (from, to, topic) =>
      [from, to].includes(RELAY) ? topic === undefined : left.has(from) === left.has(to);
    await world.clock.advance(30_000);
    expect(world.leaders()).toHaveLength(2);
    world.orderer.grow(4);
    await world.clock.advance(2_000);
    world.network.reaches = () => true;
    await world.clock.advance(settings.election.leaderAliveThresholdMs);
    expect(world.leaders()).toHaveLength(1);
    world.orderer.grow(4);
    await world.clock.advance(2_000);
    expectSameChain(world, peers);
  });

  it('is static when the settings say so, and both at once are refused', async () => {
    const world = newWorld(3);
    const peer = await world.join('Org1MSP', 3, { useLeaderElection: false, orgLeader: true });
    expect(peer.channel.isLeader).toBe(true);
    await world.clock.advance(500);
    expectSameChain(world, [peer]);
    const follower = await world.join('Org1MSP', 0, { useLeaderElection: false, orgLeader: false });
    await world.clock.advance(30_000);
    expect(follower.channel.isLeader).toBe(false);
    expectSameChain(world, [peer, follower]);
    await expect(world.join('Org1MSP', 1, { orgLeader: true })).rejects.toThrow('choose one');
  });
});

describe('membership', () => {
  it('introduces a newcomer at once', async () => {
    const world = newWorld(4);
    await world.joinAll('Org1MSP', 3);
    await world.clock.advance(SETTLED_MS);
    const newcomer = await world.join('Org2MSP', 0);
    await world.clock.advance(100);
    const known = newcomer.channel.members();
    expect(known).toHaveLength(3);
    expect(known.every(({ ledger }) => ledger?.height === 4)).toBe(true);
    expect(newcomer.gossip.candidates()).toHaveLength(3);
    // And everybody the newcomer.
    expect(world.peers.every(({ channel }) => channel.members().length === 3)).toBe(true);
  });

  it('shows a hidden tab as asleep, and drops one that says goodbye', async () => {
    const world = newWorld(1);
    const [one, two] = (await world.joinAll('Org1MSP', 2)) as [TestPeer, TestPeer];
    await world.clock.advance(5_000);
    expect(statusOf(one, two)).toBe('alive');
    two.gossip.setHidden(true);
    await world.clock.advance(50);
    expect(statusOf(one, two)).toBe('asleep');
    two.gossip.setHidden(false);
    await world.clock.advance(3_000);
    expect(statusOf(one, two)).toBe('alive');
    two.gossip.sayGoodbye();
    await world.clock.advance(50);
    expect(statusOf(one, two)).toBeUndefined();
    // A heartbeat that was still on its way does not bring it back.
    await world.clock.advance(30_000);
    expect(statusOf(one, two)).toBeUndefined();
  });

  it('does not bury one that is silent but answers', async () => {
    const world = newWorld(1);
    const [one, two] = (await world.joinAll('Org1MSP', 2)) as [TestPeer, TestPeer];
    await world.clock.advance(5_000);
    world.network.reaches = (from, _to, topic) => !(from === two.peerId && topic !== undefined);
    await world.clock.advance(60_000);
    expect(statusOf(one, two)).toBe('alive');
    // Not even when it can only be asked for at the relay.
    world.network.reaches = (from, to, topic) =>
      !(from === two.peerId && topic !== undefined) &&
      ![from, to].every((peerId) => peerId !== RELAY);
    await world.clock.advance(60_000);
    expect(statusOf(one, two)).toBe('alive');
  });

  it('finds a frozen one dead, and alive again when it wakes', async () => {
    const world = newWorld(1);
    const [one, two] = (await world.joinAll('Org1MSP', 2)) as [TestPeer, TestPeer];
    await world.clock.advance(5_000);
    two.node.frozen = true;
    await world.clock.advance(
      settings.aliveExpirationTimeoutMs + 2 * settings.state.responseTimeoutMs + 2_000,
    );
    expect(statusOf(one, two)).toBe('dead');

    two.node.frozen = false;
    await world.clock.advance(settings.aliveTimeIntervalMs + 100);
    expect(statusOf(one, two)).toBe('alive');
    two.node.frozen = true;
    await world.clock.advance(20 * settings.aliveExpirationTimeoutMs + 30_000);
    expect(statusOf(one, two)).toBeUndefined();
  });
});
