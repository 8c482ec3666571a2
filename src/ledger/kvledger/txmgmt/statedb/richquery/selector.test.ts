// SPDX-License-Identifier: Apache-2.0
// Selectors of CouchDB's documentation of `_find`, and its answers where they surprise; then any selector, against an evaluator
// that follows the text of the selector and normalizes nothing.
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Json } from './json.ts';
import { matches } from './matcher.ts';
import { loadRegexCompiler, type RegexCompiler } from './regex.ts';
import { parseSelector } from './selector.ts';
import { naiveMatch } from './testing/naive-selector.ts';
import { randomDocument, randomSelector } from './testing/random-selectors.ts';

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
    const outcomes = { true: 0, false: 0 };
    fc.assert(
      fc.property(randomSelector, randomDocument, (selector, document) => {
        const expected = naiveMatch(selector, document);
        expect(isMatch(selector, document)).toBe(expected);
        outcomes[`${expected}`]++;
      }),
      { numRuns: 3000, seed: 2_026 },
    );
    expect(Math.min(outcomes.true, outcomes.false)).toBeGreaterThan(500);
  });
});
