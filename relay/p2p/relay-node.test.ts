// SPDX-License-Identifier: Apache-2.0
// Real libp2p nodes through the relay's HTTP(S) port.
import { connect as connectTcp, type Socket } from 'node:net';
import { connect } from 'node:tls';
import { circuitRelayTransport, RELAY_V2_HOP_CODEC } from '@libp2p/circuit-relay-v2';
import { generateKeyPair } from '@libp2p/crypto/keys';
import { multiaddr } from '@multiformats/multiaddr';
import { retimeableSignal } from 'retimeable-signal';
import { afterEach, describe, expect, it } from 'vitest';
import { createBCCSP } from '../../src/common/crypto/index.ts';
import { utf8 } from '../../src/common/runtime/bytes.ts';
import { systemClock, systemRandomBytes } from '../../src/common/runtime/clock.ts';
import { silentLogger } from '../../src/common/runtime/log.ts';
import { type Binding, Bindings } from '../../src/node/comm/bindings.ts';
import { knownProtocols } from '../../src/node/comm/known-protocols.ts';
import { TrafficMetrics } from '../../src/node/comm/traffic.ts';
import { NeighbourScores } from '../../src/node/gossip/neighbour-scores.ts';
import { newNode } from '../../src/node/gossip/testing/nodes.ts';
import { httpUrl, joinLink, reachableHosts, webSocketMultiaddr } from '../addresses.ts';
import { createCa } from '../ca/issuer.ts';
import { HttpServer } from '../http/http-server.ts';
import { createRelayNode, type RelayNode } from './relay-node.ts';
import { SharedWebSockets } from './shared-websockets.ts';

const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (let stop = stops.pop(); stop; stop = stops.pop()) await stop();
});

const bindingOf = (peerId: string): Binding => ({
  peerId,
  mspId: 'Org1MSP',
  identity: new Uint8Array(),
  pkiId: utf8(peerId),
  name: 'peer',
  expiresAt: Number.POSITIVE_INFINITY,
});

/** Whoever connects is bound at once. */
class OpenBindings extends Bindings {
  override async waitFor(peerId: string): Promise<Binding> {
    this.set(bindingOf(peerId));
    return bindingOf(peerId);
  }
}

/** Nobody is, and nobody has to be waited for. */
class ClosedBindings extends Bindings {
  override waitFor(): Promise<Binding> {
    return Promise.reject(new Error('unbound'));
  }
}

interface RelayStart {
  readonly tls?: { cert: string; key: string };
  readonly bindings?: Bindings;
}

async function startRelay({
  tls,
  bindings = new OpenBindings({ clock: systemClock }),
}: RelayStart = {}) {
  const http = new HttpServer(
    { log: silentLogger },
    { host: '127.0.0.1', port: 0, upgradePaths: ['/'], ...(tls ? { tls } : {}) },
  );
  http.add(() => ({ status: 200, body: 'page' }));
  const webSockets = new SharedWebSockets({ clock: systemClock });
  http.onUpgrade(webSockets.upgrade);
  await http.start();
  stops.push(() => http.stop());
  const url = httpUrl('127.0.0.1', http.port, tls !== undefined);
  const privateKey = await generateKeyPair('Ed25519');
  const node: RelayNode = await createRelayNode(
    {
      privateKey,
      webSockets,
      bindings,
      traffic: new TrafficMetrics(Date.now),
      scores: new NeighbourScores({ bindings, clock: systemClock }),
    },
    { announce: [webSocketMultiaddr(url)] },
  );
  stops.push(async () => node.stop());
  return { http, node, url, webSockets };
}

async function startTab(listen: string[]) {
  const tab = await newNode({
    addresses: { listen },
    transports: [(await import('@libp2p/websockets')).webSockets(), circuitRelayTransport()],
    services: { protocols: knownProtocols(() => [RELAY_V2_HOP_CODEC]) },
  });
  stops.push(async () => tab.stop());
  return tab;
}

