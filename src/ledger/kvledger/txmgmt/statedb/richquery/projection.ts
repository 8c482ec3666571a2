// SPDX-License-Identifier: Apache-2.0
// What a result shows when a query names `fields` (CouchDB's mango_fields), written as Go's json.Marshal writes a map, which is
// how Fabric hands it to the chaincode.
import { compareUtf8, utf8 } from '../../../../../common/runtime/bytes.ts';
import { type FieldPath, valueAt } from './field-path.ts';
import { isArray, type Json, type JsonObject } from './json.ts';

type Tree = Map<string, Tree | Json>;

/** The named fields of a document, as bytes; those that it lacks are left out. */
export function project(document: JsonObject, fields: readonly FieldPath[]): Uint8Array {
  const shown: Tree = new Map();
  for (const path of fields) {
    const value = path[0] === '_id' ? undefined : valueAt(document, path);
    if (value !== undefined) set(shown, path, value);
  }
  return utf8(marshal(shown));
}

// The index of an element becomes the name of a field, as it does in CouchDB.
function set(tree: Tree, [name = '', ...rest]: FieldPath, value: Json): void {
  if (rest.length === 0) {
    tree.set(name, value);
    return;
  }
  const known = tree.get(name);
  const branch = known instanceof Map ? known : branchOf(known);
  tree.set(name, branch);
  set(branch, rest, value);
}

function branchOf(known: Json | undefined): Tree {
  return new Map(typeof known === 'object' && known !== null ? Object.entries(known) : []);
}

function marshal(value: Tree | Json): string {
  if (typeof value === 'string') return marshalString(value);
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (!(value instanceof Map) && isArray(value)) return `[${value.map(marshal).join(',')}]`;
  const entries: [string, Tree | Json][] =
    value instanceof Map ? [...value] : Object.entries(value);
  const members = entries
    .sort(([a], [b]) => compareUtf8(a, b))
    .map(([name, member]) => `${marshalString(name)}:${marshal(member)}`);
  return `{${members.join(',')}}`;
}

// Go keeps JSON harmless within HTML and JavaScript.
function marshalString(text: string): string {
  return JSON.stringify(text).replace(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
