// SPDX-License-Identifier: Apache-2.0
// A whole relay in this process: real port, real LevelDB, real members over libp2p.
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  endorsedWrite,
  enrolMember,
  Member,
  type MemberIdentities,
} from '../bench/support/member.ts';
import { identityName, pkiIdOf, type SigningIdentity } from '../src/common/msp/index.ts';
import type { NetworkDescription } from '../src/common/network/types.ts';
import { common, gossip, orderer } from '../src/common/protos/index.ts';
import {
  blockNumber,
  createSignedEnvelope,
  unmarshalBlock,
} from '../src/common/protoutil/index.ts';
import { utf8 } from '../src/common/runtime/bytes.ts';
import { systemRandomBytes } from '../src/common/runtime/clock.ts';
import { silentLogger } from '../src/common/runtime/log.ts';
import { GrpcStatus, unary } from '../src/common/wire/service.ts';
import { askForMembers } from '../src/node/gossip/discovery/members-exchange.ts';
import { openEnvelope, signMessage } from '../src/node/gossip/message.ts';
import { PROBE_METHOD } from '../src/node/gossip/services.ts';
import { Relay, type RelayOptions, type RelayStatus } from './relay.ts';

let folder: string;
const stops: (() => Promise<void>)[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tabric-relay-'));
  mkdirSync(join(folder, 'dist'));
  writeFileSync(join(folder, 'dist', 'index.html'), '<title>page</title>');
  mkdirSync(join(folder, 'public', 'samples', 'asset-transfer-basic'), { recursive: true });
  writeFileSync(join(folder, 'public', 'samples', 'asset-transfer-basic', 'index.js'), '');
  writeFileSync(
    join(folder, 'public', 'samples', 'asset-transfer-basic', 'package.json'),
    '{"main":"index.js"}',
  );
});
afterEach(async () => {
  for (let stop = stops.pop(); stop; stop = stops.pop()) await stop();
  rmSync(folder, { recursive: true });
});

function newRelay(more: Partial<RelayOptions> = {}): Relay {
  const options: RelayOptions = {
    host: '127.0.0.1',
    port: 0,
    data: join(folder, 'data'),
    batch: { batchTimeoutMs: 50 },
    invitation: { ttlMs: 3_600_000, maxUses: 10 },
    build: false,
    ...more,
  };
  const relay = new Relay({ log: silentLogger, root: folder, version: '0' }, options);
  stops.push(() => relay.stop());
  return relay;
}

async function startRelay(
  more: Partial<RelayOptions> = {},
): Promise<{ relay: Relay; status: RelayStatus }> {
  const relay = newRelay(more);
  await relay.start();
  return { relay, status: await relay.status() };
}

function linkOf(status: RelayStatus, mspId: string): string {
  return status.join.find((one) => one.mspId === mspId)?.link ?? '';
}

async function networkOf({ url }: RelayStatus): Promise<NetworkDescription> {
  return (await (await fetch(`${url}/network.json`)).json()) as NetworkDescription;
}

async function connect(status: RelayStatus, { peer }: MemberIdentities): Promise<Member> {
  const member = await Member.connect(status.url, await networkOf(status), peer);
  stops.push(() => member.close());
  return member;
}

/** Serialized blocks of mychannel from the orderer. */
async function deliver(
  member: Member,
  { peer }: MemberIdentities,
  from: number,
  to: number,
): Promise<Uint8Array[]> {
  const seek = orderer.SeekInfo.encode({
    start: { specified: { number: from } },
    stop: { specified: { number: to } },
  }).finish();
  const type = common.HeaderType.DELIVER_SEEK_INFO;
  const envelope = await createSignedEnvelope(type, 'mychannel', peer, seek, {
    now: Date.now(),
    nonce: systemRandomBytes(24),
  });
  const blocks: Uint8Array[] = [];
  const signal = AbortSignal.timeout(10_000);
  const request = [common.Envelope.encode(envelope).finish()];
  for await (const bytes of member.orderer.call('/orderer.AtomicBroadcast/Deliver', request, {
    signal,
  })) {
    const { block, status } = orderer.DeliverResponse.decode(bytes);
    if (!block) {
      expect(status).toBe(common.Status.SUCCESS);
      break;
    }
    blocks.push(common.Block.encode(block).finish());
  }
  return blocks;
}

