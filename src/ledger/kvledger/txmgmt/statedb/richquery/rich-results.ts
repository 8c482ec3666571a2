// SPDX-License-Identifier: Apache-2.0
// The iterator over the results of a rich query (queryResultsItr of txmgr/query_executor.go): each row that the caller sees is
// recorded as a read of its key. Rows that a later transaction adds are not noticed at commit; Fabric says so too.
import type { KVResult, PagedResults } from '../../../../types.ts';
import type { RWSetBuilder } from '../../rwsetutil/rwset-builder.ts';
import { encodeBookmark, type Position } from './bookmark.ts';

/** A result, and where it stands among the others. */
export interface RichRow {
  readonly result: KVResult;
  readonly position: Position;
}

export class RichResults implements PagedResults<KVResult> {
  readonly #rows: AsyncGenerator<RichRow>;
  readonly #pageSize: number;
  readonly #builder: RWSetBuilder | undefined;
  #returned = 0;
  #last: Position | undefined;

  /**
   * @param pageSize 0 for all.
   * @param builder takes the reads.
   */
  constructor(rows: AsyncGenerator<RichRow>, pageSize: number, builder: RWSetBuilder | undefined) {
    this.#rows = rows;
    this.#pageSize = pageSize;
    this.#builder = builder;
  }

  async next(): Promise<KVResult | undefined> {
    if (this.#pageSize > 0 && this.#returned >= this.#pageSize) return undefined;
    const { value, done } = await this.#rows.next();
    if (done) return undefined;
    const { result, position } = value;
    this.#returned++;
    this.#last = position;
    this.#builder?.addToReadSet(result.namespace, result.key, result.version);
    return result;
  }

  bookmark(): string {
    return encodeBookmark(this.#last);
  }

  close(): void {
    void this.#rows.return(undefined);
  }
}
