// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from 'vitest';
import { utf8 } from '../../../../../common/runtime/bytes.ts';
import { parseIndexDefinition } from './index-definition.ts';
import { planQuery } from './planner.ts';
import { parseQuery } from './query.ts';

const noRegex = (): never => {
  throw new Error('no pattern is expected');
};

const INDEXES = [['docType', 'size'], ['docType'], ['owner.name'], ['a', 'b', 'c']].map(
  (fields) => ({
    definition: parseIndexDefinition(
      utf8(JSON.stringify({ index: { fields }, ddoc: fields.join(), name: 'index' })),
      noRegex,
    ),
  }),
);

const planOf = (query: unknown) => {
  const plan = planQuery(parseQuery(JSON.stringify(query), noRegex), INDEXES);
  return plan && { columns: plan.index.definition.ddoc, ...plan.range };
};

describe('the plan of a query', () => {
  test('narrows by equal values, then by the tightest bounds of the next column', () => {
    const size = { $gt: 1, $gte: 5, $lte: 9, $lt: 9, $ne: 7 };
    expect(planOf({ selector: { docType: 'x', size } })).toEqual({
      columns: 'docType,size',
      prefix: ['x'],
      lower: { value: 5, inclusive: true },
      upper: { value: 9, inclusive: false },
    });
    expect(planOf({ selector: { docType: 'x', color: 'red' } })?.columns).toBe('docType');
    expect(planOf({ selector: { owner: { name: 'tom' } } })?.prefix).toEqual(['tom']);
  });

  test.each<[string, unknown]>([
    ['not all columns need to be there', { a: 1, b: 2 }],
    ['one may be absent', { a: 1, b: 2, c: { $exists: false } }],
    ['an alternative needs none of them', { $or: [{ docType: 'x' }, { color: 'red' }] }],
    ['nothing is asked', {}],
  ])('uses no index when %s', (_, selector) => {
    expect(planOf({ selector })).toBeUndefined();
  });

  test('takes the index that the query names, if it serves', () => {
    const selector = { docType: 'x', size: 1 };
    expect(planOf({ selector })?.columns).toBe('docType,size');
    expect(planOf({ selector, use_index: 'docType' })?.columns).toBe('docType');
    expect(planOf({ selector, use_index: 'owner.name' })?.columns).toBe('docType,size');
  });

  test('sorts by the columns of an index in their order, after those with one value', () => {
    const selector = { docType: 'x', size: { $gt: null } };
    expect(planOf({ selector, sort: ['docType', 'size'] })?.columns).toBe('docType,size');
    expect(planOf({ selector, sort: [{ size: 'desc' }] })?.columns).toBe('docType,size');
    expect(() => planOf({ selector, sort: ['size', 'docType'] })).toThrow('No index exists');
    expect(() => planOf({ selector: {}, sort: ['_id'] })).toThrow('No index exists');
    expect(planOf({ selector: { _id: { $gt: 'a' } }, sort: ['_id'] })).toBeUndefined();
  });
});
