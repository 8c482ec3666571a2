// SPDX-License-Identifier: Apache-2.0
// The transient stores of a peer's channels, in one store (storeProvider of core/transientstore/store.go).
import { concat, utf8 } from '../../common/runtime/bytes.ts';
import type { RandomBytes } from '../../common/runtime/random.ts';
import type { KVOperation, KVStore } from '../kv-store.ts';
import { PrefixedKVStore } from '../util/prefixed-kv-store.ts';
import { TransientStore, type TransientStoreOptions } from './transient-store.ts';

const DROP_ROWS = 500;

export class TransientStoreProvider {
  readonly #store: KVStore;
  readonly #random: RandomBytes;
  readonly #options: Partial<TransientStoreOptions>;

  /** @param store for nothing else; who opened it closes it. */
  constructor(store: KVStore, random: RandomBytes, options: Partial<TransientStoreOptions> = {}) {
    this.#store = store;
    this.#random = random;
    this.#options = options;
  }

  /** The transient store of a channel; to be opened once. */
  openStore(ledgerId: string): Promise<TransientStore> {
    return TransientStore.open(this.#part(ledgerId), this.#random, this.#options);
  }

  /** Forgets what a channel has here; its store must not be open. */
  async drop(ledgerId: string): Promise<void> {
    const part = this.#part(ledgerId);
    for (;;) {
      const rows: KVOperation[] = [];
      for await (const [key] of part.range({ limit: DROP_ROWS }))
        rows.push({ type: 'delete', key });
      if (rows.length > 0) await part.write(rows);
      if (rows.length < DROP_ROWS) return;
    }
  }

  // A channel's name holds no NUL.
  #part(ledgerId: string): KVStore {
    return new PrefixedKVStore(this.#store, concat(utf8(ledgerId), Uint8Array.of(0)));
  }
}
