// SPDX-License-Identifier: Apache-2.0
// Whole peers, with real identities and signatures, on a network in memory and a fake clock.

import { beforeAll, describe, expect, it } from 'vitest';
import { sha256Sync } from '../../common/crypto/index.ts';
import { type MSPManager, pkiIdOf, type SigningIdentity } from '../../common/msp/index.ts';
import { DEFAULT_GOSSIP_SETTINGS, type GossipSettings } from '../../common/network/types.ts';
import { gossip } from '../../common/protos/index.ts';
import { equalBytes, toHex, utf8 } from '../../common/runtime/bytes.ts';
import { FakeClock } from '../../common/runtime/clock.ts';
import { silentLogger } from '../../common/runtime/log.ts';
import { TraceBus } from '../../common/runtime/trace.ts';
import type { Binding } from '../comm/bindings.ts';
import { nameOfIdentity } from '../comm/identity-check.ts';
import { BlocksRequester, DELIVER_METHOD } from '../deliverclient/index.ts';
import { MemberRecords, membersService, probeService } from './discovery/introduction.ts';
import { GossipService } from './gossip-service.ts';
import { noopSign, signMessage } from './message.ts';
import { MEMBERS_METHOD, PROBE_METHOD } from './services.ts';
import { FakeOrderer } from './testing/fake-orderer.ts';
import { quickBCCSP, type TestMembers, testMembers } from './testing/members.ts';
import { MemoryNetwork, type MemoryNode } from './testing/memory-network.ts';
import { channelTopics, parseTopic, topicName } from './topics.ts';

const settings = DEFAULT_GOSSIP_SETTINGS;
/** Until a new set of peers has a leader: stable membership, an election, and a round more. */
const SETTLED_MS = 10_000;
const RELAY = 'relay';

let members: TestMembers;
let manager: MSPManager;
let signers: Record<'Org1MSP' | 'Org2MSP', SigningIdentity[]>;
let relaySigner: SigningIdentity;
beforeAll(async () => {
  members = await testMembers(['Org1MSP', 'Org2MSP', 'OrdererMSP'], quickBCCSP());
  manager = await members.manager();
  const six = (mspId: string): Promise<SigningIdentity[]> =>
    Promise.all(Array.from({ length: 6 }, (_, i) => members.member(mspId, `peer${i}.${mspId}`)));
  const lowestFirst = (list: SigningIdentity[]): SigningIdentity[] =>
    list.sort((a, b) => (pkiHex(a) < pkiHex(b) ? -1 : 1));
  signers = {
    Org1MSP: lowestFirst(await six('Org1MSP')),
    Org2MSP: lowestFirst(await six('Org2MSP')),
  };
  relaySigner = await members.member('OrdererMSP', 'orderer.example.com', 'orderer');
});

function pkiHex(signer: SigningIdentity): string {
  return toHex(pkiIdOf(signer.serialize()));
}

function bindingOf(peerId: string, signer: SigningIdentity): Binding {
  const identity = signer.serialize();
  return {
    peerId,
    mspId: signer.mspId,
    identity,
    pkiId: pkiIdOf(identity),
    name: nameOfIdentity(identity),
    expiresAt: Number.POSITIVE_INFINITY,
  };
}

interface Peer {
  readonly service: GossipService;
  readonly node: MemoryNode;
  readonly chain: Uint8Array[];
  readonly trace: TraceBus;
  readonly sources: string[];
  commitFails: boolean;
  /** Peer id, PKI-ID order: a < b < c. */
  readonly peerId: string;
}

class World {
  readonly clock = new FakeClock(Date.UTC(2026, 10, 21));
  readonly network = new MemoryNetwork(this.clock);
  readonly orderer: FakeOrderer;
  readonly peers: Peer[] = [];
  readonly relay: MemoryNode;

  constructor(height: number) {
    this.orderer = new FakeOrderer(this.clock, height);
    this.relay = this.network.add(bindingOf(RELAY, relaySigner));
    const records = new MemberRecords();
    for (const topic of channelTopics('net', 'ch', ['Org1MSP', 'Org2MSP'])) {
      const parts = parseTopic(topic);
      this.relay.pubsub.subscribe(topic, async (data) => {
        if (parts) records.record(parts, data);
        return 'accept';
      });
    }
    const present = (pkiId: string): boolean =>
      this.peers.some(
        ({ node }) =>
          toHex(node.binding.pkiId) === pkiId && this.network.nodes.has(node.binding.peerId),
      );
    this.relay.services = new Map([
      [DELIVER_METHOD, this.orderer.deliver],
      [MEMBERS_METHOD, membersService((channel) => records.introductions(channel, present))],
      [PROBE_METHOD, probeService((peerId) => this.network.nodes.get(peerId)?.frozen === false)],
    ]);
  }

