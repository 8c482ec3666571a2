// SPDX-License-Identifier: Apache-2.0
// Selectors of CouchDB's documentation of `_find`, and its answers where they surprise; then any selector, against an evaluator
// that follows the text of the selector and normalizes nothing.
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { isObject, type Json, type JsonObject } from './json.ts';
import { matches } from './matcher.ts';
import { loadRegexCompiler, type RegexCompiler } from './regex.ts';
import { parseSelector } from './selector.ts';

let compile: RegexCompiler;
beforeAll(async () => {
  compile = await loadRegexCompiler();
});

const isMatch = (selector: Json, document: Json): boolean =>
  matches(parseSelector(selector, compile), document);

const MOVIE = {
  _id: 'tt0090605',
  title: 'Live And Let Die',
  director: 'Lars von Trier',
  year: 1981,
  rating: 8.5,
  genre: ['Horror', 'Comedy'],
  cast: [{ name: 'Roger Moore' }, { name: 'Jane Seymour', born: 1951 }],
  imdb: { rating: 8, votes: 1000 },
  cameras: { secondary: 1, primary: 2 },
  scores: [80, 84, 90],
  'a.b': 'dotted',
  $price: 5,
  none: null,
  flag: true,
};

describe('selectors', () => {
  test.each<[string, Json]>([
    ['one field', { director: 'Lars von Trier' }],
    ['two fields', { director: 'Lars von Trier', year: 1981 }],
    ['a nested field', { imdb: { rating: 8 } }],
    ['a nested field by dots', { 'imdb.rating': 8 }],
    ['dots and nesting', { imdb: { rating: { $gt: 7 }, votes: 1000 } }],
    ['an escaped dot', { 'a\\.b': 'dotted' }],
    ['an escaped dollar', { '\\$price': { $gte: 5 } }],
    ['an element by its index', { 'cast.1.born': 1951 }],
    ['explicit equality', { director: { $eq: 'Lars von Trier' } }],
    ['$and', { $and: [{ title: 'Live And Let Die' }, { year: { $in: [1980, 1981] } }] }],
    ['$or', { year: 1981, $or: [{ director: 'X' }, { director: 'Lars von Trier' }] }],
    ['$not', { year: { $gte: 1900 }, $not: { year: 1901 } }],
    ['$not of a field', { year: { $not: { $eq: 1901 } } }],
    ['$nor', { $nor: [{ year: 1901 }, { year: 1905 }] }],
    ['$all', { genre: { $all: ['Comedy', 'Horror'] } }],
    ['$all with the whole list', { genre: { $all: [['Horror', 'Comedy']] } }],
    ['$elemMatch', { genre: { $elemMatch: { $eq: 'Horror' } } }],
    ['$elemMatch of a range', { scores: { $elemMatch: { $gt: 80, $lt: 90 } } }],
    ['$elemMatch of objects', { cast: { $elemMatch: { born: { $exists: true } } } }],
    ['$allMatch', { scores: { $allMatch: { $gte: 80 } } }],
    ['$keyMapMatch', { cameras: { $keyMapMatch: { $eq: 'secondary' } } }],
    ['$lt and $gt', { year: { $gt: 1980, $lt: 1982 } }],
    ['$lte and $gte', { year: { $gte: 1981, $lte: 1981 } }],
    ['$ne', { year: { $ne: 1980 } }],
    ['$exists', { title: { $exists: true }, missing: { $exists: false } }],
    ['null, which exists', { none: null, $and: [{ none: { $exists: true } }] }],
    ['$type', { none: { $type: 'null' }, genre: { $type: 'array' }, imdb: { $type: 'object' } }],
    ['$type of scalars', { flag: { $type: 'boolean' }, year: { $type: 'number' } }],
    ['$in', { year: { $in: [1980, 1981] } }],
    ['$in of a list: any element', { genre: { $in: ['Comedy'] } }],
    ['$nin', { year: { $nin: [1980] } }],
    ['$size', { genre: { $size: 2 } }],
    ['$mod', { year: { $mod: [10, 1] } }],
    ['$regex', { title: { $regex: '^Live.*Die$' } }],
    ['$regex with an inline flag', { title: { $regex: '(?i)LIVE' } }],
    ['$beginsWith', { title: { $beginsWith: 'Live ' } }],
    ['types are ordered: null is below all', { year: { $gt: null } }],
    ['an object is above all', { year: { $lt: {} }, title: { $lt: {} } }],
    ['_id by bytes', { _id: { $gt: 'Z' } }],
    ['an empty selector', {}],
    ['an empty $and', { $and: [] }],
    ['an empty $or', { $or: [] }],
    ['an empty $nin', { year: { $nin: [] } }],
    ['a negation of two', { $not: { $and: [{ year: 1981 }, { title: 'X' }] } }],
    ['a negation twice', { $not: { $not: { year: 1981 } } }],
  ])('match %s', (_, selector) => {
    expect(isMatch(selector, MOVIE)).toBe(true);
  });

  test.each<[string, Json]>([
    ['another value', { director: 'lars von trier' }],
    ['a missing field', { missing: null }],
    ['$ne of a missing field', { missing: { $ne: 1 } }],
    ['$nin of a missing field', { missing: { $nin: [1] } }],
    ['$not of a missing field', { $not: { missing: { $gt: 10 } } }],
    ['$not of $regex of a missing field', { $not: { missing: { $regex: 'x' } } }],
    ['$exists false through a scalar', { 'year.month': { $exists: false } }],
    ['an index that is none', { 'genre.7': 'Horror' }],
    ['an empty $in', { year: { $in: [] } }],
    ['an empty $all', { genre: { $all: [] } }],
    ['$all of a scalar', { year: { $all: [1981] } }],
    ['$size of a text', { title: { $size: 16 } }],
    ['$mod of a fraction', { rating: { $mod: [2, 0] } }],
    ['$regex of a number', { year: { $regex: '1' } }],
    ['$beginsWith of a number', { year: { $beginsWith: '1' } }],
    ['$elemMatch of an object', { imdb: { $elemMatch: { $gt: 1 } } }],
    ['$allMatch of one element only', { genre: { $allMatch: { $eq: 'Horror' } } }],
    ['$keyMapMatch of a list', { genre: { $keyMapMatch: { $eq: '0' } } }],
    ['_id by bytes', { _id: { $lt: 'Z' } }],
    ['a prototype', { constructor: { $exists: true } }],
  ])('do not match %s', (_, selector) => {
    expect(isMatch(selector, MOVIE)).toBe(false);
  });

  test('$allMatch of an empty list does not match', () => {
    expect(isMatch({ list: { $allMatch: { $eq: 1 } } }, { list: [] })).toBe(false);
  });

  test.each<[Json, string]>([
    ['text', 'Selector must be a JSON object'],
    [[], 'Selector must be a JSON object'],
    [{ a: { $foo: 1 } }, 'Invalid operator: $foo'],
    [{ $where: 'x' }, 'Invalid operator: $where'],
    [{ $and: {} }, 'Bad argument for operator $and'],
    [{ $not: [] }, 'Bad argument for operator $not'],
    [{ a: { $in: 1 } }, 'Bad argument for operator $in'],
    [{ a: { $exists: 1 } }, 'Bad argument for operator $exists'],
    [{ a: { $size: -1 } }, 'Bad argument for operator $size'],
    [{ a: { $mod: [0, 1] } }, 'Bad argument for operator $mod'],
    [{ a: { $mod: [1] } }, 'Bad argument for operator $mod'],
    [{ a: { $regex: '(' } }, 'Bad argument for operator $regex'],
    [{ a: { $regex: '(?=x)' } }, 'Bad argument for operator $regex'],
    [{ a: { $beginsWith: 1 } }, 'Bad argument for operator $beginsWith'],
    [{ a: { $elemMatch: 1 } }, 'Bad argument for operator $elemMatch'],
    [{ 'a..b': 1 }, 'Invalid field name: a..b'],
    [{ $eq: 1 }, 'missing a field name'],
    [JSON.parse(`${'{"a":'.repeat(1000)}1${'}'.repeat(1000)}`), 'nested too deep'],
  ])('%j is refused', (selector, reason) => {
    expect(() => isMatch(selector, {})).toThrow(reason);
  });

  test('a pattern made to be slow is not', () => {
    // With backtracking it would not end before the sun does.
    expect(isMatch({ a: { $regex: '^(a+)+$' } }, { a: `${'a'.repeat(50_000)}!` })).toBe(false);
  });

  test('any selector gives what its text says', () => {
    fc.assert(
      fc.property(anySelector, anyDocument, (selector, document) => {
        expect(isMatch(selector, document)).toBe(naive(selector, document));
      }),
      { numRuns: 3000 },
    );
  });
});

