// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import { messageOf } from './errors.ts';

test.each<[string, unknown, string]>([
  ['an error', new TypeError('it is closed'), 'it is closed'],
  ['text', 'it is closed', 'it is closed'],
  ['an event without words', new Event('close'), 'it ended with an event: close'],
  [
    'an event with words',
    Object.assign(new Event('error'), { message: 'ICE failed' }),
    'ICE failed',
  ],
  ['an event with an error', Object.assign(new Event('error'), { error: new Error('ICE') }), 'ICE'],
  ['an object', { code: 1 }, 'unknown error'],
  ['nothing', undefined, 'undefined'],
])('the message of %s is for people', (_, thrown, message) => {
  expect(messageOf(thrown)).toBe(message);
});
