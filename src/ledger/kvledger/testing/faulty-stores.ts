// SPDX-License-Identifier: Apache-2.0
// Stores that lose power: from a chosen write on, everything fails. What was written before survives.
import type { KVOperation, KVStore, KVStoreProvider } from '../../kv-store.ts';
import { MemoryKVStoreProvider } from '../../memory/memory-kv-store.ts';

export class PowerCut extends Error {}

export class FaultyStores implements KVStoreProvider {
  readonly #memory = new MemoryKVStoreProvider();
  readonly #open = new Set<KVStore>();
  #writesLeft = Number.POSITIVE_INFINITY;
  #lastIsWritten = false;
  #dead = false;

  /** The same data in other stores. */
  async copy(): Promise<FaultyStores> {
    const copy = new FaultyStores();
    for (const name of await this.#memory.list()) {
      const from = await this.#memory.open(name);
      const to = await copy.#memory.open(name);
      for await (const [key, value] of from.range({}))
        await to.write([{ type: 'put', key, value }]);
      await Promise.all([from.close(), to.close()]);
    }
    return copy;
  }

  /** Cuts the power at a write; `isWritten` says whether that one still reaches the disk. */
  cutAt(write: number, isWritten: boolean): void {
    this.#writesLeft = write;
    this.#lastIsWritten = isWritten;
  }

  get isDead(): boolean {
    return this.#dead;
  }

  /** Power again: handles from before stay dead, the data is there. */
  async restart(): Promise<void> {
    for (const store of this.#open) await store.close();
    this.#open.clear();
    this.#dead = false;
    this.#writesLeft = Number.POSITIVE_INFINITY;
  }

  async open(name: string): Promise<KVStore> {
    this.#check();
    const store = await this.#memory.open(name);
    this.#open.add(store);
    return {
      get: async (key) => {
        this.#check();
        return store.get(key);
      },
      getMany: async (keys) => {
        this.#check();
        return store.getMany(keys);
      },
      range: (range) => store.range(range),
      write: (operations) => this.#write(store, operations),
      close: () => store.close(),
    };
  }

  list(): Promise<string[]> {
    return this.#memory.list();
  }

  async destroy(name: string): Promise<void> {
    this.#check();
    await this.#memory.destroy(name);
  }

  async #write(store: KVStore, operations: readonly KVOperation[]): Promise<void> {
    this.#check();
    if (this.#writesLeft-- > 0) return store.write(operations);
    this.#dead = true;
    if (this.#lastIsWritten) await store.write(operations);
    throw new PowerCut('the power was cut');
  }

  #check(): void {
    if (this.#dead) throw new PowerCut('there is no power');
  }
}