// Few names and values, so that they meet.
const scalar = fc.constantFrom<Json>(null, false, true, -1, 0, 1, 2, 'a', 'b', 'ba', '');
const value: fc.Arbitrary<Json> = fc.oneof(
  { weight: 4, arbitrary: scalar },
  { weight: 1, arbitrary: fc.array(scalar, { maxLength: 3 }) },
  { weight: 1, arbitrary: fc.dictionary(fc.constantFrom('a', 'b'), scalar, { maxKeys: 2 }) },
);
const anyDocument = fc.dictionary(fc.constantFrom('a', 'b', 'c'), value, { maxKeys: 3 });
const one = (name: string, arbitrary: fc.Arbitrary<unknown>): fc.Arbitrary<JsonObject> =>
  arbitrary.map((arg) => ({ [name]: arg as Json }));
const { condition, anySelector } = fc.letrec<{ condition: JsonObject; anySelector: JsonObject }>(
  (tie) => ({
    condition: fc.oneof(
      ...['$lt', '$lte', '$eq', '$ne', '$gte', '$gt'].map((op) => one(op, value)),
      ...['$in', '$nin', '$all'].map((op) => one(op, fc.array(value, { maxLength: 3 }))),
      one('$exists', fc.boolean()),
      one('$type', fc.constantFrom('null', 'boolean', 'number', 'string', 'array', 'object')),
      one('$size', fc.nat(3)),
      one('$mod', fc.tuple(fc.constantFrom(1, 2), fc.constantFrom(0, 1, -1))),
      one('$regex', fc.constantFrom('a', '^b', 'a$')),
      one('$beginsWith', fc.constantFrom('', 'b', 'ba')),
      one('$keyMapMatch', one('$eq', fc.constantFrom('a', 'b'))),
      one('$elemMatch', one('$gt', scalar)),
      one('$allMatch', one('$lte', scalar)),
      one('$not', tie('condition')),
    ),
    anySelector: fc.oneof(
      { depthSize: 'small', maxDepth: 4 },
      fc.constant({}),
      ...['a', 'b', 'a.b', 'c.0'].map((name) => one(name, fc.oneof(scalar, tie('condition')))),
      ...['$and', '$or', '$nor'].map((op) =>
        one(op, fc.array(one('a', tie('condition')), { maxLength: 2 })),
      ),
      one(
        '$not',
        // At the greatest depth only {} is left, which $not refuses: filtering would wait for another for ever.
        tie('anySelector').map((sub) => (Object.keys(sub as object).length > 0 ? sub : { a: 1 })),
      ),
    ),
  }),
);
void condition;

