// SPDX-License-Identifier: Apache-2.0
// A rich query as a chaincode gives it: the body of CouchDB's `_find`, after what Fabric changes in it (applyAdditionalQueryOptions
// of statecouchdb/statecouchdb.go): its `limit` does not count, and `_id` is read whatever `fields` says.
import { messageOf } from '../../../../../common/runtime/errors.ts';
import { LedgerError } from '../../../../types.ts';
import { type FieldPath, fieldName, parseField } from './field-path.ts';
import { isObject, type Json, type JsonObject } from './json.ts';
import { queryError } from './query-error.ts';
import type { RegexCompiler } from './regex.ts';
import { parseSelector, type Selector } from './selector.ts';

export interface Sort {
  readonly fields: readonly { readonly name: string; readonly path: FieldPath }[];
  /** CouchDB sorts all fields in one direction. */
  readonly descending: boolean;
}

export interface RichQuery {
  readonly selector: Selector;
  /** What a result shows; all when absent. */
  readonly fields: readonly FieldPath[] | undefined;
  readonly sort: Sort | undefined;
  readonly skip: number;
  readonly bookmark: string;
  /** Design document, and name, of the index that the query asks for. */
  readonly useIndex: readonly string[];
}

const OPTIONS: ReadonlySet<string> = new Set([
  'selector',
  'use_index',
  'bookmark',
  'limit',
  'skip',
  'sort',
  'fields',
  'r',
  'conflicts',
  'stale',
  'update',
  'stable',
  'execution_stats',
  'allow_fallback',
]);

/** Throws LedgerError QUERY_INVALID. */
export function parseQuery(text: string, compile: RegexCompiler): RichQuery {
  const query = parseJson(text);
  const unknown = Object.keys(query).find((name) => !OPTIONS.has(name));
  if (unknown !== undefined) {
    throw queryError('invalid_key', `Invalid key ${unknown} for this request.`);
  }
  if (query.selector === undefined) {
    throw queryError('missing_required_key', 'Missing required key: selector');
  }
  return {
    selector: parseSelector(query.selector, compile),
    fields: parseFields(query.fields),
    sort: parseSort(query.sort),
    skip: parseSkip(query.skip),
    bookmark: parseText('bookmark', query.bookmark),
    useIndex: parseUseIndex(query.use_index),
  };
}

/** The fields of a sort or of an index, in CouchDB's notation. */
export function parseSort(sort: Json | undefined): Sort | undefined {
  if (sort === undefined) return undefined;
  if (!Array.isArray(sort)) {
    throw queryError('invalid_sort_json', `Sort must be an array of sort specs, not: ${sort}`);
  }
  const specs = sort.map(parseSortField);
  if (specs.length === 0) return undefined;
  if (specs.some(({ direction }) => direction !== specs[0]?.direction)) {
    const text = 'Sorts currently only support a single direction for all fields.';
    throw queryError('unsupported_mixed_sort', text);
  }
  return {
    fields: specs.map(({ name }) => {
      const path = parseField(name);
      return { name: fieldName(path), path };
    }),
    descending: specs[0]?.direction === 'desc',
  };
}

function parseSortField(spec: Json): { name: string; direction: Json } {
  if (typeof spec === 'string' && spec !== '') return { name: spec, direction: 'asc' };
  const [[name, direction] = [], ...others] = isObject(spec) ? Object.entries(spec) : [];
  if (name === undefined || name === '' || others.length > 0) {
    throw queryError('invalid_sort_field', `Invalid sort field: ${JSON.stringify(spec)}`);
  }
  if (direction !== 'asc' && direction !== 'desc') {
    throw queryError('invalid_sort_dir', `Invalid sort direction: ${JSON.stringify(direction)}`);
  }
  return { name, direction };
}

function parseJson(text: string): JsonObject {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (cause) {
    throw new LedgerError('QUERY_INVALID', `the query is not JSON: ${messageOf(cause)}`, { cause });
  }
  if (isObject(parsed)) return parsed;
  throw new LedgerError('QUERY_INVALID', 'the query is not a JSON object');
}

function parseFields(fields: Json | undefined): readonly FieldPath[] | undefined {
  if (fields === undefined) return undefined;
  if (!Array.isArray(fields)) {
    throw new LedgerError('QUERY_INVALID', 'fields definition must be an array');
  }
  return fields.map((field: Json) => {
    if (typeof field === 'string') return parseField(field);
    throw queryError('invalid_fields_json', 'Fields must be an array of strings');
  });
}

function parseSkip(skip: Json | undefined): number {
  if (skip === undefined) return 0;
  if (Number.isSafeInteger(skip) && Number(skip) >= 0) return Number(skip);
  throw queryError('invalid_non_neg_integer', `Skip must not be ${JSON.stringify(skip)}`);
}

function parseText(name: string, value: Json | undefined): string {
  if (value === undefined) return '';
  if (typeof value === 'string') return value;
  throw queryError('invalid_string', `${name} must be a string, not: ${JSON.stringify(value)}`);
}

function parseUseIndex(value: Json | undefined): readonly string[] {
  const names = value === undefined ? [] : Array.isArray(value) ? value : [value];
  if (names.length > 2 || !names.every((name): name is string => typeof name === 'string')) {
    throw queryError('invalid_index_name', `Invalid index name: ${JSON.stringify(value)}`);
  }
  return names.map((name, i) => (i === 0 ? name.replace(/^_design\//, '') : name));
}
