// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import { countsBetween, sentBetween, sentByKindBetween } from './sends.ts';

const before = { WebSocket: { sends: 10, bytes: 1000 } };
const after = {
  WebSocket: { sends: 14, bytes: 1500 },
  RTCDataChannel: { sends: 3, bytes: 90 },
};

test('counters are what they grew by, without those that stood still', () => {
  expect(countsBetween({ a: 1, b: 2 }, { a: 4, b: 2, c: 5 })).toEqual({ a: 3, c: 5 });
});

test('what was sent is the difference, by kind and in all', () => {
  expect(sentByKindBetween(before, after)).toEqual({
    WebSocket: { sends: 4, bytes: 500 },
    RTCDataChannel: { sends: 3, bytes: 90 },
  });
  expect(sentBetween(before, after)).toEqual({ sends: 7, bytes: 590 });
});
