// SPDX-License-Identifier: Apache-2.0
// A bounded cache whose keys are bytes. To make a string of an identity's 900 bytes and hash it costs more than to compare them,
// and every signature of a block asks for one; so entries are found by a few of their bytes, and then compared.
import { equalBytes } from '../runtime/bytes.ts';

interface Entry<V> {
  readonly key: Uint8Array;
  readonly hash: number;
  readonly value: V;
}

/** Entries that may share a hash. Whoever makes up keys that do so drives out only those of the same hash. */
const MAX_BUCKET = 8;
const SAMPLES = 64;

export class BytesCache<V> {
  readonly #capacity: number;
  readonly #buckets = new Map<number, Entry<V>[]>();
  // In the order of their coming.
  readonly #entries = new Set<Entry<V>>();

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  get size(): number {
    return this.#entries.size;
  }

  get(key: Uint8Array): V | undefined {
    for (const entry of this.#buckets.get(hashOf(key)) ?? []) {
      if (equalBytes(entry.key, key)) return entry.value;
    }
    return undefined;
  }

  /** Adds what `get` did not find. The oldest entry goes when there are too many. The key must not be changed afterwards. */
  add(key: Uint8Array, value: V): void {
    const [oldest] = this.#entries;
    if (oldest && this.#entries.size >= this.#capacity) this.#remove(oldest);
    const entry = { key, hash: hashOf(key), value };
    const bucket = this.#buckets.get(entry.hash) ?? [];
    const [first] = bucket;
    if (first && bucket.length >= MAX_BUCKET) this.#remove(first);
    this.#buckets.set(entry.hash, [...(this.#buckets.get(entry.hash) ?? []), entry]);
    this.#entries.add(entry);
  }

  #remove(entry: Entry<V>): void {
    this.#entries.delete(entry);
    const rest = this.#buckets.get(entry.hash)?.filter((other) => other !== entry) ?? [];
    if (rest.length > 0) this.#buckets.set(entry.hash, rest);
    else this.#buckets.delete(entry.hash);
  }
}

// FNV-1a over the length and bytes from all over the key: identities of one organisation differ in the middle and at the end.
function hashOf(bytes: Uint8Array): number {
  const step = Math.max(1, Math.floor(bytes.length / SAMPLES));
  let hash = 0x811c9dc5 ^ bytes.length;
  for (let i = bytes.length - 1; i >= 0; i -= step) {
    hash = Math.imul(hash ^ (bytes[i] ?? 0), 0x01000193);
  }
  return hash;
}
