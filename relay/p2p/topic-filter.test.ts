// SPDX-License-Identifier: Apache-2.0
import { beforeAll, describe, expect, it } from 'vitest';
import { createBCCSP } from '../../src/common/crypto/index.ts';
import {
  createMSPConfig,
  createSigningIdentity,
  MSPManagerImpl,
  pkiIdOf,
  type SigningIdentity,
} from '../../src/common/msp/index.ts';
import { common, gossip } from '../../src/common/protos/index.ts';
import { computeBlockDataHash, newBlock } from '../../src/common/protoutil/index.ts';
import { concat, fromBase64, toHex, utf8 } from '../../src/common/runtime/bytes.ts';
import { systemClock, systemRandomBytes } from '../../src/common/runtime/clock.ts';
import { localClient } from '../../src/common/wire/local-client.ts';
import type { ServiceClient } from '../../src/common/wire/service.ts';
import type { Binding } from '../../src/node/comm/bindings.ts';
import { channelMac } from '../../src/node/gossip/channel/state-info.ts';
import { deadMessage } from '../../src/node/gossip/discovery/discovery.ts';
import { MemberRecords } from '../../src/node/gossip/discovery/member-records.ts';
import { IdentityStore } from '../../src/node/gossip/identity/identity-store.ts';
import { noopSign, signMessage } from '../../src/node/gossip/message.ts';
import type { TopicKind, TopicParts } from '../../src/node/gossip/topics.ts';
import { createCa, createMember } from '../ca/issuer.ts';
import { TopicFilter } from './topic-filter.ts';

const bccsp = createBCCSP();
const crypto = { bccsp, clock: systemClock, random: systemRandomBytes };
let manager: MSPManagerImpl;
let one: SigningIdentity;
let two: SigningIdentity;
let stranger: SigningIdentity;
const stored = blockBytes(['tx']);

async function organisation(mspId: string) {
  const { ca } = await createCa(crypto, `${mspId.toLowerCase()}.example.com`);
  const { certificate, pkcs8 } = await createMember(crypto, ca, {
    commonName: 'peer0',
    role: 'peer',
  });
  const { privateKey } = await bccsp.importKey(fromBase64(pkcs8));
  return {
    member: createSigningIdentity(mspId, certificate, privateKey),
    config: createMSPConfig({
      mspId,
      rootCerts: [ca.certificate],
      nodeOUsCertificate: ca.certificate,
    }),
  };
}

beforeAll(async () => {
  const [a, b, c] = [
    await organisation('AMSP'),
    await organisation('BMSP'),
    await organisation('AMSP'),
  ];
  manager = await MSPManagerImpl.create([a.config, b.config], bccsp);
  one = a.member;
  two = b.member;
  stranger = c.member;
});

function blockBytes(data: string[], metadata: Uint8Array[] = [utf8('signatures')]): Uint8Array {
  const block = newBlock(1, utf8('previous'));
  block.data = { data: data.map(utf8) };
  block.header.data_hash = computeBlockDataHash(block.data);
  return common.Block.encode({ ...block, metadata: { metadata } }).finish();
}

function bindingOf(signer: SigningIdentity): Binding {
  const identity = signer.serialize();
  const pkiId = pkiIdOf(identity);
  return { peerId: 'p', name: 'peer0', mspId: signer.mspId, identity, pkiId, expiresAt: Infinity };
}

// The neighbour that brought a message does not know its author either.
const noPeer: ServiceClient = localClient(new Map(), { address: 'p' });

let height = 2;

function filterFor(...bound: SigningIdentity[]): TopicFilter {
  const identities = new IdentityStore(
    { mspManagers: () => [manager], client: () => noPeer, clock: systemClock },
    { responseTimeoutMs: 100 },
  );
  for (const signer of bound) identities.put(signer.serialize());
  return new TopicFilter({
    identities,
    records: new MemberRecords((id) => identities.get(id)),
    mspManagers: () => [manager],
    mspManager: (channel) => (channel === 'mychannel' ? manager : undefined),
    block: async (_channel, number) => (number === 1 ? stored : undefined),
    height: () => height,
  });
}

