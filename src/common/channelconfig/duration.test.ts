// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { formatDuration, parseDuration } from './index.ts';

describe('durations', () => {
  it("are read as Go's ParseDuration reads them", () => {
    const cases: [string, number | undefined][] = [
      ['2s', 2000],
      ['500ms', 500],
      ['1m30s', 90_000],
      ['1.5h', 5_400_000],
      ['.5s', 500],
      ['100us', 0.1],
      ['100µs', 0.1],
      ['0', 0],
      ['-2s', -2000],
      ['', undefined],
      ['2', undefined],
      ['s', undefined],
      ['2 s', undefined],
      ['2d', undefined],
    ];
    for (const [text, ms] of cases) expect(parseDuration(text), text).toBe(ms);
  });

  it('are written as Go writes them', () => {
    const cases = {
      0: '0s',
      200: '200ms',
      2000: '2s',
      2500: '2.5s',
      90000: '1m30s',
      3600000: '1h0m0s',
    };
    for (const [ms, text] of Object.entries(cases)) {
      expect(formatDuration(Number(ms))).toBe(text);
      expect(parseDuration(text)).toBe(Number(ms));
    }
  });
});
