// SPDX-License-Identifier: Apache-2.0
// Real libp2p nodes through the relay's HTTP(S) port.
import { connect } from 'node:tls';
import { circuitRelayTransport, RELAY_V2_HOP_CODEC } from '@libp2p/circuit-relay-v2';
import { generateKeyPair } from '@libp2p/crypto/keys';
import { multiaddr } from '@multiformats/multiaddr';
import { afterEach, describe, expect, it } from 'vitest';
import { createBCCSP } from '../../src/common/crypto/index.ts';
import { systemClock, systemRandomBytes } from '../../src/common/runtime/clock.ts';
import { silentLogger } from '../../src/common/runtime/log.ts';
import { knownProtocols } from '../../src/node/comm/known-protocols.ts';
import { TrafficMetrics } from '../../src/node/comm/traffic.ts';
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

async function startRelay(tls?: { cert: string; key: string }) {
  const http = new HttpServer(
    { log: silentLogger },
    { host: '127.0.0.1', port: 0, upgradePaths: ['/'], ...(tls ? { tls } : {}) },
  );
  http.add(() => ({ status: 200, body: 'page' }));
  const webSockets = new SharedWebSockets();
  http.onUpgrade(webSockets.upgrade);
  await http.start();
  stops.push(() => http.stop());
  const url = httpUrl('127.0.0.1', http.port, tls !== undefined);
  const privateKey = await generateKeyPair('Ed25519');
  const node: RelayNode = await createRelayNode(
    { privateKey, webSockets, isBound: () => true, traffic: new TrafficMetrics(Date.now) },
    { announce: [webSocketMultiaddr(url)] },
  );
  stops.push(async () => node.stop());
  return { http, node, url };
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
    const { http } = await startRelay({ cert: stored.certificate, key });
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
