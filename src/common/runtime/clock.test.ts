// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from 'vitest';
import { FakeClock } from './clock.ts';
import { fractionOf } from './random.ts';
import { type HeapTimer, TimerHeap } from './timer-heap.ts';

/** Numbers that look random and are the same in every run. */
function numbers(count: number, limit: number): number[] {
  let state = 1;
  return Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state % limit;
  });
}

describe('FakeClock', () => {
  test('fires in the order of time, and of setting where times are equal', async () => {
    const clock = new FakeClock(0);
    const fired: string[] = [];
    for (const [name, ms] of [
      ['c', 20],
      ['a', 10],
      ['d', 20],
      ['b', 10],
      ['late', 31],
    ] as const) {
      clock.setTimer(() => fired.push(`${name} ${clock.now()}`), ms);
    }
    await clock.advance(30);
    expect(fired).toEqual(['a 10', 'b 10', 'c 20', 'd 20']);
    expect(clock.now()).toBe(30);
    await clock.advance(1);
    expect(fired.at(-1)).toBe('late 31');
  });

  test('fires what a timer sets on the way, in its turn', async () => {
    const clock = new FakeClock(0);
    const fired: string[] = [];
    clock.setTimer(() => {
      clock.setTimer(() => fired.push(`inner ${clock.now()}`), 5);
      clock.setTimer(() => fired.push(`at once ${clock.now()}`), 0);
    }, 10);
    clock.setTimer(() => fired.push(`outer ${clock.now()}`), 15);
    await clock.advance(20);
    expect(fired).toEqual(['at once 10', 'outer 15', 'inner 15']);
  });

  test('does not fire what was cancelled, even by a timer of the same time, and takes it twice', async () => {
    const clock = new FakeClock(0);
    const fired: string[] = [];
    const later = { cancel: () => {} };
    clock.setTimer(() => later.cancel(), 10);
    later.cancel = clock.setTimer(() => fired.push('cancelled'), 10);
    const cancelFired = clock.setTimer(() => fired.push('fired'), 10);
    await clock.advance(10);
    cancelFired();
    cancelFired();
    expect(fired).toEqual(['fired']);
  });
});

describe('TimerHeap', () => {
  test('gives ten thousand timers in order for a few comparisons each', () => {
    const heap = new TimerHeap<HeapTimer>();
    let reads = 0;
    const timers = numbers(10_000, 500).map((time, order) => ({
      order,
      get at() {
        reads++;
        return time;
      },
    }));
    for (const timer of timers) heap.add(timer);
    const gone = new Set(timers.filter(({ order }) => order % 3 === 0));
    for (const timer of gone) heap.cancel(timer);
    expect(heap.size).toBe(timers.length - gone.size);
    const taken: HeapTimer[] = [];
    for (let time = 0; time < 500; time += 7) {
      for (let due = heap.takeDue(time); due; due = heap.takeDue(time)) taken.push(due);
      expect(taken.at(-1)?.at ?? 0).toBeLessThanOrEqual(time);
    }
    for (let due = heap.takeDue(500); due; due = heap.takeDue(500)) taken.push(due);
    // Each comes in and goes out through 14 levels at most; two comparisons a level on the way out, of two times each.
    expect(reads).toBeLessThan(10_000 * 3 * 14 * 2);
    const expected = timers.filter((timer) => !gone.has(timer));
    expect(taken).toEqual(expected.toSorted((a, b) => a.at - b.at || a.order - b.order));
    expect(heap.size).toBe(0);
  });

  test('does not keep what is set and cancelled again and again', () => {
    const heap = new TimerHeap<HeapTimer>();
    heap.add({ at: 1_000_000, order: 0 });
    for (let order = 1; order < 5000; order++) {
      const timer = { at: 1000 + order, order };
      heap.add(timer);
      heap.cancel(timer);
      expect(heap.held).toBeLessThanOrEqual(66);
    }
    expect(heap.size).toBe(1);
  });
});

describe('fractionOf', () => {
  const from = (...bytes: number[]) => fractionOf(() => Uint8Array.from(bytes))();

  test('is at least 0, below 1, and even', () => {
    expect(from(0, 0, 0, 0)).toBe(0);
    expect(from(0xff, 0xff, 0xff, 0xff)).toBeLessThan(1);
    expect(from(0x80, 0, 0, 0)).toBe(0.5);
    expect(from(0x40, 0, 0, 0)).toBe(0.25);
  });
});