describe('the relay on its HTTP port', () => {
  it('is dialled where the page is, and knows the real address of its peers', async () => {
    const { node, url } = await startRelay();
    const tab = await startTab([]);
    const address = `${webSocketMultiaddr(url)}/p2p/${node.peerId}`;
    const connection = await tab.dial(multiaddr(address));
    expect(connection.remotePeer.equals(node.peerId)).toBe(true);
    await expect.poll(() => node.getConnections(tab.peerId)).toHaveLength(1);
    const [inbound] = node.getConnections(tab.peerId);
    expect(inbound?.remoteAddr.toString()).toMatch(/^\/ip4\/127\.0\.0\.1\/tcp\/\d+\/ws/);
    expect(node.getMultiaddrs().map(String)).toEqual([address]);
    expect(await (await fetch(url)).text()).toBe('page');
  });

  it('lets tabs be reached through it', async () => {
    const { node, url } = await startRelay();
    const address = `${webSocketMultiaddr(url)}/p2p/${node.peerId}`;
    const [a, b] = [await startTab(['/p2p-circuit']), await startTab([])];
    await a.dial(multiaddr(address));
    await expect
      .poll(() => a.getMultiaddrs().map(String))
      .toEqual([`${address}/p2p-circuit/p2p/${a.peerId}`]);
    expect(node.services.relay.reservations.size).toBe(1);
    const circuit = await b.dial(multiaddr(`${address}/p2p-circuit/p2p/${a.peerId}`));
    // What is left of 128 KiB once the connection is encrypted.
    expect(Number(circuit.limits?.bytes)).toBeLessThan(131_072);
  });

  it('survives those who send rubbish or hang up at any moment', async () => {
    const { node, url } = await startRelay();
    const rubbish = Array.from({ length: 24 }, async (_, i) => {
      const socket = new WebSocket(url.replace('http', 'ws'));
      await new Promise((resolve) => socket.addEventListener('open', resolve));
      if (i % 3 === 0) socket.send(systemRandomBytes(i * 100));
      // A good beginning, and then something else.
      if (i % 3 === 1) socket.send('\x13/multistream/1.0.0\n\x07/noise\n');
      if (i % 2 === 0) socket.send(systemRandomBytes(5000));
      socket.close();
    });
    await Promise.all(rubbish);
    const tab = await startTab([]);
    await tab.dial(multiaddr(`${webSocketMultiaddr(url)}/p2p/${node.peerId}`));
    await expect.poll(() => node.getConnections()).toHaveLength(1);
  });

  it('relays for nobody who has not proven an identity', async () => {
    const closed = new ClosedBindings({ clock: systemClock });
    const { node, url } = await startRelay({ bindings: closed });
    const address = `${webSocketMultiaddr(url)}/p2p/${node.peerId}`;
    const [stranger, member] = [await startTab(['/p2p-circuit']), await startTab([])];
    await stranger.dial(multiaddr(address));
    const circuit = multiaddr(`${address}/p2p-circuit/p2p/${stranger.peerId}`);
    await expect(member.dial(circuit)).rejects.toThrow();
    expect(node.services.relay.reservations.size).toBe(0);
    // Reserved by somebody who was known, and asked for by somebody who is not.
    node.services.relay.reservations.set(stranger.peerId, {
      addr: multiaddr(address),
      expiry: new Date(Date.now() + 60_000),
      signal: retimeableSignal(60_000),
    });
    await expect(member.dial(circuit)).rejects.toThrow(/PERMISSION_DENIED/);
  });

  it('keeps a reservation as long as its connection', async () => {
    const { node, url } = await startRelay();
    const { reservations } = node.services.relay;
    const address = `${webSocketMultiaddr(url)}/p2p/${node.peerId}`;
    const tab = await startTab(['/p2p-circuit']);
    await tab.dial(multiaddr(address));
    await expect.poll(() => reservations.size).toBe(1);
    await tab.stop();
    await expect.poll(() => reservations.size).toBe(0);
  });

  it('counts a socket as a stranger’s until its peer is bound', async () => {
    const bindings = new ClosedBindings({ clock: systemClock });
    const { node, url, webSockets } = await startRelay({ bindings });
    const tab = await startTab([]);
    await tab.dial(multiaddr(`${webSocketMultiaddr(url)}/p2p/${node.peerId}`));
    expect(webSockets.strangers.size).toBe(1);
    await expect.poll(() => node.getConnections()).toHaveLength(1);
    bindings.set(bindingOf(tab.peerId.toString()));
    expect(webSockets.strangers.size).toBe(0);
    const silent = await openSocket(url);
    expect(webSockets.strangers.size).toBe(1);
    silent.close();
    await expect.poll(() => webSockets.strangers.size).toBe(0);
  });

  it.each<[string, () => Buffer]>([
    ['larger than any that a tab sends', () => rawFrame(0x82, 2 * 1024 * 1024)],
    ['of 4 EiB', () => rawFrame(0x82, 2n ** 62n)],
    ['with a reserved opcode', () => Buffer.from([0x83, 0x80, 0, 0, 0, 0])],
    ['with reserved bits', () => Buffer.from([0xf2, 0x80, 0, 0, 0, 0])],
    ['without a mask', () => Buffer.from([0x82, 0x01, 0x00])],
    ['of text that is not UTF-8', () => Buffer.from([0x81, 0x81, 0, 0, 0, 0, 0xff])],
    [
      'that closes with a code that does not exist',
      () => Buffer.from([0x88, 0x82, 0, 0, 0, 0, 0, 1]),
    ],
  ])('destroys the socket of a frame %s, and nothing else happens', async (_, frame) => {
    const unexpected: unknown[] = [];
    const noted = (error: unknown): number => unexpected.push(error);
    process.on('uncaughtException', noted);
    try {
      const { node, url } = await startRelay();
      const socket = await upgradedSocket(new URL(url));
      const closed = new Promise((resolve) => socket.once('close', resolve));
      socket.on('error', () => {});
      socket.resume();
      socket.write(frame());
      await closed;
      expect(node.getConnections()).toEqual([]);
    } finally {
      process.off('uncaughtException', noted);
    }
    expect(unexpected).toEqual([]);
  });

  it('goes away with all its connections', async () => {
    const { http, node, url } = await startRelay();
    const tab = await startTab([]);
    await tab.dial(multiaddr(`${webSocketMultiaddr(url)}/p2p/${node.peerId}`));
    await node.stop();
    await http.stop();
    await expect.poll(() => tab.getConnections().length).toBe(0);
  });

  it('takes WebSockets under TLS', async () => {
    const components = { bccsp: createBCCSP(), clock: systemClock, random: systemRandomBytes };
    const { stored } = await createCa(components, 'localhost');
    const body = stored.pkcs8.match(/.{1,64}/g)?.join('\n');
    const key = `-----BEGIN PRIVATE KEY-----\n${body}\n-----END PRIVATE KEY-----\n`;
    const { http } = await startRelay({ tls: { cert: stored.certificate, key } });
    const head = `GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${btoa('0123456789abcdef')}\r\n\r\n`;
    const answer = await new Promise<string>((resolve, reject) => {
      const socket = connect({
        host: '127.0.0.1',
        port: http.port,
        ca: stored.certificate,
        checkServerIdentity: () => undefined,
      });
      socket.on('secureConnect', () => socket.write(head));
      socket.on('data', (data) => {
        resolve(data.toString('latin1'));
        socket.destroy();
      });
      socket.on('error', reject);
    });
    expect(answer).toMatch(/^HTTP\/1\.1 101 /);
  });
});

