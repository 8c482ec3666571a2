// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import { checkClock } from './clock-skew.ts';

const NOW = Date.UTC(2026, 10, 26, 12);
const dateAt = (minutes: number): string => new Date(NOW + minutes * 60_000).toUTCString();

test.each([-13, 0, 13])('a clock that is %i minutes off will do', (minutes) => {
  expect(() => checkClock(dateAt(minutes), NOW)).not.toThrow();
});

test.each([
  [20, 'CLOCK_BEHIND', 20, 'is 20 minutes behind the relay'],
  [-20, 'CLOCK_AHEAD', 20, 'is 20 minutes ahead of the relay'],
  [2 * 24 * 60, 'CLOCK_BEHIND', 2880, 'is 2880 minutes behind'],
])('a relay that is %i minutes on is told of as %s', (offset, code, minutes, text) => {
  expect(() => checkClock(dateAt(offset), NOW)).toThrow(
    expect.objectContaining({
      code,
      data: { minutes },
      message: expect.stringContaining(text),
    }),
  );
});

test.each([null, '', 'soon'])('nothing is known from the date %j', (date) => {
  expect(() => checkClock(date, NOW)).not.toThrow();
});
