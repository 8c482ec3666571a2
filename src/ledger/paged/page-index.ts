// SPDX-License-Identifier: Apache-2.0
// Which page holds which keys: a page holds those from its separator up to the next one's. The first separator is the empty key.
import { lowerBound } from '../util/sorted-map.ts';

/** A page's keys: from `separator` on and below `end`; without an end, all above. */
export interface PageSpan {
  readonly separator: string;
  readonly end: string | undefined;
}

export class PageIndex {
  #separators: string[];

  constructor(separators: readonly string[] = ['']) {
    this.#separators = [...separators];
  }

  get separators(): readonly string[] {
    return this.#separators;
  }

  /** How many pages there are. */
  get size(): number {
    return this.#separators.length;
  }

  /** Number of the page that a key belongs to. */
  pageOf(key: string): number {
    const at = lowerBound(this.#separators, key);
    return this.#separators[at] === key ? at : at - 1;
  }

  /** Number of the last page with keys below `key`; of all when absent. */
  lastBelow(key: string | undefined): number {
    const count = key === undefined ? this.size : lowerBound(this.#separators, key);
    return Math.max(0, count - 1);
  }

  span(page: number): PageSpan {
    return { separator: this.#separators[page] ?? '', end: this.#separators[page + 1] };
  }

  /** The index once some pages have been replaced, each by pages with these separators, in order. */
  replaced(replacements: ReadonlyMap<string, readonly string[]>): PageIndex {
    const separators = this.#separators.flatMap((one) => replacements.get(one) ?? [one]);
    if (separators[0] !== '') separators.unshift('');
    return new PageIndex(separators);
  }
}