  /** Adds the nth peer (in order of PKI-ID) of an organisation and starts it. */
  async join(
    mspId: 'Org1MSP' | 'Org2MSP',
    n: number,
    changes: Partial<GossipSettings> = {},
    peerId = `${mspId === 'Org1MSP' ? 'a' : 'b'}${n}`,
  ): Promise<Peer> {
    const signer = signers[mspId][n] as SigningIdentity;
    const node = this.network.add(bindingOf(peerId, signer));
    const chain = [this.orderer.blocks[0] as Uint8Array];
    const trace = new TraceBus();
    const { clock } = this;
    const service = new GossipService(
      {
        networkId: 'net',
        channel: 'ch',
        signer,
        mspManager: () => manager,
        mspIds: () => ['Org1MSP', 'Org2MSP'],
        pubsub: node.pubsub,
        bindings: node.bindings,
        client: (other) => node.client(other),
        relayPeerId: RELAY,
        describeSelf: () => ({
          peerId,
          addresses: [],
          webrtc: true,
          neighbours: [...this.network.nodes.keys()].filter((other) => other !== peerId),
        }),
        link: (other) => (node.bindings.has(other) ? 'webrtc' : 'none'),
        ledger: {
          height: () => chain.length,
          block: async (seqNum) => chain[seqNum],
          verifyBlock: this.orderer.verifyBlock,
          commit: async (block) => {
            if (peer.commitFails) throw new Error('the quota is exceeded');
            await clock.sleep(5);
            chain.push(block);
          },
        },
        chaincodes: () => [{ name: 'basic', version: '1.0' }],
        requester: new BlocksRequester({ client: node.client(RELAY), signer, clock }, 'ch'),
        mayRead: async () => true,
        sha256: async (bytes) => sha256Sync(bytes),
        clock,
        random: () => 0.5,
        trace,
        log: silentLogger,
      },
      { ...settings, ...changes },
    );
    const sources: string[] = [];
    service.events.on('block:received', ({ source }) => sources.push(source));
    node.services = service.services();
    const peer: Peer = { service, node, chain, trace, sources, peerId, commitFails: false };
    this.peers.push(peer);
    await service.start();
    return peer;
  }

  async joinAll(mspId: 'Org1MSP' | 'Org2MSP', count: number): Promise<Peer[]> {
    const peers: Peer[] = [];
    for (let n = 0; n < count; n++) peers.push(await this.join(mspId, n));
    return peers;
  }

  /** The tab is gone without a word. */
  kill(peer: Peer): void {
    this.network.remove(peer.peerId);
    void peer.service.stop();
  }

  leaders(): string[] {
    return this.peers
      .filter(({ service, peerId }) => service.isLeader && this.network.nodes.has(peerId))
      .map(({ peerId }) => peerId);
  }

  expectSameChain(peers: readonly Peer[], height = this.orderer.height): void {
    for (const { chain, peerId } of peers) {
      expect(`${peerId}: ${chain.length}`).toBe(`${peerId}: ${height}`);
      expect(
        chain.every((block, n) => equalBytes(block, this.orderer.blocks[n] as Uint8Array)),
      ).toBe(true);
    }
  }
}

function statusOf(viewer: Peer, of: Peer): string | undefined {
  return viewer.service.peers().find(({ peerId }) => peerId === of.peerId)?.status;
}

const { signal } = new AbortController();

