// SPDX-License-Identifier: Apache-2.0
// Names of fields in a query: parts divided by dots, of which a backslash before a dot makes a plain character (parse_field of
// CouchDB's mango_util, get_field of mango_doc).
import { isArray, isObject, type Json } from './json.ts';
import { queryError } from './query-error.ts';

export type FieldPath = readonly string[];

/** Parts of a name; throws LedgerError QUERY_INVALID when one is empty. */
export function parseField(name: string): FieldPath {
  const parts = name.split(/(?<!\\)\./);
  if (parts.includes('')) throw queryError('invalid_field_name', `Invalid field name: ${name}`);
  return parts.map((part) => part.replaceAll('\\', ''));
}

/** One name for each path, however it was written. */
export function fieldName(path: FieldPath): string {
  return path.map((part) => part.replaceAll('.', '\\.')).join('.');
}

/** What stands at a path: a value, nothing, or no place where anything could stand. */
export type Found = { readonly value: Json } | 'not_found' | 'bad_path';

const INTEGER = /^[+-]?\d+$/;

/** Follows a path; a number is the index of an element of an array. */
export function getField(from: Json, path: FieldPath): Found {
  let value = from;
  for (const name of path) {
    if (isObject(value)) {
      if (!Object.hasOwn(value, name)) return 'not_found';
      value = value[name] as Json;
    } else if (isArray(value) && INTEGER.test(name)) {
      const element = value[Number(name)];
      if (element === undefined) return 'bad_path';
      value = element;
    } else {
      return 'bad_path';
    }
  }
  return { value };
}

/** The value at a path; undefined when there is none. */
export function valueAt(from: Json, path: FieldPath): Json | undefined {
  const found = getField(from, path);
  return typeof found === 'string' ? undefined : found.value;
}
