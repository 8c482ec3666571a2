// SPDX-License-Identifier: Apache-2.0
// Bounded waits on the injected clock.
import type { Clock } from '../../../common/runtime/clock.ts';
import { FabricError } from '../../../common/runtime/errors.ts';

/**
 * Runs `work` with a signal that is aborted with TIMEOUT after `ms` milliseconds, or when `signal` is. Settles as soon
 * as the signal is aborted, even when `work` does not heed it.
 */
export async function withDeadline<T>(
  clock: Clock,
  ms: number,
  what: string,
  work: (signal: AbortSignal) => Promise<T>,
  options: { signal?: AbortSignal | undefined } = {},
): Promise<T> {
  const timeout = new AbortController();
  const cancel = clock.setTimer(
    () => timeout.abort(new FabricError('TIMEOUT', `${what} took longer than ${ms} ms`)),
    ms,
  );
  const signal = options.signal
    ? AbortSignal.any([options.signal, timeout.signal])
    : timeout.signal;
  try {
    return await raceAbort(work(signal), signal);
  } finally {
    cancel();
  }
}

/** The promise, or a rejection with the signal's reason when that comes first. */
export function raceAbort<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const abort = (): void => reject(signal.reason);
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
