// SPDX-License-Identifier: Apache-2.0
// The ledgers that this tab has open. A ledger is open in one tab at a time: a tab holds the ledger's lock from before it
// opens the databases until it closes them, since opening one may also repair it.

import { common } from '../../../common/protos/index.ts';
import { getChannelIdFromBlock } from '../../../common/protoutil/blockutils.ts';
import { toHex } from '../../../common/runtime/bytes.ts';
import { FabricError } from '../../../common/runtime/errors.ts';
import type { RandomBytes } from '../../../common/runtime/random.ts';
import type { SnapshotReader } from '../../../ledger/kvledger/snapshot/snapshot-files.ts';
import { readSnapshotMetadata } from '../../../ledger/kvledger/snapshot/snapshot-metadata.ts';
import type { LedgerProvider, PeerLedger } from '../../../ledger/types.ts';
import { claimAlone, type TabSlot } from '../tab-slots.ts';
import type { LedgerEntry, LedgerView } from './viewer-api.ts';
import type { ViewerStores } from './viewer-stores.ts';

type Ledgers = Pick<LedgerProvider, 'create' | 'createFromSnapshot' | 'open' | 'list' | 'close'>;

interface OpenLedger {
  readonly slot: TabSlot;
  readonly ledgers: Ledgers;
  readonly ledger: PeerLedger;
}

type AboutFiles = Pick<LedgerEntry, 'files' | 'bytes'>;

export interface MadeLedger {
  readonly entry: LedgerEntry;
  readonly ledger: PeerLedger;
}

export interface OpenLedgersComponents {
  readonly stores: ViewerStores;
  readonly random: RandomBytes;
  /** Milliseconds since the Unix epoch. */
  readonly now: () => number;
}

export class OpenLedgers {
  readonly stores: ViewerStores;
  readonly #components: OpenLedgersComponents;
  readonly #open = new Map<string, Promise<OpenLedger>>();

  constructor(components: OpenLedgersComponents) {
    this.stores = components.stores;
    this.#components = components;
  }

  /** Makes a ledger of a genesis block, lists it, and has it open. */
  create(genesis: Uint8Array, about: AboutFiles): Promise<MadeLedger> {
    const channelId = getChannelIdFromBlock(common.Block.decode(genesis));
    return this.#make(channelId, about, (ledgers) => ledgers.create(genesis));
  }

  /** The same of a snapshot. Rejects with LedgerError SNAPSHOT_INVALID. */
  async createFromSnapshot(files: SnapshotReader, about: AboutFiles): Promise<MadeLedger> {
    const { channelName } = await readSnapshotMetadata(files);
    return this.#make(channelName, about, (ledgers) => ledgers.createFromSnapshot(files));
  }

  async #make(
    channelId: string,
    about: AboutFiles,
    make: (ledgers: Ledgers) => Promise<PeerLedger>,
  ): Promise<MadeLedger> {
    const { stores } = this;
    const { random, now } = this.#components;
    const entry = {
      id: `${channelId}-${toHex(random(3))}`,
      channelId,
      ...about,
      importedAt: now(),
    };
    const opening = this.#claimed(entry.id, async (ledgers) => {
      const ledger = await make(ledgers);
      await stores.put(entry);
      return ledger;
    });
    try {
      const { ledger } = await this.#keep(entry.id, opening);
      return { entry, ledger };
    } catch (error) {
      await stores.remove(entry.id);
      throw error;
    }
  }

  /** Rejects with LEDGER_NOT_FOUND, LEDGER_LOCKED, and what the ledger says when it cannot be opened. */
  async ledger(id: string): Promise<PeerLedger> {
    const opening =
      this.#open.get(id) ??
      this.#keep(
        id,
        this.#claimed(id, (ledgers) => onlyLedger(ledgers, id)),
      );
    return (await opening).ledger;
  }

  /** Opens it when it is not. Rejects as `ledger` does. */
  async view(id: string): Promise<LedgerView> {
    const { stores } = this;
    const entry = await stores.entry(id);
    if (!entry) throw new FabricError('LEDGER_NOT_FOUND', `there is no ledger ${id}`);
    const ledger = await this.ledger(id);
    const namespaces = browsable(await ledger.stateNamespaces());
    const { height, lastBlockInSnapshot = -1 } = ledger.getBlockchainInfo();
    const firstBlock = lastBlockInSnapshot + 1;
    return { entry, height, firstBlock, namespaces, stored: stores.stored };
  }

  /** Closes a ledger, so that it is repaired when it is opened again. */
  async close(id: string): Promise<void> {
    const opening = this.#open.get(id);
    this.#open.delete(id);
    const opened = await opening?.catch(() => undefined);
    await opened?.ledgers.close();
    opened?.slot.release();
  }

  /** Rejects with LEDGER_LOCKED when another tab has it open. */
  async remove(id: string): Promise<void> {
    await this.close(id);
    const slot = await claim(id);
    try {
      await this.stores.remove(id);
    } finally {
      slot.release();
    }
  }

  #keep(id: string, opening: Promise<OpenLedger>): Promise<OpenLedger> {
    this.#open.set(id, opening);
    // What failed may work another time.
    opening.catch(() => this.#open.get(id) === opening && this.#open.delete(id));
    return opening;
  }

  async #claimed(id: string, open: (ledgers: Ledgers) => Promise<PeerLedger>): Promise<OpenLedger> {
    const slot = await claim(id);
    let ledgers: Ledgers | undefined;
    try {
      ledgers = await this.stores.ledgers(id);
      return { slot, ledgers, ledger: await open(ledgers) };
    } catch (error) {
      await ledgers?.close();
      slot.release();
      throw error;
    }
  }
}

// Chaincodes, then Fabric's own. Without the channel's configuration, which is a block's, and private data, whose keys are hashes.
function browsable(namespaces: readonly string[]): string[] {
  const isOwn = (name: string): boolean => name.startsWith('_') || name === 'lscc';
  const shown = namespaces.filter((name) => name !== '' && !name.includes('$$'));
  return [...shown.filter((name) => !isOwn(name)), ...shown.filter(isOwn)];
}

async function onlyLedger(ledgers: Ledgers, id: string): Promise<PeerLedger> {
  const [ledgerId] = await ledgers.list();
  if (ledgerId !== undefined) return ledgers.open(ledgerId);
  const text = `the import of ${id} ended before its first block was stored; delete it`;
  throw new FabricError('LEDGER_EMPTY', text);
}

async function claim(id: string): Promise<TabSlot> {
  const slot = await claimAlone(`ledger-viewer/${id}`);
  if (slot) return slot;
  throw new FabricError('LEDGER_LOCKED', `ledger ${id} is open in another tab`);
}
