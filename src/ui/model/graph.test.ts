// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import type { PeerInfo } from '../../node/api/network-view.ts';
import { edgesOf, shapeOf } from './graph.ts';
import { type GraphNode, layoutGraph, linkPath } from './graph-layout.ts';
import { isSame } from './same.ts';

const peer = (peerId: string, more: Partial<PeerInfo> = {}): PeerInfo => ({
  name: `${peerId}.org1.example.com`,
  mspId: 'Org1MSP',
  peerId,
  pkiId: '',
  role: 'peer',
  height: 1,
  isLeader: false,
  link: 'webrtc',
  status: 'alive',
  lastSeen: 0,
  chaincodes: [],
  neighbours: [],
  ...more,
});
const relay = peer('relay', { role: 'orderer', link: 'relay' });
const self = peer('me', { link: 'self' });

describe('the links of the picture', () => {
  it('draws a link once, whoever tells of it', () => {
    const peers = [
      self,
      peer('b', { neighbours: ['me', 'c'] }),
      peer('c', { link: 'none', neighbours: ['b'] }),
    ];
    expect(edgesOf(peers, 'me')).toEqual([
      { from: 'b', to: 'c', kind: 'webrtc', mine: false },
      { from: 'b', to: 'me', kind: 'webrtc', mine: true },
    ]);
  });

  it('leads a peer that only the relay reaches to the relay', () => {
    const edges = edgesOf([self, relay, peer('b', { link: 'relay' })], 'me');
    expect(edges).toEqual([
      { from: 'b', to: 'relay', kind: 'relay', mine: false },
      { from: 'me', to: 'relay', kind: 'relay', mine: true },
    ]);
  });

  it('cuts the links of the dead, and takes no stranger for a node', () => {
    const peers = [
      self,
      peer('b', { status: 'dead', neighbours: ['me'] }),
      peer('c', { link: 'none', neighbours: ['x', 'c', 'b'] }),
    ];
    expect(edgesOf(peers, 'me')).toEqual([]);
  });
});

describe('the shape of the picture', () => {
  it('does not change with heights, leaders and what was heard of whom', () => {
    const peers = [relay, self, peer('b', { neighbours: ['me'] })];
    const later = peers.map((one) => ({ ...one, height: 99, isLeader: true, lastSeen: 99 }));
    expect(isSame(shapeOf(peers, 'me'), shapeOf(later, 'me'))).toBe(true);
    const left = peers.map((one) => ({ ...one, status: 'dead' as const }));
    expect(isSame(shapeOf(peers, 'me'), shapeOf(left, 'me'))).toBe(false);
  });
});

describe('the layout', () => {
  const size = { width: 800, height: 460 };
  const nodes: GraphNode[] = [
    { id: 'relay', group: 'OrdererMSP', centre: true },
    ...Array.from({ length: 30 }, (_, index) => ({
      id: `p${index}`,
      group: `Org${(index % 2) + 1}MSP`,
      centre: false,
    })),
  ];

  it('keeps every node inside, the relay in the middle, organisations apart', () => {
    const points = layoutGraph(
      nodes,
      [
        { from: 'p0', to: 'p1' },
        { from: 'p0', to: 'gone' },
      ],
      size,
    );
    for (const { x, y } of points.values()) {
      expect(x).toBeGreaterThan(0);
      expect(x).toBeLessThan(size.width);
      expect(y).toBeGreaterThan(0);
      expect(y).toBeLessThan(size.height);
    }
    expect(points.get('relay')).toEqual({ x: 400, y: 230 });
    const mean = (odd: number): number =>
      nodes
        .slice(1)
        .filter((_, index) => index % 2 === odd)
        .reduce((sum, { id }) => sum + (points.get(id)?.x ?? 0), 0) / 15;
    expect(mean(1) - mean(0)).toBeGreaterThan(200);
  });

  it('gives the same picture again', () => {
    expect(layoutGraph(nodes, [], size)).toEqual(layoutGraph(nodes, [], size));
  });
});

describe('a link', () => {
  const [from, to] = [
    { x: 0, y: 0 },
    { x: 200, y: 0 },
  ];

  it('is straight where nothing is in its way', () => {
    expect(linkPath(from, to)).toBe('M0 0L200 0');
    expect(linkPath(from, to, { x: 100, y: 60 })).toBe('M0 0L200 0');
    expect(linkPath(from, to, { x: 300, y: 0 })).toBe('M0 0L200 0');
  });

  it('bends around the relay, on the far side of it', () => {
    expect(linkPath(from, to, { x: 100, y: 10 })).toBe('M0 0Q100 -92 200 0');
    expect(linkPath(from, to, { x: 100, y: -10 })).toBe('M0 0Q100 92 200 0');
  });
});
