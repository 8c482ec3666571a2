// SPDX-License-Identifier: Apache-2.0
// The iterators that queries hand out. In a simulation, one over a range records what its caller has seen, for the check
// against phantoms (resultsItr of txmgr/query_executor.go).
import type { kvrwset } from '../../../common/protos/index.ts';
import type { KVResult, PagedResults } from '../../types.ts';
import { binaryToUtf8 } from '../../util/binary-string.ts';
import { RangeQueryResultsHelper } from './rwsetutil/range-query-results-helper.ts';
import type { StateRow } from './statedb/state-db.ts';
import { splitStateKey } from './statedb/state-key.ts';

/** A range as a caller asked for it. */
export interface RangeQuery {
  readonly namespace: string;
  readonly startKey: string;
  readonly endKey: string;
  /** Rows of a page; 0 for all. */
  readonly pageSize: number;
}

/** Rows of a range, in byte order. */
export class RangeResults implements PagedResults<KVResult> {
  readonly query: RangeQuery;
  readonly #rows: AsyncGenerator<StateRow>;
  readonly #helper: RangeQueryResultsHelper | undefined;
  // What the caller has seen; in Fabric too, one that stops early binds itself to the rows before only.
  #endKey = '';
  #exhausted = false;
  #returned = 0;
  #ahead: StateRow | undefined;

  /** @param record whether this is a simulation. */
  constructor(query: RangeQuery, rows: AsyncGenerator<StateRow>, record: boolean) {
    this.query = query;
    this.#rows = rows;
    this.#helper = record ? new RangeQueryResultsHelper() : undefined;
  }

  async next(): Promise<KVResult | undefined> {
    const row = await this.#row();
    if (!row) {
      this.#exhausted = true;
      this.#endKey = this.query.endKey;
      return undefined;
    }
    const [stateKey, { value, version }] = row;
    const key = binaryToUtf8(splitStateKey(stateKey).binaryKey);
    this.#helper?.addResult(key, version);
    this.#endKey = key;
    return { namespace: this.query.namespace, key, value: value.slice(), version };
  }

  bookmark(): string {
    return this.#ahead ? binaryToUtf8(splitStateKey(this.#ahead[0]).binaryKey) : '';
  }

  close(): void {
    void this.#rows.return(undefined);
  }

  /** What is to be recorded of this query; nothing may be read afterwards. */
  rangeQueryInfo(): kvrwset.IRangeQueryInfo {
    const info = {
      start_key: this.query.startKey,
      end_key: this.#endKey,
      itr_exhausted: this.#exhausted,
    };
    const results = this.#helper?.done();
    if (!results) return info;
    if ('summary' in results) return { ...info, reads_merkle_hashes: results.summary };
    if (results.rawReads.length === 0) return info;
    return { ...info, raw_reads: { kv_reads: results.rawReads } };
  }

  // A page reads one row ahead, because its bookmark is the key of the row after the last one read. The end of a page counts
  // as the end of the range.
  async #row(): Promise<StateRow | undefined> {
    const { pageSize } = this.query;
    if (pageSize === 0) return this.#read();
    if (this.#returned >= pageSize) return undefined;
    const row = this.#returned === 0 ? await this.#read() : this.#ahead;
    this.#returned++;
    this.#ahead = row && (await this.#read());
    return row;
  }

  async #read(): Promise<StateRow | undefined> {
    const { value, done } = await this.#rows.next();
    return done ? undefined : value;
  }
}