describe('blocks', () => {
  it('reach everybody, pulled by one leader and pushed by it to the others', async () => {
    const world = new World(1);
    const peers = await world.joinAll('Org1MSP', 4);
    await world.clock.advance(SETTLED_MS);
    expect(world.leaders()).toHaveLength(1);
    for (let i = 0; i < 10; i++) {
      world.orderer.grow(1);
      await world.clock.advance(300);
    }
    world.expectSameChain(peers);
    expect(new Set(world.orderer.follows.map(({ by }) => by))).toEqual(new Set(world.leaders()));
    for (const { service, sources } of peers) {
      expect(sources).toEqual(
        Array.from({ length: 10 }, () => (service.isLeader ? 'deliver' : 'push')),
      );
    }
  });

  it('are traced: delivered to the leader, gossiped by it, buffered and released', async () => {
    const world = new World(1);
    const peers = await world.joinAll('Org1MSP', 2);
    await world.clock.advance(SETTLED_MS);
    world.orderer.grow(1);
    await world.clock.advance(500);
    const leader = peers.find(({ service }) => service.isLeader);
    const follower = peers.find(({ service }) => !service.isLeader);
    const stages = (peer: Peer | undefined): string[] =>
      (peer?.trace.events() ?? [])
        .filter(({ block }) => block === 1)
        .map(({ stage, from }) => `${stage} ${from}`);
    const leaderStages = stages(leader);
    expect(leaderStages).toHaveLength(3);
    expect(leaderStages).toEqual(
      expect.arrayContaining(['deliver orderer', 'gossip undefined', 'buffer orderer']),
    );
    expect(stages(follower)).toEqual([
      `gossip ${leader?.service.name}`,
      `buffer ${leader?.service.name}`,
    ]);
  });

  it('stay within the organisation: each has its leader', async () => {
    const world = new World(1);
    const peers = [...(await world.joinAll('Org1MSP', 2)), ...(await world.joinAll('Org2MSP', 2))];
    await world.clock.advance(SETTLED_MS);
    expect(world.leaders()).toHaveLength(2);
    world.orderer.grow(5);
    await world.clock.advance(2_000);
    world.expectSameChain(peers);
    const blocksTopics = world.network.verdicts.filter(
      ({ topic, by }) => topic.endsWith('/blocks') && by !== RELAY,
    );
    expect(
      blocksTopics.every(({ topic, by }) =>
        topic.includes(by.startsWith('a') ? 'Org1MSP' : 'Org2MSP'),
      ),
    ).toBe(true);
    // Everybody knows everybody, heights included.
    for (const { service } of peers) {
      const others = service.peers();
      expect(others.map(({ role }) => role).sort()).toEqual(['orderer', 'peer', 'peer', 'peer']);
      expect(others.map(({ height }) => height)).toEqual([6, 6, 6, 6]);
      expect(others.find(({ role }) => role === 'peer')?.chaincodes).toEqual(['basic']);
    }
  });

  it('that were lost on the way are fetched from a peer', async () => {
    const world = new World(1);
    const peers = await world.joinAll('Org1MSP', 3);
    await world.clock.advance(SETTLED_MS);
    let n = 0;
    world.network.reaches = (_from, _to, topic) => !topic?.endsWith('/blocks') || n++ % 2 === 0;
    for (let i = 0; i < 20; i++) {
      world.orderer.grow(1);
      await world.clock.advance(200);
    }
    await world.clock.advance(5_000);
    world.expectSameChain(peers);
    expect(peers.flatMap(({ sources }) => sources)).toContain('state-transfer');
    expect(peers.flatMap(({ service }) => service.buffered())).toEqual([]);
  });

  it('too large to be pushed are fetched as soon as the leader has them', async () => {
    const world = new World(1);
    const peers = await world.joinAll('Org1MSP', 2);
    await world.clock.advance(SETTLED_MS);
    world.orderer.grow(1, 3_000_000);
    await world.clock.advance(2_000);
    world.expectSameChain(peers);
    expect(peers.find(({ service }) => !service.isLeader)?.sources).toEqual(['state-transfer']);
  });

  it('that are forged are rejected and never reach a ledger', async () => {
    const world = new World(1);
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
    world.expectSameChain(peers);
  });

  it('are caught up on before anybody leads, with progress', async () => {
    const world = new World(60);
    const peer = await world.join('Org1MSP', 0);
    const progress: number[] = [];
    const caughtUp = peer.service.catchUp(
      (done, total) => {
        expect(total).toBe(59);
        progress.push(done);
      },
      { signal },
    );
    await world.clock.advance(2_000);
    await caughtUp;
    world.expectSameChain([peer]);
    expect(progress.at(-1)).toBe(59);
    await expect(
      peer.service.catchUp(() => {}, { signal: AbortSignal.abort(new Error('enough')) }),
    ).rejects.toThrow();
  });

  it('are tried again when the ledger could not take one', async () => {
    const world = new World(1);
    const peer = await world.join('Org1MSP', 0);
    await world.clock.advance(SETTLED_MS);
    peer.commitFails = true;
    const failures: unknown[] = [];
    peer.service.events.on('commit:failed', ({ error }) => failures.push(error));
    world.orderer.grow(3);
    await world.clock.advance(20_000);
    expect(failures.length).toBeGreaterThan(1);
    expect(peer.chain).toHaveLength(1);
    peer.commitFails = false;
    await world.clock.advance(60_000);
    world.expectSameChain([peer]);
  });
});

