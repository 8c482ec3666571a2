// SPDX-License-Identifier: Apache-2.0
// The links of the network picture, from what each node says of its neighbours. A tab that is reached only by the
// relay has no line to this one: its line goes to the relay, where its blocks really travel.
import type { PeerInfo } from '../../node/api/network-view.ts';
import type { GraphEdge, GraphNode } from './graph-layout.ts';

export interface Edge extends GraphEdge {
  readonly kind: 'webrtc' | 'relay';
  /** One end is this tab. */
  readonly mine: boolean;
}

/** What the shape of the picture depends on: heights change all the time, this only when somebody comes, goes or links up. */
export interface GraphShape {
  /** By their ids. */
  readonly nodes: readonly GraphNode[];
  readonly edges: readonly Edge[];
  readonly relay?: string;
}

export function shapeOf(peers: readonly LinkedPeer[], me: string): GraphShape {
  const relay = peers.find(({ role }) => role === 'orderer')?.peerId;
  return {
    nodes: [...peers]
      .sort((a, b) => compare(a.peerId, b.peerId))
      .map((peer) => ({ id: peer.peerId, group: peer.mspId, centre: peer.role === 'orderer' })),
    edges: edgesOf(peers, me),
    ...(relay === undefined ? {} : { relay }),
  };
}

type LinkedPeer = Pick<PeerInfo, 'peerId' | 'mspId' | 'role' | 'status' | 'link' | 'neighbours'>;

const compare = (a: string, b: string): number => (a < b ? -1 : Number(a > b));

/** Every link once, in a stable order; `me` is this tab's peer id. */
export function edgesOf(peers: readonly LinkedPeer[], me: string): Edge[] {
  const byId = new Map(peers.map((peer) => [peer.peerId, peer]));
  const edges = new Map<string, Edge>();
  const add = (a: string, b: string): void => {
    const [from = a, to = b] = [a, b].sort();
    const kind =
      byId.get(a)?.role === 'orderer' || byId.get(b)?.role === 'orderer' ? 'relay' : 'webrtc';
    edges.set(`${from} ${to}`, { from, to, kind, mine: from === me || to === me });
  };
  const relay = peers.find((peer) => peer.role === 'orderer');
  for (const peer of peers) {
    if (peer.status === 'dead') continue;
    for (const neighbour of peer.neighbours) {
      const other = byId.get(neighbour);
      if (other && other.status !== 'dead' && neighbour !== peer.peerId)
        add(peer.peerId, neighbour);
    }
    for (const [a, b] of linksToMe(peer, me, relay)) add(a, b);
  }
  return [...edges.values()].sort((a, b) => compare(a.from, b.from) || compare(a.to, b.to));
}

function linksToMe(
  peer: LinkedPeer,
  me: string,
  relay: LinkedPeer | undefined,
): [string, string][] {
  if (peer.peerId === me || peer.link === 'none' || peer.link === 'self') return [];
  if (peer.role === 'orderer' || peer.link === 'webrtc') return [[peer.peerId, me]];
  return relay && relay.status !== 'dead' ? [[peer.peerId, relay.peerId]] : [];
}
