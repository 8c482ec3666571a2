// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { BatchSize } from '../common/channelconfig/types.ts';
import { common } from '../common/protos/index.ts';
import { BlockCutter, messageSizeBytes } from './blockcutter.ts';

function envelopeOf(sizeBytes: number, tag = 0): common.Envelope {
  const signature = new Uint8Array(Math.min(sizeBytes, 3)).fill(tag);
  const payload = new Uint8Array(sizeBytes - signature.length).fill(tag);
  return common.Envelope.decode(common.Envelope.encode({ payload, signature }).finish());
}

function limits(maxMessageCount: number, preferredMaxBytes: number): BatchSize {
  return { maxMessageCount, preferredMaxBytes, absoluteMaxBytes: 1_000_000 };
}

describe('BlockCutter, row by row of its table', () => {
  // Count 3, 100 bytes preferred; `first` waits (when given), then `next` comes.
  const rows: [string, number[], number, BatchSize, number[], boolean][] = [
    ['nothing before, room left', [], 40, limits(3, 100), [], true],
    ['nothing before, a count of one', [], 40, limits(1, 100), [1], false],
    ['nothing before, too big', [], 101, limits(3, 100), [1], false],
    ['exactly the preferred size is not too big', [], 100, limits(3, 100), [], true],
    ['something before, room left', [40], 40, limits(3, 100), [], true],
    ['something before, count reached', [30, 30], 30, limits(3, 100), [3], false],
    ['exactly the preferred sum is not over', [60], 40, limits(3, 100), [], true],
    ['something before, over the preferred sum', [60], 41, limits(3, 100), [1], true],
    ['something before, over, and too big', [60], 101, limits(3, 100), [1, 1], false],
  ];
  it.each(rows)('%s', (_name, before, next, size, lengths, pending) => {
    const cutter = new BlockCutter(() => size);
    for (const bytes of before) expect(cutter.ordered(envelopeOf(bytes)).batches).toEqual([]);
    const result = cutter.ordered(envelopeOf(next));
    expect(result.batches.map((batch) => batch.length)).toEqual(lengths);
    expect(result.pending).toBe(pending);
  });

  it('cuts twice without a big message when the count was lowered to one while envelopes waited', () => {
    let size = limits(3, 100);
    const cutter = new BlockCutter(() => size);
    cutter.ordered(envelopeOf(60));
    size = limits(1, 100);
    const result = cutter.ordered(envelopeOf(60));
    expect(result.batches.map((batch) => batch.length)).toEqual([1, 1]);
    expect(result.pending).toBe(false);
  });

  it('gives an empty batch when nothing waits', () => {
    expect(new BlockCutter(() => limits(3, 100)).cut()).toEqual([]);
  });
});

describe('BlockCutter, for any stream of envelopes', () => {
  const streams = fc.array(fc.integer({ min: 0, max: 160 }), { maxLength: 60 });
  const sizes = fc.record({
    count: fc.integer({ min: 1, max: 7 }),
    bytes: fc.integer({ min: 1, max: 150 }),
  });

  it('keeps order, loses nothing, and respects both limits', () => {
    fc.assert(
      fc.property(streams, sizes, (stream, { count, bytes }) => {
        const cutter = new BlockCutter(() => limits(count, bytes));
        const envelopes = stream.map((size, index) => envelopeOf(size, index % 251));
        const out: common.Envelope[] = [];
        const check = (batch: readonly common.Envelope[]): void => {
          const total = batch.reduce((sum, envelope) => sum + messageSizeBytes(envelope), 0);
          expect(batch.length).toBeGreaterThan(0);
          expect(batch.length).toBeLessThanOrEqual(count);
          expect(batch.length === 1 || total <= bytes).toBe(true);
          out.push(...batch);
        };
        for (const envelope of envelopes) {
          const { batches, pending } = cutter.ordered(envelope);
          expect(batches.length).toBeLessThanOrEqual(2);
          for (const batch of batches) check(batch);
          expect(pending).toBe(cutter.pendingCount > 0);
          expect(out.length + cutter.pendingCount).toBe(envelopes.indexOf(envelope) + 1);
        }
        if (cutter.pendingCount > 0) check(cutter.cut());
        expect(out).toEqual(envelopes);
      }),
    );
  });

  it('never waits with a full batch and never cuts a batch that had room for the next envelope', () => {
    fc.assert(
      fc.property(streams, sizes, (stream, { count, bytes }) => {
        const cutter = new BlockCutter(() => limits(count, bytes));
        for (const size of stream) {
          const before = cutter.pendingCount;
          const { batches } = cutter.ordered(envelopeOf(size));
          expect(cutter.pendingCount).toBeLessThan(count);
          const first = batches[0];
          if (!first || first.length === count || first.length > before) continue;
          const total = first.reduce((sum, envelope) => sum + messageSizeBytes(envelope), 0);
          expect(total + size).toBeGreaterThan(bytes);
        }
      }),
    );
  });
});
