// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import { firstId, freeId, nextId } from './sample-functions.ts';

test('members begin to count apart from each other', () => {
  const ids = [0, 1, 2].flatMap((n) =>
    [1, 2].map((org) => firstId(`peer${n}.org${org}.example.com`, `Org${org}MSP`)),
  );
  expect(ids).toEqual([
    'asset0011',
    'asset0021',
    'asset1011',
    'asset1021',
    'asset2011',
    'asset2021',
  ]);
  expect(firstId('somebody', 'AcmeMSP')).toBe('asset0001');
});

test('an id that is offered is free', async () => {
  const taken = new Set(['asset1', 'asset2']);
  const isTaken = async (id: string): Promise<boolean> => taken.has(id);
  expect(await freeId('asset1', isTaken)).toBe('asset3');
  expect(await freeId('asset5', isTaken)).toBe('asset5');
  expect(await freeId('a', async () => true)).toBe('a');
  expect(
    await freeId('asset1', async () => {
      throw new Error('the ledger is closed');
    }),
  ).toBe('asset1');
});

test('the next id counts on, and keeps its digits', () => {
  expect(nextId('asset0011')).toBe('asset0012');
  expect(nextId('asset9')).toBe('asset10');
  expect(nextId('car')).toBe('car');
});
