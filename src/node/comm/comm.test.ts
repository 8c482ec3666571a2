// SPDX-License-Identifier: Apache-2.0
// Handshake and services between real libp2p nodes.
import type { Stream } from '@libp2p/interface';
import type { Libp2p } from 'libp2p';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type MSPManager, pkiIdOf, type SigningIdentity } from '../../common/msp/index.ts';
import { gossip } from '../../common/protos/index.ts';
import { equalBytes, fromUtf8, toHex, utf8 } from '../../common/runtime/bytes.ts';
import { systemClock } from '../../common/runtime/clock.ts';
import { silentLogger } from '../../common/runtime/log.ts';
import {
  GrpcStatus,
  ServiceError,
  type ServiceHandler,
  type ServiceTable,
  unary,
  unaryHandler,
} from '../../common/wire/service.ts';
import { signMessage } from '../gossip/message.ts';
import { type TestMembers, testMembers } from '../gossip/testing/members.ts';
import { newNode } from '../gossip/testing/nodes.ts';
import { Bindings } from './bindings.ts';
import type { CallStreamOptions } from './call-stream.ts';
import { encodeFrame } from './frames.ts';
import { Handshake, type HandshakeOptions } from './handshake.ts';
import type { IdentityCheck } from './identity-check.ts';
import { identityCheck } from './identity-check.ts';
import { CONN_PROTOCOL, PING_METHOD, SERVICE_PROTOCOL } from './protocols.ts';
import { ReceiveBudget } from './receive-budget.ts';
import { StreamServiceClient } from './service-client.ts';
import { StreamServices } from './stream-services.ts';
import { TrafficMetrics } from './traffic.ts';

interface Party {
  readonly node: Libp2p;
  readonly traffic: TrafficMetrics;
  readonly bindings: Bindings;
  readonly handshake: Handshake;
  readonly signer: SigningIdentity;
  readonly failures: string[];
  client(to: Party): StreamServiceClient;
}

const running: { stop(): unknown }[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((part) => part.stop()));
});

const signal = new AbortController().signal;
let members: TestMembers;
let mychannel: MSPManager;
beforeAll(async () => {
  members = await testMembers(['Org1MSP', 'Org2MSP', 'EvilMSP']);
  mychannel = await members.manager(['Org1MSP', 'Org2MSP']);
});

async function party(
  mspId: string,
  {
    services = new Map(),
    msps = () => mychannel,
    options = {},
    streams = {},
    budget = new ReceiveBudget(),
    check = identityCheck({ mspManagers: () => [msps()] }),
  }: {
    services?: ServiceTable;
    msps?: () => MSPManager;
    options?: Partial<HandshakeOptions>;
    streams?: Partial<CallStreamOptions>;
    budget?: ReceiveBudget;
    check?: IdentityCheck;
  } = {},
): Promise<Party> {
  const traffic = new TrafficMetrics(() => systemClock.now());
  const node = await newNode({ metrics: () => traffic });
  const signer = await members.member(mspId);
  const bindings = new Bindings({ clock: systemClock });
  const log = silentLogger;
  const handshake = new Handshake(
    { node, bindings, signer, checkIdentity: check, clock: systemClock, log },
    options,
  );
  const failures: string[] = [];
  handshake.events.on('handshake:failed', ({ reason }) => failures.push(reason));
  const server = new StreamServices(
    { node, bindings, services, budget, log },
    { bindingTimeoutMs: 500, ...streams },
  );
  await handshake.start();
  await server.start();
  running.push(handshake, server, node);
  return {
    node,
    traffic,
    bindings,
    handshake,
    signer,
    failures,
    client: (to) =>
      new StreamServiceClient({ node, bindings }, to.node.peerId.toString(), {
        bindingTimeoutMs: 500,
        ...streams,
      }),
  };
}

async function connect(a: Party, b: Party): Promise<void> {
  await a.node.dial(b.node.getMultiaddrs());
}

async function bound(a: Party, b: Party): Promise<void> {
  await connect(a, b);
  const options = { timeoutMs: 3_000, signal };
  await Promise.all([
    a.bindings.waitFor(b.node.peerId.toString(), options),
    b.bindings.waitFor(a.node.peerId.toString(), options),
  ]);
}

