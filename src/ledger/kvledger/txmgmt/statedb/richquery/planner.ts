// SPDX-License-Identifier: Apache-2.0
// Which index serves a query, and which part of it (is_usable and field_ranges of CouchDB's mango_idx_view). An index holds the
// documents that have all its columns; so it serves only a query that asks for nothing else.
import { compareJson } from './collate.ts';
import { fieldName } from './field-path.ts';
import type { IndexDefinition } from './index-definition.ts';
import type { Json } from './json.ts';
import type { RichQuery } from './query.ts';
import { queryError } from './query-error.ts';
import type { Condition, Selector } from './selector.ts';

interface Bound {
  readonly value: Json;
  readonly inclusive: boolean;
}

/** Rows that begin with some values, and of which the next is within bounds. */
export interface IndexRange {
  readonly prefix: readonly Json[];
  readonly lower: Bound | undefined;
  readonly upper: Bound | undefined;
}

export interface Plan<T> {
  readonly index: T;
  readonly range: IndexRange;
}

/**
 * The best index for a query; undefined when all documents are to be read. Throws LedgerError QUERY_INVALID when it is to be
 * sorted and no index can, in which CouchDB is strict.
 */
export function planQuery<T extends { readonly definition: IndexDefinition }>(
  query: RichQuery,
  indexes: readonly T[],
): Plan<T> | undefined {
  const usable = indexes.filter(({ definition }) => isUsable(definition, query));
  const asked = usable.filter(({ definition }) => isAskedFor(definition, query.useIndex));
  const others = usable.filter(({ definition }) => !definition.partialFilter);
  const [best] = (asked.length > 0 ? asked : others)
    .map((index) => ({ index, range: rangeOf(index.definition, query.selector) }))
    .sort((a, b) => widthOf(a) - widthOf(b));
  if (!best && query.sort && !isSortedById(query)) {
    const text = 'No index exists for this sort, try indexing by the sort fields.';
    throw queryError('no_usable_index', text);
  }
  return best;
}

function isAskedFor({ ddoc, name }: IndexDefinition, [wanted, wantedName]: readonly string[]) {
  return wanted === ddoc && (wantedName === undefined || wantedName === name);
}

// Values that narrow count most; after them, few columns.
function widthOf({ index, range }: Plan<{ readonly definition: IndexDefinition }>): number {
  const bounds = (range.lower ? 1 : 0) + (range.upper ? 1 : 0);
  return index.definition.columns.length - 1000 * (3 * range.prefix.length + bounds);
}

function isSortedById({ sort, selector }: RichQuery): boolean {
  if (sort?.fields.length !== 1 || sort.fields[0]?.name !== '_id') return false;
  return conditionsOn(selector, '_id').some(({ op }) => INDEXABLE.has(op));
}

function isUsable({ columns }: IndexDefinition, { selector, sort }: RichQuery): boolean {
  const sorted = sort?.fields.map(({ name }) => name) ?? [];
  const names = columns.map(({ name }) => name);
  const required = names.filter((name) => name !== '_id' && !sorted.includes(name));
  return required.every((name) => requires(selector, name)) && sorts(names, sorted, selector);
}

/** Whether a document must have a field to match. */
export function requires(selector: Selector, name: string): boolean {
  switch (selector.op) {
    case 'and':
      return selector.args.some((arg) => requires(arg, name));
    case 'or':
      return selector.args.length > 0 && selector.args.every((arg) => requires(arg, name));
    case 'field': {
      const { condition } = selector;
      const needsNone = condition.op === '$exists' && !condition.arg;
      return !needsNone && fieldName(selector.path) === name;
    }
  }
}

// The columns before those of the sort must have one value each.
function sorts(columns: readonly string[], sorted: readonly string[], selector: Selector): boolean {
  if (sorted.length === 0) return true;
  const first = columns.findIndex(
    (name) => name === sorted[0] || !conditionsOn(selector, name).some(({ op }) => op === '$eq'),
  );
  return first >= 0 && sorted.every((name, i) => columns[first + i] === name);
}

const INDEXABLE: ReadonlySet<string> = new Set(['$lt', '$lte', '$eq', '$gte', '$gt']);

// Conditions on a field that hold for every match.
function conditionsOn(selector: Selector, name: string): readonly Condition[] {
  if (selector.op === 'and') return selector.args.flatMap((arg) => conditionsOn(arg, name));
  if (selector.op !== 'field' || fieldName(selector.path) !== name) return [];
  return [selector.condition];
}

function rangeOf({ columns }: IndexDefinition, selector: Selector): IndexRange {
  const prefix: Json[] = [];
  for (const { name } of columns) {
    // Texts of `_id` are compared by bytes, but ordered by collation in an index.
    const conditions = name === '_id' ? [] : conditionsOn(selector, name);
    const equal = conditions.find((condition) => condition.op === '$eq');
    if (equal?.op !== '$eq') return { prefix, ...boundsOf(conditions) };
    prefix.push(equal.arg);
  }
  return { prefix, lower: undefined, upper: undefined };
}

function boundsOf(conditions: readonly Condition[]): Omit<IndexRange, 'prefix'> {
  let lower: Bound | undefined;
  let upper: Bound | undefined;
  for (const condition of conditions) {
    switch (condition.op) {
      case '$gt':
      case '$gte':
        lower = tighter(lower, { value: condition.arg, inclusive: condition.op === '$gte' }, 1);
        break;
      case '$lt':
      case '$lte':
        upper = tighter(upper, { value: condition.arg, inclusive: condition.op === '$lte' }, -1);
    }
  }
  return { lower, upper };
}

function tighter(known: Bound | undefined, bound: Bound, sign: 1 | -1): Bound {
  if (!known) return bound;
  const order = sign * compareJson(bound.value, known.value);
  return order > 0 || (order === 0 && !bound.inclusive) ? bound : known;
}
