// SPDX-License-Identifier: Apache-2.0
// Whole peers of two organisations, with real identities and signatures, on a network in memory and a fake clock; with the relay's own code
// in the middle, and an orderer of made-up blocks behind it.
import { RelayGossip } from '../../../../relay/p2p/relay-gossip.ts';
import { sha256Sync } from '../../../common/crypto/index.ts';
import { type MSPManager, pkiIdOf, type SigningIdentity } from '../../../common/msp/index.ts';
import { DEFAULT_GOSSIP_SETTINGS, type GossipSettings } from '../../../common/network/types.ts';
import { EMPTY_BYTES, toHex } from '../../../common/runtime/bytes.ts';
import { FakeClock } from '../../../common/runtime/clock.ts';
import { silentLogger } from '../../../common/runtime/log.ts';
import { TraceBus } from '../../../common/runtime/trace.ts';
import { unary } from '../../../common/wire/service.ts';
import type { Binding } from '../../comm/bindings.ts';
import { nameOfIdentity } from '../../comm/identity-check.ts';
import { BlocksRequester, DELIVER_METHOD } from '../../deliverclient/index.ts';
import { GossipChannel } from '../channel/gossip-channel.ts';
import { neighbourTag } from '../discovery/peer-metadata.ts';
import { GossipNode } from '../gossip-node.ts';
import { PING_METHOD } from '../services.ts';
import { FakeOrderer } from './fake-orderer.ts';
import { quickBCCSP, testMembers } from './members.ts';
import { MemoryNetwork, type MemoryNode } from './memory-network.ts';

export const RELAY = 'relay';
export const CHANNEL = 'ch';
export const ORGANISATIONS = ['Org1MSP', 'Org2MSP'] as const;
export type Organisation = (typeof ORGANISATIONS)[number];

export interface TestCast {
  readonly manager: MSPManager;
  /** By organisation, lowest PKI-ID first. */
  readonly signers: Readonly<Record<Organisation, readonly SigningIdentity[]>>;
  readonly relay: SigningIdentity;
}

/** Organisations, with so many peers each. */
export async function testCast(peers: number): Promise<TestCast> {
  const members = await testMembers([...ORGANISATIONS, 'OrdererMSP'], quickBCCSP());
  const of = async (mspId: Organisation): Promise<SigningIdentity[]> => {
    const names = Array.from({ length: peers }, (_, i) => `peer${i}.${mspId}`);
    const list = await Promise.all(names.map((name) => members.member(mspId, name)));
    return list.sort((a, b) => (pkiHex(a) < pkiHex(b) ? -1 : 1));
  };
  return {
    manager: await members.manager(),
    signers: { Org1MSP: await of('Org1MSP'), Org2MSP: await of('Org2MSP') },
    relay: await members.member('OrdererMSP', 'orderer.example.com', 'orderer'),
  };
}

export function pkiHex(signer: SigningIdentity): string {
  return toHex(pkiIdOf(signer.serialize()));
}

