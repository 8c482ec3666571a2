// SPDX-License-Identifier: Apache-2.0
// The relay's network, orderer and gossip on a network in memory, for tests of whole nodes: everything but HTTP, LevelDB and libp2p.
import { defaultBCCSP } from '../../src/common/crypto/index.ts';
import {
  createSigningIdentity,
  identityName,
  pkiIdOf,
  type SigningIdentity,
} from '../../src/common/msp/index.ts';
import type { NetworkDescription } from '../../src/common/network/types.ts';
import { common } from '../../src/common/protos/index.ts';
import { computeTxId, createSignedEnvelope } from '../../src/common/protoutil/index.ts';
import { EMPTY_BYTES, fromBase64, utf8 } from '../../src/common/runtime/bytes.ts';
import { type Clock, systemRandomBytes } from '../../src/common/runtime/clock.ts';
import { silentLogger } from '../../src/common/runtime/log.ts';
import { TraceBus } from '../../src/common/runtime/trace.ts';
import { unary } from '../../src/common/wire/service.ts';
import { MemoryKVStoreProvider } from '../../src/ledger/memory/memory-kv-store.ts';
import type { EnrolledIdentity } from '../../src/node/enrolment.ts';
import { PING_METHOD } from '../../src/node/gossip/services.ts';
import type { MemoryNetwork, MemoryNode } from '../../src/node/gossip/testing/memory-network.ts';
import { serveTrace, TRACE_WATCH } from '../../src/node/trace-stream.ts';
import { createMember } from '../ca/issuer.ts';
import { caOf, type Network, openNetwork } from '../network/network.ts';
import { type NetworkConfig, parseNetworkConfig } from '../network/network-config.ts';
import { describeNetwork } from '../network/network-description.ts';
import { OrdererHost } from '../orderer-host.ts';
import { RelayGossip } from '../p2p/relay-gossip.ts';

export const RELAY = 'relay';

export interface TestMember {
  readonly mspId: string;
  readonly peer: EnrolledIdentity;
  readonly client: EnrolledIdentity;
}

export class MemoryRelay {
  readonly network: Network;
  readonly description: NetworkDescription;
  readonly node: MemoryNode;
  readonly orderer: OrdererHost;
  readonly #clock: Clock;
  readonly #gossip: RelayGossip;

  private constructor(
    about: Pick<MemoryRelay, 'network' | 'description' | 'node' | 'orderer'>,
    clock: Clock,
    gossip: RelayGossip,
  ) {
    this.network = about.network;
    this.description = about.description;
    this.node = about.node;
    this.orderer = about.orderer;
    this.#clock = clock;
    this.#gossip = gossip;
  }

  /** @param yaml the network file. */
  static async start(memory: MemoryNetwork, clock: Clock, yaml: string): Promise<MemoryRelay> {
    const config: NetworkConfig = parseNetworkConfig(yaml, 'test.yaml');
    const platform = { bccsp: defaultBCCSP(), clock, random: systemRandomBytes };
    const stores = new MemoryKVStoreProvider();
    const store = await stores.open('relay');
    const network = await openNetwork({ ...platform, store }, config, true);
    const trace = new TraceBus();
    const log = silentLogger;
    const orderer = new OrdererHost({ ...platform, network, chains: stores, trace, log });
    await orderer.start();
    const samples = new URL('../../public/samples', import.meta.url).pathname;
    const { description } = await describeNetwork(network, { peerId: RELAY, samples, log });
    const identity = network.orderer.serialize();
    const node = memory.add({
      peerId: RELAY,
      mspId: network.orderer.mspId,
      identity,
      pkiId: pkiIdOf(identity),
      name: identityName(identity),
      expiresAt: Number.POSITIVE_INFINITY,
    });
    const gossip = new RelayGossip({
      networkId: network.id,
      channels: orderer,
      pubsub: node.pubsub,
      bindings: node.bindings,
      client: (peerId) => node.client(peerId),
      silentFor: () => Number.POSITIVE_INFINITY,
      ping: (peerId, options) => unary(node.client(peerId), PING_METHOD, EMPTY_BYTES, options),
      clock,
      log,
    });
    gossip.start();
    orderer.onConfigChange(() => gossip.followChannels());
    node.services = new Map([
      ...orderer.services,
      ...gossip.services,
      [TRACE_WATCH, serveTrace(trace, clock, () => true)] as const,
    ]);
    return new MemoryRelay({ network, description, node, orderer }, clock, gossip);
  }

  /** Issues the identities of a peer, as a join link would. */
  async enrol(mspId: string, name: string): Promise<TestMember> {
    return {
      mspId,
      peer: await this.#issue(mspId, name, 'peer'),
      client: await this.#issue(mspId, `user.${name}`, 'client'),
    };
  }

  /** An administrator of an organisation. */
  async admin(mspId: string): Promise<SigningIdentity> {
    const { certificate, key } = await this.#issue(mspId, `admin.${mspId}`, 'admin');
    return createSigningIdentity(mspId, certificate, key);
  }

  /** A serialized envelope that the orderer takes and no peer finds valid, for a block. */
  async envelope(
    channel: string,
    { mspId, client }: TestMember,
    text: string,
  ): Promise<Uint8Array> {
    const signer = createSigningIdentity(mspId, client.certificate, client.key);
    const nonce = systemRandomBytes(24);
    const envelope = await createSignedEnvelope(
      common.HeaderType.ENDORSER_TRANSACTION,
      channel,
      signer,
      utf8(text),
      { nonce, txId: computeTxId(nonce, signer.serialize()), now: this.#clock.now() },
    );
    return common.Envelope.encode(envelope).finish();
  }

  async stop(): Promise<void> {
    this.#gossip.stop();
    await this.orderer.stop();
  }

  async #issue(mspId: string, commonName: string, role: string): Promise<EnrolledIdentity> {
    const organisation = this.network.config.organisations.find((one) => one.mspId === mspId);
    if (!organisation) throw new Error(`no organisation ${mspId}`);
    const bccsp = defaultBCCSP();
    const platform = { bccsp, clock: this.#clock, random: systemRandomBytes };
    const ca = caOf(this.network.cas, organisation.caName);
    const { certificate, pkcs8 } = await createMember(platform, ca, { commonName, role });
    const { privateKey } = await bccsp.importKey(fromBase64(pkcs8));
    return { name: commonName, certificate, key: privateKey };
  }
}
