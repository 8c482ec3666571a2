// SPDX-License-Identifier: Apache-2.0
import { type GossipSub, gossipsub } from '@libp2p/gossipsub';
import type { Libp2p } from 'libp2p';
import { afterEach, describe, expect, it } from 'vitest';
import { sha256Sync } from '../../common/crypto/index.ts';
import { concat, fromUtf8, toHex, utf8 } from '../../common/runtime/bytes.ts';
import { systemClock } from '../../common/runtime/clock.ts';
import { silentLogger } from '../../common/runtime/log.ts';
import { type Binding, Bindings } from '../comm/bindings.ts';
import { knownProtocols } from '../comm/known-protocols.ts';
import { endConnectionsOf } from '../comm/protocols.ts';
import { NeighbourScores } from './neighbour-scores.ts';
import {
  GossipsubPubsub,
  gossipsubOptions,
  MAX_PUSH_BYTES,
  messageId,
  type Verdict,
} from './pubsub.ts';
import { newNode } from './testing/nodes.ts';
import type { MayHear } from './topic-guard.ts';
import { networkTopics, parseTopic, topicName } from './topics.ts';

const topic = topicName({
  networkId: 'n1',
  channel: 'mychannel',
  mspId: 'Org1MSP',
  kind: 'blocks',
});

interface Party {
  readonly node: Libp2p<{ pubsub: GossipSub }>;
  readonly bindings: Bindings;
  readonly pubsub: GossipsubPubsub;
  readonly scores: NeighbourScores;
  readonly received: string[];
}

const nodes: Libp2p<{ pubsub: GossipSub }>[] = [];
afterEach(async () => {
  await Promise.all(nodes.splice(0).map((node) => node.stop()));
});

async function party(
  verdict: (text: string) => Verdict = () => 'accept',
  mayHear?: MayHear,
): Promise<Party> {
  const bindings = new Bindings({ clock: systemClock });
  const scores = new NeighbourScores({ bindings, clock: systemClock });
  const options = {
    ...gossipsubOptions({ isBound: (id) => bindings.has(id), scoreOf: (id) => scores.of(id) }),
    heartbeatInterval: 100,
  };
  const node = (await newNode({
    services: { protocols: knownProtocols(), pubsub: gossipsub(options) },
  })) as Libp2p<{ pubsub: GossipSub }>;
  nodes.push(node);
  const pubsub = new GossipsubPubsub({
    gossipsub: node.services.pubsub,
    bindings,
    scores,
    log: silentLogger,
  });
  const received: string[] = [];
  pubsub.subscribe(
    topic,
    async (data) => {
      received.push(fromUtf8(data.subarray(0, 20)));
      return verdict(fromUtf8(data));
    },
    mayHear,
  );
  endConnectionsOf(scores, node);
  return { node, bindings, scores, pubsub, received };
}

function bind(a: Party, b: Party, mspId = 'Org1MSP'): void {
  for (const [one, other] of [
    [a, b],
    [b, a],
  ] as const) {
    const peerId = other.node.peerId.toString();
    one.bindings.set({
      peerId,
      mspId,
      identity: new Uint8Array(),
      pkiId: utf8(peerId),
      name: peerId,
      expiresAt: Number.POSITIVE_INFINITY,
    });
  }
}

async function connect(a: Party, b: Party): Promise<void> {
  await a.node.dial(b.node.getMultiaddrs());
  await until(
    () =>
      a.node.services.pubsub.getSubscribers(topic).length > 0 &&
      b.node.services.pubsub.getSubscribers(topic).length > 0,
  );
}

function relayBinding({ node }: Party): Binding {
  const peerId = node.peerId.toString();
  const none = new Uint8Array();
  return {
    peerId,
    mspId: 'OrdererMSP',
    identity: none,
    pkiId: none,
    name: peerId,
    expiresAt: Infinity,
  };
}

// Not part of its interface.
function meshOf({ node }: Party): string[] {
  const pubsub = node.services.pubsub as unknown as { getMeshPeers(topic: string): string[] };
  return pubsub.getMeshPeers(topic);
}

