// SPDX-License-Identifier: Apache-2.0
// Slows down guessing: an address that keeps failing is refused for a while. Successes cost nothing, since a whole class may
// stand behind one address.
import type { Clock } from '../../src/common/runtime/clock.ts';
import { CaError, CaErrorCode } from './errors.ts';

export interface FailureLimitOptions {
  readonly maxFailures: number;
  readonly windowMs: number;
}

export const DEFAULT_FAILURE_LIMIT: FailureLimitOptions = Object.freeze({
  maxFailures: 30,
  windowMs: 60_000,
});

/** More addresses than this are not remembered one by one; the oldest make room. */
const MAX_ADDRESSES = 10_000;

/** Counts failures an address and window. */
export class FailureLimit {
  readonly #clock: Clock;
  readonly #options: FailureLimitOptions;
  readonly #failures = new Map<string, { count: number; since: number }>();

  constructor(clock: Clock, options: FailureLimitOptions = DEFAULT_FAILURE_LIMIT) {
    this.#clock = clock;
    this.#options = options;
  }

  /** Throws CaError 429 while `address` has failed too often. */
  check(address: string): void {
    const entry = this.#failures.get(address);
    if (!entry || entry.count < this.#options.maxFailures) return;
    const left = entry.since + this.#options.windowMs - this.#clock.now();
    if (left <= 0) {
      this.#failures.delete(address);
      return;
    }
    const message = `JOIN_TOO_MANY_FAILURES: too many failed attempts from this address; try again in ${Math.ceil(left / 1000)} s`;
    throw new CaError(429, CaErrorCode.TOO_MANY_FAILURES, message);
  }

  fail(address: string): void {
    const now = this.#clock.now();
    const entry = this.#failures.get(address);
    if (entry && entry.since + this.#options.windowMs > now) {
      entry.count++;
      return;
    }
    this.#failures.delete(address);
    if (this.#failures.size >= MAX_ADDRESSES) {
      const [oldest] = this.#failures.keys();
      if (oldest !== undefined) this.#failures.delete(oldest);
    }
    this.#failures.set(address, { count: 1, since: now });
  }
}
