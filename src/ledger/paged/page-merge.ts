// SPDX-License-Identifier: Apache-2.0
// One step of a checkpoint: some changes, and the pages that they make of those they fall into.
import type { KVOperation } from '../kv-store.ts';
import type { PageIndex } from './page-index.ts';
import { type Change, mergePage, PAGE, storedKey } from './records.ts';

/** Changes by the number of the page that they fall into, in order of keys. */
export type PageParts = ReadonlyMap<number, readonly Change[]>;

/** The changes from `next` on as far as they fall into `most` pages; `end` is where to go on. */
export function partsByPage(
  index: PageIndex,
  changes: readonly Change[],
  next: number,
  most: number,
): { readonly parts: PageParts; readonly end: number } {
  const parts = new Map<number, Change[]>();
  let end = next;
  for (let change = changes[end]; change; change = changes[++end]) {
    const page = index.pageOf(change[0]);
    const part = parts.get(page);
    if (part) part.push(change);
    else if (parts.size < most) parts.set(page, [change]);
    else break;
  }
  return { parts, end };
}

/** What is to be written, and the separators of those pages that do not become one page each. */
export function mergeParts(
  index: PageIndex,
  parts: PageParts,
  pages: ReadonlyMap<number, Uint8Array | undefined>,
  pageBytes: number,
): { operations: KVOperation[]; replacements: Map<string, readonly string[]> } {
  const operations: KVOperation[] = [];
  const replacements = new Map<string, readonly string[]>();
  for (const [page, part] of parts) {
    const { separator } = index.span(page);
    const merged = mergePage(pages.get(page), part, pageBytes);
    // The first page keeps the separator that its keys were found by.
    const separators = merged.map(({ first }, i) => (i === 0 ? separator : first));
    if (separators.length !== 1) replacements.set(separator, separators);
    if (merged.length === 0) operations.push({ type: 'delete', key: storedKey(PAGE, separator) });
    merged.forEach(({ bytes }, i) => {
      const key = storedKey(PAGE, separators[i] ?? separator);
      operations.push({ type: 'put', key, value: bytes });
    });
  }
  return { operations, replacements };
}
