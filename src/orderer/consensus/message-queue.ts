// SPDX-License-Identifier: Apache-2.0
// A bounded first-in-first-out queue whose producers wait while it is full: Go's buffered channel.
import { OrdererError } from '../errors.ts';

/** Many producers, one consumer. */
export class MessageQueue<T> {
  readonly #capacity: number;
  readonly #values: T[] = [];
  readonly #producers: { accept: () => void; refuse: (reason: unknown) => void }[] = [];
  readonly #onValue: () => void;
  #closed: unknown;

  /** @param onValue called when there may be something to take, or when the queue was closed. */
  constructor(capacity: number, onValue: () => void) {
    this.#capacity = capacity;
    this.#onValue = onValue;
  }

  get size(): number {
    return this.#values.length;
  }

  /** Resolves when the value is in the queue; rejects with the reason of closing. */
  async put(value: T): Promise<void> {
    while (this.#closed === undefined && this.#values.length >= this.#capacity) {
      await new Promise<void>((accept, refuse) => this.#producers.push({ accept, refuse }));
    }
    if (this.#closed !== undefined) throw this.#closed;
    this.#values.push(value);
    this.#onValue();
  }

  /** The oldest value, if there is one. */
  take(): T | undefined {
    const value = this.#values.shift();
    this.#producers.shift()?.accept();
    return value;
  }

  /** Refuses further values; those inside can still be taken. */
  close(reason: unknown = new OrdererError('UNAVAILABLE', 'the chain was halted')): void {
    if (this.#closed !== undefined) return;
    this.#closed = reason;
    for (const producer of this.#producers.splice(0)) producer.refuse(reason);
    this.#onValue();
  }
}
