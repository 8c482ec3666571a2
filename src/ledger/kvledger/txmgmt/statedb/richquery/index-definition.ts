// SPDX-License-Identifier: Apache-2.0
// Indexes that come with a chaincode package, as META-INF/statedb/couchdb/indexes/*.json (validated as in Fabric's
// core/chaincode/ccmetadata/validators.go).
import { messageOf } from '../../../../../common/runtime/errors.ts';
import type { FieldPath } from './field-path.ts';
import { isObject, type Json, type JsonObject } from './json.ts';
import { parseSort } from './query.ts';
import type { RegexCompiler } from './regex.ts';
import { parseSelector, type Selector } from './selector.ts';

export interface IndexDefinition {
  readonly ddoc: string;
  readonly name: string;
  readonly columns: readonly { readonly name: string; readonly path: FieldPath }[];
  /** Documents that are in it; all, when absent. CouchDB uses such an index only when a query names it. */
  readonly partialFilter: Selector | undefined;
}

const MAX_INDEX_BYTES = 64 * 1024;

/** Throws an Error that says what is wrong. */
export function parseIndexDefinition(bytes: Uint8Array, compile: RegexCompiler): IndexDefinition {
  if (bytes.length > MAX_INDEX_BYTES) throw new Error(`larger than ${MAX_INDEX_BYTES} bytes`);
  const definition = parseJson(bytes);
  for (const name of Object.keys(definition)) {
    if (!['index', 'ddoc', 'name', 'type'].includes(name)) {
      throw new Error(`"${name}" is not part of an index definition`);
    }
  }
  const { index, ddoc = '', name = '', type = 'json' } = definition;
  if (type !== 'json') throw new Error('the type of an index must be json');
  if (typeof ddoc !== 'string' || typeof name !== 'string') {
    throw new Error('ddoc and name of an index must be strings');
  }
  if (!isObject(index)) throw new Error('the definition has no "index"');
  const sort = parseSort(index.fields);
  if (!sort) throw new Error('the index has no "fields"');
  return {
    ddoc: ddoc.replace(/^_design\//, ''),
    name,
    columns: sort.fields,
    partialFilter: parsePartialFilter(index.partial_filter_selector, compile),
  };
}

function parseJson(bytes: Uint8Array): JsonObject {
  let parsed: unknown;
  try {
    parsed = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new Error(`not valid JSON: ${messageOf(cause)}`, { cause });
  }
  if (!isObject(parsed)) throw new Error('not a JSON object');
  return parsed;
}

function parsePartialFilter(
  selector: Json | undefined,
  compile: RegexCompiler,
): Selector | undefined {
  return selector === undefined ? undefined : parseSelector(selector, compile);
}
