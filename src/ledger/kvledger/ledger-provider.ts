// SPDX-License-Identifier: Apache-2.0
// Makes, opens and deletes the ledgers of a peer (kvledger/kv_ledger_provider.go). Maintenance, which Fabric offers as commands of a
// stopped peer, is in a folder of its own; here it wants the ledger closed, not the peer stopped.
import type { StateDatabase } from '../../common/network/types.ts';
import { common, protos } from '../../common/protos/index.ts';
import { getChannelIdFromBlock } from '../../common/protoutil/blockutils.ts';
import type { Clock } from '../../common/runtime/clock.ts';
import { messageOf } from '../../common/runtime/errors.ts';
import { parseBlock } from '../blkstorage/serialized-block.ts';
import type { KVStoreProvider } from '../kv-store.ts';
import {
  LedgerError,
  type LedgerProvider as LedgerProviderPort,
  type LedgerSettings,
  type LedgerStatus,
  type PeerLedger,
} from '../types.ts';
import { Mutex } from '../util/mutex.ts';
import { IdStore } from './id-store.ts';
import { KVLedger } from './kv-ledger.ts';
import type { KVLedgerOptions } from './kv-ledger-options.ts';
import { closeAll, LedgerFiles } from './ledger-files.ts';
import type { LedgerMetadata } from './ledger-metadata.ts';
import {
  drop,
  finishDrop,
  heightOfWhole,
  isWhole,
  type MaintenanceContext,
  readyMetadata,
} from './maintenance/drop-dbs.ts';
import { pause, resume } from './maintenance/pause-resume.ts';
import { rebuildDBs } from './maintenance/rebuild-dbs.ts';
import { reset } from './maintenance/reset.ts';
import { rollback } from './maintenance/rollback.ts';
import { unjoinChannel, wipe } from './maintenance/unjoin-channel.ts';
import { upgradeDBs } from './maintenance/upgrade-dbs.ts';
import { importSnapshot } from './snapshot/import-snapshot.ts';
import type { SnapshotReader } from './snapshot/snapshot-files.ts';
import { readSnapshotMetadata } from './snapshot/snapshot-metadata.ts';

/**
 * For every ledger whose own settings do not say otherwise. Without `stateDatabase`, a ledger has the kind that it had; a new one
 * is a goleveldb.
 */
export interface LedgerProviderOptions extends Omit<KVLedgerOptions, 'preResetHeight'> {
  /** Whether to keep the history of keys; Fabric's ledger.history.enableHistoryDatabase. On when absent. */
  readonly enableHistoryDatabase?: boolean;
}

// Fabric's rule for channel names, which also keeps names of stores apart.
const LEDGER_ID = /^[a-z][a-z0-9.-]{0,248}$/;

export class LedgerProvider implements LedgerProviderPort {
  readonly #context: MaintenanceContext;
  readonly #clock: Clock;
  readonly #options: LedgerProviderOptions;
  readonly #opened = new Map<string, KVLedger>();
  readonly #changing = new Mutex();

  private constructor(context: MaintenanceContext, clock: Clock, options: LedgerProviderOptions) {
    this.#context = context;
    this.#clock = clock;
    this.#options = options;
  }

  /**
   * Opens the ledgers whose stores' names begin with `prefix` and `/`, of whatever format. Wipes those whose making or deletion
   * was interrupted, and goes on with maintenance that was.
   */
  static async open(
    stores: KVStoreProvider,
    prefix: string,
    clock: Clock,
    options: LedgerProviderOptions = {},
  ): Promise<LedgerProvider> {
    const files = new LedgerFiles(stores, prefix);
    const idStore = await files.openIdStore();
    try {
      await upgradeDBs(idStore, files);
      const provider = new LedgerProvider({ ids: new IdStore(idStore), files }, clock, options);
      await provider.#recover();
      return provider;
    } catch (error) {
      await idStore.close();
      throw error;
    }
  }

  async list(): Promise<string[]> {
    const statuses = await this.statuses();
    return [...statuses].filter(([, status]) => status === 'ACTIVE').map(([ledgerId]) => ledgerId);
  }

  async statuses(): Promise<ReadonlyMap<string, LedgerStatus>> {
    const all = await this.#context.ids.list();
    return new Map([...all].map(([ledgerId, { status }]) => [ledgerId, status]));
  }