async function write(member: Member, identities: MemberIdentities, key: string): Promise<void> {
  const { client, peer } = identities;
  const target = { channel: 'mychannel', chaincode: 'basic', version: '1.0' };
  await member.broadcast([await endorsedWrite({ client, peers: [peer] }, target, key, 'value')]);
}

function alive(signer: SigningIdentity): Promise<Uint8Array> {
  const identity = signer.serialize();
  const membership = { endpoint: identityName(identity), pki_id: pkiIdOf(identity) };
  const tag = gossip.GossipMessage.Tag.EMPTY;
  return signMessage({ tag, alive_msg: { membership, identity } }, signer);
}

function namesIn(envelope: Uint8Array): string {
  return openEnvelope(envelope).message.alive_msg?.membership?.endpoint ?? '';
}

const hashOf = (bytes: Uint8Array | undefined): string =>
  createHash('sha256')
    .update(bytes ?? '')
    .digest('hex');

describe('a relay', () => {
  it('makes a network whose members get blocks and make them', async () => {
    const { status } = await startRelay();
    expect(status).toMatchObject({
      isNew: true,
      isLocal: true,
      channels: [{ name: 'mychannel', height: 1 }],
    });
    const identities = await enrolMember(linkOf(status, 'Org1MSP'));
    const member = await connect(status, identities);
    const [genesis] = await deliver(member, identities, 0, 0);
    expect(blockNumber(unmarshalBlock(genesis ?? new Uint8Array()))).toBe(0);
    await write(member, identities, 'a');
    const [block] = await deliver(member, identities, 1, 1);
    expect(unmarshalBlock(block ?? new Uint8Array()).data?.data).toHaveLength(1);
    const other = await enrolMember(linkOf(status, 'Org2MSP'));
    expect(await deliver(await connect(status, other), other, 0, 1)).toHaveLength(2);
  });

  it('goes on after a restart: same network, same chain, same identities', async () => {
    const first = await startRelay();
    const identities = await enrolMember(linkOf(first.status, 'Org1MSP'));
    const before = await connect(first.status, identities);
    await write(before, identities, 'a');
    const blocks = (await deliver(before, identities, 0, 1)).map(hashOf);
    await first.relay.stop();

    const second = await startRelay();
    expect(second.status).toMatchObject({
      isNew: false,
      networkId: first.status.networkId,
      peerId: first.status.peerId,
      channels: [{ name: 'mychannel', height: 2 }],
    });
    const port = (status: RelayStatus) => new URL(status.url).port;
    expect(linkOf(second.status, 'Org1MSP').replace(port(second.status), '')).toBe(
      linkOf(first.status, 'Org1MSP').replace(port(first.status), ''),
    );
    const after = await connect(second.status, identities);
    expect((await deliver(after, identities, 0, 1)).map(hashOf)).toEqual(blocks);
    await write(after, identities, 'b');
    const [third] = await deliver(after, identities, 2, 2);
    expect(hashOf(third)).not.toBe(blocks[1]);
    const next = await enrolMember(linkOf(second.status, 'Org1MSP'));
    expect(next.peer.certificate).not.toBe(identities.peer.certificate);
  });

  it('refuses members of other networks', async () => {
    const { status } = await startRelay();
    const { status: elsewhere } = await startRelay({ data: join(folder, 'other') });
    const stranger = await enrolMember(linkOf(elsewhere, 'Org1MSP'));
    const member = await connect(status, stranger);
    await expect(deliver(member, stranger, 0, 0)).rejects.toThrow();
  });

  it('introduces members to each other, and tells who answers', async () => {
    const { status } = await startRelay();
    const [first, second] = await Promise.all(
      ['Org1MSP', 'Org2MSP'].map(async (mspId) => {
        const identities = await enrolMember(linkOf(status, mspId));
        return { identities, member: await connect(status, identities) };
      }),
    );
    if (!first || !second) throw new Error('two members');
    const signal = AbortSignal.timeout(10_000);
    const ask = async (
      { member, identities }: typeof first,
      known: readonly Uint8Array[] = [],
    ): ReturnType<typeof askForMembers> => {
      const own = { alive: await alive(identities.peer), states: [] };
      return askForMembers(member.orderer, own, known, { signal });
    };
    await ask(first);
    const met = async () => (await ask(second)).alive.map(namesIn).sort();
    await expect.poll(met).toEqual(['peer0.org1.example.com', 'peer0.org2.example.com']);
    // What is known already is not told again.
    const all = await ask(second);
    expect(all.identities).toHaveLength(2);
    const rest = await ask(second, all.alive);
    expect(rest.alive.map(namesIn)).not.toContain('peer0.org1.example.com');

    const probe = (peerId: string) =>
      unary(second.member.orderer, PROBE_METHOD, utf8(peerId), { signal });
    expect(await probe(first.member.peerId)).toHaveLength(0);
    await expect(probe(status.peerId)).rejects.toMatchObject({ status: GrpcStatus.NOT_FOUND });
    await expect(probe('nobody')).rejects.toMatchObject({ status: GrpcStatus.NOT_FOUND });
    await expect(probe('')).rejects.toMatchObject({ status: GrpcStatus.INVALID_ARGUMENT });
    await first.member.close();
    await expect.poll(async () => (await met()).join()).toBe('peer0.org2.example.com');
  });

  it('keeps its secrets to its owner', async () => {
    await startRelay();
    const mode = (path: string) => statSync(join(folder, 'data', path)).mode & 0o777;
    expect(mode('.')).toBe(0o700);
    expect(mode('registrars.json')).toBe(0o600);
  });

  it('serves page, package, health and metrics on its port', async () => {
    const { status } = await startRelay();
    const get = (path: string) => fetch(`${status.url}${path}`);
    expect(await (await get('/')).text()).toContain('page');
    expect(await (await get('/healthz')).json()).toMatchObject({ status: 'OK' });
    expect(await (await get('/version')).json()).toMatchObject({ Version: '0' });
    expect(await (await get('/metrics')).text()).toContain(
      'ledger_blockchain_height{channel="mychannel"} 1',
    );
    const network = await networkOf(status);
    expect(network).toMatchObject({ networkId: status.networkId, ordererMspId: 'OrdererMSP' });
    const [basic] = network.channels[0]?.chaincodes ?? [];
    const bytes = new Uint8Array(await (await get(basic?.packagePath ?? '')).arrayBuffer());
    expect(basic?.packageId).toBe(`basic_1.0:${hashOf(bytes)}`);
  });
});

