// SPDX-License-Identifier: Apache-2.0
// Makes, opens and deletes the ledgers of a peer (kvledger/kv_ledger_provider.go).
import { common, protos } from '../../common/protos/index.ts';
import { getChannelIdFromBlock } from '../../common/protoutil/blockutils.ts';
import type { Clock } from '../../common/runtime/clock.ts';
import { messageOf } from '../../common/runtime/errors.ts';
import { parseBlock } from '../blkstorage/serialized-block.ts';
import type { KVStore, KVStoreProvider } from '../kv-store.ts';
import {
  LedgerError,
  type LedgerProvider as LedgerProviderPort,
  type PeerLedger,
} from '../types.ts';
import { Mutex } from '../util/mutex.ts';
import { IdStore } from './id-store.ts';
import { KVLedger, type KVLedgerOptions, type LedgerStores } from './kv-ledger.ts';
import { importSnapshot } from './snapshot/import-snapshot.ts';
import type { SnapshotReader } from './snapshot/snapshot-files.ts';
import { readSnapshotMetadata } from './snapshot/snapshot-metadata.ts';

export interface LedgerProviderOptions extends KVLedgerOptions {
  /** Whether to keep the history of keys; Fabric's ledger.history.enableHistoryDatabase. On when absent. */
  readonly enableHistoryDatabase?: boolean;
}

const PARTS = ['blocks', 'state', 'history', 'pvtdata'] as const;

// Fabric's rule for channel names, which also keeps names of stores apart.
const LEDGER_ID = /^[a-z][a-z0-9.-]{0,248}$/;

export class LedgerProvider implements LedgerProviderPort {
  readonly #stores: KVStoreProvider;
  readonly #prefix: string;
  readonly #ids: IdStore;
  readonly #clock: Clock;
  readonly #options: LedgerProviderOptions;
  readonly #open = new Map<string, KVLedger>();
  readonly #changing = new Mutex();

  private constructor(
    stores: KVStoreProvider,
    prefix: string,
    ids: IdStore,
    clock: Clock,
    options: LedgerProviderOptions,
  ) {
    this.#stores = stores;
    this.#prefix = prefix;
    this.#ids = ids;
    this.#clock = clock;
    this.#options = options;
  }

  /**
   * Opens the ledgers whose stores' names begin with `prefix` and `/`, and wipes those whose making or deletion was
   * interrupted.
   */
  static async open(
    stores: KVStoreProvider,
    prefix: string,
    clock: Clock,
    options: LedgerProviderOptions = {},
  ): Promise<LedgerProvider> {
    const idStore = await stores.open(`${prefix}/ledgerProvider`);
    try {
      const ids = await IdStore.open(idStore);
      const provider = new LedgerProvider(stores, prefix, ids, clock, options);
      await provider.#wipeInterrupted();
      return provider;
    } catch (error) {
      await idStore.close();
      throw error;
    }
  }

  async list(): Promise<string[]> {
    const ids = await this.#ids.list();
    return [...ids].filter(([, status]) => status === 'ACTIVE').map(([ledgerId]) => ledgerId);
  }

