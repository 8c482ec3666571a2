// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import { ratiosOf } from './compare-runs.ts';
import type { Run } from './results.ts';
import { amountFigure } from './table.ts';

const machine = { processor: 'any', cores: 2, memoryGiB: 4, node: 'v24', load: 0 };
const runOf = (figures: Run['figures']): Run => ({
  at: '2026-01-01T00:00:00.000Z',
  commit: 'abc',
  machine,
  figures,
  failed: {},
});
const idle = (four: number, twelve: number): Run =>
  runOf({
    idle: [
      amountFigure('idle, 4 tabs', [1, '%'], ''),
      amountFigure('  sends', [four, '/s'], ''),
      { name: '  kinds', value: 'no number', method: '' },
      amountFigure('idle, 12 tabs', [1, '%'], ''),
      amountFigure('  sends', [twelve, '/s'], ''),
    ],
  });

test('ratios are of medians, and figures of one name under two headings are two', () => {
  const ratios = ratiosOf([idle(50, 138), idle(54, 140), idle(52, 200)], [idle(13, 14)]);
  expect(ratios.map(({ figure, ratio }) => [figure, ratio])).toEqual([
    ['idle, 4 tabs', '1.00'],
    ['idle, 4 tabs /  sends', '0.25'],
    ['idle, 12 tabs', '1.00'],
    ['idle, 12 tabs /  sends', '0.10'],
  ]);
  expect(ratios[1]).toMatchObject({ before: '52 (50, 54, 52)', after: '13', unit: '/s' });
});

test('what one side does not have is shown without a ratio', () => {
  const more = runOf({ joining: [amountFigure('joining', [5, 's'], '')] });
  expect(ratiosOf([], [more])).toMatchObject([{ before: '-', after: '5.00', ratio: '-' }]);
  expect(ratiosOf([more], [])).toMatchObject([{ before: '5.00', after: '-', ratio: '-' }]);
});
