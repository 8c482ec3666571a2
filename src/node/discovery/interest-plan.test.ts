// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import type { EndorsementInterest, EndorsementPlan } from './endorsement-plan.ts';
import { type PolicyLayouts, planForInterest } from './interest-plan.ts';

const CHAINCODES: Record<string, readonly string[][]> = {
  any: [['A'], ['B'], ['C']],
  two: [
    ['A', 'B'],
    ['A', 'C'],
    ['B', 'C'],
  ],
  all: [['A', 'B', 'C']],
  nobody: [],
};
const MEMBERS: Record<string, readonly string[]> = { ab: ['A', 'B'], ac: ['A', 'C'], b: ['B'] };
/** Collections with a policy of their own. */
const OWN: Record<string, readonly string[][]> = { b: [['B']] };

const policies: PolicyLayouts = {
  chaincode: (name) => CHAINCODES[name] ?? [],
  collection: (chaincode, name) => OWN[name] ?? CHAINCODES[chaincode] ?? [],
  members: (_chaincode, name) => MEMBERS[name] ?? [],
};

type Call = EndorsementInterest['chaincodes'][number];
const call = (name: string, ...collectionNames: string[]): Call => ({
  name,
  collectionNames,
  noPrivateReads: collectionNames.length > 0,
});
const reads = (name: string, ...collectionNames: string[]): Call => ({
  ...call(name, ...collectionNames),
  noPrivateReads: false,
});
const plan = (...chaincodes: Call[]): EndorsementPlan =>
  planForInterest({ chaincodes, hasTransientData: false }, policies, 'A');
const secretPlan = (...chaincodes: Call[]): EndorsementPlan =>
  planForInterest({ chaincodes, hasTransientData: true }, policies, 'A');

describe('a plan', () => {
  it('for one chaincode is its policy, with the preferred organisation first', () => {
    expect(plan(call('any')).layouts).toEqual([['A'], ['B'], ['C']]);
    expect(plan(call('two')).layouts.slice(0, 2)).toEqual([
      ['A', 'B'],
      ['A', 'C'],
    ]);
  });

  it('for several satisfies all of them', () => {
    expect(plan(call('any'), call('two')).layouts[0]).toEqual(['A', 'B']);
    expect(plan(call('any'), call('all')).layouts).toEqual([['A', 'B', 'C']]);
    expect(plan(call('any'), call('any', 'b')).layouts[0]).toEqual(['B']);
  });

  it('asks for two peers of an organisation only where one policy does', () => {
    const twice: PolicyLayouts = { ...policies, chaincode: () => [['A', 'A']] };
    const interest = { chaincodes: [call('x'), call('any', 'ab')], hasTransientData: false };
    expect(planForInterest(interest, twice, 'A').layouts[0]).toEqual(['A', 'A']);
  });

  it('lets only members compute with private values', () => {
    expect(plan(reads('two', 'ab'))).toEqual({ layouts: [['A', 'B']], allowed: ['A', 'B'] });
    expect(plan(reads('any', 'ab'), reads('any', 'ac'))).toEqual({
      layouts: [['A']],
      allowed: ['A'],
    });
    expect(plan(call('two', 'ab')).allowed).toBeUndefined();
  });

  it('shows transient data only to members of the collections that it goes into', () => {
    expect(secretPlan(call('two', 'ac'))).toEqual({ layouts: [['A', 'C']], allowed: ['A', 'C'] });
    // Without collections there is nobody to keep it from.
    expect(secretPlan(call('any')).allowed).toBeUndefined();
    expect(secretPlan(call('all', 'ab'))).toEqual({
      layouts: [],
      problem:
        'requires endorsement from organisation(s) that are not in the distribution policy of the private data collection(s): [ab]; retry specifying trusted endorsing organizations to protect transient data',
    });
  });

  it('says when nobody can satisfy the policies', () => {
    const text = 'no combination of peers can be derived which satisfy the endorsement policy';
    expect(plan(call('nobody'))).toEqual({ layouts: [], problem: text });
    expect(plan(reads('all', 'ab')).problem).toBe(text);
    expect(secretPlan(reads('all', 'ab')).problem).toBe(text);
  });
});
