// SPDX-License-Identifier: Apache-2.0
// The transaction strip: the twelve stages of one transaction, made from trace events as they come in.
// Events before the cut carry the transaction's id; later ones belong to a whole block, and count once the block is known.
import { TRACE_STAGES, type TraceEvent, type TraceStage } from '../../common/runtime/trace.ts';

/** `elsewhere`: a later stage was reached, so it happened, but at a node whose events this tab does not see. */
export type CellState = 'waiting' | 'active' | 'done' | 'elsewhere' | 'failed';

const PASSED: ReadonlySet<CellState> = new Set(['done', 'elsewhere']);

export interface StripCell {
  readonly stage: TraceStage;
  readonly state: CellState;
  /** Milliseconds from the start of the proposal, by this tab's clock; absent when only other nodes saw it. */
  readonly sinceStartMs?: number;
  /** How long the slowest of its events took. */
  readonly tookMs?: number;
  readonly peers: readonly string[];
  readonly events: readonly TraceEvent[];
}

export interface Strip {
  readonly txId: string;
  readonly block?: number;
  readonly cells: readonly StripCell[];
  /** Stages behind it; an invalid transaction goes through all of them too. */
  readonly doneCount: number;
  /** From the start of the proposal to the last stage that this tab saw. */
  readonly totalMs?: number;
}

/** What is known of the transaction apart from its events. */
export interface StripFacts {
  /** Name of this tab's peer; only its clock is compared with the start. */
  readonly me: string;
  readonly block?: number;
  /** No more is expected: nothing is shown as under way. */
  readonly settled?: boolean;
  readonly failedStage?: TraceStage;
}

export function stripOf(events: readonly TraceEvent[], txId: string, facts: StripFacts): Strip {
  const block = facts.block ?? blockOf(events, txId);
  const mine = events.filter((event) => concerns(event, txId, block));
  const byStage = groupByStage(mine);
  const start = startOf(byStage, facts.me);
  const last = TRACE_STAGES.findLastIndex((stage) => byStage.has(stage));
  const cells = TRACE_STAGES.map((stage, index) =>
    cellOf(
      stage,
      byStage.get(stage) ?? [],
      stateOf(stage, index, last, byStage, facts),
      start,
      facts.me,
    ),
  );
  const times = cells.flatMap((cell) => cell.sinceStartMs ?? []);
  return {
    txId,
    ...(block === undefined ? {} : { block }),
    cells,
    doneCount: cells.filter(({ state }, index) => PASSED.has(state) || index < last).length,
    ...(times.length > 0 ? { totalMs: Math.max(...times) } : {}),
  };
}

function blockOf(events: readonly TraceEvent[], txId: string): number | undefined {
  return events.find((event) => event.block !== undefined && names(event, txId))?.block;
}

function names(event: TraceEvent, txId: string): boolean {
  if (event.txId !== undefined) return event.txId === txId;
  const txIds = event.data?.txIds;
  return Array.isArray(txIds) && txIds.includes(txId);
}

/** Whether an event is one of a transaction's, in `block` where that is known. */
export function concerns(event: TraceEvent, txId: string, block: number | undefined): boolean {
  if (names(event, txId)) return true;
  return event.txId === undefined && block !== undefined && event.block === block;
}

// Map.groupBy is missing in browsers of 2022.
function groupByStage(events: readonly TraceEvent[]): ByStage {
  const groups = new Map<TraceStage, TraceEvent[]>();
  for (const event of events) {
    const group = groups.get(event.stage);
    if (group) group.push(event);
    else groups.set(event.stage, [event]);
  }
  return groups;
}

type ByStage = ReadonlyMap<TraceStage, readonly TraceEvent[]>;

function startOf(byStage: ByStage, me: string): number | undefined {
  const first = byStage.get('propose')?.find((event) => event.peer === me);
  return first && first.at - (first.ms ?? 0);
}

function stateOf(
  stage: TraceStage,
  index: number,
  last: number,
  byStage: ByStage,
  facts: StripFacts,
): CellState {
  if (facts.failedStage === stage) return 'failed';
  if (byStage.has(stage)) return 'done';
  // What is in a block went through all stages; its client may be another's.
  if (index < last || (facts.settled && facts.block !== undefined)) return 'elsewhere';
  return index === last + 1 && !facts.settled ? 'active' : 'waiting';
}

function cellOf(
  stage: TraceStage,
  events: readonly TraceEvent[],
  state: CellState,
  start: number | undefined,
  me: string,
): StripCell {
  const ends = events.filter((event) => event.peer === me).map((event) => event.at);
  const tooks = events.flatMap((event) => event.ms ?? []);
  return {
    stage,
    state,
    ...(start !== undefined && ends.length > 0
      ? { sinceStartMs: Math.max(0, Math.max(...ends) - start) }
      : {}),
    ...(tooks.length > 0 ? { tookMs: Math.max(...tooks) } : {}),
    peers: [...new Set(events.map((event) => event.peer))],
    events,
  };
}
