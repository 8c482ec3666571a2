// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from 'vitest';
import { chooseNames, parseCommandLine } from './options.ts';

describe('the command line', () => {
  test('has a default for everything', () => {
    expect(parseCommandLine([])).toEqual({
      only: [],
      rounds: 2,
      build: true,
      bench: { tabs: [4, 8, 12], peers: 60, settleMs: 60_000, windowMs: 30_000, loadMs: 15_000 },
    });
  });

  test('takes figures in either way, and seconds', () => {
    const line = ['--only', 'idle,joining', '--compare', 'main', '--settle', '2.5', 'first-load'];
    expect(parseCommandLine(line)).toMatchObject({
      only: ['idle', 'joining', 'first-load'],
      compare: 'main',
      bench: { settleMs: 2500 },
    });
    expect(parseCommandLine(['--tabs', '12,4', '--no-build'])).toMatchObject({
      build: false,
      bench: { tabs: [4, 12] },
    });
  });

  test.each([
    ['--tabs', 'four'],
    ['--tabs', '0'],
    ['--rounds', '1.5'],
    ['--settle', 'long'],
    ['--window', '-1'],
    ['--nothing'],
  ])('refuses %s %s', (...args) => {
    expect(() => parseCommandLine(args.filter((arg) => arg !== undefined))).toThrow();
  });
});

test('a name stands for itself and for those it begins', () => {
  const all = ['idle-tabs', 'idle-headless', 'idleness', 'replay'];
  expect(chooseNames(all, 'idle')).toEqual(['idle-tabs', 'idle-headless']);
  expect(chooseNames(all, 'replay')).toEqual(['replay']);
  expect(chooseNames(all, 'rep')).toEqual([]);
});