async function until(condition: () => boolean): Promise<void> {
  for (let i = 0; !condition(); i++) {
    if (i > 400) throw new Error('the condition did not come true');
    await systemClock.sleep(10);
  }
}

async function statusOf(call: Promise<unknown>): Promise<number | undefined> {
  const error = await call.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  return error instanceof ServiceError ? error.status : undefined;
}

async function all(responses: AsyncIterable<Uint8Array>): Promise<Uint8Array[]> {
  const list: Uint8Array[] = [];
  for await (const response of responses) list.push(response);
  return list;
}

function openStreams({ node }: { node: Libp2p }): number {
  return node
    .getConnections()
    .flatMap(({ streams }) => streams)
    .filter(({ protocol }) => protocol === SERVICE_PROTOCOL).length;
}

function difference(after: Record<string, number>, before: Record<string, number>) {
  return Object.fromEntries(
    Object.entries(after).map(([key, value]) => [key, value - (before[key] ?? 0)]),
  );
}

function pattern(length: number, seed = 1): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let i = 0; i < length; i++) bytes[i] = (i * 31 + (i >> 8) * seed) & 0xff;
  return bytes;
}

const echo: ServiceHandler = async function* (requests) {
  yield* requests;
};
const whoami = unaryHandler(async (_request, { remote }) =>
  utf8(`${remote.mspId} ${toHex(pkiIdOf(remote.identity ?? new Uint8Array()))} ${remote.address}`),
);

describe('handshake', () => {
  it('binds both sides to the identity that they proved', async () => {
    const [a, b] = [await party('Org1MSP'), await party('Org2MSP')];
    await bound(a, b);
    const seen = a.bindings.get(b.node.peerId.toString());
    expect(seen?.mspId).toBe('Org2MSP');
    expect(toHex(seen?.pkiId ?? new Uint8Array())).toBe(toHex(pkiIdOf(b.signer.serialize())));
    expect(seen?.name).toMatch(/^peer\d+\.org2msp$/);
    expect(b.bindings.get(a.node.peerId.toString())?.mspId).toBe('Org1MSP');
  });

  it('refuses a stranger on either side and says why', async () => {
    const everybody = await members.manager();
    const [member, stranger] = [
      await party('Org1MSP'),
      await party('EvilMSP', { msps: () => everybody }),
    ];
    await connect(stranger, member);
    await until(() => stranger.failures.length > 0 && member.failures.length > 0);
    expect(stranger.failures[0]).toContain(
      'refused by the other side: MSP EvilMSP is not defined on the channel',
    );
    expect(member.bindings.all()).toEqual([]);
    expect(stranger.bindings.all()).toEqual([]);
    await until(() => member.node.getConnections().length === 0);
    await connect(member, stranger);
    await until(() => member.failures.length > 1);
    expect(member.bindings.all()).toEqual([]);
    expect(stranger.bindings.all()).toEqual([]);
  });

  it('trusts a pinned relay before any channel is joined, and only as its MSP', async () => {
    const relay = await party('Org2MSP');
    for (const [mspId, accepted] of [
      ['Org2MSP', true],
      ['Org1MSP', false],
    ] as const) {
      const pinned = new Map([[relay.node.peerId.toString(), { mspId }]]);
      const tab = await party('Org1MSP', {
        check: identityCheck({ mspManagers: () => [], pinned }),
      });
      await connect(tab, relay);
      await until(() => tab.bindings.all().length > 0 || tab.failures.length > 0);
      expect(tab.bindings.has(relay.node.peerId.toString())).toBe(accepted);
    }
    const unpinned = await party('Org1MSP', { check: identityCheck({ mspManagers: () => [] }) });
    await connect(unpinned, relay);
    await until(() => unpinned.failures.length > 0);
    expect(unpinned.failures[0]).toContain('no channel has been joined yet');
  });

  it('forgets a peer when its last connection closes', async () => {
    const [a, b] = [await party('Org1MSP'), await party('Org1MSP')];
    await bound(a, b);
    await b.node.stop();
    await until(() => a.bindings.all().length === 0);
  });

  it('drops a peer that a new configuration no longer accepts', async () => {
    let msps = mychannel;
    const a = await party('Org1MSP', { msps: () => msps });
    const b = await party('Org2MSP');
    await bound(a, b);
    await a.handshake.recheck();
    expect(a.bindings.all()).toHaveLength(1);
    msps = await members.manager(['Org1MSP']);
    await a.handshake.recheck();
    expect(a.bindings.all()).toEqual([]);
    await until(() => b.bindings.all().length === 0);
  });

  it('closes a connection whose peer never shakes hands', async () => {
    const a = await party('Org1MSP', { options: { closeUnboundAfterMs: 100 } });
    const silent = await newNode();
    running.push(silent);
    await silent.dial(a.node.getMultiaddrs());
    await until(() => silent.getConnections().length === 0);
  });

  it("refuses another peer's ConnEstablish replayed by its own libp2p key", async () => {
    const [a, victim] = [await party('Org1MSP'), await party('Org1MSP')];
    const thief = await newNode();
    running.push(thief);
    const connection = await thief.dial(a.node.getMultiaddrs());
    const identity = victim.signer.serialize();
    // What the victim signs for a, with the victim's own peer id.
    const hash = new Uint8Array(
      await crypto.subtle.digest(
        'SHA-256',
        new Uint8Array([
          ...victim.node.peerId.toMultihash().bytes,
          ...a.node.peerId.toMultihash().bytes,
        ]),
      ),
    );
    const conn = { pki_id: pkiIdOf(identity), identity, tls_cert_hash: hash, probe: false };
    const envelope = await signMessage(
      { tag: gossip.GossipMessage.Tag.EMPTY, conn },
      victim.signer,
    );
    const stream = await connection.newStream(CONN_PROTOCOL);
    stream.send(encodeFrame(1, envelope));
    await until(() => a.failures.length > 0);
    expect(a.failures[0]).toContain('for another connection');
    expect(a.bindings.all()).toEqual([]);
  });
});

