// SPDX-License-Identifier: Apache-2.0
// What a selector means, read straight from its text: nothing is normalized or planned, names of fields are taken apart letter
// by letter, and texts are compared by their places in a list. It shares no code with the evaluator that it is to judge.
import type { Json, JsonObject } from '../json.ts';

/** Texts in the order of Unicode's root collation; those in one list are equal to it. */
export const TEXTS: readonly (readonly string[])[] = [
  [''],
  ['_'],
  ['-'],
  ['.'],
  ['$'],
  ['1'],
  ['10'],
  ['2'],
  ['a'],
  ['A'],
  ['aa'],
  ['aB'],
  ['b'],
  ['B'],
  ['ba'],
  ['e'],
  ['\u00e9', 'e\u0301'],
  ['n'],
  ['t'],
  ['x'],
  ['y'],
  ['z'],
];

const placeOf = (text: string): number => {
  const place = TEXTS.findIndex((texts) => texts.includes(text));
  if (place < 0) throw new Error(`no place for ${JSON.stringify(text)}`);
  return place;
};

const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** CouchDB's order of values: null, false, true, numbers, texts, lists, objects. */
export function naiveOrder(a: Json, b: Json): number {
  const kinds = [a, b].map((value) => {
    if (value === null) return 0;
    const kind = ['boolean', 'number', 'string'].indexOf(typeof value) + 1;
    return kind > 0 ? kind : Array.isArray(value) ? 4 : 5;
  });
  const [x = 0, y = 0] = kinds;
  if (x !== y) return x - y;
  if (typeof a === 'string' && typeof b === 'string') return placeOf(a) - placeOf(b);
  if (x < 4) return Number(a) - Number(b);
  const [left, right] = [flat(a), flat(b)];
  for (let i = 0; i < Math.min(left.length, right.length); i++) {
    const order = naiveOrder(left[i] as Json, right[i] as Json);
    if (order !== 0) return order;
  }
  return left.length - right.length;
}

// An object is the list of its names and values, by name.
function flat(value: Json): Json[] {
  if (Array.isArray(value)) return value;
  return Object.entries(value as JsonObject)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flat();
}

// Equal without collation.
function same(a: Json, b: Json): boolean {
  const sorted = (value: Json): Json =>
    isObject(value)
      ? Object.entries(value)
          .sort(([x], [y]) => (x < y ? -1 : 1))
          .map(([name, member]) => [name, sorted(member), 'member'])
      : Array.isArray(value)
        ? [value.map(sorted), 'list']
        : value;
  return JSON.stringify(sorted(a)) === JSON.stringify(sorted(b));
}

/** Whether a document is one that a selector asks for. */
export function naiveMatch(selector: Json, document: Json): boolean {
  if (isObject(selector) && Object.keys(selector).length === 0) return true;
  return holds(selector, document, [], false);
}

function holds(selector: Json, document: Json, path: readonly string[], negated: boolean): boolean {
  const entries = isObject(selector) ? Object.entries(selector) : [];
  if (entries.length === 0) return leaf('$eq', selector, document, path, negated);
  const results = entries.map(([name, arg]) => entry(name, arg, document, path, negated));
  return negated ? results.some(Boolean) : results.every(Boolean);
}

function entry(
  name: string,
  arg: Json,
  document: Json,
  path: readonly string[],
  negated: boolean,
): boolean {
  if (name === '$not') return holds(arg, document, path, !negated);
  if (name === '$and' || name === '$or' || name === '$nor') {
    // A list of nothing is met by everything, however it is negated.
    if ((arg as Json[]).length === 0) return true;
    const inner = negated !== (name === '$nor');
    const results = (arg as Json[]).map((one) => holds(one, document, path, inner));
    return (name === '$and') === inner ? results.some(Boolean) : results.every(Boolean);
  }
  if (name.startsWith('$')) return leaf(name, arg, document, path, negated);
  return holds(arg, document, [...path, ...partsOf(name)], negated);
}

/** A name at its dots; a backslash makes a dot a letter, and is none itself. */
export function partsOf(name: string): string[] {
  const parts = [''];
  for (let i = 0; i < name.length; i++) {
    if (name[i] === '\\' && name[i + 1] === '.') parts.push(`${parts.pop()}${name[++i]}`);
    else if (name[i] === '.') parts.push('');
    else if (name[i] !== '\\') parts.push(`${parts.pop()}${name[i]}`);
  }
  return parts;
}

// `none` where nothing can stand, so that not even its absence can be asked for.
function find(document: Json, path: readonly string[]): Json | 'absent' | 'none' {
  let at = document;
  for (const name of path) {
    if (Array.isArray(at)) {
      if (!/^\d+$/.test(name) || Number(name) >= at.length) return 'none';
      at = at[Number(name)];
    } else if (!isObject(at)) return 'none';
    else if (!Object.hasOwn(at, name)) return 'absent';
    else at = at[name] as Json;
  }
  // Those words stand for themselves in no test.
  return at;
}

/** The value of a field, if it has one. */
export function naiveField(document: Json, name: string): Json | undefined {
  const found = find(document, partsOf(name));
  return found === 'absent' || found === 'none' ? undefined : found;
}

function leaf(
  op: string,
  arg: Json,
  document: Json,
  path: readonly string[],
  negated: boolean,
): boolean {
  const found = find(document, path);
  if (found === 'none') return false;
  if (found === 'absent') return op === '$exists' && arg === negated;
  if (op === '$exists') return arg !== negated;
  return meets(op, arg, found) !== negated;
}

function meets(op: string, arg: Json, at: Json): boolean {
  const order = (): number => naiveOrder(at, arg);
  const list = Array.isArray(at) ? (at as Json[]) : undefined;
  const args = arg as Json[];
  switch (op) {
    case '$lt':
      return order() < 0;
    case '$lte':
      return order() <= 0;
    case '$eq':
      return order() === 0;
    case '$ne':
      return order() !== 0;
    case '$gte':
      return order() >= 0;
    case '$gt':
      return order() > 0;
    case '$in':
      return (list ?? [at]).some((item) => args.some((one) => naiveOrder(item, one) === 0));
    case '$nin':
      return (list ?? [at]).every((item) => args.every((one) => naiveOrder(item, one) !== 0));
    case '$all':
      return list !== undefined && args.length > 0 && hasAll(list, args);
    case '$type':
      return (at === null ? 'null' : list ? 'array' : typeof at) === arg;
    case '$size':
      return list?.length === arg;
    case '$mod':
      return Number.isInteger(at) && (at as number) % (args[0] as number) === args[1];
    case '$regex':
      return typeof at === 'string' && new RegExp(arg as string, 'u').test(at);
    case '$beginsWith':
      return typeof at === 'string' && at.slice(0, (arg as string).length) === arg;
    case '$keyMapMatch':
      return isObject(at) && Object.keys(at).some((name) => holds(arg, name, [], false));
    case '$elemMatch':
      return list?.some((item) => holds(arg, item, [], false)) ?? false;
    case '$allMatch':
      return (list?.length ?? 0) > 0 && (list?.every((it) => holds(arg, it, [], false)) ?? false);
  }
  throw new Error(`no such operator ${op}`);
}

function hasAll(list: readonly Json[], args: readonly Json[]): boolean {
  if (args.every((one) => list.some((item) => same(item, one)))) return true;
  return args.length === 1 && Array.isArray(args[0]) && same(args[0], list);
}
