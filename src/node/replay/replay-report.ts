// SPDX-License-Identifier: Apache-2.0
// What a replay found: where our peer and the one that stored the blocks are of different minds.
import { equalBytes, toHex } from '../../common/runtime/bytes.ts';
import type { BlockchainInfo, CommitResult } from '../../ledger/types.ts';
import { codeName } from '../committer/index.ts';
import type { StoredOutcome } from './stored-outcome.ts';

export interface CodeDifference {
  readonly blockNum: number;
  readonly txNum: number;
  readonly txId: string;
  /** Names of validation codes. */
  readonly stored: string;
  readonly replayed: string;
}

export interface CommitHashDifference {
  readonly blockNum: number;
  /** In hex. */
  readonly stored: string;
  readonly replayed: string;
}

/** Plain data, fit for JSON. */
export interface ReplayReport {
  readonly channelId: string;
  /** Replayed, the genesis block among them unless the chain began behind a snapshot. */
  readonly blocks: number;
  /** The last block of the snapshot, when the chain began behind one. */
  readonly lastBlockInSnapshot?: number;
  readonly transactions: number;
  /** How many transactions got each code, by the code's name. */
  readonly codes: Readonly<Record<string, number>>;
  readonly codeDifferences: readonly CodeDifference[];
  readonly commitHashDifferences: readonly CommitHashDifference[];
  /** Blocks that hold no codes to compare with, as an orderer keeps them. */
  readonly blocksWithoutCodes: number;
  /** Blocks after the first that hold no commit hash to compare with. */
  readonly blocksWithoutCommitHash: number;
  /** In hex. */
  readonly lastBlockHash: string;
  readonly lastCommitHash: string;
}

/** Collects a {@link ReplayReport}. */
export class ReplayReportBuilder {
  readonly #codes = new Map<number, number>();
  readonly #codeDifferences: CodeDifference[] = [];
  readonly #commitHashDifferences: CommitHashDifference[] = [];
  #blocks = 0;
  #transactions = 0;
  #withoutCodes = 0;
  #withoutCommitHash = 0;
  #lastCommitHash = '';

  /** The genesis block is taken as it is: no peer validates it. */
  genesis(stored: StoredOutcome): void {
    this.#count(Uint8Array.of(0));
    if (!stored.flags) this.#withoutCodes++;
  }

  add(stored: StoredOutcome, result: Pick<CommitResult, 'txIds' | 'flags' | 'commitHash'>): void {
    this.#count(result.flags);
    if (stored.flags) this.#compareCodes(stored.blockNum, stored.flags, result);
    else this.#withoutCodes++;
    if (stored.commitHash) this.#compareHash(stored.blockNum, stored.commitHash, result.commitHash);
    else this.#withoutCommitHash++;
    this.#lastCommitHash = toHex(result.commitHash);
  }

  build(channelId: string, info: BlockchainInfo): ReplayReport {
    const { lastBlockInSnapshot, currentBlockHash } = info;
    return {
      channelId,
      blocks: this.#blocks,
      ...(lastBlockInSnapshot !== undefined && { lastBlockInSnapshot }),
      transactions: this.#transactions,
      codes: Object.fromEntries(
        [...this.#codes].sort(([a], [b]) => a - b).map(([code, count]) => [codeName(code), count]),
      ),
      codeDifferences: this.#codeDifferences,
      commitHashDifferences: this.#commitHashDifferences,
      blocksWithoutCodes: this.#withoutCodes,
      blocksWithoutCommitHash: this.#withoutCommitHash,
      lastBlockHash: toHex(currentBlockHash),
      lastCommitHash: this.#lastCommitHash,
    };
  }

  #count(flags: Uint8Array): void {
    this.#blocks++;
    this.#transactions += flags.length;
    for (const code of flags) this.#codes.set(code, (this.#codes.get(code) ?? 0) + 1);
  }

  #compareCodes(
    blockNum: number,
    stored: Uint8Array,
    { flags, txIds }: Pick<CommitResult, 'flags' | 'txIds'>,
  ): void {
    for (let txNum = 0; txNum < Math.max(stored.length, flags.length); txNum++) {
      const [was, is] = [stored[txNum], flags[txNum]];
      if (was === is) continue;
      const txId = txIds[txNum] ?? '';
      this.#codeDifferences.push({
        blockNum,
        txNum,
        txId,
        stored: nameOf(was),
        replayed: nameOf(is),
      });
    }
  }

  #compareHash(blockNum: number, stored: Uint8Array, replayed: Uint8Array): void {
    if (equalBytes(stored, replayed)) return;
    const hashes = { stored: toHex(stored), replayed: toHex(replayed) };
    this.#commitHashDifferences.push({ blockNum, ...hashes });
  }
}

// There may be more codes than transactions, or fewer.
function nameOf(code: number | undefined): string {
  return code === undefined ? 'none' : codeName(code);
}

/** True when nothing differs. */
export function isClean(report: ReplayReport): boolean {
  return report.codeDifferences.length === 0 && report.commitHashDifferences.length === 0;
}
