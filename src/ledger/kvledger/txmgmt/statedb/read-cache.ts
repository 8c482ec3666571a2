// SPDX-License-Identifier: Apache-2.0
// What the state store holds of the keys used last; a read of IndexedDB takes a hundred times longer.
import type { VersionedValue } from '../../../types.ts';

const ENTRY_BYTES = 200;

/** Forgets the key that was used longest ago when its bytes are too many. */
export class ReadCache {
  readonly #limit: number;
  readonly #values = new Map<string, VersionedValue | undefined>();
  #bytes = 0;

  /** @param limit in bytes, roughly. */
  constructor(limit: number) {
    this.#limit = limit;
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

  set(key: string, value: VersionedValue | undefined): void {
    this.#forget(key);
    this.#values.set(key, value);
    this.#bytes += sizeOf(key, value);
    for (const oldest of this.#values.keys()) {
      if (this.#bytes <= this.#limit) return;
      this.#forget(oldest);
    }
  }

  #forget(key: string): void {
    if (!this.#values.has(key)) return;
    this.#bytes -= sizeOf(key, this.#values.get(key));
    this.#values.delete(key);
  }
}

function sizeOf(key: string, value: VersionedValue | undefined): number {
  return ENTRY_BYTES + key.length + (value ? value.value.length + value.metadata.length : 0);
}