async function until(condition: () => boolean): Promise<void> {
  for (let i = 0; !condition(); i++) {
    if (i > 500) throw new Error('the condition did not come true');
    await systemClock.sleep(10);
  }
}

describe('topics', () => {
  it('are scoped by network, channel and organisation, and survive odd names', () => {
    expect(topic).toBe('/tabric/n1/mychannel/Org1MSP/blocks');
    const parts = {
      networkId: 'a/b',
      channel: 'c d',
      mspId: '组织/MSP',
      kind: 'state-info',
    } as const;
    expect(parseTopic(topicName(parts))).toEqual(parts);
    expect(parseTopic('/tabric/n/c/m/other')).toBeUndefined();
    expect(parseTopic('/tabric/n/c/%zz/blocks')).toBeUndefined();
    expect(parseTopic('_disc')).toBeUndefined();
    const alive = { networkId: 'n1', mspId: 'Org1MSP', kind: 'alive' } as const;
    expect(parseTopic(topicName(alive))).toEqual(alive);
    // Who is alive is told once, whatever channels organisations share.
    const channels = [
      ['one', ['Org1MSP', 'Org2MSP']],
      ['two', ['Org2MSP', 'Org3MSP']],
    ] as const;
    const topics = networkTopics('n1', channels);
    expect(topics.filter(({ kind }) => kind === 'alive')).toHaveLength(3);
    expect(topics).toHaveLength(3 + 4 * 3);
  });
});