describe('an existing network', () => {
  beforeEach(async () => {
    const { relay } = await startRelay();
    await relay.stop();
  });

  it('keeps its batch settings and says so', async () => {
    const { status } = await startRelay({ batch: { batchTimeoutMs: 300, maxMessageCount: 3 } });
    expect(status.unmetSettings).toEqual([
      'mychannel keeps BatchTimeout (ms) 50 (asked for: 300)',
      'mychannel keeps MaxMessageCount 10 (asked for: 3)',
    ]);
  });

  it('has nothing to say when nothing else is asked for', async () => {
    expect((await startRelay({ batch: {} })).status.unmetSettings).toEqual([]);
  });

  it('takes settings of peers from the file, but no other members', async () => {
    const configFile = join(folder, 'network.yaml');
    writeFileSync(
      configFile,
      'channels: [{name: mychannel, historyDatabase: false, stateDatabase: CouchDB}]\n',
    );
    const { relay, status } = await startRelay({ configFile });
    expect((await networkOf(status)).channels).toMatchObject([
      { historyDatabase: false, stateDatabase: 'CouchDB' },
    ]);
    await relay.stop();
    writeFileSync(configFile, 'channels: [{name: mychannel}]\n');
    const again = await startRelay({ configFile });
    const [channel] = (await networkOf(again.status)).channels;
    expect(channel).not.toHaveProperty('historyDatabase');
    expect(channel).not.toHaveProperty('stateDatabase');
    await again.relay.stop();
    writeFileSync(configFile, 'organisations: [{name: Solo}]\n');
    await expect(newRelay({ configFile }).start()).rejects.toMatchObject({
      code: 'NETWORK_DIFFERS',
    });
  });

  it('is used by one relay at a time', async () => {
    await startRelay();
    await expect(newRelay().start()).rejects.toMatchObject({ code: 'DATA_IN_USE' });
  });
});

