// SPDX-License-Identifier: Apache-2.0
// What the state store holds of the keys used last; a read of IndexedDB takes a hundred times longer. Of keys used longer ago only
// the version is kept, in a tenth of the memory: it is all that validation asks of most keys.
import type { Version, VersionedValue } from '../../../types.ts';

const ENTRY_BYTES = 200;

// A version as one number, which a map holds without an object: 2^31 blocks of 2^22 transactions.
const TX_BITS = 22;
const ABSENT = -1;

export interface ReadCacheLimits {
  /** Of values with their keys, roughly. */
  readonly cacheBytes: number;
  /** Of keys whose version alone is kept. */
  readonly cacheVersions: number;
}

/** Forgets the value that was used longest ago when their bytes are too many. */
export class ReadCache {
  readonly #limits: ReadCacheLimits;
  readonly #values = new Map<string, VersionedValue | undefined>();
  // Of keys that are not in `#values`.
  readonly #versions = new Map<string, number>();
  #bytes = 0;

  constructor(limits: ReadCacheLimits) {
    this.#limits = limits;
  }

  has(key: string): boolean {
    return this.#values.has(key);
  }

  /** The stored value; undefined when the key is known to be absent, or not known. */
  get(key: string): VersionedValue | undefined {
    const value = this.#values.get(key);
    if (this.#values.delete(key)) this.#values.set(key, value);
    return value;
  }

  hasVersion(key: string): boolean {
    return this.#values.has(key) || this.#versions.has(key);
  }

  /** The version of the stored value; undefined when the key is known to be absent, or not known. */
  version(key: string): Version | undefined {
    const packed = this.#versions.get(key);
    return packed === undefined ? this.get(key)?.version : unpacked(packed);
  }

  set(key: string, value: VersionedValue | undefined): void {
    this.#forget(key);
    this.#versions.delete(key);
    this.#values.set(key, value);
    this.#bytes += sizeOf(key, value);
    for (const [oldest, old] of this.#values) {
      if (this.#bytes <= this.#limits.cacheBytes) return;
      this.#forget(oldest);
      this.#rememberVersion(oldest, old?.version);
    }
  }

  #rememberVersion(key: string, version: Version | undefined): void {
    const packed = version ? version.blockNum * 2 ** TX_BITS + version.txNum : ABSENT;
    if (!Number.isSafeInteger(packed) || (version && version.txNum >= 2 ** TX_BITS)) return;
    this.#versions.set(key, packed);
    if (this.#versions.size <= this.#limits.cacheVersions) return;
    const [oldest] = this.#versions.keys();
    if (oldest !== undefined) this.#versions.delete(oldest);
  }

  #forget(key: string): void {
    if (!this.#values.has(key)) return;
    this.#bytes -= sizeOf(key, this.#values.get(key));
    this.#values.delete(key);
  }
}

function unpacked(packed: number): Version | undefined {
  if (packed === ABSENT) return undefined;
  const blockNum = Math.floor(packed / 2 ** TX_BITS);
  return { blockNum, txNum: packed - blockNum * 2 ** TX_BITS };
}

function sizeOf(key: string, value: VersionedValue | undefined): number {
  return ENTRY_BYTES + key.length + (value ? value.value.length + value.metadata.length : 0);
}
