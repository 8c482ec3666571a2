// SPDX-License-Identifier: Apache-2.0
// Peers on real libp2p nodes that know each other only through a third, as tabs without WebRTC know the relay.

import { type GossipSub, gossipsub } from '@libp2p/gossipsub';
import type { Libp2p } from 'libp2p';
import { afterEach, expect, it } from 'vitest';
import { RelayGossip } from '../../../relay/p2p/relay-gossip.ts';
import { sha256Sync } from '../../common/crypto/index.ts';
import type { MSPManager, SigningIdentity } from '../../common/msp/index.ts';
import { DEFAULT_GOSSIP_SETTINGS, type GossipSettings } from '../../common/network/types.ts';
import { EMPTY_BYTES, equalBytes } from '../../common/runtime/bytes.ts';
import { systemClock } from '../../common/runtime/clock.ts';
import { silentLogger } from '../../common/runtime/log.ts';
import { TraceBus } from '../../common/runtime/trace.ts';
import { type ServiceClient, type ServiceHandler, unary } from '../../common/wire/service.ts';
import { type Binding, Bindings } from '../comm/bindings.ts';
import { GossipStreams } from '../comm/gossip-streams.ts';
import { Handshake } from '../comm/handshake.ts';
import { identityCheck } from '../comm/identity-check.ts';
import { knownProtocols } from '../comm/known-protocols.ts';
import { StreamServiceClient } from '../comm/service-client.ts';
import { StreamServices } from '../comm/stream-services.ts';
import { BlocksRequester, DELIVER_METHOD } from '../deliverclient/index.ts';
import { GossipChannel } from './channel/gossip-channel.ts';
import { GossipNode } from './gossip-node.ts';
import { NeighbourScores } from './neighbour-scores.ts';
import { GossipsubPubsub, gossipsubOptions } from './pubsub.ts';
import { PING_METHOD } from './services.ts';
import { FakeOrderer } from './testing/fake-orderer.ts';
import { testMembers } from './testing/members.ts';
import { newNode } from './testing/nodes.ts';

// Fabric's rhythm, faster.
const settings: GossipSettings = {
  ...DEFAULT_GOSSIP_SETTINGS,
  aliveTimeIntervalMs: 300,
  aliveExpirationTimeoutMs: 2_000,
  publishStateInfoIntervalMs: 200,
  election: {
    startupGracePeriodMs: 1_000,
    membershipSampleIntervalMs: 200,
    leaderAliveThresholdMs: 1_500,
    leaderElectionDurationMs: 400,
  },
  state: { ...DEFAULT_GOSSIP_SETTINGS.state, checkIntervalMs: 500, responseTimeoutMs: 1_000 },
};

interface Party {
  readonly node: Libp2p<{ pubsub: GossipSub }>;
  readonly bindings: Bindings;
  readonly pubsub: GossipsubPubsub;
  readonly services: Map<string, ServiceHandler>;
  readonly signer: SigningIdentity;
}

interface Peer extends Party {
  readonly channel: GossipChannel;
  readonly chain: Uint8Array[];
  readonly sources: string[];
}

const running: { stop(): unknown }[] = [];
afterEach(async () => {
  for (const part of running.splice(0).reverse()) await part.stop();
});

async function party(signer: SigningIdentity, manager: MSPManager): Promise<Party> {
  const bindings = new Bindings({ clock: systemClock });
  const scores = new NeighbourScores({ bindings, clock: systemClock });
  const options = {
    ...gossipsubOptions({ isBound: (id) => bindings.has(id), scoreOf: (id) => scores.of(id) }),
    heartbeatInterval: 200,
  };
  const services = { protocols: knownProtocols(), pubsub: gossipsub(options) };
  const node = (await newNode({ services })) as Libp2p<{ pubsub: GossipSub }>;
  const checkIdentity = identityCheck({ mspManagers: () => [manager] });
  const log = silentLogger;
  const handshake = new Handshake({
    node,
    bindings,
    signer,
    checkIdentity,
    clock: systemClock,
    log,
  });
  const mounted = new Map<string, ServiceHandler>();
  const streams = new StreamServices({ node, bindings, services: mounted, log });
  await handshake.start();
  await streams.start();
  running.push(node, streams, handshake);
  const pubsub = new GossipsubPubsub({ gossipsub: node.services.pubsub, bindings, scores, log });
  return { node, bindings, pubsub, services: mounted, signer };
}

