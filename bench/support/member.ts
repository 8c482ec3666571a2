// SPDX-License-Identifier: Apache-2.0
// A member of the network without a browser: enrolled by the CA like any tab, connected to the relay by libp2p, able to make
// endorsed transactions without running chaincode. It feeds chains of a known shape to the orderer; nothing is faked but
// the chaincode's run.
import { noise } from '@libp2p/noise';
import { webSockets } from '@libp2p/websockets';
import { yamux } from '@libp2p/yamux';
import { multiaddr } from '@multiformats/multiaddr';
import { createLibp2p, type Libp2p } from 'libp2p';
import { createSigningIdentity, type SigningIdentity } from '../../src/common/msp/index.ts';
import type { NetworkDescription } from '../../src/common/network/types.ts';
import { common, kvrwset, orderer, rwset } from '../../src/common/protos/index.ts';
import {
  createChaincodeProposal,
  createProposalResponse,
  createSignedTx,
} from '../../src/common/protoutil/index.ts';
import { AsyncQueue } from '../../src/common/runtime/async-queue.ts';
import { utf8 } from '../../src/common/runtime/bytes.ts';
import { systemClock, systemRandomBytes } from '../../src/common/runtime/clock.ts';
import { silentLogger } from '../../src/common/runtime/log.ts';
import { Bindings } from '../../src/node/comm/bindings.ts';
import { gatheredWrites } from '../../src/node/comm/gathered-writes.ts';
import { Handshake } from '../../src/node/comm/handshake.ts';
import { identityCheck } from '../../src/node/comm/identity-check.ts';
import { relayMultiaddr } from '../../src/node/comm/libp2p-node.ts';
import { StreamServiceClient } from '../../src/node/comm/service-client.ts';
import { StreamServices } from '../../src/node/comm/stream-services.ts';
import { enrolTab } from '../../src/node/enrolment.ts';

export interface MemberIdentities {
  readonly client: SigningIdentity;
  readonly peer: SigningIdentity;
}

/** Redeems a join link. */
export async function enrolMember(link: string): Promise<MemberIdentities> {
  const url = new URL(link);
  const params = new URLSearchParams(url.hash.slice(url.hash.indexOf('?')));
  const org = params.get('org') ?? '';
  const { mspId, client, peer } = await enrolTab(url, { org, secret: params.get('secret') ?? '' });
  const signing = ({ certificate, key }: typeof client): SigningIdentity =>
    createSigningIdentity(mspId, certificate, key);
  return { client: signing(client), peer: signing(peer) };
}

/** A serialized envelope that writes `value` to `key`, endorsed by every peer given. */
export async function endorsedWrite(
  { client, peers }: { client: SigningIdentity; peers: readonly SigningIdentity[] },
  { channel, chaincode, version }: { channel: string; chaincode: string; version: string },
  key: string,
  value: string,
  now = systemClock.now(),
): Promise<Uint8Array> {
  const spec = {
    chaincode_spec: {
      chaincode_id: { name: chaincode },
      input: { args: [utf8('CreateAsset'), utf8(key), utf8(value)] },
    },
  };
  const creator = client.serialize();
  const { proposal } = createChaincodeProposal(
    { channelId: channel, spec, creator },
    { now, nonce: systemRandomBytes(24) },
  );
  const set = kvrwset.KVRWSet.encode({ writes: [{ key, value: utf8(value) }] }).finish();
  const results = rwset.TxReadWriteSet.encode({
    data_model: rwset.TxReadWriteSet.DataModel.KV,
    ns_rwset: [{ namespace: chaincode, rwset: set }],
  }).finish();
  const result = {
    response: { status: 200 },
    results,
    events: new Uint8Array(),
    chaincodeId: { name: chaincode, version },
  };
  const responses = await Promise.all(
    peers.map((peer) => createProposalResponse(proposal, result, peer)),
  );
  return common.Envelope.encode(await createSignedTx(proposal, client, responses)).finish();
}

/** A libp2p connection to the relay, as one member. */
export class Member {
  readonly #node: Libp2p;
  readonly #handshake: Handshake;
  readonly orderer: StreamServiceClient;

  private constructor(node: Libp2p, handshake: Handshake, client: StreamServiceClient) {
    this.#node = node;
    this.#handshake = handshake;
    this.orderer = client;
  }

  static async connect(
    url: string,
    network: NetworkDescription,
    signer: SigningIdentity,
  ): Promise<Member> {
    const node = await createLibp2p({
      transports: [webSockets()],
      connectionEncrypters: [gatheredWrites(noise())],
      streamMuxers: [yamux()],
      connectionGater: { denyDialMultiaddr: () => false },
      connectionMonitor: { enabled: false },
    });
    const { peerId } = network.relay;
    const bindings = new Bindings({ clock: systemClock });
    const handshake = new Handshake({
      node,
      bindings,
      signer,
      clock: systemClock,
      log: silentLogger,
      checkIdentity: identityCheck({
        mspManagers: () => [],
        pinned: new Map([[peerId, { mspId: network.ordererMspId }]]),
      }),
    });
    const services = new StreamServices({
      node,
      bindings,
      services: new Map(),
      log: silentLogger,
    });
    await services.start();
    await handshake.start();
    await node.dial(multiaddr(relayMultiaddr(new URL(url), peerId)));
    return new Member(node, handshake, new StreamServiceClient({ node, bindings }, peerId));
  }

  /** Its libp2p peer id. */
  get peerId(): string {
    return this.#node.peerId.toString();
  }

  /** Sends envelopes on one Broadcast stream; rejects unless the orderer takes them all. */
  async broadcast(envelopes: readonly Uint8Array[]): Promise<void> {
    const requests = new AsyncQueue<Uint8Array>();
    for (const envelope of envelopes) requests.push(envelope);
    requests.end();
    const signal = AbortSignal.timeout(300_000);
    let taken = 0;
    const answers = this.orderer.call('/orderer.AtomicBroadcast/Broadcast', requests, { signal });
    for await (const bytes of answers) {
      const { status, info } = orderer.BroadcastResponse.decode(bytes);
      if (status !== common.Status.SUCCESS)
        throw new Error(`the orderer answers ${status}: ${info}`);
      taken++;
    }
    if (taken !== envelopes.length) throw new Error(`${taken} of ${envelopes.length} were taken`);
  }

  async close(): Promise<void> {
    await this.#handshake.stop();
    await this.#node.stop();
  }
}
