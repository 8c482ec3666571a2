// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { tickerClock } from './ticker.ts';

/** A worker that answers when the test moves time on. */
class FakeWorker {
  readonly requests: number[] = [];
  onmessage: ((event: MessageEvent<number>) => void) | null = null;
  now = 0;
  #wakeAt = Number.POSITIVE_INFINITY;

  postMessage(ms: number): void {
    this.requests.push(ms);
    this.#wakeAt = this.now + ms;
  }

  advance(ms: number): void {
    const end = this.now + ms;
    while (this.#wakeAt <= end) {
      this.now = this.#wakeAt;
      this.#wakeAt = Number.POSITIVE_INFINITY;
      this.onmessage?.(new MessageEvent('message', { data: 0 }));
    }
    this.now = end;
  }
}

function setUp() {
  const worker = new FakeWorker();
  return { worker, clock: tickerClock(worker, () => worker.now) };
}

describe('ticker clock', () => {
  it('runs timers in their order, each once, and asks the worker for the first alone', () => {
    const { worker, clock } = setUp();
    const fired: string[] = [];
    clock.setTimer(() => fired.push('c'), 900);
    clock.setTimer(() => fired.push('a'), 100);
    clock.setTimer(() => fired.push('b'), 100);
    expect(worker.requests).toEqual([900, 100]);
    worker.advance(99);
    expect(fired).toEqual([]);
    worker.advance(1);
    expect(fired).toEqual(['a', 'b']);
    worker.advance(5000);
    expect(fired).toEqual(['a', 'b', 'c']);
    expect(worker.requests).toEqual([900, 100, 800]);
  });

  it('asks the worker nothing for deadlines that are cancelled in time', () => {
    const { worker, clock } = setUp();
    let fired = 0;
    clock.setTimer(() => fired++, 50);
    for (let call = 0; call < 1000; call++) {
      const cancel = clock.setTimer(() => fired++, 10_000);
      cancel();
      cancel();
    }
    worker.advance(60_000);
    expect(fired).toBe(1);
    expect(worker.requests).toEqual([50]);
  });

  it('goes on when a callback throws', () => {
    const { worker, clock } = setUp();
    const fired: string[] = [];
    clock.setTimer(() => {
      throw new Error('a bug');
    }, 10);
    clock.setTimer(() => fired.push('later'), 10);
    expect(() => worker.advance(10)).toThrow('a bug');
    worker.advance(10);
    expect(fired).toEqual(['later']);
  });

  it('lets a callback set the next timer', () => {
    const { worker, clock } = setUp();
    const at: number[] = [];
    const tick = (): void => {
      at.push(worker.now);
      clock.setTimer(tick, 100);
    };
    clock.setTimer(tick, 100);
    worker.advance(350);
    expect(at).toEqual([100, 200, 300]);
  });

  it('ends a sleep when it is aborted', async () => {
    const { clock } = setUp();
    const controller = new AbortController();
    const sleep = clock.sleep(1000, { signal: controller.signal });
    controller.abort(new Error('enough'));
    await expect(sleep).rejects.toThrow('enough');
  });
});