/** For messages of `one`, with what is known of members' newest messages. */
function filterKnowing(records: MemberRecords): TopicFilter {
  return new TopicFilter({
    identities: { require: async () => one.serialize(), put: () => {} },
    records,
    mspManagers: () => [manager],
    mspManager: () => manager,
    block: async () => undefined,
    height: () => 0,
  });
}

const topic = (kind: TopicKind, mspId = 'AMSP'): TopicParts =>
  kind === 'alive'
    ? { networkId: 'n', mspId, kind }
    : { networkId: 'n', channel: 'mychannel', mspId, kind };

function judge(filter: TopicFilter, to: TopicParts, data: Uint8Array, from = one) {
  return filter.judge(to, data, bindingOf(from), ['AMSP', 'BMSP']).catch(() => 'malformed');
}

const { Tag } = gossip.GossipMessage;

function push(data: Uint8Array, seq_num = 1): Uint8Array {
  return noopSign({ tag: Tag.CHAN_AND_ORG, data_msg: { payload: { seq_num, data } } });
}

function withPayload(
  envelope: Uint8Array,
  change: (payload: Uint8Array) => Uint8Array,
): Uint8Array {
  const { payload, signature } = gossip.Envelope.decode(envelope);
  return gossip.Envelope.encode({ payload: change(payload), signature }).finish();
}

// The signature before the payload: the same message to protobuf.
function withFieldsTurned(envelope: Uint8Array): Uint8Array {
  const { payload, signature } = gossip.Envelope.decode(envelope);
  const empty = new Uint8Array();
  return concat(
    gossip.Envelope.encode({ payload: empty, signature }).finish(),
    gossip.Envelope.encode({ payload, signature: empty }).finish(),
  );
}

function leadership(signer: SigningIdentity, inc_num: number): Promise<Uint8Array> {
  const pki_id = pkiIdOf(signer.serialize());
  const leadership_msg = { pki_id, is_declaration: true, timestamp: { inc_num, seq_num: 1 } };
  return signMessage({ tag: Tag.CHAN_AND_ORG, leadership_msg }, signer);
}

function alive(signer: SigningIdentity, claimed = signer, inc_num = 1): Promise<Uint8Array> {
  const identity = claimed.serialize();
  const membership = { endpoint: 'x', pki_id: pkiIdOf(identity) };
  const alive_msg = { membership, identity, timestamp: { inc_num, seq_num: 1 } };
  return signMessage({ tag: Tag.EMPTY, alive_msg }, signer);
}

function stateInfo(
  signer: SigningIdentity,
  claimed = signer,
  channel = 'mychannel',
): Promise<Uint8Array> {
  const pki_id = pkiIdOf(claimed.serialize());
  const channel_MAC = channelMac(pki_id, utf8(channel));
  const state_info = { pki_id, channel_MAC, properties: { ledger_height: 1 } };
  return signMessage({ tag: Tag.CHAN_OR_ORG, state_info }, signer);
}

