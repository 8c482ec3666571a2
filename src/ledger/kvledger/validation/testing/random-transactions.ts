// SPDX-License-Identifier: Apache-2.0
// Transactions at random, of few keys, so that they meet.
import fc from 'fast-check';
import { protos } from '../../../../common/protos/index.ts';
import { type Step, VALID } from './naive-ledger.ts';

const { ENDORSEMENT_POLICY_FAILURE } = protos.TxValidationCode;

// One name begins with another. `many` is filled before, so that ranges over it need Merkle summaries.
const CHAINCODES = ['cc', 'cc2', 'many'];
export const SPACES = [...CHAINCODES, 'cc/x', 'cc2/x'];
export const KEYS = ['', 'a', '\u0000c\u0000', '\u00e9', '\uffee', '\u{10ffff}'];
export const MANY = Array.from({ length: 130 }, (_, i) => `k${String(i).padStart(3, '0')}`);

const few = fc.constantFrom(...KEYS.slice(1), ...KEYS.slice(1), '');
const one = fc.record({ space: fc.constantFrom('cc', ...SPACES), key: few });
const oneOfMany = fc.record({
  space: fc.constant('many'),
  key: fc.constantFrom(...MANY, 'k0005', 'k9', 'k'),
});
const place = fc.oneof({ weight: 3, arbitrary: one }, { weight: 1, arbitrary: oneOfMany });
const value = fc.constantFrom('1', '2', '3', '');
const does = <T extends string>(...verbs: T[]): fc.Arbitrary<{ readonly do: T }> =>
  fc.record({ do: fc.constantFrom(...verbs) });
const all = (...parts: fc.Arbitrary<object>[]): fc.Arbitrary<Step> =>
  fc.tuple(...parts).map((objects) => Object.assign({}, ...objects) as Step);

const range = fc.record({
  do: fc.constant('range' as const),
  space: fc.constantFrom('cc', 'cc2'),
  from: few,
  to: few,
  seen: fc.nat(KEYS.length + 1),
});
const longRange = fc.record({
  do: fc.constant('range' as const),
  space: fc.constant('many'),
  from: fc.constantFrom('', 'k', ...MANY.slice(0, 40)),
  to: fc.constantFrom('', 'l', ...MANY.slice(60)),
  seen: fc.constantFrom(0, 1, 2, 3, 4, 7, 12, 49, 50, 51, 52, 102, 103, 200),
});
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: all(does('read', 'read', 'readMetadata'), place) },
  {
    weight: 4,
    arbitrary: all(does('write', 'write', 'writeMetadata'), place, fc.record({ value })),
  },
  { weight: 2, arbitrary: range },
  { weight: 1, arbitrary: longRange },
  { weight: 1, arbitrary: all(does('purge'), one, fc.constant({ value: '' })) },
);

export interface Tx {
  readonly steps: readonly Step[];
  /** How many blocks ago the simulation began, and how many of its steps it did then. */
  readonly lag: number;
  readonly early: number;
  /** Ranges of more rows than this are summed up, if need be other than the simulator would. */
  readonly degree: number;
  /** A code that the validator before the ledger gave it. */
  readonly preset: number;
}
/** A transaction, or one of those before once more. */
export type Entry = Tx | { readonly again: number; readonly flagged: boolean };

const tx: fc.Arbitrary<Tx> = fc.record({
  // Purges exist in private collections only; elsewhere they are deletions.
  steps: fc.array(step, { maxLength: 6 }).map((steps) => steps.map(onlyPossible)),
  lag: fc.nat(3),
  early: fc.nat(6),
  degree: fc.constantFrom(2, 3, 7, 50, 50),
  preset: fc.constantFrom(VALID, VALID, VALID, VALID, VALID, ENDORSEMENT_POLICY_FAILURE),
});
const entry: fc.Arbitrary<Entry> = fc.oneof(
  { weight: 6, arbitrary: tx },
  { weight: 1, arbitrary: fc.record({ again: fc.nat(5), flagged: fc.boolean() }) },
);
/** Blocks, one after the other. */
export const chain = fc.array(fc.array(entry, { maxLength: 6 }), {
  minLength: 1,
  maxLength: 6,
  size: 'max',
});

function onlyPossible(step: Step): Step {
  if (step.do !== 'purge' || step.space.includes('/')) return step;
  return { ...step, do: 'write' };
}
