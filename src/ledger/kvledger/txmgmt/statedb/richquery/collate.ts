// SPDX-License-Identifier: Apache-2.0
// CouchDB's order of JSON values (couch_ejson_compare): null, false, true, numbers, strings, arrays, objects. Strings are
// ordered by Unicode collation, of which every JavaScript engine has the same root tables as ICU. Nothing here recurses: two
// documents that are deep enough would make every query fail that compares them, if only to build an index.
import { compareUtf8 } from '../../../../../common/runtime/bytes.ts';
import { isArray, type Json, type JsonObject } from './json.ts';

// 'en' tailors nothing of the root collation, which has no name that all engines know.
const collator = new Intl.Collator('en', {
  usage: 'sort',
  sensitivity: 'variant',
  ignorePunctuation: false,
  numeric: false,
  caseFirst: 'false',
});

// Values to be compared one after the other, the last first; a number is an outcome that is known already.
type Pending = (readonly [a: Json, b: Json] | number)[];

/** Negative, zero or positive: where `a` stands against `b`. Zero is what `$eq` calls equal. */
export function compareJson(a: Json, b: Json): number {
  const todo: Pending = [];
  let order = compareHeads(a, b, todo);
  for (let next = todo.pop(); order === 0 && next !== undefined; next = todo.pop()) {
    order = typeof next === 'number' ? next : compareHeads(next[0], next[1], todo);
  }
  return order;
}

// Scalars at once; what lists and objects hold is left to be done.
function compareHeads(a: Json, b: Json, todo: Pending): number {
  const byType = rankOf(a) - rankOf(b);
  if (byType !== 0) return byType;
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  if (typeof a === 'string' && typeof b === 'string') return collator.compare(a, b);
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return 0;
  if (isArray(a)) {
    if (isArray(b)) pushArrays(a, b, todo);
  } else if (!isArray(b)) pushObjects(a, b, todo);
  return 0;
}

/** How CouchDB compares the field `_id`: by bytes, and a text is above all else. */
export function compareId(id: string, b: Json): number {
  return typeof b === 'string' ? compareUtf8(id, b) : 1;
}

function rankOf(value: Json): number {
  if (value === null) return 0;
  if (value === false) return 1;
  if (value === true) return 2;
  if (typeof value === 'number') return 3;
  if (typeof value === 'string') return 4;
  return isArray(value) ? 5 : 6;
}

/** Element by element; of two that begin alike, the shorter comes first. */
export function compareArrays(a: readonly Json[], b: readonly Json[]): number {
  return compareJson(a, b);
}

function pushArrays(a: readonly Json[], b: readonly Json[], todo: Pending): void {
  todo.push(a.length - b.length);
  for (let i = Math.min(a.length, b.length) - 1; i >= 0; i--) {
    todo.push([a[i] as Json, b[i] as Json]);
  }
}

// Name, value, name, value. The names of a stored document are in byte order, since Fabric writes it so.
function pushObjects(a: JsonObject, b: JsonObject, todo: Pending): void {
  const namesA = Object.keys(a).sort(compareUtf8);
  const namesB = Object.keys(b).sort(compareUtf8);
  todo.push(namesA.length - namesB.length);
  for (let i = Math.min(namesA.length, namesB.length) - 1; i >= 0; i--) {
    const [nameA, nameB] = [namesA[i] as string, namesB[i] as string];
    todo.push([a[nameA] as Json, b[nameB] as Json], [nameA, nameB]);
  }
}

/** Whether two values are the same without collation: what `$all` asks. */
export function isSameJson(a: Json, b: Json): boolean {
  const todo: [Json, Json][] = [[a, b]];
  for (let next = todo.pop(); next; next = todo.pop()) {
    const [left, right] = next;
    const isScalar = typeof left !== 'object' || left === null;
    if (isScalar || typeof right !== 'object' || right === null) {
      if (left !== right) return false;
      continue;
    }
    const names = Object.keys(left);
    if (isArray(left) !== isArray(right) || names.length !== Object.keys(right).length) {
      return false;
    }
    for (const name of names) {
      if (!Object.hasOwn(right, name)) return false;
      todo.push([(left as JsonObject)[name] as Json, (right as JsonObject)[name] as Json]);
    }
  }
  return true;
}
