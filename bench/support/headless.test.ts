// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import { readyEvent } from './headless.ts';

test('a peer at the tip says so with its name and height', () => {
  const line = '{"event":"ready","name":"peer7","height":21,"more":true}';
  expect(readyEvent(line)).toEqual({ name: 'peer7', height: 21 });
});

test.each([
  'started',
  'null',
  '7',
  '{"event":"metrics","name":"peer7","height":21}',
  '{"event":"ready","name":"peer7","height":"21"}',
  '{"event":"ready","height":21}',
])('other lines are no such news: %s', (line) => {
  expect(readyEvent(line)).toBeUndefined();
});
