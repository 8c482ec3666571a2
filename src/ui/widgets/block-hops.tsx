// SPDX-License-Identifier: Apache-2.0
// A dot that travels from the node a block came from to this tab, each time one comes; none under load, and none for what came
// while nobody saw the page.
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { ChannelStore } from '../model/channel-store.ts';
import type { Point } from '../model/graph-layout.ts';
import { useChannel, usePeer } from './context.ts';

interface Hop {
  readonly block: number;
  readonly from: string;
}

const MAX_HOPS = 6;
const HOP_MS = 900;

export function BlockHops({ points }: { points: ReadonlyMap<string, Point> }): JSX.Element {
  const { me } = usePeer().network.value;
  const channel = useChannel();
  const hops = useHops(channel);
  const to = points.get(me.peerId);
  return (
    <g class="hops">
      {hops.map(({ block, from }) => {
        const sender = channel.peers
          .peek()
          .find(
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

function useHops(channel: ChannelStore): readonly Hop[] {
  const [hops, setHops] = useState<readonly Hop[]>([]);
  useEffect(() => {
    const { updates } = channel;
    const come = new Map<number, Hop>();
    const timers = new Set<ReturnType<typeof setTimeout>>();
    const land = (blocks: ReadonlySet<number>): void =>
      setHops((before) => before.filter(({ block }) => !blocks.has(block)));
    const start = (): boolean => {
      const blocks = new Set(come.keys());
      const started = [...come.values()].slice(-MAX_HOPS);
      come.clear();
      if (updates.busy.peek() || started.length === 0) return false;
      setHops((before) => [...before.filter(({ block }) => !blocks.has(block)), ...started]);
      const timer = setTimeout(() => {
        timers.delete(timer);
        land(blocks);
      }, HOP_MS);
      timers.add(timer);
      return true;
    };
    const stop = channel.followTrace(({ stage, block, from }) => {
      if ((stage !== 'gossip' && stage !== 'deliver') || block === undefined || !from) return false;
      if (updates.isHidden || updates.busy.peek()) return false;
      come.set(block, { block, from });
      return true;
    }, start);
    return () => {
      stop();
      for (const timer of timers) clearTimeout(timer);
    };
  }, [channel]);
  return hops;
}