  async exists(ledgerId: string): Promise<boolean> {
    return (await this.#ids.get(ledgerId)) === 'ACTIVE';
  }

  create(genesisBlock: Uint8Array): Promise<PeerLedger> {
    return this.#changing.run(() => this.#create(genesisBlock));
  }

  createFromSnapshot(files: SnapshotReader): Promise<PeerLedger> {
    return this.#changing.run(async () => {
      const metadata = await readSnapshotMetadata(files);
      const ledgerId = metadata.channelName;
      return this.#make(checkedId(ledgerId), async () => {
        await this.#withStores(ledgerId, (stores) =>
          importSnapshot(files, metadata, stores, this.#options),
        );
        return this.#openStores(ledgerId);
      });
    });
  }

  open(ledgerId: string): Promise<PeerLedger> {
    return this.#changing.run(async () => {
      if (this.#open.has(ledgerId)) {
        throw new LedgerError('LEDGER_OPEN', `ledger ${ledgerId} is open already`);
      }
      if (!(await this.exists(ledgerId))) {
        throw new LedgerError('LEDGER_NOT_FOUND', `there is no ledger ${ledgerId}`);
      }
      return this.#openStores(ledgerId);
    });
  }

  remove(ledgerId: string): Promise<void> {
    return this.#changing.run(async () => {
      if ((await this.#ids.get(ledgerId)) === undefined) {
        throw new LedgerError('LEDGER_NOT_FOUND', `there is no ledger ${ledgerId}`);
      }
      await this.#open.get(ledgerId)?.close();
      this.#open.delete(ledgerId);
      await this.#ids.set(ledgerId, 'UNDER_DELETION');
      await this.#wipe(ledgerId);
    });
  }

  async close(): Promise<void> {
    await this.#changing.run(async () => {
      await Promise.all([...this.#open.values()].map((ledger) => ledger.close()));
      this.#open.clear();
      await this.#ids.close();
    });
  }

  #create(genesisBlock: Uint8Array): Promise<PeerLedger> {
    const ledgerId = ledgerIdOf(genesisBlock);
    return this.#make(ledgerId, async () => {
      const ledger = await this.#openStores(ledgerId);
      await ledger.commit(genesisBlock, Uint8Array.of(protos.TxValidationCode.VALID));
      return ledger;
    });
  }

  async #make(ledgerId: string, fill: () => Promise<PeerLedger>): Promise<PeerLedger> {
    if ((await this.#ids.get(ledgerId)) !== undefined) {
      throw new LedgerError('LEDGER_EXISTS', `ledger ${ledgerId} exists already`);
    }
    await this.#ids.set(ledgerId, 'UNDER_CONSTRUCTION');
    try {
      const ledger = await fill();
      await this.#ids.set(ledgerId, 'ACTIVE');
      return ledger;
    } catch (error) {
      await this.#abandon(ledgerId);
      throw error;
    }
  }

  // Whatever cannot be undone now is undone at the next start.
  async #abandon(ledgerId: string): Promise<void> {
    try {
      await this.#open.get(ledgerId)?.close();
      this.#open.delete(ledgerId);
      await this.#wipe(ledgerId);
    } catch (error) {
      const text = `ledger ${ledgerId} was not made; its remains are deleted at the next start`;
      this.#options.logger?.warn(`${text}: ${messageOf(error)}`);
    }
  }

  async #openStores(ledgerId: string): Promise<KVLedger> {
    const stores = await this.#storesOf(ledgerId);
    try {
      const ledger = await KVLedger.open(ledgerId, stores, this.#clock, this.#options);
      this.#open.set(ledgerId, ledger);
      return ledger;
    } catch (error) {
      await closeAll(stores);
      throw error;
    }
  }

  async #withStores(ledgerId: string, use: (stores: LedgerStores) => Promise<void>): Promise<void> {
    const stores = await this.#storesOf(ledgerId);
    try {
      await use(stores);
    } finally {
      await closeAll(stores);
    }
  }

  async #storesOf(ledgerId: string): Promise<LedgerStores> {
    const opened: KVStore[] = [];
    const openPart = async (part: (typeof PARTS)[number]): Promise<KVStore> => {
      const store = await this.#stores.open(this.#storeName(ledgerId, part));
      opened.push(store);
      return store;
    };
    try {
      const { enableHistoryDatabase = true } = this.#options;
      return {
        blocks: await openPart('blocks'),
        state: await openPart('state'),
        history: enableHistoryDatabase ? await openPart('history') : undefined,
        pvtdata: await openPart('pvtdata'),
      };
    } catch (error) {
      await Promise.all(opened.map((store) => store.close()));
      throw error;
    }
  }

  async #wipeInterrupted(): Promise<void> {
    for (const [ledgerId, status] of await this.#ids.list()) {
      if (status === 'UNDER_CONSTRUCTION' || status === 'UNDER_DELETION')
        await this.#wipe(ledgerId);
    }
  }

  async #wipe(ledgerId: string): Promise<void> {
    for (const part of PARTS) await this.#stores.destroy(this.#storeName(ledgerId, part));
    await this.#ids.delete(ledgerId);
  }

  #storeName(ledgerId: string, part: (typeof PARTS)[number]): string {
    return `${this.#prefix}/${ledgerId}/${part}`;
  }
}

function ledgerIdOf(genesisBlock: Uint8Array): string {
  const { number, transactions } = parseBlock(genesisBlock);
  if (number !== 0 || transactions.length !== 1) {
    const text = `block ${number} with ${transactions.length} transactions is no genesis block`;
    throw new LedgerError('BLOCK_MALFORMED', text);
  }
  let ledgerId: string;
  try {
    ledgerId = getChannelIdFromBlock(common.Block.decode(genesisBlock));
  } catch (cause) {
    throw new LedgerError(
      'BLOCK_MALFORMED',
      `genesis block names no channel: ${messageOf(cause)}`,
      { cause },
    );
  }
  return checkedId(ledgerId);
}

function checkedId(ledgerId: string): string {
  if (LEDGER_ID.test(ledgerId)) return ledgerId;
  throw new LedgerError('LEDGER_NAME_INVALID', `"${ledgerId.slice(0, 260)}" is no channel name`);
}

async function closeAll({ blocks, state, history, pvtdata }: LedgerStores): Promise<void> {
  await Promise.all([blocks.close(), state.close(), history?.close(), pvtdata.close()]);
}