async function openSocket(url: string): Promise<WebSocket> {
  const socket = new WebSocket(url.replace('http', 'ws'));
  await new Promise((resolve) => socket.addEventListener('open', resolve));
  return socket;
}

/** A TCP socket that has been upgraded, on which anything can be written. */
async function upgradedSocket({ hostname, port }: URL): Promise<Socket> {
  const socket = connectTcp(Number(port), hostname);
  socket.write(
    `GET / HTTP/1.1\r\nHost: ${hostname}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${btoa('0123456789abcdef')}\r\n\r\n`,
  );
  await new Promise((resolve) => socket.once('data', resolve));
  return socket;
}

/** The head of a masked frame that announces so many bytes. */
function rawFrame(first: number, length: number | bigint): Buffer {
  const head = Buffer.alloc(14);
  head[0] = first;
  head[1] = 0x80 | 127;
  head.writeBigUInt64BE(BigInt(length), 2);
  return head;
}

describe('addresses', () => {
  it.each([
    ['http://192.168.1.5:7050', '/ip4/192.168.1.5/tcp/7050/ws'],
    ['https://relay.example.org', '/dns4/relay.example.org/tcp/443/tls/ws'],
    ['http://localhost', '/dns4/localhost/tcp/80/ws'],
    ['http://[::1]:7050', '/ip6/::1/tcp/7050/ws'],
  ])('of %s is %s', (url, address) => expect(webSocketMultiaddr(url)).toBe(address));

  it('keep the secret of a join link out of requests', () => {
    const link = joinLink(httpUrl('::1', 7050, false), 'Org1MSP', 'a+b&c');
    expect(link).toBe('http://[::1]:7050/#/join?org=Org1MSP&secret=a%2Bb%26c');
    expect(new URL(link).search).toBe('');
  });

  it('of a relay on all interfaces can be used by others', () => {
    const hosts = reachableHosts('0.0.0.0');
    expect(hosts).toContain('127.0.0.1');
    expect(hosts).not.toContain('0.0.0.0');
    expect(reachableHosts('relay.local')).toEqual(['relay.local']);
  });
});
