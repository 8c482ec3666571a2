// SPDX-License-Identifier: Apache-2.0
// CouchDB's order of JSON values (couch_ejson_compare): null, false, true, numbers, strings, arrays, objects. Strings are
// ordered by Unicode collation, of which every JavaScript engine has the same root tables as ICU.
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

/** Negative, zero or positive: where `a` stands against `b`. Zero is what `$eq` calls equal. */
export function compareJson(a: Json, b: Json): number {
  const byType = rankOf(a) - rankOf(b);
  if (byType !== 0) return byType;
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  if (typeof a === 'string' && typeof b === 'string') return collator.compare(a, b);
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return 0;
  if (isArray(a)) return isArray(b) ? compareArrays(a, b) : 0;
  return isArray(b) ? 0 : compareObjects(a, b);
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
  for (let i = 0; i < a.length && i < b.length; i++) {
    const order = compareJson(a[i] as Json, b[i] as Json);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

// Name, value, name, value. The names of a stored document are in byte order, since Fabric writes it so.
function compareObjects(a: JsonObject, b: JsonObject): number {
  const namesA = Object.keys(a).sort(compareUtf8);
  const namesB = Object.keys(b).sort(compareUtf8);
  for (let i = 0; i < namesA.length && i < namesB.length; i++) {
    const [nameA, nameB] = [namesA[i] as string, namesB[i] as string];
    const order = collator.compare(nameA, nameB) || compareJson(a[nameA] as Json, b[nameB] as Json);
    if (order !== 0) return order;
  }
  return namesA.length - namesB.length;
}

/** Whether two values are the same without collation: what `$all` asks. */
export function isSameJson(a: Json, b: Json): boolean {
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return a === b;
  if (isArray(a) !== isArray(b)) return false;
  const [left, right] = [a as JsonObject, b as JsonObject];
  const names = Object.keys(left);
  if (names.length !== Object.keys(right).length) return false;
  return names.every(
    (name) => Object.hasOwn(right, name) && isSameJson(left[name] as Json, right[name] as Json),
  );
}