describe('the relay passes on', () => {
  it('the newest blocks of its own chain, as they are', async () => {
    const filter = filterFor(one);
    expect(await judge(filter, topic('blocks'), push(stored))).toBe('accept');
    const flagged = blockBytes(['tx'], [utf8('signatures'), utf8(''), Uint8Array.of(0)]);
    expect(await judge(filter, topic('blocks'), push(flagged))).toBe('reject');
    height = 1_000;
    expect(await judge(filter, topic('blocks'), push(stored))).toBe('ignore');
    height = 2;
  });

  it('nothing in a form of its own: one message would be as many as anybody likes', async () => {
    const filter = filterFor(one);
    const unknownField = Uint8Array.of(0x7a, 1, 7);
    const [block, message] = [push(stored), await alive(one)];
    for (const [kind, data] of [
      ['blocks', concat(block, unknownField)],
      ['blocks', withPayload(block, (payload) => concat(payload, unknownField))],
      ['alive', concat(message, unknownField)],
      ['alive', withFieldsTurned(message)],
    ] as const) {
      expect(await judge(filter, topic(kind), data)).toBe('malformed');
    }
    expect(await judge(filter, topic('alive'), message)).toBe('accept');
  });

  it('no message that is older than what it knows', async () => {
    const records = new MemberRecords(() => one.serialize());
    const filter = filterFor(one);
    const known = filterKnowing(records);
    const [older, newer] = [await alive(one, one, 1), await alive(one, one, 2)];
    expect(await judge(filter, topic('alive'), older)).toBe('accept');
    records.record(topic('alive'), newer);
    expect(await judge(known, topic('alive'), older)).toBe('ignore');
    expect(await judge(known, topic('alive'), newer)).toBe('ignore');
    const [first, second] = [await leadership(one, 1), await leadership(one, 2)];
    expect(await judge(known, topic('leadership'), second)).toBe('accept');
    expect(await judge(known, topic('leadership'), first)).toBe('ignore');
  });

  it('no other blocks', async () => {
    const filter = filterFor(one);
    for (const data of [
      push(blockBytes(['another'])),
      push(blockBytes(['tx'], [utf8('forged')])),
      push(stored, 2),
      push(utf8('rubbish')),
      await alive(one),
    ]) {
      expect(await judge(filter, topic('blocks'), data)).toBe('reject');
    }
    expect(await judge(filter, topic('blocks'), utf8('rubbish'))).toBe('malformed');
  });

  it("alive messages that prove themselves, on their own organisation's topic", async () => {
    const filter = filterFor();
    expect(await judge(filter, topic('alive'), await alive(one))).toBe('accept');
    expect(await judge(filter, topic('alive'), await alive(two))).toBe('reject');
    expect(await judge(filter, topic('alive', 'BMSP'), await alive(two))).toBe('accept');
    expect(await judge(filter, topic('alive'), await alive(two, one))).toBe('reject');
    expect(await judge(filter, topic('alive'), await alive(stranger))).toBe('reject');
    expect(await judge(filter, topic('alive'), await stateInfo(one))).toBe('reject');
  });

  it('state of members that it knows, from a handshake or an alive message', async () => {
    const state = await stateInfo(one);
    expect(await judge(filterFor(), topic('state-info'), state)).toBe('ignore');
    expect(await judge(filterFor(one), topic('state-info'), state)).toBe('accept');
    const introduced = filterFor();
    await judge(introduced, topic('alive'), await alive(one));
    expect(await judge(introduced, topic('state-info'), state)).toBe('accept');
    expect(await judge(introduced, topic('state-info'), await stateInfo(two, one))).toBe('reject');
    const other = await stateInfo(one, one, 'another');
    expect(await judge(introduced, topic('state-info'), other)).toBe('reject');
  });

  it('the word that a member is dead, of those whose newest message it knows', async () => {
    const identities = new Map([[toHex(pkiIdOf(one.serialize())), one.serialize()]]);
    const records = new MemberRecords((id) => identities.get(id));
    const filter = filterFor(one);
    const message = await alive(one);
    const dead = deadMessage(message);
    expect(await judge(filter, topic('alive'), dead)).toBe('ignore');
    records.record(topic('alive'), message);
    const knowing = filterKnowing(records);
    expect(await judge(knowing, topic('alive'), dead)).toBe('accept');
    expect(await judge(knowing, topic('alive'), deadMessage(await alive(two)))).toBe('ignore');
  });

  it('nothing from those who are not on the channel', async () => {
    const filter = filterFor(one);
    const from = bindingOf(one);
    expect(await filter.judge(topic('blocks'), push(stored), from, ['BMSP'])).toBe('ignore');
  });
});
