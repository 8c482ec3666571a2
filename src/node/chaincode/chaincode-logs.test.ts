// SPDX-License-Identifier: Apache-2.0
import { expect, it } from 'vitest';
import { ChaincodeLogs } from './chaincode-logs.ts';

const line = (text: string, more = {}) => ({
  at: 1,
  packageId: 'p:1',
  level: 'info',
  text,
  ...more,
});

it('gives the lines of a package, of a transaction, or all', () => {
  const logs = new ChaincodeLogs();
  logs.add(line('a', { txId: 't' }));
  logs.add(line('b', { packageId: 'q:1', txId: 't' }));
  logs.add(line('c'));
  const texts = (filter = {}): string[] => logs.lines(filter).map(({ text }) => text);
  expect(texts()).toEqual(['a', 'b', 'c']);
  expect(texts({ packageId: 'p:1' })).toEqual(['a', 'c']);
  expect(texts({ txId: 't' })).toEqual(['a', 'b']);
  expect(texts({ txId: 't', packageId: 'q:1' })).toEqual(['b']);
});

it('keeps the newest, few and short enough', () => {
  const logs = new ChaincodeLogs();
  for (let i = 0; i < 1500; i++) logs.add(line(`${i}`));
  expect(logs.lines()).toHaveLength(1000);
  expect(logs.lines().at(-1)?.text).toBe('1499');
  for (let i = 0; i < 200; i++) logs.add(line('x'.repeat(8000)));
  expect(logs.lines().length).toBeLessThanOrEqual(125);
});
