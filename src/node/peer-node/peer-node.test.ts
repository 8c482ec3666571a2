// SPDX-License-Identifier: Apache-2.0
// The composition of a peer: whole nodes with the relay's orderer, CA and gossip, in memory and on a fake clock.
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { endorsedWrite } from '../../../bench/support/member.ts';
import { RELAY } from '../../../relay/testing/memory-relay.ts';
import { createSigningIdentity, type SigningIdentity } from '../../common/msp/index.ts';
import type { Tabric } from '../api/tabric.ts';
import { NodeView } from './node-view.ts';
import { createTabric } from './tabric-facade.ts';
import { withoutOrganisation } from './testing/config-updates.ts';
import { NodeWorld, noSubtleCrypto, type TestNode } from './testing/node-world.ts';

const ONE_CHANNEL = `
organisations:
  - { name: Org1, domain: org1.example.com }
  - { name: Org2, domain: org2.example.com }
channels:
  - { name: mychannel, organisations: [Org1, Org2], batchTimeout: 200ms, chaincodes: [] }
`;
const TWO_CHANNELS = `${ONE_CHANNEL}  - { name: second, organisations: [Org1, Org2], batchTimeout: 200ms, chaincodes: [] }
`;

let world: NodeWorld | undefined;
beforeAll(() => noSubtleCrypto());
afterAll(() => {
  vi.unstubAllGlobals();
});
afterEach(async () => {
  await world?.stop();
  world = undefined;
});

async function newWorld(yaml = ONE_CHANNEL): Promise<NodeWorld> {
  world = await NodeWorld.start(yaml);
  return world;
}

const heightOf = ({ node }: TestNode, channel = 'mychannel'): number =>
  node.channel(channel)?.height ?? 0;

