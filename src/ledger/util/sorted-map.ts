// SPDX-License-Identifier: Apache-2.0
// A map whose keys can be walked in order. Keys are sorted only when somebody walks, since writes come in
// bursts (a block) and walks between them.

/** Bounds of binary strings: `gte` <= key < `lt`. */
export interface BinaryRange {
  readonly gte?: string | undefined;
  readonly lt?: string | undefined;
}

export class SortedMap<V> {
  readonly #values = new Map<string, V>();
  // Every key is in one of the two; `#sorted` may also hold keys deleted since.
  #sorted: string[] = [];
  #added = new Set<string>();
  #stale = false;

  get size(): number {
    return this.#values.size;
  }

  get(key: string): V | undefined {
    return this.#values.get(key);
  }

  has(key: string): boolean {
    return this.#values.has(key);
  }

  set(key: string, value: V): void {
    if (!this.#values.has(key)) this.#added.add(key);
    this.#values.set(key, value);
  }

  delete(key: string): void {
    if (!this.#values.delete(key)) return;
    if (!this.#added.delete(key)) this.#stale = true;
  }

  /** Keys in order. A copy: the map may change while it is read. */
  keys({ gte, lt }: BinaryRange = {}): string[] {
    this.#sort();
    const from = gte === undefined ? 0 : lowerBound(this.#sorted, gte);
    const to = lt === undefined ? this.#sorted.length : lowerBound(this.#sorted, lt);
    return this.#sorted.slice(from, Math.max(from, to));
  }

  /** Values with their keys, in no order. */
  entries(): IterableIterator<[string, V]> {
    return this.#values.entries();
  }

  #sort(): void {
    if (this.#added.size > 0) {
      const kept = this.#stale ? this.#sorted.filter((key) => this.#isOld(key)) : this.#sorted;
      this.#sorted = merge(kept, [...this.#added].sort(byCode));
      this.#added = new Set();
    } else if (this.#stale) {
      this.#sorted = this.#sorted.filter((key) => this.#values.has(key));
    }
    this.#stale = false;
  }

  // A key that was deleted and set again is in `#added` too; it must not come out twice.
  #isOld(key: string): boolean {
    return this.#values.has(key) && !this.#added.has(key);
  }
}

/** Index of the first element that is not below `key`. */
export function lowerBound(sorted: readonly string[], key: string): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] as string) < key) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Order by character code, which `sort()` alone would do as well, but slower and unsaid. */
export function byCode(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function merge(a: readonly string[], b: readonly string[]): string[] {
  const out: string[] = [];
  let i = 0;
  for (const key of b) {
    while (i < a.length && (a[i] as string) < key) out.push(a[i++] as string);
    out.push(key);
  }
  while (i < a.length) out.push(a[i++] as string);
  return out;
}
