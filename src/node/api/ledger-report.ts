// SPDX-License-Identifier: Apache-2.0
// What the page that opens block files found. Plain data.
import type { TornTail } from '../../ledger/blkstorage/blockfile/blockfile-parser.ts';
import type { ReplayReport } from '../replay/replay-report.ts';

/** How long one stage took, over all blocks of an import. */
export interface StageTimes {
  readonly medianMs: number;
  readonly totalMs: number;
}

/** What an import of block files found. Plain data. */
export interface LedgerReport extends ReplayReport {
  /** Names this ledger among the opened ones. */
  readonly id: string;
  readonly files: readonly string[];
  /** All files, as stored. */
  readonly bytes: number;
  /** From the first byte to the last commit. */
  readonly ms: number;
  /** `validate` and `commit` are whole; the others are parts of `commit`. */
  readonly stages: Readonly<
    Record<'validate' | 'commit' | 'mvcc' | 'store' | 'state' | 'history', StageTimes>
  >;
  /** The lists of differences hold the first of them only; these are all. */
  readonly codeDifferenceCount: number;
  readonly commitHashDifferenceCount: number;
  /** When the last file ends within a block. */
  readonly torn?: TornTail;
  /** Why the import ended before the files did; `CANCELLED` when a person wanted it so. */
  readonly stopped?: {
    readonly code: string;
    readonly message: string;
    readonly blockNum?: number;
    readonly file?: string;
    /** In bytes, from the beginning of the (unpacked) file. */
    readonly offset?: number;
  };
}

/** `window.tabricLedger`: the ledgers opened from block files in this page. */
export interface TabricLedger {
  /** Of the newest import that has ended; undefined before. */
  report(): LedgerReport | undefined;
}
