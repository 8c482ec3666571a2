// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { TRACE_STAGES, type TraceEvent, type TraceStage } from '../../common/runtime/trace.ts';
import { type Strip, stripOf } from './strip.ts';

const me = 'peer0.org1.example.com';
const event = (stage: TraceStage, at: number, more: Partial<TraceEvent> = {}): TraceEvent => ({
  stage,
  at,
  peer: me,
  ...more,
});
const stateOf = (strip: Strip, stage: TraceStage): string | undefined =>
  strip.cells.find((cell) => cell.stage === stage)?.state;

const proposed = [
  event('propose', 1010, { txId: 'a', ms: 10 }),
  event('endorse', 1040, { txId: 'a', ms: 20 }),
  event('endorse', 1060, { txId: 'a', ms: 35, peer: 'peer0.org2.example.com' }),
  event('submit', 1050, { txId: 'a' }),
];

describe('the transaction strip', () => {
  it('has the twelve stages, the first under way, before any event', () => {
    const strip = stripOf([], 'a', { me });
    expect(strip.cells.map((cell) => cell.stage)).toEqual(TRACE_STAGES);
    expect(strip.cells.map((cell) => cell.state)).toEqual(['active', ...Array(11).fill('waiting')]);
    expect(strip.doneCount).toBe(0);
    expect(strip).not.toHaveProperty('totalMs');
  });

  it("counts from the start of the proposal, by this peer's clock only", () => {
    const strip = stripOf(proposed, 'a', { me });
    const endorse = strip.cells[1];
    expect(endorse?.sinceStartMs).toBe(40);
    expect(endorse?.tookMs).toBe(35);
    expect(endorse?.peers).toEqual([me, 'peer0.org2.example.com']);
    expect(stateOf(strip, 'order')).toBe('active');
    expect(strip.totalMs).toBe(50);
  });

  it('takes in the events of the block once it knows the block', () => {
    const block = [
      event('gossip', 3000, { block: 5, from: 'orderer.example.com' }),
      event('commit', 3040, { block: 5, ms: 12 }),
    ];
    expect(stateOf(stripOf([...proposed, ...block], 'a', { me }), 'commit')).toBe('waiting');
    const told = stripOf([...proposed, ...block], 'a', { me, block: 5 });
    expect(stateOf(told, 'commit')).toBe('done');
    const listed = [...block, event('validate', 3020, { block: 5, data: { txIds: ['b', 'a'] } })];
    const found = stripOf([...proposed, ...listed], 'a', { me });
    expect(found.block).toBe(5);
    expect(stateOf(found, 'commit')).toBe('done');
  });

  it('marks what other nodes did out of sight once a later stage is reached', () => {
    const strip = stripOf([...proposed, event('event', 3050, { txId: 'a', block: 5 })], 'a', {
      me,
    });
    expect(stateOf(strip, 'cut')).toBe('elsewhere');
    expect(stateOf(strip, 'deliver')).toBe('elsewhere');
    expect(strip.doneCount).toBe(12);
  });

  it('waits for nothing of a transaction that is in a block', () => {
    const validated = [event('validate', 3020, { block: 5 }), event('commit', 3040, { block: 5 })];
    for (const events of [[], validated]) {
      const strip = stripOf(events, 'a', { me, block: 5, settled: true });
      expect(stateOf(strip, 'event')).toBe('elsewhere');
      expect(strip.doneCount).toBe(12);
    }
  });

  it('leaves out other transactions and other blocks', () => {
    const others = [
      event('order', 1055, { txId: 'b', block: 4 }),
      event('commit', 2000, { block: 4 }),
    ];
    const strip = stripOf([...proposed, ...others], 'a', { me, block: 5 });
    expect(stateOf(strip, 'commit')).toBe('waiting');
    expect(strip.doneCount).toBe(3);
  });

  it('shows where it failed, and nothing under way after', () => {
    const strip = stripOf(proposed.slice(0, 1), 'a', { me, settled: true, failedStage: 'endorse' });
    expect(stateOf(strip, 'endorse')).toBe('failed');
    expect(stateOf(strip, 'submit')).toBe('waiting');
  });

  it('never shows a negative time', () => {
    const strip = stripOf([...proposed, event('commit', 900, { txId: 'a' })], 'a', { me });
    expect(strip.cells[10]?.sinceStartMs).toBe(0);
  });
});