describe('a network keeps its definitions of chaincodes, which are on no block', () => {
  const basic = {
    name: 'basic',
    endorsementPolicy: "OR('Org1MSP.peer','Org2MSP.peer')",
    collections: [{ name: 'c', policy: "OR('Org1MSP.member')" }],
  };
  const configured = (chaincodes: readonly object[]): string => {
    const configFile = join(folder, 'network.yaml');
    writeFileSync(configFile, JSON.stringify({ channels: [{ name: 'mychannel', chaincodes }] }));
    return configFile;
  };

  it.each<[string, readonly object[], RegExp]>([
    [
      'another policy',
      [{ ...basic, endorsementPolicy: "AND('Org1MSP.peer','Org2MSP.peer')" }],
      /basic of mychannel has another endorsementPolicy .*AND.*OR/,
    ],
    ['another version', [{ ...basic, version: '2.0' }], /another version/],
    ['another sequence', [{ ...basic, sequence: 2 }], /another sequence/],
    ['Init', [{ ...basic, initRequired: true }], /another initRequired/],
    ['other collections', [{ ...basic, collections: [] }], /another collections/],
    [
      'one more',
      [basic, { name: 'mine' }],
      /mine of mychannel is not in the network of the data directory/,
    ],
    ['none', [], /basic of mychannel is in the network of the data directory but not/],
  ])('and does not start with %s', async (_, chaincodes, message) => {
    const { relay } = await startRelay({ configFile: configured([basic]) });
    await relay.stop();
    const failure = newRelay({ configFile: configured(chaincodes) }).start();
    await expect(failure).rejects.toMatchObject({
      code: 'NETWORK_DIFFERS',
      message: expect.stringMatching(message),
    });
  });

  it('but may run another package, and write its policy otherwise', async () => {
    const { relay } = await startRelay({ configFile: configured([basic]) });
    await relay.stop();
    const endorsementPolicy = "or('Org1MSP.peer', 'Org2MSP.peer')";
    const same = { ...basic, endorsementPolicy, package: 'asset-transfer-private-data' };
    await startRelay({ configFile: configured([same]) });
  });
});

it('makes no network of settings that no orderer would take', async () => {
  const configFile = join(folder, 'network.yaml');
  writeFileSync(configFile, 'channels: [{name: mychannel, capabilities: {channel: V9_9}}]\n');
  await expect(newRelay({ configFile }).start()).rejects.toMatchObject({
    code: 'CAPABILITY_UNSUPPORTED',
  });
  writeFileSync(configFile, 'channels: [{name: mychannel, capabilities: {application: V1_4_2}}]\n');
  await expect(newRelay({ configFile }).start()).rejects.toMatchObject({
    code: 'CAPABILITY_UNSUPPORTED',
  });
  const batch = { preferredMaxBytes: 2 ** 30 };
  await expect(newRelay({ batch }).start()).rejects.toMatchObject({ code: 'BAD_FLAG' });
  expect((await startRelay()).status.isNew).toBe(true);
});

it('stops what it had started when it cannot start', async () => {
  const { status } = await startRelay();
  const port = Number(new URL(status.url).port);
  const second = newRelay({ port, data: join(folder, 'second') });
  await expect(second.start()).rejects.toMatchObject({ code: 'PORT_TAKEN' });
  await startRelay({ data: join(folder, 'second') });
});
