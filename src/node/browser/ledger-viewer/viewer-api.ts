// SPDX-License-Identifier: Apache-2.0
// What the page asks of its ledger viewer, over comlink. Files travel as handles; everything else is small plain data.
import type { ChaincodeDefinition } from '../../../common/network/types.ts';
import type { LedgerReport } from '../../api/ledger-report.ts';
import type { BlockView, HistoryEntry, StateEntry, TxView } from '../../api/ledger-views.ts';

/** A ledger that was opened from block files, as it is listed. */
export interface LedgerEntry {
  /** Fit for an address: the channel's name and a few digits. */
  readonly id: string;
  readonly channelId: string;
  readonly files: readonly string[];
  /** All files, as stored. */
  readonly bytes: number;
  /** When its import began, milliseconds since the Unix epoch. */
  readonly importedAt: number;
  /** Absent while the import goes on, and when its tab was closed before the end. */
  readonly report?: LedgerReport;
}

/** How far a ledger is that can be looked at. */
export interface LedgerView {
  readonly entry: LedgerEntry;
  readonly height: number;
  /** 0 unless it goes on from a snapshot. */
  readonly firstBlock: number;
  /** Namespaces of the world state. */
  readonly namespaces: readonly string[];
  /** False when everything is in memory and gone with the tab. */
  readonly stored: boolean;
}

export interface ImportProgress extends LedgerView {
  readonly bytesRead: number;
  /** Committed. */
  readonly blocks: number;
  readonly transactions: number;
  /** Since the import began. */
  readonly ms: number;
}

/** Told by the worker, a few times a second. */
export interface ImportCallbacks {
  /** The first call comes as soon as the ledger can be looked at. */
  progress(progress: ImportProgress): void;
}

/** The network of the page's own peer: its channel has chaincodes that the network file defines, and not the chain. */
export interface OwnNetwork {
  /** Hash of the genesis block's header, in hex. */
  readonly genesisHash: string;
  readonly chaincodes: readonly ChaincodeDefinition[];
}

export interface LedgerViewerApi {
  /** Newest first. */
  list(): Promise<LedgerEntry[]>;
  /**
   * Makes a ledger of block files; `own` counts for files of its own channel only. Rejects with FabricError when there is nothing to make one of: BLOCKFILES_…, LEDGER_NO_GENESIS, LEDGER_FROM_SNAPSHOT when the snapshot that they go on from is not among the files,
   * IMPORT_BUSY while another goes on. Whatever ends it later is in the report.
   * @param verify of the workers that check signatures.
   */
  import(
    files: readonly File[],
    own: OwnNetwork | undefined,
    callbacks: ImportCallbacks,
    verify: readonly MessagePort[],
  ): Promise<LedgerView>;
  /** Ends the import under way; what was committed stays. */
  cancel(): Promise<void>;
  /** Rejects with LEDGER_NOT_FOUND, with LEDGER_LOCKED when another tab has it open, and with what the ledger says. */
  open(id: string): Promise<LedgerView>;
  /** Deletes a ledger and all it holds. Rejects as `open` does. */
  remove(id: string): Promise<void>;
  block(id: string, number: number): Promise<BlockView | undefined>;
  /** Newest first; of each transaction, what a list shows. */
  blocks(id: string, options: { from?: number; limit?: number }): Promise<BlockView[]>;
  tx(id: string, txId: string): Promise<TxView | undefined>;
  state(id: string, namespace: string, key: string): Promise<string | undefined>;
  states(
    id: string,
    namespace: string,
    options: { start?: string; limit?: number },
  ): Promise<StateEntry[]>;
  history(id: string, namespace: string, key: string): Promise<HistoryEntry[]>;
  /** A block with its length in front, as it stands in Fabric's block files. */
  blockfileEntry(id: string, number: number): Promise<Uint8Array | undefined>;
}
