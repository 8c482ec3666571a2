// SPDX-License-Identifier: Apache-2.0
// Whether a document matches a selector (match of CouchDB's mango_selector), with its answers for empty lists, missing
// fields and lists where a single value was expected.
import { compareId, compareJson, isSameJson } from './collate.ts';
import { getField } from './field-path.ts';
import { isArray, isObject, type Json } from './json.ts';
import type {
  ArrayCondition,
  Comparison,
  Condition,
  Selector,
  ValueCondition,
} from './selector.ts';

/** A normalized selector over a document, or over an element or a name within one. */
export function matches(selector: Selector, value: Json): boolean {
  switch (selector.op) {
    case 'and':
      return selector.args.every((arg) => matches(arg, value));
    case 'or':
      return selector.args.length === 0 || selector.args.some((arg) => matches(arg, value));
    case 'field':
      return matchesField(selector, value);
  }
}

function matchesField(
  { path, condition }: Extract<Selector, { op: 'field' }>,
  document: Json,
): boolean {
  const found = getField(document, path);
  if (found === 'bad_path') return false;
  if (found === 'not_found') return condition.op === '$exists' && !condition.arg;
  const isId = path.length === 1 && path[0] === '_id';
  return test(condition, found.value, isId ? compareIds : compareJson);
}

type Compare = (value: Json, arg: Json) => number;

const compareIds: Compare = (value, arg) =>
  typeof value === 'string' ? compareId(value, arg) : compareJson(value, arg);

function test(condition: Condition, value: Json, compare: Compare): boolean {
  switch (condition.op) {
    case '$in':
      return isIn(value, condition.arg, compare);
    case '$nin':
      return !isIn(value, condition.arg, compare);
    case '$exists':
      return condition.arg;
    case '$not':
      return !test(condition.arg, value, compare);
    case '$all':
    case '$size':
    case '$elemMatch':
    case '$allMatch':
      return isArray(value) && testArray(condition, value);
    case '$type':
    case '$mod':
    case '$regex':
    case '$beginsWith':
    case '$keyMapMatch':
      return testValue(condition, value);
    default:
      return testOrder(condition.op, compare(value, condition.arg));
  }
}

function testOrder(op: Comparison, order: number): boolean {
  switch (op) {
    case '$lt':
      return order < 0;
    case '$lte':
      return order <= 0;
    case '$eq':
      return order === 0;
    case '$ne':
      return order !== 0;
    case '$gte':
      return order >= 0;
    case '$gt':
      return order > 0;
  }
}

function testArray(condition: ArrayCondition, values: readonly Json[]): boolean {
  switch (condition.op) {
    case '$size':
      return values.length === condition.arg;
    case '$all':
      return hasAll(values, condition.arg);
    case '$elemMatch':
      return values.some((value) => matches(condition.arg, value));
    case '$allMatch':
      return values.length > 0 && values.every((value) => matches(condition.arg, value));
  }
}

function testValue(condition: ValueCondition, value: Json): boolean {
  switch (condition.op) {
    case '$type':
      return typeOf(value) === condition.arg;
    case '$mod':
      // -0 equals 0 here, as it should.
      return Number.isInteger(value) && Number(value) % condition.divisor === condition.remainder;
    case '$regex':
      return typeof value === 'string' && condition.matches(value);
    case '$beginsWith':
      return typeof value === 'string' && value.startsWith(condition.arg);
    case '$keyMapMatch':
      return isObject(value) && Object.keys(value).some((name) => matches(condition.arg, name));
  }
}

// Of an array, one element in the list is enough.
function isIn(value: Json, args: readonly Json[], compare: Compare): boolean {
  const values = isArray(value) ? value : [value];
  return args.some((arg) => values.some((one) => compare(one, arg) === 0));
}

// A single list as argument may also be the whole value.
function hasAll(values: readonly Json[], args: readonly Json[]): boolean {
  if (args.length === 0) return false;
  if (args.every((arg) => values.some((value) => isSameJson(value, arg)))) return true;
  const [only] = args;
  return args.length === 1 && only !== undefined && isArray(only) && isSameJson(only, values);
}

function typeOf(value: Json): string {
  if (value === null) return 'null';
  return isArray(value) ? 'array' : typeof value;
}
