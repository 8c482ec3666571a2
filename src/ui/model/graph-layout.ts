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
const SPACE = { least: 24, most: 58 } as const;
const MARGIN = { x: 46, top: 46, bottom: 60 } as const;

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
  const pull = pullsFor(size);
  const simulation = forceSimulation(bodies)
    .force('x', forceX<Body>((body) => body.home.x).strength(pull.x))
    .force('y', forceY<Body>((body) => body.home.y).strength(pull.y))
    .force('apart', forceManyBody<Body>().strength(-120))
    .force('space', forceCollide<Body>(spaceFor(nodes.length, size)).iterations(3))
    .force(
      'links',
      forceLink<Body, { source: string | Body; target: string | Body }>(links)
        .id((body) => body.id)
        .strength(0.01),
    )
    .stop();
  for (let tick = 0; tick < TICKS; tick++) {
    simulation.tick();
    // At each step, not at the end: nodes at the edge then make room for each other.
    for (const body of bodies) Object.assign(body, within(body, size));
  }
  return new Map(bodies.map((body) => [body.id, within(body, size)]));
}

// Weaker along the side that has room to spare: an organisation beside the relay spreads up and down.
function pullsFor({ width, height }: GraphSize): Point {
  return width >= height ? { x: 0.13, y: 0.05 } : { x: 0.05, y: 0.13 };
}

/** Half the distance that nodes keep: room for a name, as far as the picture has it. */
function spaceFor(count: number, { width, height }: GraphSize): number {
  const fair = Math.sqrt((width * height * 0.55) / (Math.max(1, count) * Math.PI));
  return Math.max(SPACE.least, Math.min(SPACE.most, fair));
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

/** A line that comes closer to the relay than this is led around it. */
const CLEARANCE = 36;

/** SVG path of a link; it bends where it would pass behind `obstacle`. */
export function linkPath(from: Point, to: Point, obstacle?: Point): string {
  const line = `M${from.x} ${from.y}`;
  const dx = to.x - from.x;
  const dy = to.y - from.y;
  const length = Math.hypot(dx, dy);
  if (!obstacle || length === 0) return `${line}L${to.x} ${to.y}`;
  const along = ((obstacle.x - from.x) * dx + (obstacle.y - from.y) * dy) / length;
  const aside = ((obstacle.x - from.x) * dy - (obstacle.y - from.y) * dx) / length;
  if (Math.abs(aside) > CLEARANCE || along < 0 || along > length) return `${line}L${to.x} ${to.y}`;
  // Away from the obstacle; a curve reaches half as far as its control point.
  const bend = 2 * (CLEARANCE + 10) * (aside < 0 ? 1 : -1);
  const x = (from.x + to.x) / 2 + (dy / length) * bend;
  const y = (from.y + to.y) / 2 - (dx / length) * bend;
  return `${line}Q${Math.round(x)} ${Math.round(y)} ${to.x} ${to.y}`;
}
