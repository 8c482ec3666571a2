// SPDX-License-Identifier: Apache-2.0
// Which keys the last blocks changed, so that an index can follow the state, and serve those who still read an older one.
import { stateKeyOfBinary } from '../state-key.ts';
import type { UpdateBatch } from '../update-batch.ts';

type ChangesOfBlock = ReadonlyMap<string, readonly string[]>;

// About what the state keeps in memory before it is stored; a query that needs more reads everything.
const MAX_KEYS = 20_000;
const MAX_BLOCKS = 1000;

export class ChangeLog {
  // Of blocks without a gap.
  readonly #blocks: ChangesOfBlock[] = [];
  #next = 0;
  #keys = 0;

  /** Takes the public keys of the next block. */
  record(blockNum: number, batch: UpdateBatch): void {
    if (blockNum !== this.#next) this.#clear();
    const changes = new Map<string, readonly string[]>();
    for (const namespace of batch.namespaces()) {
      const keys = batch.updates(namespace, '')?.keys() ?? [];
      this.#keys += keys.length;
      changes.set(
        namespace,
        keys.map((key) => stateKeyOfBinary(namespace, key)),
      );
    }
    this.#blocks.push(changes);
    this.#next = blockNum + 1;
    while (this.#keys > MAX_KEYS || this.#blocks.length > MAX_BLOCKS) this.#dropOldest();
  }

  /** State keys of a namespace that the blocks after `from` up to `to` changed; undefined when it is not known. */
  between(namespace: string, from: number, to: number): ReadonlySet<string> | undefined {
    const oldest = this.#next - this.#blocks.length;
    if (from >= to) return new Set();
    if (from + 1 < oldest || to >= this.#next) return undefined;
    const blocks = this.#blocks.slice(from + 1 - oldest, to + 1 - oldest);
    return new Set(blocks.flatMap((changes) => changes.get(namespace) ?? []));
  }

  #dropOldest(): void {
    for (const keys of this.#blocks.shift()?.values() ?? []) this.#keys -= keys.length;
  }

  #clear(): void {
    this.#blocks.length = 0;
    this.#keys = 0;
  }
}
