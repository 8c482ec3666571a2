// SPDX-License-Identifier: Apache-2.0
// The picture of the network. Each node is a button; what it shows is in the table beside it too.
import type { JSX } from 'preact';
import { useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { PeerInfo } from '../../node/api/network-view.ts';
import { clipped, formatNumber, personText, shortName } from '../format.ts';
import { language, useMessages } from '../i18n/index.ts';
import { type Edge, type GraphShape, shapeOf } from '../model/graph.ts';
import { type GraphSize, layoutGraph, linkPath, type Point } from '../model/graph-layout.ts';
import { isSame } from '../model/same.ts';
import { orgColour } from './bits.tsx';
import { BlockHops } from './block-hops.tsx';
import { useChannel, usePeer } from './context.ts';

/** Narrower than this the picture stands on end. */
const TALL_BELOW_PX = 480;
/** The picture is laid out again when its width changes by this much, not at every pixel. */
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
  const { me } = usePeer().network.value;
  const channel = useChannel();
  const peers = channel.peers.value;
  const shape = useShape(peers, me.peerId);
  const points = usePoints(shape, size);
  // Under load nothing pulses: the nodes stay as they are, but for their numbers.
  const busy = channel.updates.busy.value;
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset cannot hold a picture
    <svg viewBox={`0 0 ${size.width} ${size.height}`} role="group" aria-label={m.network.picture}>
      <Lines shape={shape} points={points} />
      <BlockHops points={points} />
      {peers.map((peer) => (
        <Node
          key={peer.peerId}
          peer={peer}
          isMe={peer.peerId === me.peerId}
          at={points.get(peer.peerId)}
          selected={selected === peer.peerId}
          pulses={!busy}
          select={select}
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
    const observer = new ResizeObserver(([entry]) => {
      if (entry) setWidth(entry.contentRect.width);
    });
    observer.observe(box.current);
    return () => observer.disconnect();
  }, []);
  return { box, size: width === undefined ? undefined : sizeFor(width) };
}

function useShape(peers: readonly PeerInfo[], me: string): GraphShape {
  const previous = useRef<GraphShape>(undefined);
  const shape = useMemo(() => shapeOf(peers, me), [peers, me]);
  if (!isSame(previous.current, shape)) previous.current = shape;
  return previous.current ?? shape;
}

// Laid out at once and to the end: no simulation goes on afterwards.
function usePoints({ nodes, edges }: GraphShape, size: GraphSize): ReadonlyMap<string, Point> {
  const previous = useRef<ReadonlyMap<string, Point>>(new Map());
  return useMemo(() => {
    const points = layoutGraph(nodes, edges, size, previous.current);
    previous.current = points;
    return points;
  }, [nodes, edges, size.width, size.height]);
}

function Lines(props: { shape: GraphShape; points: ReadonlyMap<string, Point> }): JSX.Element {
  // Read, so that lines are compared by their props, like everything that is drawn of signals.
  useMessages();
  const { edges, relay } = props.shape;
  return (
    <g class="edges">
      {edges.map((edge) => (
        <Line key={`${edge.from} ${edge.to}`} edge={edge} points={props.points} relay={relay} />
      ))}
    </g>
  );
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
  readonly pulses: boolean;
  readonly select: (peerId: string | undefined) => void;
}

function Node({ peer, isMe, at, selected, pulses, select }: NodeProps): JSX.Element | null {
  const m = useMessages();
  if (!at) return null;
  const height = formatNumber(peer.height, language.value);
  const { displayName, name } = peer;
  const known = displayName === undefined ? shortName(name) : clipped(displayName);
  const shown = peer.role === 'orderer' ? m.network.ordererTag : known;
  const toggle = (): void => select(selected ? undefined : peer.peerId);
  const press = (event: KeyboardEvent): void => {
    if (event.key !== 'Enter' && event.key !== ' ') return;
    event.preventDefault();
    toggle();
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: SVG has no button element
    <g
      class="node"
      role="button"
      tabindex={0}
      aria-pressed={selected}
      aria-label={`${height} ${shown}${isMe ? ` ${m.network.me}` : ''}: ${m.network.nodeLabel(personText(peer), height, m.status[peer.status])}`}
      data-org={orgColour(peer.mspId)}
      data-status={peer.status}
      data-role={peer.role}
      data-me={isMe}
      data-selected={selected}
      style={{ transform: `translate(${at.x}px, ${at.y}px)` }}
      onClick={toggle}
      onKeyDown={press}
    >
      <circle key={pulses ? peer.height : 'still'} class="pulse" r={NODE_RADIUS} />
      <circle class="ring" r={31} />
      {peer.role === 'orderer' ? (
        <rect class="body" x={-26} y={-22} width={52} height={44} rx={10} />
      ) : (
        <circle class="body" r={NODE_RADIUS} />
      )}
      <text class="node-height" dy="0.36em">
        {/* A space, so that what is seen is words, as in the label. */}
        {`${height} `}
      </text>
      <Marks peer={peer} />
      <text class="node-name" y={40}>
        {`${shown} `}
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
