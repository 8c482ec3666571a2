// SPDX-License-Identifier: Apache-2.0
// What a message costs on a real connection, counted.
import { type GossipSub, gossipsub } from '@libp2p/gossipsub';
import type { Libp2p } from 'libp2p';
import { afterEach, describe, expect, it } from 'vitest';
import { gossipsubOptions } from '../gossip/pubsub.ts';
import { newNode } from '../gossip/testing/nodes.ts';
import { topicName } from '../gossip/topics.ts';
import { knownProtocols } from './known-protocols.ts';
import { TrafficMetrics } from './traffic.ts';

interface Party {
  readonly node: Libp2p<{ pubsub: GossipSub }>;
  readonly traffic: TrafficMetrics;
  now: number;
}

const running: { stop(): unknown }[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((part) => part.stop()));
});

async function party(): Promise<Party> {
  const clock = { now: 1_000 };
  const traffic = new TrafficMetrics(() => clock.now);
  // No heartbeat within the test: what is counted is what was asked for.
  const options = {
    ...gossipsubOptions({ isBound: () => true, scoreOf: () => 0 }),
    heartbeatInterval: 600_000,
  };
  const services = { protocols: knownProtocols(), pubsub: gossipsub(options) };
  const node = (await newNode({ services, metrics: () => traffic })) as Libp2p<{
    pubsub: GossipSub;
  }>;
  traffic.watchGossip(node.services.pubsub);
  running.push(node);
  return Object.assign(clock, { node, traffic });
}

const alive = topicName({ networkId: 'n', mspId: 'Org1MSP', kind: 'alive' });

async function mesh(): Promise<[Party, Party]> {
  const [a, b] = [await party(), await party()];
  for (const { node } of [a, b]) node.services.pubsub.subscribe(alive);
  await a.node.dial(b.node.getMultiaddrs());
  const meshed = ({ node }: Party) => node.services.pubsub.getSubscribers(alive).length === 1;
  await expect.poll(() => meshed(a) && meshed(b)).toBe(true);
  await quiet(a, b);
  return [a, b];
}

// What the connection and the subscriptions began is over when nothing more is counted.
async function quiet(...parties: readonly Party[]): Promise<void> {
  let last = '';
  const settled = (): boolean => {
    const before = last;
    last = JSON.stringify(parties.map(({ traffic }) => traffic.snapshot()));
    return last === before;
  };
  await expect.poll(settled, { interval: 100 }).toBe(true);
}

function since(before: Record<string, number>, { traffic }: Party): Record<string, number> {
  return Object.fromEntries(
    Object.entries(traffic.snapshot()).map(([key, value]) => [key, value - (before[key] ?? 0)]),
  );
}

describe('the cost of a message', () => {
  it('of gossip is one message of the socket, and none back', async () => {
    const [a, b] = await mesh();
    const before = [a.traffic.snapshot(), b.traffic.snapshot()] as const;
    let received = 0;
    b.node.services.pubsub.addEventListener('message', () => received++);
    for (let i = 0; i < 20; i++) {
      await a.node.services.pubsub.publish(alive, new Uint8Array(2_000).fill(i));
      await expect.poll(() => received).toBe(i + 1);
    }
    const sent = since(before[0], a);
    expect(sent['gossip.alive.out.messages']).toBe(20);
    expect(sent['gossip.alive.out.bytes']).toBe(40_000);
    expect(sent['connection.websocket.out.messages']).toBe(20);
    expect(sent['connection.websocket.in.messages']).toBe(0);
    // Topic, lengths, the headers of yamux and Noise.
    expect(sent['connection.websocket.out.bytes']).toBeLessThan(20 * 2_100);
    expect(since(before[1], b)['gossip.alive.in.messages']).toBe(20);
  });

  it('is shared by what is said in one turn', async () => {
    const [a, b] = await mesh();
    const before = a.traffic.snapshot();
    await Promise.all(
      Array.from({ length: 10 }, (_, i) =>
        a.node.services.pubsub.publish(alive, new Uint8Array(100).fill(i)),
      ),
    );
    await expect.poll(() => b.traffic.snapshot()['gossip.alive.in.messages']).toBe(10);
    const sent = since(before, a);
    expect(sent['gossip.alive.out.messages']).toBe(10);
    expect(sent['connection.websocket.out.messages']).toBeLessThanOrEqual(2);
  });

  it('counts bulk data without holding it up', async () => {
    const [a, b] = await mesh();
    let received = 0;
    b.node.services.pubsub.addEventListener('message', ({ detail }) => {
      received += detail.data.length;
    });
    for (let i = 0; i < 10; i++)
      await a.node.services.pubsub.publish(alive, new Uint8Array(1_000_000).fill(i));
    await expect.poll(() => received, { timeout: 10_000 }).toBe(10_000_000);
    const counted = b.traffic.snapshot();
    expect(counted['gossip.alive.in.messages']).toBe(10);
    expect(counted['connection.websocket.in.bytes']).toBeGreaterThan(10_000_000);
  });

  it('names no channel and no organisation', async () => {
    const [a] = await mesh();
    await a.node.services.pubsub.publish(alive, new Uint8Array(10));
    const names = Object.keys(a.traffic.snapshot()).join();
    expect(names).toContain('gossip.alive.out');
    expect(names).toContain('gossip.graft.');
    expect(names).not.toMatch(/secret|Org1MSP/);
  });
});

it('knows when a connection was last heard', async () => {
  const [a, b] = await mesh();
  const connection = a.node.getConnections()[0];
  if (!connection) throw new Error('no connection');
  expect(a.traffic.lastHeard(connection)).toBe(1_000);
  a.now = 5_000;
  expect(a.traffic.lastHeard(connection)).toBe(1_000);
  await b.node.services.pubsub.publish(alive, new Uint8Array(10));
  await expect.poll(() => a.traffic.lastHeard(connection)).toBe(5_000);
});
