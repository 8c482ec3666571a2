// SPDX-License-Identifier: Apache-2.0
// Changes that are in no page yet.
import { type BinaryRange, SortedMap } from '../util/sorted-map.ts';
import type { Change } from './records.ts';

// What an entry costs beside its bytes, roughly.
const ENTRY_BYTES = 100;

export class Overlay {
  /** Number of the first journal record that holds some of it. */
  readonly firstRecord: number;
  readonly #values = new SortedMap<{ readonly value: Uint8Array | undefined }>();
  #bytes = 0;

  constructor(firstRecord: number) {
    this.firstRecord = firstRecord;
  }

  /** What has been put in, roughly. A key that is written again counts again, as it does in the journal. */
  get bytes(): number {
    return this.#bytes;
  }

  apply(changes: Iterable<Change>): void {
    for (const [key, value] of changes) {
      this.#values.set(key, { value });
      this.#bytes += ENTRY_BYTES + key.length + (value?.length ?? 0);
    }
  }

  get(key: string): { readonly value: Uint8Array | undefined } | undefined {
    return this.#values.get(key);
  }

  /** The changes of a range, in order of keys. */
  slice(range: BinaryRange): Change[] {
    return this.#values.keys(range).map((key) => [key, this.#values.get(key)?.value]);
  }
}
