// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from 'vitest';
import { StageClock } from './stage-times.ts';

describe('the times of stages', () => {
  test('are a median and a sum; other stages are not kept', () => {
    const clock = new StageClock();
    for (const ms of [5, 1, 9]) clock.add('validate', ms);
    for (const ms of [4, 2]) clock.add('commit', ms);
    clock.add('gossip', 100);
    expect(clock.times()).toEqual({
      validate: { medianMs: 5, totalMs: 15 },
      commit: { medianMs: 3, totalMs: 6 },
      mvcc: { medianMs: 0, totalMs: 0 },
      store: { medianMs: 0, totalMs: 0 },
      state: { medianMs: 0, totalMs: 0 },
      history: { medianMs: 0, totalMs: 0 },
    });
  });
});
