// SPDX-License-Identifier: Apache-2.0
import { expect, it } from 'vitest';
import { StreamLimiter } from './stream-limiter.ts';

it('bounds the streams of one remote and of all, and counts a stream out once', () => {
  const limiter = new StreamLimiter('Test', { maxStreams: 3, maxStreamsPerRemote: 2 });
  const a = { address: 'a' };
  const first = limiter.acquire(a);
  limiter.acquire(a);
  expect(() => limiter.acquire(a)).toThrow(/limit 2 a client/);
  limiter.acquire({ address: 'b' });
  expect(() => limiter.acquire({ address: 'c' })).toThrow(/limit 3/);
  first();
  first();
  expect(limiter.open).toBe(2);
  limiter.acquire({ address: 'c' });
  expect(() => limiter.acquire(a)).toThrow(/limit 3\)/);
});
