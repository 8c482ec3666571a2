// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import { workerName } from './process-names.ts';

test.each([
  ['http://127.0.0.1:7050/assets/peer-worker-DoKj4DPw.js', 'peer'],
  ['http://127.0.0.1:7050/assets/verify-worker-Bz-Mo_52.js', 'verify'],
  ['http://127.0.0.1:7050/assets/ticker.js', 'ticker'],
  ['blob:null/14ebdbc2-b4e0-4dad-b411-347f3022ed90', 'worker'],
])('the worker of %s is called %s', (url, name) => {
  expect(workerName(url)).toBe(name);
});
