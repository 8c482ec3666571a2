// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { createBCCSP } from '../crypto/index.ts';
import { MSPManagerImpl, type SigningIdentity } from '../msp/index.ts';
import { createOrganisation, type TestOrganisation } from '../msp/testing/organisation.ts';
import { common } from '../protos/index.ts';
import { utf8 } from '../runtime/bytes.ts';
import { parsePolicy, SignaturePolicy, type SignedData } from './index.ts';

describe('signature policies', () => {
  const message = utf8('message');
  const members = new Map<string, SigningIdentity>();
  let manager: MSPManagerImpl;

  beforeAll(async () => {
    const orgs: TestOrganisation[] = [];
    for (const mspId of ['A', 'B', 'C']) orgs.push(await createOrganisation(mspId));
    manager = await MSPManagerImpl.create(
      orgs.map((org) => org.mspConfig()),
      createBCCSP(),
    );
    for (const org of orgs) {
      for (const name of ['peer0', 'peer1']) {
        members.set(`${org.mspId}.${name}`, await org.member(name, ['peer']));
      }
      members.set(`${org.mspId}.admin`, await org.member('admin', ['admin']));
    }
  });

  async function signedBy(name: string): Promise<SignedData> {
    const member = members.get(name);
    if (!member) throw new Error(`no member ${name}`);
    return { data: message, identity: member.serialize(), signature: await member.sign(message) };
  }

  async function evaluate(policy: string, ...names: string[]): Promise<boolean> {
    const signatures = await Promise.all(names.map(signedBy));
    return SignaturePolicy.fromEnvelope(parsePolicy(policy), manager).evaluateSignedData(
      signatures,
    );
  }

  it('counts distinct identities', async () => {
    expect(await evaluate("AND('A.peer', 'B.peer')", 'A.peer0', 'B.peer0')).toBe(true);
    expect(await evaluate("AND('A.peer', 'B.peer')", 'A.peer0', 'A.peer1')).toBe(false);
    expect(await evaluate("AND('A.peer', 'A.peer')", 'A.peer0', 'A.peer0')).toBe(false);
    expect(await evaluate("AND('A.peer', 'A.peer')", 'A.peer0', 'A.peer1')).toBe(true);
    expect(await evaluate("OutOf(2, 'A.peer', 'B.peer', 'C.peer')", 'C.peer0', 'A.peer1')).toBe(
      true,
    );
    expect(await evaluate("OR('A.admin')", 'A.peer0')).toBe(false);
    expect(await evaluate("OutOf(0, 'A.peer')")).toBe(true);
    expect(await evaluate("OutOf(2, 'A.peer')", 'A.peer0', 'A.peer1')).toBe(false);
  });

  it('is greedy: an identity taken by an earlier rule is not given back', async () => {
    const policy = "AND('A.member', 'A.admin')";
    expect(await evaluate(policy, 'A.peer0', 'A.admin')).toBe(true);
    expect(await evaluate(policy, 'A.admin', 'A.peer0')).toBe(false);
    expect(await evaluate("AND('A.admin', 'A.member')", 'A.admin', 'A.peer0')).toBe(true);
  });

  it('gives identities back when a gate fails', async () => {
    const policy = "OR(AND('A.peer', 'B.peer'), 'A.peer')";
    expect(await evaluate(policy, 'A.peer0')).toBe(true);
  });

  it('drops invalid signatures and takes a later valid one of the same identity', async () => {
    const good = await signedBy('A.peer0');
    const bad = { ...good, signature: (await signedBy('B.peer0')).signature };
    const rubbish = { ...good, identity: Uint8Array.of(1, 2, 3) };
    const policy = SignaturePolicy.fromEnvelope(parsePolicy("OR('A.peer')"), manager);
    expect(await policy.evaluateSignedData([bad, rubbish])).toBe(false);
    expect(await policy.evaluateSignedData([bad, rubbish, good])).toBe(true);
    expect(await policy.evaluateSignedData([])).toBe(false);
  });

  it('agrees with a literal reading of the rules', async () => {
    const names = [...members.keys()];
    const identities = await Promise.all(
      names.map((name) => manager.deserializeIdentity(members.get(name)?.serialize() ?? message)),
    );
    const fits = (name: string, principal: string): boolean => {
      const [org, role] = principal.split('.');
      const actual = name.endsWith('.admin') ? 'admin' : 'peer';
      return name.startsWith(`${org}.`) && (role === 'member' || role === actual);
    };
    type Rule = string | { n: number; rules: Rule[] };
    const literal = (rule: Rule, signers: string[], used: Set<number>): Set<number> | undefined => {
      if (typeof rule === 'string') {
        const index = signers.findIndex((name, i) => !used.has(i) && fits(name, rule));
        return index < 0 ? undefined : new Set([...used, index]);
      }
      let marks = used;
      let count = 0;
      for (const inner of rule.rules) {
        const after = literal(inner, signers, marks);
        if (after) {
          marks = after;
          count++;
        }
      }
      return count >= rule.n ? marks : undefined;
    };
    const textOf = (rule: Rule): string =>
      typeof rule === 'string'
        ? `'${rule}'`
        : `OutOf(${rule.n}, ${rule.rules.map(textOf).join(', ')})`;
    const { gate } = fc.letrec<{ gate: Rule; leaf: Rule }>((tie) => ({
      leaf: fc.oneof(
        { depthSize: 'small' },
        fc.constantFrom('A.peer', 'A.member', 'A.admin', 'B.peer', 'B.member', 'C.admin'),
        tie('gate'),
      ),
      gate: fc
        .tuple(fc.array(tie('leaf'), { minLength: 1, maxLength: 4 }), fc.nat(4))
        .map(([rules, n]): Rule => ({ n: Math.min(n, rules.length), rules })),
    }));
    await fc.assert(
      fc.asyncProperty(gate, fc.shuffledSubarray(names), async (rule, signers) => {
        const policy = SignaturePolicy.fromEnvelope(parsePolicy(textOf(rule)), manager);
        const ids = signers.flatMap((name) => identities[names.indexOf(name)] ?? []);
        const expected = literal(rule, signers, new Set()) !== undefined;
        expect(await policy.evaluateIdentities(ids)).toBe(expected);
      }),
      { numRuns: 300 },
    );
  });

  it('refuses malformed policies', () => {
    const encode = (policy: common.ISignaturePolicyEnvelope) =>
      common.SignaturePolicyEnvelope.encode(policy).finish();
    const bad = [
      Uint8Array.of(0xff),
      encode({ version: 1, rule: { signed_by: 0 } }),
      encode({}),
      encode({ rule: {} }),
      encode({ rule: { signed_by: 0 } }),
      encode({ rule: { signed_by: -1 } }),
      encode({ rule: { n_out_of: { n: 1, rules: [{}] } } }),
    ];
    for (const bytes of bad) {
      expect(() => SignaturePolicy.fromBytes(bytes, manager)).toThrow(
        expect.objectContaining({ code: 'POLICY_MALFORMED' }),
      );
    }
  });
});