describe('leadership', () => {
  it('passes to another when the leader is gone, and blocks go on', async () => {
    const world = new World(1);
    const peers = await world.joinAll('Org1MSP', 3);
    await world.clock.advance(SETTLED_MS);
    const leader = peers.find(({ service }) => service.isLeader) as Peer;
    world.kill(leader);
    world.orderer.grow(3);
    await world.clock.advance(
      2 * settings.election.leaderAliveThresholdMs +
        settings.election.leaderElectionDurationMs +
        1_000,
    );
    expect(world.leaders()).toHaveLength(1);
    world.expectSameChain(peers.filter((peer) => peer !== leader));
  });

  it('passes on within two seconds when the leader says goodbye', async () => {
    const world = new World(1);
    const peers = await world.joinAll('Org1MSP', 3);
    await world.clock.advance(SETTLED_MS);
    const leader = peers.find(({ service }) => service.isLeader) as Peer;
    leader.service.sayGoodbye();
    await world.clock.advance(50);
    world.kill(leader);
    await world.clock.advance(2_000);
    expect(world.leaders()).toHaveLength(1);
    expect(world.leaders()).not.toContain(leader.peerId);
  });

  it('passes to another when the leader cannot reach the orderer', async () => {
    const world = new World(1);
    const peers = await world.joinAll('Org1MSP', 2);
    await world.clock.advance(SETTLED_MS);
    const leader = peers.find(({ service }) => service.isLeader) as Peer;
    world.network.reaches = (from, to) =>
      ![from, to].includes(RELAY) || ![from, to].includes(leader.peerId);
    // The stream breaks on the next block.
    world.orderer.grow(1);
    await world.clock.advance(40_000);
    world.orderer.grow(2);
    await world.clock.advance(3_000);
    expect(world.leaders()).toHaveLength(1);
    expect(world.leaders()).not.toContain(leader.peerId);
    world.expectSameChain(peers);
  });

  it('heals after a split: one leader, one chain', async () => {
    const world = new World(1);
    const peers = await world.joinAll('Org1MSP', 4);
    await world.clock.advance(SETTLED_MS);
    const left = new Set(['a0', 'a1']);
    world.network.reaches = (from, to) =>
      [from, to].includes(RELAY) || left.has(from) === left.has(to);
    await world.clock.advance(30_000);
    expect(world.leaders()).toHaveLength(2);
    world.orderer.grow(4);
    await world.clock.advance(2_000);
    world.network.reaches = () => true;
    await world.clock.advance(settings.election.leaderAliveThresholdMs);
    expect(world.leaders()).toHaveLength(1);
    world.orderer.grow(4);
    await world.clock.advance(2_000);
    world.expectSameChain(peers);
  });

  it('is static when the settings say so, and both at once are refused', async () => {
    const world = new World(3);
    const peer = await world.join('Org1MSP', 3, { useLeaderElection: false, orgLeader: true });
    expect(peer.service.isLeader).toBe(true);
    await world.clock.advance(500);
    world.expectSameChain([peer]);
    const follower = await world.join('Org1MSP', 0, { useLeaderElection: false, orgLeader: false });
    await world.clock.advance(30_000);
    expect(follower.service.isLeader).toBe(false);
    world.expectSameChain([peer, follower]);
    await expect(world.join('Org1MSP', 1, { orgLeader: true })).rejects.toThrow('choose one');
  });
});

