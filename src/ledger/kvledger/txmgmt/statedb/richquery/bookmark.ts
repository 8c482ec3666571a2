// SPDX-License-Identifier: Apache-2.0
// Where a page of a rich query ended: the key of its last row, and what that row was sorted by. Opaque to callers, as
// CouchDB's are; its name for the bookmark of a page without rows is kept.
import { fromBase64, fromUtf8, toBase64, utf8 } from '../../../../../common/runtime/bytes.ts';
import type { Json } from './json.ts';
import { queryError } from './query-error.ts';

export interface Position {
  readonly key: string;
  /** One a field of the sort. */
  readonly sortedBy: readonly Json[];
}

const NO_ROWS = 'nil';

export function encodeBookmark(last: Position | undefined): string {
  return last ? toBase64(utf8(JSON.stringify([last.key, ...last.sortedBy]))) : NO_ROWS;
}

/** Undefined for the first page. Throws LedgerError QUERY_INVALID, also when it is of a query sorted in another way. */
export function decodeBookmark(bookmark: string, sortFields: number): Position | undefined {
  if (bookmark === '' || bookmark === NO_ROWS) return undefined;
  try {
    const [key, ...sortedBy] = JSON.parse(fromUtf8(fromBase64(bookmark)));
    if (typeof key === 'string' && sortedBy.length === sortFields) return { key, sortedBy };
  } catch {
    // Not one of ours, like the other.
  }
  throw queryError('invalid_bookmark', `Invalid bookmark value: ${bookmark.slice(0, 200)}`);
}
