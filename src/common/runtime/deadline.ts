// SPDX-License-Identifier: Apache-2.0
// Bounded waits on the injected clock.
import type { Clock } from './clock.ts';
import { FabricError } from './errors.ts';

/** What was waited for did not come in time. */
export class DeadlineError extends FabricError {
  override readonly name: string = 'DeadlineError';

  constructor(what: string, ms: number) {
    super('TIMEOUT', `${what} took longer than ${ms} ms`);
  }
}

/**
 * Runs `work` with a signal that is aborted after `ms` milliseconds, or when `options.signal` is. Settles as soon as that
 * signal is aborted, even when `work` ignores it. Rejects with {@link DeadlineError}, or with the reason of `options.signal`.
 * @param what names the wait in the error, e.g. `the handshake`.
 */
export async function withDeadline<T>(
  clock: Clock,
  ms: number,
  what: string,
  work: (signal: AbortSignal) => Promise<T>,
  options: { signal?: AbortSignal | undefined } = {},
): Promise<T> {
  options.signal?.throwIfAborted();
  const timeout = new AbortController();
  const cancel = clock.setTimer(() => timeout.abort(new DeadlineError(what, ms)), ms);
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