describe('a node', () => {
  it('joins from nothing: connects, gets the genesis block, catches up', async () => {
    const here = await newWorld();
    const first = await here.join('Org1MSP', 'peer0');
    for (let i = 0; i < 3; i++) {
      await here.order('mychannel', first, `tx${i}`);
      await here.until('the block', () => heightOf(first) === 2 + i);
    }
    const second = await here.create('Org2MSP', 'peer1');
    const steps: string[] = [];
    await here.run(second.node.start());
    expect(second.node.channels()).toEqual([]);
    await here.run(
      second.node.join(({ step }) => void (steps.at(-1) !== step && steps.push(step))),
    );
    expect(steps).toEqual(['connect', 'genesis', 'catch-up']);
    expect(heightOf(second)).toBe(4);
    await here.until('they know each other', () =>
      [first, second].every(({ node }) => node.channel('mychannel')?.members().length === 1),
    );
    const [hash, same] = await Promise.all(
      [first, second].map(async ({ node }) => {
        const block = await here.run(node.peer.ask('block', { channel: 'mychannel', number: 3 }));
        return [block?.hash, block?.commitHash];
      }),
    );
    expect(hash).toEqual(same);
  });

  it('goes on from what it has stored, and is read before the relay answers', async () => {
    const here = await newWorld();
    const first = await here.join('Org1MSP', 'peer0');
    await here.order('mychannel', first);
    await here.until('the block', () => heightOf(first) === 2);
    await here.run(first.node.stop());
    here.memory.remove('peer0');
    here.memory.reaches = (from, to) => ![from, to].includes(RELAY);
    const again = await here.create('Org1MSP', 'peer0', first);
    await here.run(again.node.start());
    expect(heightOf(again)).toBe(2);
    const blocks = await here.run(again.node.peer.ask('blocks', { channel: 'mychannel' }));
    expect(blocks.map(({ number }) => number)).toEqual([1, 0]);
    await expect(here.run(again.node.join())).rejects.toMatchObject({ code: 'RELAY_UNREACHABLE' });
  });

  it('fetches what it missed when the relay is connected again', async () => {
    const here = await newWorld();
    const [one, two] = [await here.join('Org1MSP', 'peer0'), await here.join('Org2MSP', 'peer1')];
    here.memory.reaches = (from, to) => from !== 'peer1' && to !== 'peer1';
    for (let i = 0; i < 2; i++) {
      await here.order('mychannel', one, `tx${i}`);
      await here.until('the block', () => heightOf(one) === 2 + i);
    }
    await here.clock.advance(5_000);
    expect(heightOf(two)).toBe(1);
    here.memory.reaches = () => true;
    two.transport.reconnect();
    await here.until('what it missed', () => heightOf(two) === 3);
  });

  it('has a leader again as soon as the relay is back, however long it was away', async () => {
    const here = await newWorld();
    const one = await here.join('Org1MSP', 'peer0');
    const leads = (): boolean => one.node.channel('mychannel')?.isLeader ?? false;
    await here.until('it leads', leads);
    here.memory.reaches = (from, to) => ![from, to].includes(RELAY);
    // So long that it lets others lead, who are not there.
    await here.until('it yields', () => !leads(), 120_000);
    await here.clock.advance(5_000);
    here.memory.reaches = () => true;
    one.transport.reconnect();
    await here.order('mychannel', one);
    await here.until('the block', () => heightOf(one) === 2, 8_000);
  });

  it('stops for good when its ledger is taken away, and says why', async () => {
    const here = await newWorld();
    const [one, two] = [await here.join('Org1MSP', 'peer0'), await here.join('Org1MSP', 'peer1')];
    const lost: unknown[] = [];
    one.node.events.on('store:lost', (why) => lost.push(why));
    one.loseStore();
    await here.clock.advance(100);
    expect(lost).toEqual([{ code: 'STORE_LOST', message: 'taken away by the test' }]);
    expect(one.node.faults.all).toMatchObject([{ code: 'STORE_LOST' }]);
    expect(() => one.node.gateway).toThrow('taken away');
    const asked = one.node.peer.ask('block', { channel: 'mychannel', number: 0 });
    await expect(here.run(asked)).rejects.toMatchObject({ code: 'STORE_LOST' });
    // Others do not count on it any more, and go on.
    await here.until('it is gone', () => two.node.channel('mychannel')?.members().length === 0);
    await here.order('mychannel', two);
    await here.until('the block', () => heightOf(two) === 2, 90_000);
  });

  it('tells the place goodbye at its end, and looks at its connections when time has passed', async () => {
    const here = await newWorld();
    const [one, two] = [await here.join('Org1MSP', 'peer0'), await here.join('Org1MSP', 'peer1')];
    const seen = (): string | undefined =>
      two.node.channel('mychannel')?.members()[0]?.member.status;
    await here.until('they know each other', () => seen() === 'alive');
    one.place.emit('hidden:changed', { hidden: true });
    await here.until('it is asleep', () => seen() === 'asleep', 2_000);
    one.place.emit('hidden:changed', { hidden: false });
    await here.until('it is awake', () => seen() === 'alive', 2_000);
    const { retries } = one.transport;
    one.place.emit('resumed', {});
    expect(one.transport.retries).toBe(retries + 1);
    one.place.emit('closing', {});
    await here.until('it is gone', () => seen() === undefined, 2_000);
    // What is left of its connections only seems to be open.
    expect(two.transport.dropped).toEqual(['peer0']);
  });

  it('follows a configuration: an organisation that is taken out is no longer listened to, and gets nothing', async () => {
    const here = await newWorld();
    const [one, two] = [await here.join('Org1MSP', 'peer0'), await here.join('Org2MSP', 'peer1')];
    const membersOf = ({ node }: TestNode): number | undefined =>
      node.channel('mychannel')?.members().length;
    await here.until('they know each other', () => membersOf(one) === 1 && membersOf(two) === 1);
    const { rechecks } = one.transport;
    const bundle = one.node.channel('mychannel')?.bundle;
    if (!bundle) throw new Error('not on the channel');
    const administrators = await here.run(
      Promise.all([here.relay.admin('Org1MSP'), here.relay.admin('Org2MSP')]),
    );
    const update = (signers: readonly SigningIdentity[]): Promise<Uint8Array> =>
      here.run(withoutOrganisation(bundle, 'Org2', signers, here.clock));
    // The policy of the application group is the majority of its administrators.
    const alone = await update(administrators.slice(0, 1));
    await expect(here.broadcast(one, alone)).rejects.toThrow();
    await here.broadcast(one, await update(administrators));
    await here.until('the config block', () => heightOf(one) === 2);
    await here.until('it is in force', () => one.transport.rechecks > rechecks);
    const orgs = one.node.channel('mychannel')?.bundle.application.orgs.map(({ mspId }) => mspId);
    expect(orgs).toEqual(['Org1MSP']);
    await here.until('the other is no member', () => membersOf(one) === 0);
    await here.order('mychannel', one);
    await here.until('the block', () => heightOf(one) === 3);
    await here.clock.advance(30_000);
    expect(heightOf(two)).toBeLessThan(3);
    // Its client is refused as well.
    await expect(here.order('mychannel', two)).rejects.toThrow();
    expect(one.node.faults.all).toEqual([]);
  });

  it('commits on while nobody looks: what a listener throws does not make a commit fail', async () => {
    const here = await newWorld();
    const one = await here.join('Org1MSP', 'peer0');
    const errors: unknown[] = [];
    const noted = (error: unknown): void => void errors.push(error);
    process.on('uncaughtException', noted);
    one.node.events.on('block:committed', () => {
      throw new Error('the page is gone');
    });
    await here.order('mychannel', one);
    await here.until('the block', () => heightOf(one) === 2);
    await here.order('mychannel', one, 'y');
    await here.until('the next block', () => heightOf(one) === 3);
    expect(one.node.faults.all).toEqual([]);
    await here.clock.advance(100);
    process.off('uncaughtException', noted);
    expect(errors.length).toBeGreaterThan(0);
  });
});

