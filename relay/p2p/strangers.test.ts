// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import { FakeClock } from '../../src/common/runtime/clock.ts';
import { type Caller, Strangers } from './strangers.ts';

function strangersOf(options = {}) {
  const clock = new FakeClock();
  const strangers = new Strangers({ clock }, { maxPerAddress: 3, maxInAll: 6, ...options });
  const gone: string[] = [];
  const open = (address: string, port: number): void => {
    const caller: Caller = { address, port, destroy: () => gone.push(`${address}:${port}`) };
    strangers.add(caller);
  };
  return { clock, strangers, gone, open };
}

test('the oldest of an address makes room for the newest', () => {
  const { strangers, gone, open } = strangersOf();
  for (const port of [1, 2, 3, 4, 5]) open('10.0.0.1', port);
  open('10.0.0.2', 1);
  expect(gone).toEqual(['10.0.0.1:1', '10.0.0.1:2']);
  expect(strangers.size).toBe(4);
  expect(strangers.turnedOut).toBe(2);
});

test('with all places taken, one of the address that has most makes room', () => {
  const { gone, open } = strangersOf();
  open('10.0.0.2', 1);
  for (const port of [1, 2, 3]) open('10.0.0.1', port);
  for (const port of [2, 3]) open('10.0.0.2', port);
  open('10.0.0.3', 1);
  expect(gone).toHaveLength(1);
  expect(gone[0]).toMatch(/^10\.0\.0\.[12]:1$/);
});

test('who is bound, or gone, is no stranger', async () => {
  const { clock, strangers, gone, open } = strangersOf();
  open('::ffff:10.0.0.1', 1);
  open('10.0.0.1', 2);
  open('10.0.0.1', 3);
  strangers.connected('peer', '10.0.0.1', 1);
  strangers.connected('peer', '10.0.0.1', 2);
  strangers.bound('peer');
  strangers.remove('10.0.0.1', 3);
  expect(strangers.size).toBe(0);
  await clock.advance(60_000);
  expect(gone).toEqual([]);
});

test('who is not bound in time is turned out', async () => {
  const { clock, strangers, gone, open } = strangersOf({ boundWithinMs: 1000 });
  open('10.0.0.1', 1);
  strangers.connected('silent', '10.0.0.1', 1);
  await clock.advance(999);
  expect(gone).toEqual([]);
  await clock.advance(1);
  expect(gone).toEqual(['10.0.0.1:1']);
  expect(strangers.size).toBe(0);
});
