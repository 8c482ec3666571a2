// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { type TickerPort, tickerClock } from './ticker.ts';
import type { TimerRequest } from './ticker-worker.ts';

function fakePort(): TickerPort & { readonly requests: TimerRequest[]; due(id: number): void } {
  const requests: TimerRequest[] = [];
  return {
    requests,
    onmessage: null,
    postMessage: (request) => void requests.push(request),
    due(id) {
      this.onmessage?.({ data: id } as MessageEvent<number>);
    },
  };
}

describe('ticker clock', () => {
  it('runs timers in the worker, each once', () => {
    const port = fakePort();
    const clock = tickerClock(port);
    const fired: string[] = [];
    clock.setTimer(() => fired.push('a'), 500);
    clock.setTimer(() => fired.push('b'), 100);
    expect(port.requests).toEqual([
      { id: 1, ms: 500 },
      { id: 2, ms: 100 },
    ]);
    port.due(2);
    port.due(2);
    port.due(1);
    expect(fired).toEqual(['b', 'a']);
  });

  it('cancels, also when the worker has fired already', async () => {
    const port = fakePort();
    const clock = tickerClock(port);
    let fired = 0;
    const cancel = clock.setTimer(() => fired++, 500);
    cancel();
    cancel();
    expect(port.requests).toEqual([{ id: 1, ms: 500 }, { id: 1 }]);
    port.due(1);
    expect(fired).toBe(0);
    const controller = new AbortController();
    const sleep = clock.sleep(1000, { signal: controller.signal });
    controller.abort(new Error('enough'));
    await expect(sleep).rejects.toThrow('enough');
    expect(port.requests.at(-1)).toEqual({ id: 2 });
  });
});
