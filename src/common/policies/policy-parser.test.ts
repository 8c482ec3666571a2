// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { realChannelGroup } from '../msp/testing/real-channel.ts';
import { common } from '../protos/index.ts';
import { equalBytes } from '../runtime/bytes.ts';
import { parseImplicitMetaPolicy, parsePolicy, policyToText } from './index.ts';

describe('policy language', () => {
  const namesOf = (envelope: common.SignaturePolicyEnvelope) =>
    envelope.identities.map(({ principal }) => common.MSPRole.decode(principal).msp_identifier);

  it('makes the very bytes that configtxgen put into a real genesis block', () => {
    const cases = {
      Readers: "OR('Org1MSP.admin', 'Org1MSP.peer', 'Org1MSP.client')",
      Writers: "OR('Org1MSP.admin', 'Org1MSP.client')",
      Admins: "OR('Org1MSP.admin')",
      Endorsement: "OR('Org1MSP.peer')",
    };
    const org = realChannelGroup().groups.Application?.groups.Org1MSP;
    for (const [name, text] of Object.entries(cases)) {
      const bytes = common.SignaturePolicyEnvelope.encode(parsePolicy(text)).finish();
      const real = org?.policies[name]?.policy?.value ?? new Uint8Array();
      expect(equalBytes(bytes, real), name).toBe(true);
      expect(policyToText(common.SignaturePolicyEnvelope.decode(real))).toBe(text);
    }
  });

  it('numbers principals of inner gates first, and does not merge equal ones', () => {
    const complex = parsePolicy("OR('A.member', AND('B.member', 'C.member'))");
    expect(namesOf(complex)).toEqual(['B', 'C', 'A']);
    expect(complex.rule?.n_out_of?.rules[0]?.signed_by).toBe(2);
    expect(namesOf(parsePolicy("AND('A.peer', 'A.peer')"))).toEqual(['A', 'A']);
    expect(namesOf(parsePolicy('OR(\'MSP.WITH.DOTS.member\', "A-B.peer")'))).toEqual([
      'MSP.WITH.DOTS',
      'A-B',
    ]);
  });

  it('knows the thresholds of the gates', () => {
    const nOf = (text: string) => parsePolicy(text).rule?.n_out_of?.n;
    expect(nOf("AND('A.peer', 'B.peer', 'C.peer')")).toBe(3);
    expect(nOf("or('A.peer', 'B.peer')")).toBe(1);
    expect(nOf("OutOf(2, 'A.peer', 'B.peer', 'C.peer')")).toBe(2);
    expect(nOf("outof('0', 'A.peer')")).toBe(0);
    expect(nOf("OUTOF(3, 'A.peer', 'B.peer')")).toBe(3);
  });

  it.each([
    '',
    'AND',
    'AND()',
    "'A.peer'",
    "AND('A.peer'",
    "AND('A.peer',)",
    "AND('A.peer') x",
    "XOR('A.peer')",
    "aND('A.peer')",
    "AND('A')",
    "AND('A.boss')",
    "AND('.peer')",
    "AND('A b.peer')",
    "OutOf('A.peer')",
    'OutOf(1)',
    "OutOf(4, 'A.peer', 'B.peer')",
    "OutOf(-1, 'A.peer')",
    "AND('A.peer' 'B.peer')",
    `${'OR('.repeat(5000)}'A.peer'${')'.repeat(5000)}`,
  ])('refuses %s', (text) => {
    expect(() => parsePolicy(text)).toThrow(expect.objectContaining({ code: 'POLICY_SYNTAX' }));
  });

  it('writes what it reads', () => {
    const { policy } = fc.letrec<{ policy: string; argument: string }>((tie) => ({
      argument: fc.oneof(
        { depthSize: 'small', withCrossShrink: true },
        fc.constantFrom("'A.peer'", "'B.admin'", "'C.D.member'", "'E-F.orderer'", "'G.client'"),
        tie('policy'),
      ),
      policy: fc
        .tuple(fc.array(tie('argument'), { minLength: 1, maxLength: 4 }), fc.nat(5))
        .map(([args, n]) => `OutOf(${Math.min(n, args.length + 1)}, ${args.join(', ')})`),
    }));
    fc.assert(
      fc.property(policy, (text) => {
        const once = parsePolicy(text);
        const again = parsePolicy(policyToText(once));
        const encode = (p: common.SignaturePolicyEnvelope) =>
          common.SignaturePolicyEnvelope.encode(p).finish();
        expect(equalBytes(encode(again), encode(once))).toBe(true);
      }),
    );
  });

  it('reads implicit meta policies', () => {
    expect(parseImplicitMetaPolicy('ANY Readers')).toEqual({ rule: 0, sub_policy: 'Readers' });
    expect(parseImplicitMetaPolicy('MAJORITY Admins')).toEqual({ rule: 2, sub_policy: 'Admins' });
    for (const text of ['SOME Admins', 'ANY', 'ANY a b', '']) {
      expect(() => parseImplicitMetaPolicy(text)).toThrow();
    }
  });
});
