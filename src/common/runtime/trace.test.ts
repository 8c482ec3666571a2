// SPDX-License-Identifier: Apache-2.0
import { expect, test, vi } from 'vitest';
import { TRACE_CAPACITY, TraceBus, type TraceEvent } from './trace.ts';

const event = (txId: string): TraceEvent => ({ at: 1, peer: 'peer0', stage: 'submit', txId });

test('tells every listener, as many as there are, until each stops', () => {
  const warned = vi.spyOn(process, 'emitWarning');
  const bus = new TraceBus();
  const told: number[] = [];
  const stops = Array.from({ length: 1000 }, (_, n) => bus.on(() => told.push(n)));
  bus.emit(event('a'));
  expect(told).toEqual(stops.map((_, n) => n));
  for (const stop of stops) stop();
  bus.emit(event('b'));
  expect(told).toHaveLength(1000);
  expect(warned).not.toHaveBeenCalled();
});

test('tells a listener that was given twice twice, and stops it once for each', () => {
  const bus = new TraceBus();
  const listener = vi.fn();
  const stop = bus.on(listener);
  bus.on(listener);
  bus.emit(event('a'));
  stop();
  bus.emit(event('b'));
  expect(listener).toHaveBeenCalledTimes(3);
});

test('reports what a listener throws, and tells the others', () => {
  const queued: (() => void)[] = [];
  vi.stubGlobal('queueMicrotask', (task: () => void) => queued.push(task));
  try {
    const bus = new TraceBus();
    const other = vi.fn();
    bus.on(() => {
      throw new Error('mine');
    });
    bus.on(other);
    bus.emit(event('a'));
    expect(other).toHaveBeenCalledOnce();
    expect(queued).toHaveLength(1);
    expect(() => queued[0]?.()).toThrow('mine');
  } finally {
    vi.unstubAllGlobals();
  }
});

test('keeps the newest events, and those of one transaction', () => {
  const bus = new TraceBus();
  for (let n = 0; n < TRACE_CAPACITY * 2; n++) bus.emit(event(`tx${n}`));
  expect(bus.events().length).toBeLessThanOrEqual(TRACE_CAPACITY * 1.5);
  expect(bus.events().at(-1)?.txId).toBe(`tx${TRACE_CAPACITY * 2 - 1}`);
  expect(bus.events(`tx${TRACE_CAPACITY * 2 - 1}`)).toHaveLength(1);
});
