// SPDX-License-Identifier: Apache-2.0
// A dot that travels from the node a block came from to this tab, each time one comes.
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { Point } from '../model/graph-layout.ts';
import { usePeer } from './context.ts';

interface Hop {
  readonly block: number;
  readonly from: string;
}

const MAX_HOPS = 6;
const HOP_MS = 900;

export function BlockHops({ points }: { points: ReadonlyMap<string, Point> }): JSX.Element {
  const { tabric, network } = usePeer();
  const [hops, setHops] = useState<readonly Hop[]>([]);
  useEffect(
    () =>
      tabric.on('trace', ({ stage, block, from }) => {
        if ((stage !== 'gossip' && stage !== 'deliver') || block === undefined || !from) return;
        setHops((before) =>
          [...before.filter((hop) => hop.block !== block), { block, from }].slice(-MAX_HOPS),
        );
        setTimeout(() => setHops((before) => before.filter((hop) => hop.block !== block)), HOP_MS);
      }),
    [tabric],
  );
  const { me, peers } = network.value;
  const to = points.get(me.peerId);
  return (
    <g class="hops">
      {hops.map(({ block, from }) => {
        const sender = peers.find(
          ({ name, peerId, role }) =>
            name === from || peerId === from || (role === 'orderer' && from === 'orderer'),
        );
        const start = sender && points.get(sender.peerId);
        if (!start || !to) return null;
        const path = {
          '--from-x': `${start.x}px`,
          '--from-y': `${start.y}px`,
          '--to-x': `${to.x}px`,
          '--to-y': `${to.y}px`,
        };
        return (
          <rect key={block} class="hop" x={-7} y={-7} width={14} height={14} rx={3} style={path} />
        );
      })}
    </g>
  );
}
