// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { common, orderer } from '../common/protos/index.ts';
import { MAX_UINT64 } from '../common/protoutil/index.ts';
import { resolveSeek } from './seek.ts';

const { BAD_REQUEST, NOT_FOUND } = common.Status;

const oldest = { oldest: {} };
const newest = { newest: {} };
const next = { next_commit: {} };
const at = (number: number) => ({ specified: { number } });
const forEver = { specified: { number: MAX_UINT64 } };

function seek(start: orderer.ISeekPosition | null, stop: orderer.ISeekPosition | null, height = 5) {
  const encoded = orderer.SeekInfo.encode({ start, stop }).finish();
  return resolveSeek(orderer.SeekInfo.decode(encoded), height);
}

describe('resolveSeek on a chain of five blocks', () => {
  it.each([
    ['all there is', oldest, newest, { start: 0, stop: 4 }],
    ['the newest only', newest, newest, { start: 4, stop: 4 }],
    ['the oldest only', oldest, oldest, { start: 0, stop: 0 }],
    ['from the newest, "until the oldest" is the start', newest, oldest, { start: 4, stop: 4 }],
    ['one', at(2), at(2), { start: 2, stop: 2 }],
    ['a range', at(1), at(3), { start: 1, stop: 3 }],
    ['into the future', at(3), at(9), { start: 3, stop: 9 }],
    ['for ever', at(0), forEver, { start: 0, stop: Number.POSITIVE_INFINITY }],
    ['the next that comes', at(5), at(5), { start: 5, stop: 5 }],
    ['what comes from now on', next, forEver, { start: 5, stop: Number.POSITIVE_INFINITY }],
    ['from the middle to the newest', at(2), newest, { start: 2, stop: 4 }],
  ])('%s', (_name, start, stop, expected) => {
    expect(seek(start, stop)).toEqual(expected);
  });

  it.each([
    ['no start', null, newest, BAD_REQUEST],
    ['no stop', oldest, null, BAD_REQUEST],
    ['a stop before the start', at(3), at(2), BAD_REQUEST],
    ['a stop before the newest', newest, at(0), BAD_REQUEST],
    ['a start beyond the next block', at(6), forEver, NOT_FOUND],
    ['a start beyond the next block, and a stop before it', at(6), at(2), NOT_FOUND],
    ['a start at the end of numbers', forEver, forEver, NOT_FOUND],
    ['a start of no kind', {}, newest, NOT_FOUND],
  ])('refuses %s', (_name, start, stop, status) => {
    expect(seek(start, stop)).toBe(status);
  });
});
