// SPDX-License-Identifier: Apache-2.0
// The part of the state that is in memory only: what recent blocks changed. Each key has the values that these
// blocks gave it, so that a reader sees the state as of its block while later ones commit.
import type { VersionedValue } from '../../../types.ts';
import { type BinaryRange, SortedMap } from '../../../util/sorted-map.ts';

/** What a block made of a key; no value when it deleted it. */
export interface MemtableEntry {
  readonly blockNum: number;
  readonly value: VersionedValue | undefined;
}

// What an entry costs beside its bytes, roughly.
const ENTRY_BYTES = 200;

export class Memtable {
  // Entries of a key in order of blocks.
  readonly #chains = new SortedMap<MemtableEntry[]>();
  #entries = 0;
  #bytes = 0;

  get entries(): number {
    return this.#entries;
  }

  /** What it holds, roughly, in bytes. */
  get bytes(): number {
    return this.#bytes;
  }

  put(key: string, entry: MemtableEntry): void {
    const chain = this.#chains.get(key);
    if (chain) chain.push(entry);
    else this.#chains.set(key, [entry]);
    this.#count(key, entry, 1);
  }

  /** What block `asOf` and those before it made of a key; undefined when they did not touch it. */
  get(key: string, asOf: number): MemtableEntry | undefined {
    return this.#chains.get(key)?.findLast(({ blockNum }) => blockNum <= asOf);
  }

  /** Keys of a range that were touched up to block `asOf`, in order. */
  slice(range: BinaryRange, asOf: number): (readonly [string, VersionedValue | undefined])[] {
    return this.#chains.keys(range).flatMap((key) => {
      const entry = this.get(key, asOf);
      return entry ? [[key, entry.value] as const] : [];
    });
  }

  /** What is to be stored of the blocks up to `asOf`. */
  collect(asOf: number): (readonly [string, VersionedValue | undefined])[] {
    const found: (readonly [string, VersionedValue | undefined])[] = [];
    for (const [key] of this.#chains.entries()) {
      const entry = this.get(key, asOf);
      if (entry) found.push([key, entry.value]);
    }
    return found;
  }

  /** Forgets the blocks up to `asOf`, which are stored. */
  drop(asOf: number): void {
    for (const [key, chain] of [...this.#chains.entries()]) {
      const kept = chain.filter((entry) => {
        if (entry.blockNum > asOf) return true;
        this.#count(key, entry, -1);
        return false;
      });
      if (kept.length === 0) this.#chains.delete(key);
      else if (kept.length < chain.length) this.#chains.set(key, kept);
    }
  }

  #count(key: string, { value }: MemtableEntry, sign: 1 | -1): void {
    this.#entries += sign;
    const content = value ? value.value.length + value.metadata.length : 0;
    this.#bytes += sign * (ENTRY_BYTES + key.length + content);
  }
}
