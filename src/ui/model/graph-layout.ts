// SPDX-License-Identifier: Apache-2.0
// Where the nodes of the network picture stand: organisations around the relay, peers around the place of their
// organisation. Calm on purpose: it settles before it is drawn, and nodes that stay keep about where they were.
import {
  forceCollide,
  forceLink,
  forceManyBody,
  forceSimulation,
  forceX,
  forceY,
  type SimulationNodeDatum,
} from 'd3-force';

export interface GraphNode {
  readonly id: string;
  readonly group: string;
  /** The relay: in the middle. */
  readonly centre: boolean;
}

export interface GraphEdge {
  readonly from: string;
  readonly to: string;
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface GraphSize {
  readonly width: number;
  readonly height: number;
}

interface Body extends SimulationNodeDatum {
  readonly id: string;
  readonly home: Point;
}

const TICKS = 240;
/** Room around a node for its name, less of it when there are many. */
const SPACE = { few: 58, many: 34 } as const;
const MANY_NODES = 24;
const MARGIN = { x: 62, top: 52, bottom: 56 } as const;

/** Positions by node id, within `size`. The same input gives the same picture. */
export function layoutGraph(
  nodes: readonly GraphNode[],
  edges: readonly GraphEdge[],
  size: GraphSize,
  previous: ReadonlyMap<string, Point> = new Map(),
): Map<string, Point> {
  const homes = homesOf(nodes, size);
  const bodies = nodes.map((node, index): Body => {
    const home = homes.get(node.group) ?? middleOf(size);
    const at = previous.get(node.id) ?? spread(home, index);
    return { id: node.id, home, ...at, ...(node.centre ? fixed(middleOf(size)) : {}) };
  });
  const known = new Set(nodes.map(({ id }) => id));
  const links = edges
    .filter(({ from, to }) => known.has(from) && known.has(to))
    .map(({ from, to }) => ({ source: from, target: to }));
  const space = nodes.length > MANY_NODES ? SPACE.many : SPACE.few;
  forceSimulation(bodies)
    .force('x', forceX<Body>((body) => body.home.x).strength(0.14))
    .force('y', forceY<Body>((body) => body.home.y).strength(0.14))
    .force('apart', forceManyBody<Body>().strength(-160))
    .force('space', forceCollide<Body>(space))
    .force(
      'links',
      forceLink<Body, { source: string | Body; target: string | Body }>(links)
        .id((body) => body.id)
        .strength(0.01),
    )
    .stop()
    .tick(TICKS);
  return new Map(bodies.map((body) => [body.id, within(body, size)]));
}

const middleOf = ({ width, height }: GraphSize): Point => ({ x: width / 2, y: height / 2 });

const fixed = ({ x, y }: Point): { x: number; y: number; fx: number; fy: number } => ({
  x,
  y,
  fx: x,
  fy: y,
});

// A place for each organisation on an ellipse; the first one left, or on top where the picture is tall.
function homesOf(nodes: readonly GraphNode[], size: GraphSize): Map<string, Point> {
  const groups = [
    ...new Set(nodes.filter((node) => !node.centre).map(({ group }) => group)),
  ].sort();
  const middle = middleOf(size);
  const start = size.width >= size.height ? Math.PI : -Math.PI / 2;
  const home = (index: number): Point => {
    const angle = start + (2 * Math.PI * index) / groups.length;
    return {
      x: middle.x + Math.cos(angle) * size.width * 0.29,
      y: middle.y + Math.sin(angle) * size.height * 0.29,
    };
  };
  return new Map(groups.map((group, index) => [group, home(index)]));
}

// The golden angle keeps newcomers from standing on one another.
function spread(home: Point, index: number): Point {
  const angle = index * 2.399963;
  return { x: home.x + Math.cos(angle) * 24, y: home.y + Math.sin(angle) * 24 };
}

function within(body: Body, { width, height }: GraphSize): Point {
  return {
    x: clamp(body.x ?? 0, MARGIN.x, width - MARGIN.x),
    y: clamp(body.y ?? 0, MARGIN.top, height - MARGIN.bottom),
  };
}

const clamp = (value: number, low: number, high: number): number =>
  Math.round(Math.min(high, Math.max(low, value)) * 10) / 10;
