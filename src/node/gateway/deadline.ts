// SPDX-License-Identifier: Apache-2.0
// Waits that end, also when whom one waits for pays no heed to the signal.
import type { Clock } from '../../common/runtime/clock.ts';

/** The answer did not come in time. */
export class DeadlineError extends Error {
  constructor(ms: number) {
    super(`no answer within ${ms} ms`);
    this.name = new.target.name;
  }
}

/**
 * What `run` resolves to. Its signal is aborted when `ms` milliseconds have passed or when `options.signal` is, and then
 * this rejects with DeadlineError, or with the reason of `options.signal`.
 */
export async function withDeadline<T>(
  clock: Clock,
  ms: number,
  run: (signal: AbortSignal) => Promise<T>,
  options: { signal?: AbortSignal } = {},
): Promise<T> {
  const controller = new AbortController();
  const { signal } = controller;
  const abort = (): void => controller.abort(options.signal?.reason);
  const cancel = clock.setTimer(() => controller.abort(new DeadlineError(ms)), ms);
  options.signal?.addEventListener('abort', abort, { once: true });
  try {
    return await new Promise<T>((resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason), { once: true });
      if (options.signal?.aborted) abort();
      else run(signal).then(resolve, reject);
    });
  } finally {
    cancel();
    options.signal?.removeEventListener('abort', abort);
  }
}
