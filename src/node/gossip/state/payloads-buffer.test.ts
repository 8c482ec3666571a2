// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type BufferedPayload, PayloadsBuffer } from './payloads-buffer.ts';

const { signal } = new AbortController();

function payload(seqNum: number, bytes = 1): BufferedPayload {
  return { seqNum, block: new Uint8Array(bytes), source: 'push', from: 'peer0', at: 0 };
}

function drain(buffer: PayloadsBuffer): number[] {
  const out: number[] = [];
  for (let next = buffer.pop(); next; next = buffer.pop()) out.push(next.seqNum);
  return out;
}

describe('payloads buffer', () => {
  it('releases the next block, drops lower ones and holds higher ones', () => {
    const buffer = new PayloadsBuffer(5, 10);
    expect(buffer.push(payload(4))).toBe('stale');
    expect(buffer.push(payload(7))).toBe('added');
    expect(buffer.push(payload(7))).toBe('duplicate');
    expect(buffer.push(payload(6))).toBe('added');
    expect(buffer.heldNumbers()).toEqual([6, 7]);
    expect(buffer.pop()).toBeUndefined();
    expect(buffer.push(payload(5))).toBe('added');
    expect(buffer.heldNumbers()).toEqual([]);
    expect(drain(buffer)).toEqual([5, 6, 7]);
    expect(buffer.next).toBe(8);
    expect(buffer.push(payload(7))).toBe('stale');
  });

  it('takes nothing beyond its window or its bytes, but always the next block', () => {
    const buffer = new PayloadsBuffer(5, 3);
    expect(buffer.push(payload(8))).toBe('full');
    expect(buffer.push(payload(7, 100 * 1024 * 1024))).toBe('added');
    expect(buffer.push(payload(6, 50 * 1024 * 1024))).toBe('full');
    expect(buffer.push(payload(5, 50 * 1024 * 1024))).toBe('added');
    expect(drain(buffer)).toEqual([5]);
    expect(buffer.push(payload(6, 50 * 1024 * 1024))).toBe('added');
    expect(drain(buffer)).toEqual([6, 7]);
  });

  it('holds a source back until there is room', async () => {
    const buffer = new PayloadsBuffer(0, 2);
    const done: number[] = [];
    const source = (async () => {
      for (let n = 0; n < 5; n++) {
        await buffer.pushBlocking(payload(n), { signal });
        done.push(n);
      }
    })();
    await new Promise((resolve) => setImmediate(resolve));
    expect(done).toEqual([0, 1]);
    expect(buffer.pop()?.seqNum).toBe(0);
    await new Promise((resolve) => setImmediate(resolve));
    expect(done).toEqual([0, 1, 2]);
    while (buffer.next < 5) {
      await buffer.waitReady({ signal });
      buffer.pop();
    }
    await source;
  });

  it('stops waiting when told to', async () => {
    const controller = new AbortController();
    const wait = new PayloadsBuffer(0, 2).waitReady(controller);
    controller.abort();
    await expect(wait).rejects.toThrow('no longer waiting for blocks');
  });

  it('follows the ledger when blocks were committed elsewhere or refused', () => {
    const buffer = new PayloadsBuffer(0, 10);
    for (const n of [1, 2, 3]) buffer.push(payload(n));
    buffer.reset(2);
    expect(drain(buffer)).toEqual([2, 3]);
    buffer.reset(3);
    expect(buffer.push(payload(3))).toBe('added');
    expect(drain(buffer)).toEqual([3]);
  });

  it('never releases out of order, twice, or more than was pushed (property)', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.integer({ min: 0, max: 30 }), fc.constant('pop' as const)), {
          maxLength: 200,
        }),
        (steps) => {
          const buffer = new PayloadsBuffer(0, 8);
          const pushed = new Set<number>();
          let expected = 0;
          for (const step of steps) {
            if (step === 'pop') {
              const out = buffer.pop();
              if (out) {
                expect(out.seqNum).toBe(expected++);
                expect(pushed.has(out.seqNum)).toBe(true);
              }
            } else if (buffer.push(payload(step)) === 'added') pushed.add(step);
            expect(buffer.size).toBeLessThanOrEqual(8);
          }
        },
      ),
    );
  });
});
