// SPDX-License-Identifier: Apache-2.0
// The picture of the network. Each node is a button; what it shows is in the table beside it too.
import type { JSX } from 'preact';
import { useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { PeerInfo } from '../../node/api/network-view.ts';
import { formatNumber, shortName } from '../format.ts';
import { language, useMessages } from '../i18n/index.ts';
import { type Edge, edgesOf } from '../model/graph.ts';
import { type GraphSize, layoutGraph, linkPath, type Point } from '../model/graph-layout.ts';
import { orgColour } from './bits.tsx';
import { BlockHops } from './block-hops.tsx';
import { usePeer } from './context.ts';

/** Narrower than this the picture stands on end. */
const TALL_BELOW_PX = 480;
/** The picture is laid out anew when its width changes by this much, not at every pixel. */
const WIDTH_STEP_PX = 20;
const NODE_RADIUS = 22;

interface GraphProps {
  readonly selected: string | undefined;
  readonly select: (peerId: string | undefined) => void;
}

export function NetworkGraph(props: GraphProps): JSX.Element {
  const { box, size } = useGraphSize();
  // A picture of another size is another picture: nodes shall not fly when a window is resized.
  return (
    <div ref={box} class="graph">
      {size && <Picture key={size.width} size={size} {...props} />}
    </div>
  );
}

function Picture({ size, selected, select }: GraphProps & { size: GraphSize }): JSX.Element {
  const m = useMessages();
  const view = usePeer().network.value;
  const edges = edgesOf(view);
  const points = usePoints(view.peers, edges, size);
  const relay = view.peers.find(({ role }) => role === 'orderer')?.peerId;
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset cannot hold a picture
    <svg viewBox={`0 0 ${size.width} ${size.height}`} role="group" aria-label={m.network.picture}>
      <g class="edges">
        {edges.map((edge) => (
          <Line key={`${edge.from} ${edge.to}`} edge={edge} points={points} relay={relay} />
        ))}
      </g>
      <BlockHops points={points} />
      {view.peers.map((peer) => (
        <Node
          key={peer.peerId}
          peer={peer}
          isMe={peer.peerId === view.me.peerId}
          at={points.get(peer.peerId)}
          selected={selected === peer.peerId}
          select={() => select(selected === peer.peerId ? undefined : peer.peerId)}
        />
      ))}
    </svg>
  );
}

// As large as the room there is, so that names keep the size of text.
function sizeFor(widthPx: number): GraphSize {
  const width = Math.max(300, Math.round(widthPx / WIDTH_STEP_PX) * WIDTH_STEP_PX);
  return { width, height: Math.round(width < TALL_BELOW_PX ? width * 1.3 : width * 0.66) };
}

function useGraphSize(): { box: { current: HTMLDivElement | null }; size: GraphSize | undefined } {
  const box = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState<number>();
  useLayoutEffect(() => {
    if (!box.current) return;
    setWidth(box.current.clientWidth);
    const observer = new ResizeObserver(([entry]) => {
      if (entry) setWidth(entry.contentRect.width);
    });
    observer.observe(box.current);
    return () => observer.disconnect();
  }, []);
  return { box, size: width === undefined ? undefined : sizeFor(width) };
}

function usePoints(
  peers: readonly PeerInfo[],
  edges: readonly Edge[],
  size: GraphSize,
): ReadonlyMap<string, Point> {
  const previous = useRef<ReadonlyMap<string, Point>>(new Map());
  // Heights change all the time, places only when somebody comes, goes or links up.
  const shape = JSON.stringify([
    size,
    peers.map(({ peerId }) => peerId).sort(),
    edges.map(({ from, to }) => [from, to]),
  ]);
  return useMemo(() => {
    const nodes = [...peers]
      .sort((a, b) => a.peerId.localeCompare(b.peerId))
      .map((peer) => ({ id: peer.peerId, group: peer.mspId, centre: peer.role === 'orderer' }));
    const points = layoutGraph(nodes, edges, size, previous.current);
    previous.current = points;
    return points;
  }, [shape]);
}

interface LineProps {
  readonly edge: Edge;
  readonly points: ReadonlyMap<string, Point>;
  readonly relay: string | undefined;
}

function Line({ edge, points, relay }: LineProps): JSX.Element | null {
  const from = points.get(edge.from);
  const to = points.get(edge.to);
  if (!from || !to) return null;
  const obstacle = edge.kind === 'webrtc' && relay !== undefined ? points.get(relay) : undefined;
  return (
    <path
      class="edge"
      data-kind={edge.kind}
      data-mine={edge.mine}
      d={linkPath(from, to, obstacle)}
    />
  );
}

interface NodeProps {
  readonly peer: PeerInfo;
  readonly isMe: boolean;
  readonly at: Point | undefined;
  readonly selected: boolean;
  readonly select: () => void;
}

function Node({ peer, isMe, at, selected, select }: NodeProps): JSX.Element | null {
  const m = useMessages();
  if (!at) return null;
  const height = formatNumber(peer.height, language.value);
  const press = (event: KeyboardEvent): void => {
    if (event.key !== 'Enter' && event.key !== ' ') return;
    event.preventDefault();
    select();
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: SVG has no button element
    <g
      class="node"
      role="button"
      tabindex={0}
      aria-pressed={selected}
      aria-label={m.network.nodeLabel(peer.name, height, m.status[peer.status])}
      data-org={orgColour(peer.mspId)}
      data-status={peer.status}
      data-role={peer.role}
      data-me={isMe}
      data-selected={selected}
      style={{ transform: `translate(${at.x}px, ${at.y}px)` }}
      onClick={select}
      onKeyDown={press}
    >
      <circle key={peer.height} class="pulse" r={NODE_RADIUS} />
      <circle class="ring" r={31} />
      {peer.role === 'orderer' ? (
        <rect class="body" x={-26} y={-22} width={52} height={44} rx={10} />
      ) : (
        <circle class="body" r={NODE_RADIUS} />
      )}
      <text class="node-height" dy="0.36em">
        {height}
      </text>
      <Marks peer={peer} />
      <text class="node-name" y={40}>
        {peer.role === 'orderer' ? m.network.ordererTag : shortName(peer.name)}
      </text>
      {isMe && (
        <text class="node-me" y={54}>
          {m.network.me}
        </text>
      )}
    </g>
  );
}

/** Crown, sleep and absence as shapes, so that no colour has to say them. */
function Marks({ peer }: { peer: PeerInfo }): JSX.Element {
  return (
    <>
      {peer.isLeader && <path class="crown" d="M-12 -27h24l2-13-8 5-6-9-6 9-8-5z" />}
      {peer.status === 'asleep' && <path class="mark" d="M17 -27a7 7 0 1 0 7 9 6 6 0 0 1-7-9z" />}
      {peer.status === 'dead' && <path class="mark is-cross" d="M-15 -15l30 30M15 -15l-30 30" />}
    </>
  );
}
