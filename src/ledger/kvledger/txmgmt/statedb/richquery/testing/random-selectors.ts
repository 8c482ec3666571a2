// SPDX-License-Identifier: Apache-2.0
// Documents and selectors at random, of few names and values, so that they meet. All operators of CouchDB's documentation of
// `_find` are among them but those of text indexes, which Fabric has none of.
import fc from 'fast-check';
import type { Json, JsonObject } from '../json.ts';
import { TEXTS } from './naive-selector.ts';

const texts = fc.constantFrom(...TEXTS.flat());
const scalar: fc.Arbitrary<Json> = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom<Json>(null, false, true, -3, -1, 0, 1, 2, 2.5, 10) },
  { weight: 2, arbitrary: texts },
);
const { value } = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 2 },
    { weight: 5, arbitrary: scalar },
    { weight: 1, arbitrary: fc.array(tie('value'), { maxLength: 3 }) as fc.Arbitrary<Json> },
    {
      weight: 1,
      arbitrary: fc.dictionary(fc.constantFrom('a', 'x', 'y'), tie('value'), {
        maxKeys: 2,
      }) as fc.Arbitrary<Json>,
    },
  ),
}));

/** A document without its `_id`. */
export const randomDocument: fc.Arbitrary<JsonObject> = fc.record(
  {
    a: value,
    b: value,
    n: fc.oneof(value, fc.dictionary(fc.constantFrom('x', 'y'), value, { maxKeys: 2 })),
    'a.b': value,
    $b: value,
    t: fc.array(value, { maxLength: 3 }),
  },
  { requiredKeys: [] },
) as fc.Arbitrary<JsonObject>;

const FIELDS = ['a', 'b', 'n.x', 'n.y', 'n', 'a\\.b', '\\$b', 't', 't.0', 't.1.a', 'a.b', 'a.x'];

const one = (name: string, arbitrary: fc.Arbitrary<unknown>): fc.Arbitrary<JsonObject> =>
  arbitrary.map((arg) => ({ [name]: arg as Json }));
// {} is refused here and there, and is met elsewhere.
const filled = (arbitrary: fc.Arbitrary<JsonObject>): fc.Arbitrary<JsonObject> =>
  arbitrary.map((found) => (Object.keys(found).length > 0 ? found : { a: 1 }));

const leaf: fc.Arbitrary<JsonObject> = fc.oneof(
  ...['$lt', '$lte', '$eq', '$ne', '$gte', '$gt'].map((op) => one(op, value)),
  ...['$in', '$nin', '$all'].map((op) => one(op, fc.array(value, { maxLength: 3 }))),
  one('$exists', fc.boolean()),
  one('$type', fc.constantFrom('null', 'boolean', 'number', 'string', 'array', 'object')),
  one('$size', fc.nat(3)),
  one('$mod', fc.tuple(fc.constantFrom(1, 2, 3, -2), fc.constantFrom(0, 1, -1, 2))),
  one('$regex', fc.constantFrom('a', '^b', 'a$', '.', '^$', '[A-Z]', 'a|1')),
  one('$beginsWith', texts),
);

const { condition, selector } = fc.letrec<{ condition: JsonObject; selector: JsonObject }>(
  (tie) => {
    const conditions = tie('condition') as fc.Arbitrary<JsonObject>;
    const selectors = tie('selector') as fc.Arbitrary<JsonObject>;
    const listOf = (of: fc.Arbitrary<JsonObject>) => fc.array(of, { maxLength: 3 });
    return {
      condition: fc.oneof(
        { maxDepth: 3, depthSize: 'small' },
        { weight: 6, arbitrary: leaf },
        { weight: 1, arbitrary: fc.tuple(leaf, leaf).map(([x, y]) => ({ ...x, ...y })) },
        { weight: 1, arbitrary: one('$not', filled(conditions)) },
        ...['$and', '$or', '$nor'].map((op) => ({
          weight: 1,
          arbitrary: one(op, listOf(conditions)),
        })),
        ...['$elemMatch', '$allMatch'].map((op) => ({
          weight: 1,
          arbitrary: one(op, fc.oneof(conditions, one('a', fc.oneof(scalar, conditions)))),
        })),
        { weight: 1, arbitrary: one('$keyMapMatch', conditions) },
        { weight: 1, arbitrary: one('x', fc.oneof(scalar, conditions)) },
      ),
      selector: fc.oneof(
        { maxDepth: 4, depthSize: 'small' },
        {
          weight: 6,
          arbitrary: fc
            .tuple(fc.constantFrom(...FIELDS), fc.oneof(scalar, conditions))
            .map(([name, arg]) => ({ [name]: arg })),
        },
        { weight: 2, arbitrary: fc.tuple(selectors, selectors).map(([x, y]) => ({ ...x, ...y })) },
        ...['$and', '$or', '$nor'].map((op) => ({
          weight: 1,
          arbitrary: one(op, listOf(filled(selectors))),
        })),
        { weight: 1, arbitrary: one('$not', filled(selectors)) },
        { weight: 1, arbitrary: fc.constant({}) },
      ),
    };
  },
);

/** What may stand for a field. */
export const randomCondition = condition;

export const randomSelector = selector;
