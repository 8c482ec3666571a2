// SPDX-License-Identifier: Apache-2.0
// A bounded bridge from callbacks to an async iterable.
import { FabricError } from './errors.ts';

/** Values pushed on one side come out of the iterable on the other, in order. One consumer. */
export class AsyncQueue<T> implements AsyncIterable<T> {
  readonly #limit: number;
  #values: T[] = [];
  #waiting: (() => void) | undefined;
  #ended = false;
  #error: unknown;

  /** @param limit values that may wait; one more ends the queue with an overflow error. */
  constructor(limit = Number.POSITIVE_INFINITY) {
    this.#limit = limit;
  }

  get size(): number {
    return this.#values.length;
  }

  push(value: T): void {
    if (this.#ended) return;
    if (this.#values.length >= this.#limit) {
      this.fail(new FabricError('QUEUE_OVERFLOW', `more than ${this.#limit} values are waiting`));
      return;
    }
    this.#values.push(value);
    this.#wake();
  }

  /** Takes at most `most` of the values that wait now. */
  drain(most: number): T[] {
    return this.#values.splice(0, most);
  }

  end(): void {
    this.#ended = true;
    this.#wake();
  }

  fail(error: unknown): void {
    if (this.#ended) return;
    this.#error = error;
    this.end();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T, void, undefined> {
    for (;;) {
      while (this.#values.length > 0) yield this.#values.shift() as T;
      if (this.#error !== undefined) throw this.#error;
      if (this.#ended) return;
      await new Promise<void>((resolve) => {
        this.#waiting = resolve;
      });
    }
  }

  #wake(): void {
    this.#waiting?.();
    this.#waiting = undefined;
  }
}