function hub(relay: Party, orderer: FakeOrderer, manager: MSPManager): void {
  const client = (peerId: string): ServiceClient => new StreamServiceClient(relay, peerId);
  const gossip = new RelayGossip({
    networkId: 'net',
    channels: {
      channelMembers: () => [['ch', ['Org1MSP', 'Org2MSP']]],
      mspManagers: () => [manager],
      mspManager: () => manager,
      block: async (_channel, number) => orderer.blocks[number],
      height: () => orderer.blocks.length,
    },
    pubsub: relay.pubsub,
    bindings: relay.bindings,
    client,
    silentFor: () => Number.POSITIVE_INFINITY,
    ping: (peerId, options) => unary(client(peerId), PING_METHOD, EMPTY_BYTES, options),
    clock: systemClock,
    log: silentLogger,
  });
  gossip.start();
  running.push(gossip);
  relay.services.set(DELIVER_METHOD, orderer.deliver);
  for (const [method, handler] of gossip.services) relay.services.set(method, handler);
}

async function join(
  relay: Party,
  orderer: FakeOrderer,
  signer: SigningIdentity,
  manager: MSPManager,
): Promise<Peer> {
  const parts = await party(signer, manager);
  const { node, bindings, pubsub } = parts;
  await node.dial(relay.node.getMultiaddrs());
  const relayPeerId = relay.node.peerId.toString();
  await bindings.waitFor(relayPeerId, { timeoutMs: 5_000, signal: new AbortController().signal });
  const client = (peerId: string): ServiceClient =>
    new StreamServiceClient({ node, bindings }, peerId);
  const chain = orderer.blocks.slice(0, 1);
  const gossip = new GossipNode(
    {
      networkId: 'net',
      signer,
      pubsub,
      bindings,
      client,
      relayPeerId,
      describeSelf: () => ({
        peerId: node.peerId.toString(),
        webrtc: false,
        neighbours: [],
      }),
      clock: systemClock,
      random: Math.random,
      log: silentLogger,
    },
    settings,
  );
  const channel = new GossipChannel(
    {
      node: gossip,
      channel: 'ch',
      mspManager: () => manager,
      mspIds: () => ['Org1MSP', 'Org2MSP'],
      ledger: {
        height: () => chain.length,
        block: async (seqNum) => chain[seqNum],
        verifyBlock: orderer.verifyBlock,
        commit: async (block) => void chain.push(block),
      },
      chaincodes: () => [],
      commitHash: () => new Uint8Array(),
      requester: new BlocksRequester(
        { client: client(relayPeerId), signer, clock: systemClock },
        'ch',
      ),
      mayRead: async () => true,
      sha256: async (bytes) => sha256Sync(bytes),
      trace: new TraceBus(),
      log: silentLogger,
    },
    settings,
  );
  const sources: string[] = [];
  channel.events.on('block:received', ({ source }) => sources.push(source));
  for (const [method, handler] of gossip.services()) parts.services.set(method, handler);
  gossip.start();
  await channel.start();
  running.push(gossip, channel);
  return { ...parts, channel, chain, sources };
}

async function until(what: string, condition: () => boolean): Promise<void> {
  for (let i = 0; !condition(); i++) {
    if (i > 1_000) throw new Error(`not in time: ${what}`);
    await systemClock.sleep(10);
  }
}