describe('services', () => {
  it('tell a handler who calls', async () => {
    const [a, b] = [
      await party('Org1MSP'),
      await party('Org2MSP', { services: new Map([['/test/Who', whoami]]) }),
    ];
    await bound(a, b);
    const answer = fromUtf8(await unary(a.client(b), '/test/Who', new Uint8Array(), { signal }));
    expect(answer).toBe(`Org1MSP ${toHex(pkiIdOf(a.signer.serialize()))} ${a.node.peerId}`);
  });

  it('carry 5 MB messages and empty ones, in order, both ways', async () => {
    const [a, b] = [
      await party('Org1MSP'),
      await party('Org2MSP', { services: new Map([['/test/Echo', echo]]) }),
    ];
    await bound(a, b);
    const sent = [
      pattern(5_000_000, 3),
      new Uint8Array(),
      pattern(1),
      pattern(65_536, 5),
      pattern(5_000_000, 7),
    ];
    const received = await all(a.client(b).call('/test/Echo', sent, { signal }));
    expect(received.map((bytes) => bytes.length)).toEqual(sent.map((bytes) => bytes.length));
    expect(received.every((bytes, i) => equalBytes(bytes, sent[i] ?? new Uint8Array()))).toBe(true);
  });

  it('hold a fast sender back while the reader is slow', async () => {
    let produced = 0;
    const flood: ServiceHandler = async function* () {
      for (; produced < 200; produced++) yield pattern(100_000);
    };
    const [a, b] = [
      await party('Org1MSP'),
      await party('Org1MSP', { services: new Map([['/test/Flood', flood]]) }),
    ];
    await bound(a, b);
    let read = 0;
    for await (const message of a.client(b).call('/test/Flood', [], { signal })) {
      expect(message.length).toBe(100_000);
      if (++read === 1) {
        await systemClock.sleep(300);
        // One window of 1 MiB at the reader and one message in the making.
        expect(produced).toBeLessThan(25);
      }
    }
    expect(read).toBe(200);
  });

  it('many small messages do not stall on withheld credit', async () => {
    const streams = { windowBytes: 16 * 1024, chunkBytes: 4 * 1024 };
    const [a, b] = [
      await party('Org1MSP', { streams }),
      await party('Org1MSP', { streams, services: new Map([['/test/Echo', echo]]) }),
    ];
    await bound(a, b);
    const sent = Array.from({ length: 1_500 }, (_, i) => Uint8Array.of(i & 0xff, i >> 8));
    const received = await all(a.client(b).call('/test/Echo', sent, { signal }));
    expect(received.length).toBe(1_500);
  });

  it('refuse a peer that has not shaken hands', async () => {
    const a = await party('Org1MSP', { services: new Map([['/test/Echo', echo]]) });
    const node = await newNode();
    running.push(node);
    await node.dial(a.node.getMultiaddrs());
    // A client that believes the handshake to be done.
    const bindings = new Bindings({ clock: systemClock });
    const peerId = a.node.peerId.toString();
    bindings.set({
      peerId,
      mspId: 'Org1MSP',
      identity: new Uint8Array(),
      pkiId: new Uint8Array(),
      name: 'a',
      expiresAt: Number.POSITIVE_INFINITY,
    });
    const call = all(
      new StreamServiceClient({ node, bindings }, peerId).call('/test/Echo', [utf8('x')], {
        signal,
      }),
    );
    expect(await statusOf(call)).toBe(GrpcStatus.UNAUTHENTICATED);
  });

  it('end with the status of the handler', async () => {
    const failing: ServiceHandler = async function* () {
      yield utf8('one');
      const details = [{ address: 'peer0', mspId: 'Org1MSP', message: 'not joined' }];
      throw new ServiceError(GrpcStatus.NOT_FOUND, 'channel nochannel is unknown', { details });
    };
    const buggy: ServiceHandler = async function* () {
      yield* [];
      throw new TypeError('x is not a function');
    };
    const services = new Map([
      ['/test/Fail', failing],
      ['/test/Bug', buggy],
    ]);
    const [a, b] = [await party('Org1MSP'), await party('Org1MSP', { services })];
    await bound(a, b);
    const seen: string[] = [];
    const call = (async () => {
      for await (const response of a.client(b).call('/test/Fail', [], { signal }))
        seen.push(fromUtf8(response));
    })();
    await expect(call).rejects.toMatchObject({
      message: 'channel nochannel is unknown',
      status: GrpcStatus.NOT_FOUND,
      details: [{ address: 'peer0', mspId: 'Org1MSP', message: 'not joined' }],
    });
    expect(seen).toEqual(['one']);
    expect(await statusOf(all(a.client(b).call('/test/Bug', [], { signal })))).toBe(
      GrpcStatus.UNKNOWN,
    );
    expect(await statusOf(all(a.client(b).call('/test/None', [], { signal })))).toBe(
      GrpcStatus.UNIMPLEMENTED,
    );
  });

  it('tell the handler when the caller aborts or stops reading, and the caller when the server goes', async () => {
    const aborted: string[] = [];
    let begun = 0;
    const endless: ServiceHandler = async function* (_requests, context) {
      begun++;
      context.signal.addEventListener('abort', () => aborted.push('aborted'));
      yield utf8('first');
      await new Promise(() => {});
    };
    const [a, b] = [
      await party('Org1MSP'),
      await party('Org1MSP', { services: new Map([['/test/Endless', endless]]) }),
    ];
    await bound(a, b);
    const controller = new AbortController();
    const first = all(a.client(b).call('/test/Endless', [], { signal: controller.signal }));
    await until(() => begun === 1);
    controller.abort();
    expect(await statusOf(first)).toBe(GrpcStatus.CANCELLED);
    await until(() => aborted.length === 1);
    for await (const _ of a.client(b).call('/test/Endless', [], { signal })) break;
    await until(() => aborted.length === 2);
    const last = all(a.client(b).call('/test/Endless', [], { signal }));
    await until(() => begun === 3);
    void b.node.stop();
    expect([GrpcStatus.UNAVAILABLE, GrpcStatus.CANCELLED]).toContain(await statusOf(last));
    expect(await statusOf(all(a.client(b).call('/test/Endless', [], { signal })))).toBe(
      GrpcStatus.UNAVAILABLE,
    );
  });

  it('are one message each way, on a stream that is kept', async () => {
    const [a, b] = [
      await party('Org1MSP'),
      await party('Org2MSP', { services: new Map([['/test/Who', whoami]]) }),
    ];
    await bound(a, b);
    const client = a.client(b);
    const call = () => unary(client, '/test/Who', pattern(300), { signal });
    await Promise.all([call(), call(), call()]);
    await until(() => openStreams(a) === 3);
    const before = a.traffic.snapshot();
    for (let i = 0; i < 10; i++) await call();
    await Promise.all(Array.from({ length: 3 }, call));
    const spent = difference(a.traffic.snapshot(), before);
    expect(spent['connection.websocket.out.messages']).toBeLessThanOrEqual(13);
    expect(spent['connection.websocket.in.messages']).toBeLessThanOrEqual(13);
    expect(spent[`stream.${SERVICE_PROTOCOL}.out.messages`]).toBe(13);
    // Three frames' headers, the method, the request; of yamux and Noise 12 and 18 bytes.
    expect(spent['connection.websocket.out.bytes']).toBeLessThanOrEqual(13 * (300 + 60));
    expect(openStreams(a)).toBe(3);
  });

  it('close streams that a burst of calls opened', async () => {
    const [a, b] = [
      await party('Org1MSP'),
      await party('Org2MSP', { services: new Map([['/test/Echo', echo]]) }),
    ];
    await bound(a, b);
    const client = a.client(b);
    const calls = Array.from({ length: 30 }, () =>
      all(client.call('/test/Echo', [utf8('x')], { signal })),
    );
    await Promise.all(calls);
    await until(() => openStreams(a) === 4 && openStreams(b) === 4);
  });

  it('answer whether they are there, whatever they serve', async () => {
    const [a, b] = [await party('Org1MSP'), await party('Org2MSP')];
    await bound(a, b);
    expect(await unary(a.client(b), PING_METHOD, new Uint8Array(), { signal })).toHaveLength(0);
  });

  it('carry a call after one that ended before its requests did', async () => {
    const hasty: ServiceHandler = async function* (requests) {
      for await (const request of requests) {
        yield request;
        return;
      }
    };
    const services = new Map([['/test/Hasty', hasty]]);
    const streams = { windowBytes: 16 * 1024, chunkBytes: 4 * 1024 };
    const [a, b] = [
      await party('Org1MSP', { streams }),
      await party('Org1MSP', { services, streams }),
    ];
    await bound(a, b);
    // Within the window, so that all requests and END are on their way when STATUS comes; and beyond it, so that they never are.
    for (const count of [1, 3, 10, 100]) {
      for (let i = 0; i < 5; i++) {
        const sent = Array.from({ length: count }, (_, n) => pattern(1_000, n + i));
        const answers = await all(a.client(b).call('/test/Hasty', sent, { signal }));
        expect(answers.map(toHex)).toEqual([toHex(sent[0] ?? new Uint8Array())]);
      }
    }
  });

  it('let calls beyond the limit wait for their turn', async () => {
    let open = 0;
    let most = 0;
    const slow = unaryHandler(async (request) => {
      most = Math.max(most, ++open);
      await systemClock.sleep(5);
      open--;
      return request;
    });
    const [a, b] = [
      await party('Org1MSP'),
      await party('Org1MSP', { services: new Map([['/test/Slow', slow]]) }),
    ];
    await bound(a, b);
    const client = new StreamServiceClient(a, b.node.peerId.toString(), { maxConcurrentCalls: 4 });
    const answers = await Promise.all(
      Array.from({ length: 40 }, (_, i) =>
        unary(client, '/test/Slow', Uint8Array.of(i), { signal }),
      ),
    );
    expect(answers.map((bytes) => bytes[0])).toEqual(Array.from({ length: 40 }, (_, i) => i));
    expect(most).toBeLessThanOrEqual(5);
  });

  it('reset a sender that sends more than it has credit for, or frames beyond the bound', async () => {
    const [a, b] = [
      await party('Org1MSP'),
      await party('Org1MSP', { services: new Map([['/test/Echo', echo]]) }),
    ];
    await bound(a, b);
    const connection = a.node.getConnections()[0];
    for (const flood of [
      () => Array.from({ length: 200 }, () => encodeFrame(3, new Uint8Array(60_000))),
      () => [Uint8Array.of(0x7f, 0xff, 0xff, 0xff, 1)],
      () => [encodeFrame(99)],
    ]) {
      const stream = await connection?.newStream(SERVICE_PROTOCOL);
      if (!stream) throw new Error('no stream');
      const closed = new Promise<void>((resolve) =>
        stream.addEventListener('close', () => resolve()),
      );
      stream.send(encodeFrame(1, utf8('/test/Echo')));
      for (const bytes of flood()) if (stream.status === 'open') stream.send(bytes);
      await closed;
    }
    const small = new StreamServiceClient(a, b.node.peerId.toString(), {
      maxMessageBytes: 1_000_000,
    });
    expect(await statusOf(all(small.call('/test/Echo', [pattern(1_000_001)], { signal })))).toBe(
      GrpcStatus.RESOURCE_EXHAUSTED,
    );
    expect(
      (await all(a.client(b).call('/test/Echo', [utf8('still there')], { signal }))).map(fromUtf8),
    ).toEqual(['still there']);
  });

  // Frames written by hand: a client of ours would wait for credit.
  const METHOD = 1;
  const CHUNK = 2;

  async function rawCall(from: { node: Libp2p }): Promise<Stream> {
    const stream = await from.node.getConnections()[0]?.newStream(SERVICE_PROTOCOL);
    if (!stream) throw new Error('no stream');
    stream.send(encodeFrame(METHOD, utf8('/test/Echo')));
    return stream;
  }

  const endOf = (stream: Stream): Promise<void> =>
    new Promise((resolve) => stream.addEventListener('close', () => resolve(), { once: true }));

  it('hold little of what comes before a handshake', async () => {
    const a = await party('Org1MSP', { services: new Map([['/test/Echo', echo]]) });
    const node = await newNode();
    running.push(node);
    await node.dial(a.node.getMultiaddrs());
    const stream = await rawCall({ node });
    const closed = endOf(stream);
    let sent = 0;
    for (; stream.status === 'open' && sent < 10_000_000; sent += 50_000) {
      stream.send(encodeFrame(CHUNK, new Uint8Array(50_000)));
      await systemClock.sleep(1);
    }
    await closed;
    expect(sent).toBeLessThan(1_500_000);
    // Some of them are reset before they can be written to.
    await Promise.allSettled(Array.from({ length: 12 }, () => rawCall({ node })));
    await until(() => openStreams(a) <= 8);
    expect(openStreams(a)).toBeGreaterThan(0);
  });

  it('hold no more of one member, or of all, than there is room for', async () => {
    const budget = new ReceiveBudget({ maxPerPeerBytes: 900_000, maxInAllBytes: 1_500_000 });
    const services = new Map([['/test/Echo', echo]]);
    const [a, b, c] = [
      await party('Org1MSP', { services, budget }),
      await party('Org1MSP'),
      await party('Org2MSP'),
    ];
    await bound(b, a);
    await bound(c, a);
    const unfinished = async (from: Party): Promise<Stream> => {
      const stream = await rawCall(from);
      for (let i = 0; i < 10; i++) stream.send(encodeFrame(CHUNK, new Uint8Array(50_000)));
      return stream;
    };
    const first = await unfinished(b);
    await until(() => budget.heldBytes === 500_000);
    // Too much for one, while there is room for others.
    await endOf(await unfinished(b));
    const other = await unfinished(c);
    await until(() => budget.heldBytes === 1_000_000);
    expect(budget.refused).toBe(1);
    const [answer] = await all(c.client(a).call('/test/Echo', [pattern(300_000)], { signal }));
    expect(answer).toHaveLength(300_000);
    for (const stream of [first, other]) stream.abort(new Error('enough'));
    await until(() => budget.heldBytes === 0);
  });

  it('give up a message that comes too slowly, and none whose reader is slow', async () => {
    const streams = { assemblyTimeoutMs: 100 };
    const slowly: ServiceHandler = async function* (requests) {
      for await (const request of requests) {
        await systemClock.sleep(250);
        yield Uint8Array.of(request.length & 0xff);
      }
    };
    const services = new Map([
      ['/test/Echo', echo],
      ['/test/Slowly', slowly],
    ]);
    const [a, b] = [await party('Org1MSP', { services, streams }), await party('Org1MSP')];
    await bound(b, a);
    const stream = await rawCall(b);
    const closed = endOf(stream);
    stream.send(encodeFrame(CHUNK, new Uint8Array(10)));
    await closed;
    const messages = Array.from({ length: 4 }, () => pattern(600_000));
    const answers = await all(b.client(a).call('/test/Slowly', messages, { signal }));
    expect(answers).toHaveLength(4);
  });
});
