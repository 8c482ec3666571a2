// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import { sumBy, type TreeSample, usedBetween } from './process-tree.ts';

type Threads = Record<number, [name: string, cpuMs: number]>;

const process = (cpuMs: number, threads: Threads) => ({
  commandLine: '',
  cpuMs,
  threads: new Map(
    Object.entries(threads).map(([tid, [name, ms]]) => [Number(tid), { name, cpuMs: ms }]),
  ),
});
const sample = (processes: Record<number, ReturnType<typeof process>>): TreeSample => ({
  atMs: 0,
  processes: new Map(Object.entries(processes).map(([pid, one]) => [Number(pid), one])),
});

const before = sample({
  10: process(300, { 10: ['chromium', 200], 11: ['DedicatedWorker', 40], 12: ['Compositor', 60] }),
  20: process(500, { 20: ['MainThread', 500] }),
});
const after = sample({
  // Thread 12 has ended after 30 ms more, and 13 is new.
  10: process(480, {
    10: ['chromium', 250],
    11: ['DedicatedWorker', 90],
    13: ['DedicatedWorker', 50],
  }),
  30: process(70, { 30: ['chromium', 70] }),
});

test('threads count from where they were, new ones in full, and ended ones together', () => {
  expect(usedBetween(before, after)).toEqual([
    { pid: 10, tid: 10, group: 'main', cpuMs: 50 },
    { pid: 10, tid: 11, group: 'worker', cpuMs: 50 },
    { pid: 10, tid: 13, group: 'worker', cpuMs: 50 },
    { pid: 10, tid: 10, group: 'ended', cpuMs: 30 },
    { pid: 30, tid: 30, group: 'main', cpuMs: 70 },
    { pid: 30, tid: 30, group: 'ended', cpuMs: 0 },
  ]);
});

test('sums come largest first', () => {
  const sums = sumBy(usedBetween(before, after), ({ group }) => group);
  expect([...sums]).toEqual([
    ['main', 120],
    ['worker', 100],
    ['ended', 30],
  ]);
});
