// SPDX-License-Identifier: Apache-2.0
// Stores that fail at a chosen write: they lose power, after which nothing works until `restart`, or refuse just that
// write. Deleting a store counts as a write.
import type { KVOperation, KVStore, KVStoreProvider } from '../../kv-store.ts';
import { MemoryKVStoreProvider } from '../../memory/memory-kv-store.ts';
import type { LedgerError } from '../../types.ts';

export class PowerCut extends Error {}

type Fault =
  // `isWritten` says whether the write still reaches the disk.
  | { readonly kind: 'cut'; readonly isWritten: boolean }
  | { readonly kind: 'refuse'; readonly error: LedgerError };

export class FaultyStores implements KVStoreProvider {
  readonly #make: () => KVStoreProvider;
  readonly #inner: KVStoreProvider;
  readonly #open = new Set<KVStore>();
  // By store, what undoes the writes since the last durable one, newest first.
  readonly #undo = new Map<string, KVOperation[][]>();
  #writesLeft = Number.POSITIVE_INFINITY;
  #fault: Fault | undefined;
  #hasStruck = false;
  #dead = false;

  /** @param make empty stores, others each time. */
  constructor(make: () => KVStoreProvider = () => new MemoryKVStoreProvider()) {
    this.#make = make;
    this.#inner = make();
  }

  get chargesByRecord(): boolean {
    return this.#inner.chargesByRecord ?? false;
  }

  /** The same data in other stores. */
  async copy(): Promise<FaultyStores> {
    const copy = new FaultyStores(this.#make);
    for (const name of await this.#inner.list()) {
      const from = await this.#inner.open(name);
      const to = await copy.#inner.open(name);
      const operations: KVOperation[] = [];
      for await (const [key, value] of from.range({})) operations.push({ type: 'put', key, value });
      await to.write(operations);
      await Promise.all([from.close(), to.close()]);
    }
    return copy;
  }

  /** Cuts the power at a write; `isWritten` says whether that one still reaches the disk. */
  cutAt(write: number, isWritten: boolean): void {
    this.#writesLeft = write;
    this.#fault = { kind: 'cut', isWritten };
  }

  /** Refuses one write. */
  refuseAt(write: number, error: LedgerError): void {
    this.#writesLeft = write;
    this.#fault = { kind: 'refuse', error };
  }

  get isDead(): boolean {
    return this.#dead;
  }

  /** True when the write at which something was to happen was reached. */
  get hasStruck(): boolean {
    return this.#hasStruck;
  }

  /**
   * Power again: handles from before stay dead, the data is there. The stores in `forgetful`, by the ends of their names, have
   * lost as many writes, or those since the last durable one if these are fewer.
   */
  async restart(forgetful: readonly string[] = [], writes = 0): Promise<void> {
    for (const store of this.#open) await store.close();
    this.#open.clear();
    this.#dead = false;
    this.#writesLeft = Number.POSITIVE_INFINITY;
    for (const [name, batches] of this.#undo) {
      if (!forgetful.some((end) => name.endsWith(end))) continue;
      const store = await this.#inner.open(name);
      await store.write(batches.slice(0, writes).flat());
      await store.close();
    }
    this.#undo.clear();
  }

  async open(name: string): Promise<KVStore> {
    this.#check();
    const store = await this.#inner.open(name);
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
      write: (operations, { durable = false } = {}) =>
        this.#write(async () => {
          // Without `durable`: stores that do not forget would only be slow.
          if (durable) this.#undo.delete(name);
          else await this.#remember(name, store, operations);
          await store.write(operations);
        }),
      close: async () => {
        this.#open.delete(store);
        await store.close();
      },
    };
  }

  list(): Promise<string[]> {
    return this.#inner.list();
  }

  destroy(name: string): Promise<void> {
    return this.#write(async () => {
      this.#undo.delete(name);
      await this.#inner.destroy(name);
    });
  }

  async #write(write: () => Promise<void>): Promise<void> {
    this.#check();
    if (this.#writesLeft-- > 0) return write();
    const fault = this.#fault;
    this.#hasStruck = true;
    this.#writesLeft = Number.POSITIVE_INFINITY;
    if (fault?.kind === 'refuse') throw fault.error;
    this.#dead = true;
    if (fault?.isWritten) await write();
    throw new PowerCut('the power was cut');
  }

  async #remember(name: string, store: KVStore, operations: readonly KVOperation[]): Promise<void> {
    const values = await store.getMany(operations.map(({ key }) => key));
    const undo = operations.map(({ key }, i): KVOperation => {
      const value = values[i];
      return value ? { type: 'put', key, value } : { type: 'delete', key };
    });
    this.#undo.set(name, [undo, ...(this.#undo.get(name) ?? [])]);
  }

  #check(): void {
    if (this.#dead) throw new PowerCut('there is no power');
  }
}
