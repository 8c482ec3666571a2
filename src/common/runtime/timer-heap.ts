// SPDX-License-Identifier: Apache-2.0
// Timers by their time, and those of one time in the order in which they were set: a binary heap, so that ten thousand of them
// cost a few comparisons each.

export interface HeapTimer {
  readonly at: number;
  /** Tells those of one time apart; unique. */
  readonly order: number;
}

export class TimerHeap<T extends HeapTimer> {
  readonly #timers: T[] = [];
  // A cancelled timer stays in its place until it comes up, or until most are cancelled.
  readonly #live = new Set<T>();

  /** Timers that are set and not cancelled. */
  get size(): number {
    return this.#live.size;
  }

  /** Timers in memory, cancelled ones among them. */
  get held(): number {
    return this.#timers.length;
  }

  add(timer: T): void {
    this.#live.add(timer);
    this.#timers.push(timer);
    this.#up(this.#timers.length - 1);
  }

  /** Does nothing for a timer that was taken out or cancelled before. */
  cancel(timer: T): void {
    if (!this.#live.delete(timer)) return;
    const cancelled = this.#timers.length - this.#live.size;
    if (cancelled <= 32 || cancelled <= this.#live.size) return;
    this.#timers.length = 0;
    for (const one of this.#live) this.add(one);
  }

  /** The timer that comes first, cancelled ones aside. */
  first(): T | undefined {
    for (;;) {
      const [first] = this.#timers;
      if (!first || this.#live.has(first)) return first;
      this.#removeFirst();
    }
  }

  /** Takes out the first timer that is due at `time`. */
  takeDue(time: number): T | undefined {
    const first = this.first();
    if (!first || first.at > time) return undefined;
    this.#removeFirst();
    this.#live.delete(first);
    return first;
  }

  #removeFirst(): void {
    const last = this.#timers.pop();
    if (!last || this.#timers.length === 0) return;
    this.#timers[0] = last;
    this.#down(0);
  }

  #up(from: number): void {
    for (let at = from; at > 0; ) {
      const parent = (at - 1) >> 1;
      if (!this.#isBefore(at, parent)) return;
      this.#swap(at, parent);
      at = parent;
    }
  }

  #down(from: number): void {
    for (let at = from; ; ) {
      let least = at;
      for (const child of [2 * at + 1, 2 * at + 2]) {
        if (child < this.#timers.length && this.#isBefore(child, least)) least = child;
      }
      if (least === at) return;
      this.#swap(at, least);
      at = least;
    }
  }

  #isBefore(i: number, j: number): boolean {
    const [a, b] = [this.#timers[i], this.#timers[j]];
    return a !== undefined && b !== undefined && (a.at - b.at || a.order - b.order) < 0;
  }

  #swap(i: number, j: number): void {
    const [a, b] = [this.#timers[i], this.#timers[j]];
    if (!a || !b) return;
    this.#timers[i] = b;
    this.#timers[j] = a;
  }
}
