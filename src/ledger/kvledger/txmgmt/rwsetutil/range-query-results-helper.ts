// SPDX-License-Identifier: Apache-2.0
// Sums up the rows of a range query, so that a validator can tell later whether the range still gives the same
// (rwsetutil/query_results_helper.go). Up to the maximum degree of rows stand as they are; more become a Merkle
// summary. All sums are over bytes of the wire, so the grouping is consensus-critical:
// - rows gather until there is one more than the degree; that group of degree + 1 is hashed into a leaf;
// - a level that grows to degree + 1 hashes is hashed into one of the next level.
import { sha256 } from '@noble/hashes/sha2.js';
import { kvrwset } from '../../../../common/protos/index.ts';
import { concat } from '../../../../common/runtime/bytes.ts';
import type { Version } from '../../../types.ts';

/** Fabric's maximum degree for the summaries it makes. */
export const MAX_DEGREE_QUERY_READS_HASHING = 50;

const LEAF_LEVEL = 1;

/** Rows, or a summary of more rows than that. */
export type RangeQueryResults =
  | { readonly rawReads: readonly kvrwset.IKVRead[] }
  | { readonly summary: kvrwset.IQueryReadsMerkleSummary };

export class RangeQueryResultsHelper {
  readonly #maxDegree: number;
  #pending: kvrwset.IKVRead[] = [];
  // Hashes by level, from the leaves on; index 0 is not used.
  readonly #levels: Uint8Array[][] = [[], []];

  /** @param maxDegree at least 2. */
  constructor(maxDegree = MAX_DEGREE_QUERY_READS_HASHING) {
    if (maxDegree < 2) throw new RangeError(`maximum degree of ${maxDegree} is below 2`);
    this.#maxDegree = maxDegree;
  }

  addResult(key: string, version: Version | undefined): void {
    this.#pending.push(kvRead(key, version));
    if (this.#pending.length > this.#maxDegree) this.#hashPending();
  }

  /** The results; nothing may be added afterwards. */
  done(): RangeQueryResults {
    const isEmpty = this.#levels.every((hashes) => hashes.length === 0);
    if (isEmpty) return { rawReads: this.#pending };
    if (this.#pending.length > 0) this.#hashPending();
    this.#foldUp();
    const max_level = this.#levels.length - 1;
    return {
      summary: {
        max_degree: this.#maxDegree,
        max_level,
        max_level_hashes: this.#levels[max_level] ?? [],
      },
    };
  }

  #hashPending(): void {
    const reads = kvrwset.QueryReads.encode({ kv_reads: this.#pending }).finish();
    this.#pending = [];
    this.#add(LEAF_LEVEL, sha256(reads));
  }

  #add(level: number, hash: Uint8Array): void {
    const hashes = this.#levels[level] ?? [];
    this.#levels[level] = hashes;
    hashes.push(hash);
    if (hashes.length > this.#maxDegree) this.#promote(level);
  }

  // One hash goes up as it is; it was a combination already.
  #promote(level: number): void {
    const hashes = this.#levels[level] ?? [];
    this.#levels[level] = [];
    const [only] = hashes;
    this.#add(level + 1, hashes.length === 1 && only ? only : sha256(concat(...hashes)));
  }

  #foldUp(): void {
    const top = this.#levels.length - 1;
    for (let level = LEAF_LEVEL; level < top; level++) {
      if ((this.#levels[level]?.length ?? 0) > 0) this.#promote(level);
    }
  }
}

/** kvrwset.KVRead of a key; without version when the key is absent. */
export function kvRead(key: string, version: Version | undefined): kvrwset.IKVRead {
  if (!version) return { key };
  return { key, version: { block_num: version.blockNum, tx_num: version.txNum } };
}