describe('peers with different definitions of a chaincode', () => {
  const BASIC = ONE_CHANNEL.replace(
    'chaincodes: []',
    "chaincodes: [{ name: basic, version: '1.0', endorsementPolicy: \"OR('Org1MSP.peer','Org2MSP.peer')\" }]",
  );

  it('find out, and say from which block on, by whose word, and which transaction', async () => {
    const here = await newWorld(BASIC);
    const { description } = here.relay;
    const stricter = structuredClone(description);
    const [channel] = stricter.channels;
    Object.assign(channel?.chaincodes[0] ?? {}, {
      endorsementPolicy: "AND('Org1MSP.peer','Org2MSP.peer')",
    });
    const one = await here.join('Org1MSP', 'peer0');
    const two = await here.create('Org2MSP', 'peer1', undefined, stricter);
    await here.run(two.node.start());
    await here.run(two.node.join());
    await here.order('mychannel', one);
    await here.until('a block that both judge alike', () => heightOf(two) === 2);
    expect(one.node.faults.all).toEqual([]);
    const target = { channel: 'mychannel', chaincode: 'basic', version: '1.0' };
    const { client, peer } = one.member;
    const [user, endorser] = [client, peer].map(({ certificate, key }) =>
      createSigningIdentity('Org1MSP', certificate, key),
    );
    if (!user || !endorser) throw new Error('there are two');
    const members = { client: user, peers: [endorser] };
    await here.broadcast(
      one,
      await here.run(endorsedWrite(members, target, 'key', 'value', here.clock.now())),
    );
    await here.until('both know', () =>
      [one, two].every(({ node }) => node.faults.all.some(({ code }) => code === 'LEDGERS_DIFFER')),
    );
    const [fault] = one.node.faults.all;
    expect(fault?.message).toContain('differs from block 2 on from that of peer1, as they say');
    expect(fault?.message).toContain('is VALID here and ENDORSEMENT_POLICY_FAILURE there');
    await here.run(two.node.stop());
    await here.until('the other is gone', () => one.node.faults.all.length === 0);
  });
});

