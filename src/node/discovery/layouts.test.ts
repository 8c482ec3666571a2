// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Identity, MSPManager } from '../../common/msp/types.ts';
import { parsePolicy, SignaturePolicy } from '../../common/policies/index.ts';
import { common } from '../../common/protos/index.ts';
import { layoutsOf, MAX_LAYOUTS } from './layouts.ts';

const { MSPRole } = common;

describe('layoutsOf', () => {
  it.each([
    ["OR('A.peer','B.peer')", [['B'], ['A']]],
    ["AND('A.peer','B.peer')", [['A', 'B']]],
    [
      "OutOf(2,'A.member','B.peer','C.peer')",
      [
        ['A', 'B'],
        ['B', 'C'],
        ['A', 'C'],
      ],
    ],
    ["OR('C.peer',AND('A.peer','B.peer'))", [['C'], ['A', 'B']]],
    ["OR('A.peer',AND('A.peer','B.peer'))", [['A']]],
    ["AND('A.peer','A.peer')", [['A', 'A']]],
    ["AND(OR('A.peer','B.peer'),'B.peer')", [['B', 'B']]],
    [
      "AND('B.peer',OR('A.peer','B.peer'))",
      [
        ['A', 'B'],
        ['B', 'B'],
      ],
    ],
    ["AND(OR('A.peer','B.peer'),'A.peer','B.peer')", [['A', 'A', 'B', 'B']]],
  ])('of %s', (text, layouts) => {
    expect(layoutsOf(parsePolicy(text), 'B')).toEqual(layouts);
  });

  it('leaves out principals that a peer cannot be', () => {
    const text = "OR('A.client','A.admin','A.orderer',AND('B.peer','C.peer'))";
    expect(layoutsOf(parsePolicy(text), 'A')).toEqual([['B', 'C']]);
    const unit = { principal_classification: 1, principal: new Uint8Array() };
    expect(layoutsOf({ rule: { signed_by: 0 }, identities: [unit] }, 'A')).toEqual([]);
  });

  it('takes what is no policy as one that nobody satisfies', () => {
    expect(layoutsOf({}, 'A')).toEqual([]);
    expect(layoutsOf({ rule: { signed_by: 3 }, identities: [] }, 'A')).toEqual([]);
    expect(layoutsOf({ rule: { n_out_of: { n: 1, rules: [] } } }, 'A')).toEqual([]);
  });

  it('lists so many and no more, and soon', () => {
    const names = Array.from({ length: 30 }, (_, i) => `'Org${i}.peer'`);
    const began = performance.now();
    const layouts = layoutsOf(parsePolicy(`OutOf(15,${names.join()})`), 'Org0');
    expect(performance.now() - began).toBeLessThan(2_000);
    expect(layouts.length).toBeGreaterThan(0);
    expect(layouts.length).toBeLessThanOrEqual(MAX_LAYOUTS);
    for (const layout of layouts) expect(new Set(layout).size).toBe(15);
  });
});

// Policies over three organisations.
const ORGS = ['A', 'B', 'C'] as const;

const rules = fc.letrec<{ rule: common.ISignaturePolicy }>((tie) => ({
  rule: fc.oneof(
    { maxDepth: 2, withCrossShrink: true },
    fc.nat(2).map((signed_by) => ({ signed_by })),
    fc
      .array(tie('rule'), { minLength: 1, maxLength: 3 })
      .chain((list) =>
        fc.integer({ min: 1, max: list.length }).map((n) => ({ n_out_of: { n, rules: list } })),
      ),
  ),
})).rule;

function envelopeOf(rule: common.ISignaturePolicy): common.SignaturePolicyEnvelope {
  const identities = ORGS.map((msp_identifier) => ({
    principal: MSPRole.encode({ msp_identifier, role: MSPRole.MSPRoleType.PEER }).finish(),
  }));
  const { SignaturePolicyEnvelope } = common;
  return SignaturePolicyEnvelope.decode(
    SignaturePolicyEnvelope.encode({ rule, identities }).finish(),
  );
}

function peerOf(mspId: string): Identity {
  return {
    mspId,
    id: mspId,
    serialized: new Uint8Array(),
    expiresAt: 0,
    validate: async () => {},
    verify: async () => true,
    satisfiesPrincipal: async ({ principal }) => MSPRole.decode(principal).msp_identifier === mspId,
  };
}

const NO_MEMBERS: MSPManager = {
  mspIds: [],
  deserializeIdentity: () => Promise.reject(new Error('not asked for')),
};

/** All multisets of up to `most` peers of each organisation. */
function multisets(most: number): string[][] {
  const counts = Array.from({ length: most + 1 }, (_, i) => i);
  return counts.flatMap((a) =>
    counts.flatMap((b) =>
      counts.map((c) => [a, b, c].flatMap((count, i) => Array<string>(count).fill(ORGS[i] ?? ''))),
    ),
  );
}

function contains(large: readonly string[], small: readonly string[]): boolean {
  return ORGS.every(
    (org) => large.filter((x) => x === org).length >= small.filter((x) => x === org).length,
  );
}

describe('layouts of any policy', () => {
  it('are the smallest sets of peers whom the policy’s own evaluation accepts', async () => {
    // A rule of depth 2 names no organisation more than nine times; four are enough to find most mistakes.
    const all = multisets(4);
    await fc.assert(
      fc.asyncProperty(rules, fc.constantFrom(...ORGS), async (rule, preferred) => {
        const envelope = envelopeOf(rule);
        const policy = SignaturePolicy.fromEnvelope(envelope, NO_MEMBERS);
        const accepted: string[][] = [];
        for (const set of all) {
          if (await policy.evaluateIdentities(set.map(peerOf))) accepted.push(set);
        }
        const smallest = accepted.filter(
          (set) => !accepted.some((other) => other !== set && contains(set, other)),
        );
        const layouts = layoutsOf(envelope, preferred);
        const within = layouts.filter((layout) =>
          ORGS.every((o) => layout.filter((x) => x === o).length <= 4),
        );
        expect(within.map(String).toSorted()).toEqual(smallest.map(String).toSorted());
        const ranks = layouts.map((l) => l.length * 2 - (l.includes(preferred) ? 1 : 0));
        expect(ranks).toEqual(ranks.toSorted((x, y) => x - y));
      }),
      { numRuns: 150, seed: 7 },
    );
  });
});