it('peers find each other, elect a leader, and get every block through the relay', async () => {
  const members = await testMembers(['Org1MSP', 'Org2MSP', 'OrdererMSP']);
  const manager = await members.manager();
  const orderer = new FakeOrderer(systemClock, 1);
  const relay = await party(
    await members.member('OrdererMSP', 'orderer.example.com', 'orderer'),
    manager,
  );
  hub(relay, orderer, manager);
  const peers: Peer[] = [];
  for (let n = 0; n < 3; n++)
    peers.push(
      await join(relay, orderer, await members.member('Org1MSP', `peer${n}.org1`), manager),
    );
  const leaders = (): Peer[] => peers.filter(({ channel }) => channel.isLeader);

  await until('everybody knows everybody', () =>
    peers.every(({ channel }) => channel.members().length === 2),
  );
  await until('one leader', () => leaders().length === 1);
  for (let i = 0; i < 5; i++) {
    orderer.grow(1, 50_000);
    await systemClock.sleep(50);
  }
  await until('five blocks everywhere', () => peers.every(({ chain }) => chain.length === 6));
  // Who leads may change while they come, on a machine that is busy; that one pulls and others are pushed to may not.
  const sources = new Set(peers.flatMap((peer) => peer.sources));
  expect(sources).toContain('deliver');
  expect(sources).toContain('push');

  // Too large to be pushed, and no direct connections: from the orderer.
  orderer.grow(1, 5_000_000);
  await until('the large block everywhere', () => peers.every(({ chain }) => chain.length === 7));
  for (const { chain } of peers)
    expect(chain.every((block, n) => equalBytes(block, orderer.blocks[n] as Uint8Array))).toBe(
      true,
    );

  // The leader's tab is closed without a word.
  const [leader] = leaders();
  peers.splice(peers.indexOf(leader as Peer), 1);
  await leader?.node.stop();
  orderer.grow(2);
  await until('another leader', () => leaders().length === 1);
  await until('the blocks go on', () => peers.every(({ chain }) => chain.length === 9));
  await until('the gone one is dead', () =>
    peers.every(
      ({ channel }) =>
        channel.members().filter(({ member }) => member.status === 'alive').length === 1,
    ),
  );
});

it('a connection whose gossip has died is closed, to be made again; one that has gossip is kept', async () => {
  const members = await testMembers(['Org1MSP']);
  const manager = await members.manager(['Org1MSP']);
  const [a, b] = [
    await party(await members.member('Org1MSP'), manager),
    await party(await members.member('Org1MSP'), manager),
  ];
  const log = silentLogger;
  const isBound = (peerId: string): boolean => a.bindings.has(peerId);
  const watch = { node: a.node, isBound, clock: systemClock, log };
  const streams = new GossipStreams(watch, { everyMs: 50 });
  running.push(streams);
  for (const { pubsub } of [a, b]) pubsub.subscribe('t', async () => 'accept');
  await a.node.dial(b.node.getMultiaddrs());
  const gossip = () =>
    a.node
      .getConnections()
      .flatMap((connection) => connection.streams)
      .find(
        ({ protocol, direction }) => protocol.startsWith('/meshsub') && direction === 'outbound',
      );
  await until('gossip', () => gossip() !== undefined && isBound(b.node.peerId.toString()));
  const client = await newNode({ services: { protocols: knownProtocols() } });
  running.push(client);
  await client.dial(a.node.getMultiaddrs());
  a.bindings.set({ ...a.bindings.all()[0], peerId: client.peerId.toString() } as Binding);
  streams.start();
  await systemClock.sleep(500);
  expect(a.node.getConnections()).toHaveLength(2);
  gossip()?.abort(new Error('its buffer overflowed'));
  const open = (): string[] =>
    a.node.getConnections().map(({ remotePeer }) => remotePeer.toString());
  await until('the connection is closed', () => open().length === 1);
  expect(open()).toEqual([client.peerId.toString()]);
  await a.node.dial(b.node.getMultiaddrs());
  await until('gossip again', () => gossip() !== undefined);
});