function naive(selector: Json, document: Json, path: string[] = [], negated = false): boolean {
  const entries = isObject(selector) ? Object.entries(selector) : [];
  if (entries.length === 0) {
    return isObject(selector) && path.length === 0
      ? true
      : naiveLeaf('$eq', selector, document, path, negated);
  }
  const results = entries.map(([name, arg]) => naiveEntry(name, arg, document, path, negated));
  return negated ? results.some(Boolean) : results.every(Boolean);
}

function naiveEntry(
  name: string,
  arg: Json,
  document: Json,
  path: string[],
  negated: boolean,
): boolean {
  if (name === '$not') return naive(arg, document, path, !negated);
  if (name === '$and' || name === '$or' || name === '$nor') {
    const inner = negated !== (name === '$nor');
    const args = arg as Json[];
    if (args.length === 0) return true;
    const results = args.map((sub) => naive(sub, document, path, inner));
    return (name === '$and') !== inner ? results.every(Boolean) : results.some(Boolean);
  }
  if (name.startsWith('$')) return naiveLeaf(name, arg, document, path, negated);
  return naive(arg, document, [...path, ...name.split('.')], negated);
}

function naiveLeaf(
  op: string,
  arg: Json,
  document: Json,
  path: string[],
  negated: boolean,
): boolean {
  let at: Json | undefined = document;
  for (const name of path) {
    if (typeof at !== 'object' || at === null) return false;
    if (Array.isArray(at) && at[Number(name)] === undefined) return false;
    at = (at as JsonObject)[name];
    if (at === undefined) return op === '$exists' && arg === negated;
  }
  if (op === '$exists') return arg !== negated;
  return naiveTest(op, arg, at as Json) !== negated;
}