describe('membership', () => {
  it('introduces a newcomer at once', async () => {
    const world = new World(4);
    await world.joinAll('Org1MSP', 3);
    await world.clock.advance(SETTLED_MS);
    const newcomer = await world.join('Org2MSP', 0);
    await world.clock.advance(100);
    const known = newcomer.service.peers().filter(({ role }) => role === 'peer');
    expect(known.map(({ name, height }) => `${name} ${height}`).sort()).toHaveLength(3);
    expect(known.every(({ height }) => height === 4)).toBe(true);
    expect(newcomer.service.candidates()).toHaveLength(3);
  });

  it('shows a hidden tab as asleep, and drops one that says goodbye', async () => {
    const world = new World(1);
    const [one, two] = (await world.joinAll('Org1MSP', 2)) as [Peer, Peer];
    await world.clock.advance(5_000);
    expect(statusOf(one, two)).toBe('alive');
    two.service.setHidden(true);
    await world.clock.advance(50);
    expect(statusOf(one, two)).toBe('asleep');
    two.service.setHidden(false);
    await world.clock.advance(3_000);
    expect(statusOf(one, two)).toBe('alive');
    two.service.sayGoodbye();
    await world.clock.advance(50);
    expect(statusOf(one, two)).toBeUndefined();
    // A heartbeat that was still on its way does not bring it back.
    await world.clock.advance(30_000);
    expect(statusOf(one, two)).toBeUndefined();
  });

  it('does not bury one that is silent but answers', async () => {
    const world = new World(1);
    const [one, two] = (await world.joinAll('Org1MSP', 2)) as [Peer, Peer];
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
    const world = new World(1);
    const [one, two] = (await world.joinAll('Org1MSP', 2)) as [Peer, Peer];
    await world.clock.advance(5_000);
    two.node.frozen = true;
    await world.clock.advance(
      settings.aliveExpirationTimeoutMs + 2 * settings.state.responseTimeoutMs + 2_000,
    );
    expect(statusOf(one, two)).toBe('dead');
    expect(one.service.peers().find(({ peerId }) => peerId === two.peerId)?.link).toBe('none');
    two.node.frozen = false;
    await world.clock.advance(settings.aliveTimeIntervalMs + 100);
    expect(statusOf(one, two)).toBe('alive');
    two.node.frozen = true;
    await world.clock.advance(20 * settings.aliveExpirationTimeoutMs + 30_000);
    expect(statusOf(one, two)).toBeUndefined();
  });

  it('takes no word of one organisation for that of another, and none that was altered', async () => {
    const world = new World(1);
    const [one] = (await world.joinAll('Org1MSP', 1)) as [Peer];
    const topic = (mspId: string): string =>
      topicName({ networkId: 'net', channel: 'ch', mspId, kind: 'alive' });
    const other = await world.join('Org2MSP', 0);
    let heard = new Uint8Array();
    world.relay.pubsub.subscribe(topic('Org2MSP'), async (data) => {
      heard = Uint8Array.from(data);
      return 'accept';
    });
    await world.clock.advance(3_000);
    world.kill(other);
    await world.clock.advance(500);
    world.network.verdicts.length = 0;
    const { payload, signature } = gossip.Envelope.decode(heard);
    const { alive_msg, tag } = gossip.GossipMessage.decode(payload);
    const inc_num = alive_msg?.timestamp?.inc_num;
    const newer = { tag, alive_msg: { ...alive_msg, timestamp: { inc_num, seq_num: 1000 } } };
    const altered = { payload: gossip.GossipMessage.encode(newer).finish(), signature };
    const genuine = await signMessage(newer, signers.Org2MSP[0] as SigningIdentity);
    await world.relay.pubsub.publish(topic('Org2MSP'), gossip.Envelope.encode(altered).finish());
    await world.relay.pubsub.publish(topic('Org1MSP'), genuine);
    await world.relay.pubsub.publish(topic('Org2MSP'), heard);
    await world.relay.pubsub.publish(topic('Org2MSP'), genuine);
    await world.clock.advance(100);
    const verdicts = world.network.verdicts.filter(
      ({ by, topic: on }) => by === one.peerId && on.endsWith('alive'),
    );
    expect(verdicts.map(({ verdict }) => verdict)).toEqual([
      'reject',
      'reject',
      'ignore',
      'accept',
    ]);
  });

  it('notices another tab with its own identity', async () => {
    const world = new World(1);
    const one = await world.join('Org1MSP', 0);
    let conflicts = 0;
    one.service.events.on('identity:conflict', () => conflicts++);
    await world.clock.advance(5_000);
    expect(conflicts).toBe(0);
    await world.join('Org1MSP', 0, {}, 'twin');
    await world.clock.advance(5_000);
    expect(conflicts).toBeGreaterThan(0);
  });
});