describe('gossipsub', () => {
  it('gives one id to the same bytes and others to other bytes or topics', () => {
    expect(messageId('t', utf8('x'))).toEqual(messageId('t', utf8('x')));
    expect(messageId('t', utf8('x'))).not.toEqual(messageId('t', utf8('y')));
    expect(messageId('t', utf8('x'))).not.toEqual(messageId('u', utf8('x')));
  });

  it('gives the id that every platform gives, whatever the size', async () => {
    for (const length of [0, 1, 2_000, 3_000, 100_000]) {
      const data = new Uint8Array(length).fill(7);
      const id = await messageId('t', data);
      expect(toHex(id)).toBe(toHex(sha256Sync(concat(utf8('t\0'), data))));
    }
  });

  it('sends nothing to a peer that is not bound, and takes it in once it is', async () => {
    const [a, b] = [await party(), await party()];
    await connect(a, b);
    expect(await a.pubsub.publish(topic, utf8('secret'))).toBe(0);
    await systemClock.sleep(300);
    expect(b.received).toEqual([]);
    bind(a, b);
    await until(() => a.node.services.pubsub.getSubscribers(topic).length > 0);
    await systemClock.sleep(50);
    expect(await a.pubsub.publish(topic, utf8('welcome'))).toBe(1);
    await until(() => b.received.includes('welcome'));
  });

  it('ignores what an unbound peer passes on', async () => {
    const [a, b] = [await party(), await party()];
    await connect(a, b);
    const peerId = b.node.peerId.toString();
    // Only one side is deceived.
    a.bindings.set({
      peerId,
      mspId: 'Org1MSP',
      identity: new Uint8Array(),
      pkiId: new Uint8Array(),
      name: 'b',
      expiresAt: Number.POSITIVE_INFINITY,
    });
    let sent = 0;
    for (let i = 0; sent === 0 && i < 50; i++) {
      await systemClock.sleep(20);
      sent = await a.pubsub.publish(topic, utf8(`forged ${i}`));
    }
    expect(sent).toBe(1);
    await systemClock.sleep(300);
    expect(b.received).toEqual([]);
  });

  it('forwards what was accepted, and nothing else, over a middle peer', async () => {
    const [a, b, c] = [
      await party(),
      await party((text) => (text === 'good' ? 'accept' : text === 'bad' ? 'reject' : 'ignore')),
      await party(),
    ];
    bind(a, b);
    bind(b, c);
    await connect(a, b);
    await connect(c, b);
    await systemClock.sleep(300);
    for (const text of ['bad', 'stale', 'good']) await a.pubsub.publish(topic, utf8(text));
    await until(() => c.received.includes('good'));
    expect(b.received.toSorted()).toEqual(['bad', 'good', 'stale']);
    expect(c.received).toEqual(['good']);
  });

  it('delivers one copy of a block that two peers publish, and pushes nothing above the bound', async () => {
    const [a, b, c] = [await party(), await party(), await party()];
    for (const [x, y] of [
      [a, b],
      [b, c],
      [a, c],
    ] as const) {
      bind(x, y);
      await connect(x, y);
    }
    await systemClock.sleep(300);
    await Promise.all([
      a.pubsub.publish(topic, utf8('block 7')),
      b.pubsub.publish(topic, utf8('block 7')),
    ]);
    await until(() => c.received.length > 0);
    await systemClock.sleep(200);
    expect(c.received).toEqual(['block 7']);
    expect(await a.pubsub.publish(topic, new Uint8Array(MAX_PUSH_BYTES + 1))).toBe(0);
    expect(await a.pubsub.publish(topic, new Uint8Array(MAX_PUSH_BYTES))).toBe(2);
    await until(() => c.received.length === 2);
  });

  it.each(['before', 'after'])(
    'tells nobody who may not hear a topic, subscribed %s the handshake',
    async (when) => {
      const isMember: MayHear = ({ mspId }) => mspId === 'Org1MSP';
      const [relay, member, other] = [
        await party(() => 'accept', isMember),
        await party(),
        await party(),
      ];
      if (when === 'after') bind(relay, other, 'Org3MSP');
      await connect(relay, member);
      await other.node.dial(relay.node.getMultiaddrs());
      await until(() => other.node.services.pubsub.getSubscribers(topic).length > 0);
      if (when === 'before')
        await until(() => relay.node.services.pubsub.getSubscribers(topic).length === 2);
      bind(relay, other, 'Org3MSP');
      bind(relay, member);
      const peerId = relay.node.peerId.toString();
      const secret = utf8('a block');
      const id = await messageId(topic, secret);
      await until(() => meshOf(relay).length > 0);
      const askFor = (control: object): void => {
        const attacker = other.node.services.pubsub as unknown as {
          sendRpc(to: string, rpc: object): boolean;
        };
        attacker.sendRpc(peerId, { subscriptions: [], messages: [], control });
      };
      askFor({ graft: [{ topicID: topic }], iwant: [], ihave: [], prune: [], idontwant: [] });
      await systemClock.sleep(300);
      await relay.pubsub.publish(topic, secret);
      await until(() => member.received.length > 0);
      askFor({ iwant: [{ messageIDs: [id] }], graft: [], ihave: [], prune: [], idontwant: [] });
      await systemClock.sleep(500);
      expect(other.received).toEqual([]);
      const members = [member.node.peerId.toString()];
      expect(meshOf(relay)).toEqual(members);
      expect(relay.node.services.pubsub.getSubscribers(topic).map(String)).toEqual(members);
    },
  );

  it('cuts off who floods it with rubbish, and hears others meanwhile', async () => {
    const relay = await party((text) => (text.startsWith('forged') ? 'reject' : 'accept'));
    const [honest, hostile] = [await party(), await party()];
    for (const peer of [honest, hostile]) {
      await connect(relay, peer);
      bind(relay, peer);
      peer.bindings.set({ ...relayBinding(relay) });
    }
    await until(() => meshOf(hostile).length > 0 && meshOf(honest).length > 0);
    const hostileId = hostile.node.peerId.toString();
    const isConnected = (): boolean =>
      relay.node.getConnections().some(({ remotePeer }) => remotePeer.toString() === hostileId);
    const sends = async (from: Party, text: string) => from.pubsub.publish(topic, utf8(text));
    for (let n = 0; n < 3_000 && isConnected(); n++) {
      await sends(hostile, `forged ${n}`).catch(() => {});
      if (n % 50 === 0) await systemClock.sleep(5);
    }
    await sends(honest, 'honest');
    await until(() => relay.received.includes('honest'));
    await until(() => !isConnected());
    const looked = relay.received.filter((text) => text.startsWith('forged')).length;
    expect(looked).toBeLessThan(900);
    expect(relay.scores.of(honest.node.peerId.toString())).toBe(0);
    // A new connection is no new start.
    await hostile.node.dial(relay.node.getMultiaddrs());
    bind(relay, hostile);
    await until(() => !isConnected());
  });
});
