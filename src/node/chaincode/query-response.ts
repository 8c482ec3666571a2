// SPDX-License-Identifier: Apache-2.0
// Cuts query results into messages (Fabric's core/chaincode/query_response_generator.go).

import { protos, queryresult } from '../../common/protos/index.ts';
import { toTimestamp } from '../../common/protoutil/numbers.ts';
import type {
  KeyModification,
  KVResult,
  PagedResults,
  ResultsIterator,
} from '../../ledger/types.ts';

/** Rows in one message of a query that is not paged by the chaincode. */
export const MAX_RESULT_LIMIT = 100;
/** Rows that one query gives at most (ledger.state.totalQueryLimit). */
export const TOTAL_QUERY_LIMIT = 100_000;

/** An open query: its rows as serialized result messages. */
export interface QueryContext {
  readonly iterator: ResultsIterator<Uint8Array>;
  /** Rows that it gives at most. */
  readonly limit: number;
  /** A row that was read and did not fit the last message. */
  pending: Uint8Array | undefined;
  returned: number;
}

/** @param limit 0 for as many as there may be. */
export function newQueryContext(iterator: ResultsIterator<Uint8Array>, limit = 0): QueryContext {
  return { iterator, limit: limit || TOTAL_QUERY_LIMIT, pending: undefined, returned: 0 };
}

/** The next message of a query. `has_more` is false in the last; the query is then to be closed. */
export async function buildQueryResponse(
  query: QueryContext,
  id: string,
): Promise<protos.IQueryResponse> {
  const results: protos.IQueryResultBytes[] = [];
  for (;;) {
    const row = query.pending ?? (await nextRow(query));
    query.pending = undefined;
    if (row === undefined) return { results, has_more: false, id };
    if (results.length === MAX_RESULT_LIMIT) {
      query.pending = row;
      return { results, has_more: true, id };
    }
    results.push({ resultBytes: row });
  }
}

async function nextRow(query: QueryContext): Promise<Uint8Array | undefined> {
  if (query.returned >= query.limit) return undefined;
  const row = await query.iterator.next();
  if (row !== undefined) query.returned++;
  return row;
}

/** All rows of one page, and where the next begins. Closes the iterator. */
export async function buildPagedResponse(
  page: PagedResults<KVResult>,
  id: string,
): Promise<protos.IQueryResponse> {
  try {
    const results: protos.IQueryResultBytes[] = [];
    for (let row = await page.next(); row !== undefined; row = await page.next()) {
      results.push({ resultBytes: encodeKV(row) });
    }
    const metadata = protos.QueryResponseMetadata.encode({
      fetched_records_count: results.length,
      bookmark: page.bookmark(),
    }).finish();
    return { results, has_more: false, id, metadata };
  } finally {
    page.close();
  }
}

/** Rows as the messages that go to the chaincode. */
export function mapResults<T>(
  iterator: ResultsIterator<T>,
  encode: (row: T) => Uint8Array,
): ResultsIterator<Uint8Array> {
  return {
    next: async () => {
      const row = await iterator.next();
      return row === undefined ? undefined : encode(row);
    },
    close: () => iterator.close(),
  };
}

export function encodeKV({ namespace, key, value }: KVResult): Uint8Array {
  return queryresult.KV.encode({ namespace, key, value }).finish();
}

export function encodeKeyModification(change: KeyModification): Uint8Array {
  return queryresult.KeyModification.encode({
    tx_id: change.txId,
    value: change.value,
    timestamp: toTimestamp(change.timestampMs),
    is_delete: change.isDelete,
  }).finish();
}
