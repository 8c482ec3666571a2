// SPDX-License-Identifier: Apache-2.0
// Slows down guessing of a secret that a registrar chose: whoever keeps failing with one identity is refused that identity for a while.
// Others behind the same address, and the owner at another one, are not. Secrets that are made here need no such thing: they have 144
// random bits.
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

/** More than this are not remembered one by one; the oldest make room. */
const MAX_REMEMBERED = 10_000;

/** Who tries: an identity from an address. */
export interface Guesser {
  readonly address: string;
  readonly caName: string;
  readonly id: string;
}

/** Counts failures of each guesser in a window of time. */
export class FailureLimit {
  readonly #clock: Clock;
  readonly #options: FailureLimitOptions;
  readonly #failures = new Map<string, { count: number; since: number }>();

  constructor(clock: Clock, options: FailureLimitOptions = DEFAULT_FAILURE_LIMIT) {
    this.#clock = clock;
    this.#options = options;
  }

  /** Throws CaError 429 while `guesser` has failed too often. */
  check(guesser: Guesser): void {
    const key = keyOf(guesser);
    const entry = this.#failures.get(key);
    if (!entry || entry.count < this.#options.maxFailures) return;
    const left = entry.since + this.#options.windowMs - this.#clock.now();
    if (left <= 0) {
      this.#failures.delete(key);
      return;
    }
    const message = `JOIN_TOO_MANY_FAILURES: too many failed attempts with this identity; try again in ${Math.ceil(left / 1000)} s`;
    throw new CaError(429, CaErrorCode.TOO_MANY_FAILURES, message);
  }

  fail(guesser: Guesser): void {
    const key = keyOf(guesser);
    const now = this.#clock.now();
    const entry = this.#failures.get(key);
    if (entry && entry.since + this.#options.windowMs > now) {
      entry.count++;
      return;
    }
    this.#failures.delete(key);
    if (this.#failures.size >= MAX_REMEMBERED) {
      const [oldest] = this.#failures.keys();
      if (oldest !== undefined) this.#failures.delete(oldest);
    }
    this.#failures.set(key, { count: 1, since: now });
  }
}

function keyOf({ address, caName, id }: Guesser): string {
  return JSON.stringify([address, caName, id]);
}