export function bindingOf(peerId: string, signer: SigningIdentity): Binding {
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

export interface TestPeer {
  readonly gossip: GossipNode;
  readonly channel: GossipChannel;
  readonly node: MemoryNode;
  readonly chain: Uint8Array[];
  readonly trace: TraceBus;
  readonly sources: string[];
  readonly name: string;
  commitFails: boolean;
  /** Peer id, PKI-ID order: a < b < c. */
  readonly peerId: string;
  stop(): Promise<void>;
}

export class GossipWorld {
  readonly clock = new FakeClock(Date.UTC(2026, 10, 21));
  readonly network = new MemoryNetwork(this.clock);
  readonly orderer: FakeOrderer;
  readonly peers: TestPeer[] = [];
  readonly relay: MemoryNode;
  readonly #cast: TestCast;
  readonly #settings: GossipSettings;
  #random = 1;

  constructor(cast: TestCast, height: number, settings = DEFAULT_GOSSIP_SETTINGS) {
    this.#cast = cast;
    this.#settings = settings;
    this.orderer = new FakeOrderer(this.clock, height);
    this.relay = this.network.add(bindingOf(RELAY, cast.relay));
    const { pubsub, bindings, client } = this.relay;
    const { manager } = cast;
    const relay = new RelayGossip({
      networkId: 'net',
      channels: {
        channelMembers: () => [[CHANNEL, ORGANISATIONS]],
        mspManagers: () => [manager],
        mspManager: (channel) => (channel === CHANNEL ? manager : undefined),
        block: async (_channel, number) => this.orderer.blocks[number],
        height: () => this.orderer.blocks.length,
      },
      pubsub,
      bindings,
      client,
      silentFor: () => Number.POSITIVE_INFINITY,
      ping: (peerId, options) => unary(client(peerId), PING_METHOD, EMPTY_BYTES, options),
      clock: this.clock,
      log: silentLogger,
    });
    relay.start();
    this.relay.services = new Map([...relay.services, [DELIVER_METHOD, this.orderer.deliver]]);
  }

  /** Repeatable, between 0 and 1. */
  readonly random = (): number => {
    this.#random = (this.#random * 48_271) % 0x7fffffff;
    return this.#random / 0x7fffffff;
  };

  /** Adds the nth peer (in order of PKI-ID) of an organisation and starts it. */
  async join(
    mspId: Organisation,
    n: number,
    changes: Partial<GossipSettings> = {},
    peerId = `${mspId === 'Org1MSP' ? 'a' : 'b'}${n}`,
  ): Promise<TestPeer> {
    const signer = this.#cast.signers[mspId][n];
    if (!signer) throw new RangeError(`the cast has no peer ${n} of ${mspId}`);
    const node = this.network.add(bindingOf(peerId, signer));
    const chain = this.orderer.blocks.slice(0, 1);
    const trace = new TraceBus();
    const sources: string[] = [];
    const gossip = this.#gossipNode(node, signer, { ...this.#settings, ...changes });
    const faults = { commitFails: false };
    const channel = this.#channel(gossip, { chain, trace, faults, settings: changes });
    channel.events.on('block:received', ({ source }) => sources.push(source));
    node.services = gossip.services();
    const name = nameOfIdentity(signer.serialize());
    const peer: TestPeer = {
      gossip,
      channel,
      node,
      chain,
      trace,
      sources,
      name,
      peerId,
      get commitFails() {
        return faults.commitFails;
      },
      set commitFails(fails) {
        faults.commitFails = fails;
      },
      stop: async () => {
        await channel.stop();
        await gossip.stop();
      },
    };
    this.peers.push(peer);
    gossip.start();
    await channel.start();
    return peer;
  }

  async joinAll(mspId: Organisation, count: number): Promise<TestPeer[]> {
    const peers: TestPeer[] = [];
    for (let n = 0; n < count; n++) peers.push(await this.join(mspId, n));
    return peers;
  }

  /** The tab is gone without a word. */
  kill(peer: TestPeer): void {
    this.network.remove(peer.peerId);
    void peer.stop();
  }

  leaders(): string[] {
    return this.peers
      .filter(({ channel, peerId }) => channel.isLeader && this.network.nodes.has(peerId))
      .map(({ peerId }) => peerId);
  }

  #gossipNode(node: MemoryNode, signer: SigningIdentity, settings: GossipSettings): GossipNode {
    const { peerId } = node.binding;
    return new GossipNode(
      {
        networkId: 'net',
        signer,
        pubsub: node.pubsub,
        bindings: node.bindings,
        client: (other) => node.client(other),
        relayPeerId: RELAY,
        describeSelf: () => ({
          peerId,
          webrtc: true,
          neighbours: node.bindings.all().map((binding) => neighbourTag(binding.peerId)),
        }),
        clock: this.clock,
        random: this.random,
        log: silentLogger,
      },
      settings,
    );
  }

  #channel(
    gossip: GossipNode,
    about: {
      readonly chain: Uint8Array[];
      readonly trace: TraceBus;
      readonly faults: { readonly commitFails: boolean };
      readonly settings: Partial<GossipSettings>;
    },
  ): GossipChannel {
    const { clock, signer, client } = gossip.components;
    const { chain, trace, faults, settings } = about;
    return new GossipChannel(
      {
        node: gossip,
        channel: CHANNEL,
        mspManager: () => this.#cast.manager,
        mspIds: () => ORGANISATIONS,
        ledger: {
          height: () => chain.length,
          block: async (seqNum) => chain[seqNum],
          verifyBlock: this.orderer.verifyBlock,
          commit: async (block) => {
            if (faults.commitFails) throw new Error('the quota is exceeded');
            await clock.sleep(5);
            chain.push(block);
          },
        },
        chaincodes: () => [{ name: 'basic', version: '1.0' }],
        commitHash: () => new Uint8Array(),
        requester: new BlocksRequester({ client: client(RELAY), signer, clock }, CHANNEL),
        mayRead: async () => true,
        sha256: async (bytes) => sha256Sync(bytes),
        trace,
        log: silentLogger,
      },
      { ...this.#settings, ...settings },
    );
  }
}