describe('what is waited for', () => {
  function facadeOf(one: TestNode): Tabric {
    const view = new NodeView(one.node, { secureContext: true });
    return createTabric({
      node: one.node,
      view,
      ready: Promise.resolve(view.network.me),
      rebuildDBs: (channel) => one.host.rebuildDBs(channel),
    });
  }

  it('comes when it is there, and not before', async () => {
    const here = await newWorld();
    const [one, two] = [await here.join('Org1MSP', 'peer0'), await here.join('Org2MSP', 'peer1')];
    const tabric = facadeOf(one);
    expect(await here.run(tabric.waitFor({ peers: 2 }))).toMatchObject([
      { name: expect.stringContaining('peer0') },
      { name: expect.stringContaining('peer1') },
    ]);
    const height = tabric.waitFor({ height: 2 });
    await here.order('mychannel', two);
    expect(await here.run(height)).toBe(2);
    const [block] = await here.run(tabric.blocks());
    const txId = block?.transactions[0]?.txId ?? '';
    expect(await here.run(tabric.waitFor({ txId }))).toMatchObject({ txId, block: 1 });
  });

  it('says how far things were when it did not come', async () => {
    const here = await newWorld();
    const tabric = facadeOf(await here.join('Org1MSP', 'peer0'));
    const timeout = 500;
    const waits: [() => Promise<unknown>, RegExp][] = [
      [() => tabric.waitFor({ height: 9, timeout }), /after 500 ms height is 1, not 9/],
      [() => tabric.waitFor({ height: 9 }, { timeoutMs: 500 }), /after 500 ms height is 1, not 9/],
      [() => tabric.waitFor({ txId: 'ab', timeout }), /transaction ab is in none of the 1 blocks/],
      [() => tabric.waitFor({ peers: 3, timeout }), /there are 1 peers, not 3/],
      [() => tabric.waitFor({ endorsers: 'basic', timeout }), /run basic and can be reached: none/],
      [() => tabric.waitFor({ event: 'sold', timeout }), /no event sold/],
    ];
    for (const [wait, message] of waits) {
      await expect(here.run(wait())).rejects.toMatchObject({
        code: 'TIMEOUT',
        message: expect.stringMatching(message),
      });
    }
  });

  it.each([
    [{}, /here are 0/],
    [{ height: 2, peers: 3 }, /here are 2/],
    [{ endorsingOrgs: ['Org1MSP'] }, /"endorsingOrgs" is none of them/],
    [{ height: '2' }, /takes a number, not a string/],
    [{ height: 2, timeout: 'soon' }, /timeout is a number/],
    [undefined, /takes one of height, txId, peers, endorsers, event/],
  ])('is refused when it is %j', async (condition, message) => {
    const here = await newWorld();
    const created = await here.create('Org1MSP', 'peer0');
    const waiting = Reflect.apply(facadeOf(created).waitFor, undefined, [condition]);
    await expect(waiting).rejects.toThrow(message);
    await expect(waiting).rejects.toBeInstanceOf(TypeError);
  });

  it('is an event that exists', async () => {
    const here = await newWorld();
    const tabric = facadeOf(await here.create('Org1MSP', 'peer0'));
    expect(() => Reflect.apply(tabric.on, undefined, ['foo', () => {}])).toThrow(
      /"foo" is no event; there are block:committed/,
    );
    expect(() => Reflect.apply(tabric.on, undefined, ['trace', 'foo'])).toThrow(TypeError);
  });
});

describe('two channels at one node', () => {
  it('have a ledger, a leader and blocks each', async () => {
    const here = await newWorld(TWO_CHANNELS);
    const [one, two] = [await here.join('Org1MSP', 'peer0'), await here.join('Org1MSP', 'peer1')];
    await here.order('second', one);
    await here.until('the block of the second', () =>
      [one, two].every((peer) => heightOf(peer, 'second') === 2),
    );
    expect([one, two].map((peer) => heightOf(peer))).toEqual([1, 1]);
    await here.order('mychannel', two, 'a');
    await here.until('the block of the first', () =>
      [one, two].every((peer) => heightOf(peer) === 2),
    );
    for (const channel of ['mychannel', 'second']) {
      const leaders = [one, two].filter(({ node }) => node.channel(channel)?.isLeader);
      expect(leaders, channel).toHaveLength(1);
    }
    // One alive message for both channels.
    const aliveTopics = here.memory.verdicts
      .map(({ topic }) => topic)
      .filter((topic) => topic.endsWith('/alive'));
    expect(new Set(aliveTopics).size).toBe(1);
  });

  it('are told apart by the facade; calls without a channel mean the first one', async () => {
    const here = await newWorld(TWO_CHANNELS);
    const one = await here.join('Org1MSP', 'peer0');
    await here.order('second', one);
    await here.until('the block', () => heightOf(one, 'second') === 2);
    const view = new NodeView(one.node, { secureContext: true });
    const tabric = createTabric({
      node: one.node,
      view,
      ready: Promise.resolve(view.network.me),
      rebuildDBs: (channel) => one.host.rebuildDBs(channel),
    });
    expect(tabric.channels()).toMatchObject([
      { name: 'mychannel', height: 1 },
      { name: 'second', height: 2 },
    ]);
    expect(tabric.height()).toBe(1);
    expect(tabric.channel('second').height()).toBe(2);
    expect(await here.run(tabric.channel('second').blocks())).toHaveLength(2);
    expect(await here.run(tabric.blocks())).toHaveLength(1);
    expect(() => tabric.channel('third')).toThrow(/third/);
    expect(structuredClone(tabric.network)).toEqual(tabric.network);
    expect(tabric.metrics().messages).toBeGreaterThan(0);
  });
});
