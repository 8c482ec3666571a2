// SPDX-License-Identifier: Apache-2.0
// The links of the network picture, from what each node says of its neighbours. A tab that is reached only by the
// relay has no line to this one: its line goes to the relay, where its blocks really travel.
import type { NetworkView, PeerInfo } from '../../node/api/network-view.ts';
import type { GraphEdge } from './graph-layout.ts';

export interface Edge extends GraphEdge {
  readonly kind: 'webrtc' | 'relay';
  /** One end is this tab. */
  readonly mine: boolean;
}

/** Every link once, in a stable order. */
export function edgesOf(view: Pick<NetworkView, 'me' | 'peers'>): Edge[] {
  const me = view.me.peerId;
  const byId = new Map(view.peers.map((peer) => [peer.peerId, peer]));
  const edges = new Map<string, Edge>();
  const add = (a: string, b: string): void => {
    const [from = a, to = b] = [a, b].sort();
    const kind =
      byId.get(a)?.role === 'orderer' || byId.get(b)?.role === 'orderer' ? 'relay' : 'webrtc';
    edges.set(`${from} ${to}`, { from, to, kind, mine: from === me || to === me });
  };
  const relay = view.peers.find((peer) => peer.role === 'orderer');
  for (const peer of view.peers) {
    if (peer.status === 'dead') continue;
    for (const neighbour of peer.neighbours) {
      const other = byId.get(neighbour);
      if (other && other.status !== 'dead' && neighbour !== peer.peerId)
        add(peer.peerId, neighbour);
    }
    for (const [a, b] of linksToMe(peer, me, relay)) add(a, b);
  }
  return [...edges.values()].sort((a, b) => `${a.from} ${a.to}`.localeCompare(`${b.from} ${b.to}`));
}

function linksToMe(peer: PeerInfo, me: string, relay: PeerInfo | undefined): [string, string][] {
  if (peer.peerId === me || peer.link === 'none' || peer.link === 'self') return [];
  if (peer.role === 'orderer' || peer.link === 'webrtc') return [[peer.peerId, me]];
  return relay && relay.status !== 'dead' ? [[peer.peerId, relay.peerId]] : [];
}
