// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import { amountFigure, mean, median, partsText, percentiles } from './table.ts';

test('percentiles are samples, whatever their order', () => {
  const samples = Array.from({ length: 100 }, (_, i) => 100 - i);
  expect(percentiles(samples)).toBe('51 / 96 ms');
  expect(median([3, 1, 2])).toBe(2);
  expect(median([])).toBeNaN();
  expect(mean([1, 2, 6])).toBe(3);
});

test('a figure shows its number, small ones with a decimal', () => {
  expect(amountFigure('sends', [4.25, '/s'], 'counted', { aim: '12 /s' })).toEqual({
    name: 'sends',
    value: '4.3 /s',
    amount: 4.25,
    unit: '/s',
    aim: '12 /s',
    method: 'counted',
  });
  expect(amountFigure('sends', [138.2, '/s'], 'counted').value).toBe('138 /s');
});

test('parts that round to nothing are left out', () => {
  const parts = new Map([
    ['main', 12.34],
    ['IO', 0.04],
  ]);
  expect(partsText(parts)).toBe('main 12.3');
});