  async exists(ledgerId: string): Promise<boolean> {
    return (await this.#context.ids.get(ledgerId))?.status === 'ACTIVE';
  }

  create(genesisBlock: Uint8Array, settings: LedgerSettings = {}): Promise<PeerLedger> {
    return this.#changing.run(() => this.#create(genesisBlock, this.#optionsOf(settings)));
  }

  createFromSnapshot(files: SnapshotReader, settings: LedgerSettings = {}): Promise<PeerLedger> {
    return this.#changing.run(async () => {
      const options = this.#optionsOf(settings);
      const metadata = await readSnapshotMetadata(files);
      const ledgerId = checkedId(metadata.channelName);
      return this.#make(ledgerId, options, async (made) => {
        const stores = await this.#context.files.openAll(ledgerId, hasHistory(options));
        try {
          await importSnapshot(files, metadata, stores, options);
        } finally {
          await closeAll(stores);
        }
        return this.#openStores(ledgerId, made, options);
      });
    });
  }

  open(ledgerId: string, settings: LedgerSettings = {}): Promise<PeerLedger> {
    return this.#changing.run(async () => {
      const options = this.#optionsOf(settings);
      this.#checkClosed(ledgerId);
      const metadata = await readyMetadata(ledgerId, this.#context);
      if (metadata.status !== 'ACTIVE') {
        throw new LedgerError(
          'LEDGER_PAUSED',
          `ledger ${ledgerId} is paused; resume it to open it`,
        );
      }
      const current = await this.#withStateDatabase(ledgerId, metadata, options);
      const ledger = await this.#openStores(ledgerId, current, options);
      await this.#forgetRegained(ledger, current);
      return ledger;
    });
  }

  rebuildDBs(ledgerId: string): Promise<void> {
    return this.#maintain([ledgerId], () => rebuildDBs(ledgerId, this.#context));
  }

  rollback(ledgerId: string, blockNum: number): Promise<void> {
    return this.#maintain([ledgerId], () => rollback(ledgerId, blockNum, this.#context));
  }

  reset(): Promise<void> {
    return this.#maintain(undefined, () => reset(this.#context));
  }

  pause(ledgerId: string): Promise<void> {
    return this.#maintain([ledgerId], () => pause(ledgerId, this.#context));
  }

  resume(ledgerId: string): Promise<void> {
    return this.#maintain([ledgerId], () => resume(ledgerId, this.#context));
  }

  remove(ledgerId: string): Promise<void> {
    return this.#changing.run(async () => {
      await this.#opened.get(ledgerId)?.close();
      this.#opened.delete(ledgerId);
      await unjoinChannel(ledgerId, this.#context);
    });
  }

  async close(): Promise<void> {
    await this.#changing.run(async () => {
      await Promise.all([...this.#opened.values()].map((ledger) => ledger.close()));
      this.#opened.clear();
      await this.#context.ids.close();
    });
  }

  #optionsOf({ stateDatabase, enableHistoryDatabase, collections }: LedgerSettings) {
    const options = this.#options;
    return {
      ...options,
      stateDatabase: stateDatabase ?? options.stateDatabase,
      enableHistoryDatabase: enableHistoryDatabase ?? options.enableHistoryDatabase ?? true,
      private: { ...options.private, ...(collections && { collections }) },
    };
  }

  #create(genesisBlock: Uint8Array, options: LedgerProviderOptions): Promise<PeerLedger> {
    const ledgerId = ledgerIdOf(genesisBlock);
    return this.#make(ledgerId, options, async (made) => {
      const ledger = await this.#openStores(ledgerId, made, options);
      await ledger.commit(genesisBlock, Uint8Array.of(protos.TxValidationCode.VALID));
      return ledger;
    });
  }

  async #make(
    ledgerId: string,
    { stateDatabase = DEFAULT_STATE_DATABASE }: LedgerProviderOptions,
    fill: (metadata: LedgerMetadata) => Promise<PeerLedger>,
  ): Promise<PeerLedger> {
    const { ids } = this.#context;
    if ((await ids.get(ledgerId)) !== undefined) {
      throw new LedgerError('LEDGER_EXISTS', `ledger ${ledgerId} exists already`);
    }
    const made: LedgerMetadata = { status: 'ACTIVE', stateDatabase };
    await ids.set(ledgerId, { ...made, status: 'UNDER_CONSTRUCTION' });
    try {
      const ledger = await fill(made);
      await ids.set(ledgerId, made);
      return ledger;
    } catch (error) {
      await this.#abandon(ledgerId);
      throw error;
    }
  }

  // Whatever cannot be undone now is undone at the next start.
  async #abandon(ledgerId: string): Promise<void> {
    try {
      await this.#opened.get(ledgerId)?.close();
      this.#opened.delete(ledgerId);
      await wipe(ledgerId, this.#context);
    } catch (error) {
      const text = `ledger ${ledgerId} was not made; its remains are deleted at the next start`;
      this.#options.logger?.warn(`${text}: ${messageOf(error)}`);
    }
  }

  // A state is of one kind. Of another kind it is made again from the blocks.
  async #withStateDatabase(
    ledgerId: string,
    metadata: LedgerMetadata,
    options: LedgerProviderOptions,
  ): Promise<LedgerMetadata> {
    const { stateDatabase: made } = metadata;
    const wanted = options.stateDatabase ?? made ?? DEFAULT_STATE_DATABASE;
    if (made === wanted) return metadata;
    const changed = { ...metadata, stateDatabase: wanted };
    if (made === undefined) {
      await this.#context.ids.set(ledgerId, changed);
      return changed;
    }
    await this.#checkRebuildable(ledgerId, made, wanted);
    const text = `${ledgerId}: the state was made for ${made} and is made again for ${wanted}`;
    this.#options.logger?.info(text);
    await drop(ledgerId, changed, { databases: 'state' }, this.#context);
    return changed;
  }

  async #checkRebuildable(
    ledgerId: string,
    made: StateDatabase,
    wanted: StateDatabase,
  ): Promise<void> {
    try {
      await heightOfWhole(this.#context.files, ledgerId);
    } catch (cause) {
      if (!(cause instanceof LedgerError) || cause.code !== 'LEDGER_FROM_SNAPSHOT') throw cause;
      const text = `the state of ${ledgerId} was made for ${made}; without its first blocks it cannot be made again for ${wanted}: set ${made} again, or remove the ledger and join again`;
      throw new LedgerError('LEDGER_FROM_SNAPSHOT', text, { cause });
    }
  }

  async #openStores(
    ledgerId: string,
    { stateDatabase, preResetHeight }: LedgerMetadata,
    options: LedgerProviderOptions,
  ): Promise<KVLedger> {
    const stores = await this.#context.files.openAll(ledgerId, hasHistory(options));
    try {
      const about = { ...options, stateDatabase, preResetHeight };
      const ledger = await KVLedger.open(ledgerId, stores, this.#clock, about);
      this.#opened.set(ledgerId, ledger);
      return ledger;
    } catch (error) {
      await closeAll(stores);
      throw error;
    }
  }

  async #forgetRegained(ledger: KVLedger, metadata: LedgerMetadata): Promise<void> {
    const { preResetHeight, ...rest } = metadata;
    if (preResetHeight === undefined || ledger.preResetHeight !== undefined) return;
    await this.#context.ids.set(ledger.ledgerId, rest);
  }

  // Maintenance of some ledgers, or of all.
  #maintain(ledgerIds: readonly string[] | undefined, act: () => Promise<void>): Promise<void> {
    return this.#changing.run(async () => {
      for (const ledgerId of ledgerIds ?? this.#opened.keys()) this.#checkClosed(ledgerId);
      await act();
    });
  }

  #checkClosed(ledgerId: string): void {
    const ledger = this.#opened.get(ledgerId);
    if (ledger && !ledger.isClosed) {
      throw new LedgerError('LEDGER_OPEN', `ledger ${ledgerId} is open; close it first`);
    }
  }

  async #recover(): Promise<void> {
    for (const [ledgerId, metadata] of await this.#context.ids.list()) {
      if (!isWhole(metadata)) await wipe(ledgerId, this.#context);
      else await this.#goOnWith(ledgerId, metadata);
    }
  }

  // What cannot be done now must not keep other ledgers from being opened; opening this one tries again.
  async #goOnWith(ledgerId: string, metadata: LedgerMetadata): Promise<void> {
    try {
      await finishDrop(ledgerId, metadata, this.#context);
    } catch (error) {
      const text = `maintenance of ${ledgerId} was interrupted, and cannot be finished`;
      this.#options.logger?.warn(`${text}: ${messageOf(error)}`);
    }
  }
}

const DEFAULT_STATE_DATABASE: StateDatabase = 'goleveldb';

function hasHistory({ enableHistoryDatabase = true }: LedgerProviderOptions): boolean {
  return enableHistoryDatabase;
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