const order = (a: Json, b: Json): number => {
  const rank = (v: Json): number =>
    v === null
      ? 0
      : ['boolean', 'number', 'string'].indexOf(typeof v) + 1 || (Array.isArray(v) ? 4 : 5);
  if (rank(a) !== rank(b)) return rank(a) - rank(b);
  if (rank(a) <= 3) return a === b ? 0 : (a as number) < (b as number) ? -1 : 1;
  const flat = (v: Json): Json[] =>
    Array.isArray(v)
      ? v
      : Object.entries(v as object)
          .sort()
          .flat();
  const [x, y] = [flat(a), flat(b)];
  const i = x.findIndex((item, j) => j < y.length && order(item, y[j] as Json) !== 0);
  return i < 0 ? x.length - y.length : order(x[i] as Json, y[i] as Json);
};

function naiveTest(op: string, arg: Json, at: Json): boolean {
  const list = Array.isArray(at) ? (at as Json[]) : undefined;
  const same = (a: Json) => (b: Json) => order(a, b) === 0;
  const args = arg as Json[];
  switch (op) {
    case '$lt':
      return order(at, arg) < 0;
    case '$lte':
      return order(at, arg) <= 0;
    case '$eq':
      return order(at, arg) === 0;
    case '$ne':
      return order(at, arg) !== 0;
    case '$gte':
      return order(at, arg) >= 0;
    case '$gt':
      return order(at, arg) > 0;
    case '$in':
      return (list ?? [at]).some((item) => args.some(same(item)));
    case '$nin':
      return !(list ?? [at]).some((item) => args.some(same(item)));
    case '$all': {
      if (!list || args.length === 0) return false;
      const [only] = args;
      const isWhole = args.length === 1 && Array.isArray(only) && same(only)(list);
      return isWhole || args.every((item) => list.some(same(item)));
    }
    case '$type':
      return (at === null ? 'null' : list ? 'array' : typeof at) === arg;
    case '$size':
      return list?.length === arg;
    case '$mod':
      return typeof at === 'number' && at % (args[0] as number) === args[1];
    case '$regex':
      return typeof at === 'string' && new RegExp(arg as string).test(at);
    case '$beginsWith':
      return typeof at === 'string' && at.startsWith(arg as string);
    case '$keyMapMatch':
      return isObject(at) && Object.keys(at).some((name) => naive(arg, name, [], false));
    case '$elemMatch':
      return list?.some((item) => naive(arg, item)) ?? false;
    case '$allMatch':
      return list !== undefined && list.length > 0 && list.every((item) => naive(arg, item));
    case '$not':
      throw new Error('moved inwards before');
  }
  throw new Error(`no such operator ${op}`);
}
