// SPDX-License-Identifier: Apache-2.0
// Tells for most keys that a segment cannot hold them, so that a look-up reads no storage: transaction ids
// are looked up mostly to find that they are new.

const BITS_PER_KEY = 16;
// With 16 bits a key, 8 probes pass about one foreign key in 1,700.
const PROBES = 8;

/** A set of binary strings that may say yes wrongly, and never no. */
export class BloomFilter {
  readonly bytes: Uint8Array;

  /** @param bytes of an existing filter. */
  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  /** A filter of exactly these keys. */
  static of(keys: Iterable<string>, count: number): BloomFilter {
    const filter = new BloomFilter(new Uint8Array(Math.ceil((count * BITS_PER_KEY) / 8)));
    for (const key of keys) filter.#add(key);
    return filter;
  }

  mayHave(key: string): boolean {
    if (this.bytes.length === 0) return false;
    return positions(key, this.bytes.length * 8).every((at) => (this.#byte(at) & mask(at)) !== 0);
  }

  #add(key: string): void {
    for (const at of positions(key, this.bytes.length * 8)) {
      this.bytes[at >>> 3] = this.#byte(at) | mask(at);
    }
  }

  #byte(at: number): number {
    return this.bytes[at >>> 3] ?? 0;
  }
}

function mask(at: number): number {
  return 1 << (at & 7);
}

// Two 32-bit FNV-1a hashes of different start, combined into as many probes as wanted.
function positions(key: string, bits: number): number[] {
  let a = 0x811c9dc5;
  let b = 0x050c5d1f;
  for (let i = 0; i < key.length; i++) {
    const code = key.charCodeAt(i);
    a = Math.imul(a ^ code, 0x01000193);
    b = Math.imul(b ^ code, 0x85ebca6b);
    b ^= b >>> 13;
  }
  const step = (b | 1) >>> 0;
  const start = a >>> 0;
  return Array.from({ length: PROBES }, (_, i) => (start + i * step) % bits);
}
