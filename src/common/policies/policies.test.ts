// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { createBCCSP } from '../crypto/index.ts';
import { MSPManagerImpl, type SigningIdentity } from '../msp/index.ts';
import { createOrganisation, type TestOrganisation } from '../msp/testing/organisation.ts';
import { common, protos } from '../protos/index.ts';
import { blockAsSignedData, envelopeAsSignedData } from '../protoutil/index.ts';
import { concat, equalBytes, utf8 } from '../runtime/bytes.ts';
import { expectedBlocks, readBlock } from '../testdata/mychannel.ts';
import {
  applicationPolicy,
  applicationPolicyToText,
  createApplicationPolicy,
  PolicyManagerImpl,
  parseImplicitMetaPolicy,
  parsePolicy,
  policyToText,
  SignaturePolicy,
  type SignedData,
} from './index.ts';

function realChannelGroup(): common.ConfigGroup {
  const { data } = common.Block.decode(readBlock(0));
  const { payload } = common.Envelope.decode(data?.data[0] ?? new Uint8Array());
  const { config } = common.ConfigEnvelope.decode(common.Payload.decode(payload).data);
  if (!config?.channel_group) throw new Error('no channel group');
  return config.channel_group;
}

function mspConfigsOf(group: common.ConfigGroup): Uint8Array[] {
  return Object.values(group.groups).flatMap((section) =>
    Object.values(section.groups).map((org) => org.values.MSP?.value ?? new Uint8Array()),
  );
}

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

describe('policies of a real channel', () => {
  const group = realChannelGroup();
  let mspManager: MSPManagerImpl;
  let policies: PolicyManagerImpl;

  beforeAll(async () => {
    mspManager = await MSPManagerImpl.create(mspConfigsOf(group), createBCCSP());
    policies = PolicyManagerImpl.create(group, mspManager);
  });

  it('finds policies by path', () => {
    for (const path of [
      '/Channel/Readers',
      '/Channel/Application/Writers',
      '/Channel/Application/Org1MSP/Endorsement',
      '/Channel/Orderer/BlockValidation',
      'Application/Admins',
      'Admins',
    ]) {
      expect(policies.hasPolicy(path), path).toBe(true);
    }
    for (const path of ['', '/', '/Channel', '/Other/Readers', 'Nothing', '/Channel/Nothing']) {
      expect(policies.hasPolicy(path), path).toBe(false);
    }
    const org = policies.manager(['Application', 'Org1MSP']);
    expect(org?.hasPolicy('Endorsement')).toBe(true);
    expect(org?.hasPolicy('/Channel/Application/Org1MSP/Endorsement')).toBe(true);
    expect(org?.hasPolicy('/Channel/Readers')).toBe(false);
    expect(policies.manager(['Nothing'])).toBeUndefined();
  });

  it('rejects by an unknown path', async () => {
    expect(await policies.getPolicy('/Channel/Nothing').evaluateSignedData([])).toBe(false);
  });

  it.each([1, 13, 38, 70])(
    'is satisfied with the orderer signature on block %i',
    async (number) => {
      const block = common.Block.decode(readBlock(number));
      const signatures = blockAsSignedData(block);
      const policy = policies.getPolicy('/Channel/Orderer/BlockValidation');
      expect(signatures).toHaveLength(1);
      expect(await policy.evaluateSignedData(signatures)).toBe(true);
      const tampered = signatures.map((one) => ({ ...one, data: concat(one.data, utf8('x')) }));
      expect(await policy.evaluateSignedData(tampered)).toBe(false);
      const org = policies.getPolicy('/Channel/Application/Writers');
      expect(await org.evaluateSignedData(signatures)).toBe(false);
    },
  );

  it('lets real creators write', async () => {
    const { data } = common.Block.decode(readBlock(16));
    const envelope = common.Envelope.decode(data?.data[0] ?? new Uint8Array());
    const signatures = envelopeAsSignedData(envelope);
    for (const path of ['/Channel/Writers', '/Channel/Application/Writers', '/Channel/Readers']) {
      expect(await policies.getPolicy(path).evaluateSignedData(signatures), path).toBe(true);
    }
    const admins = policies.getPolicy('/Channel/Application/Admins');
    expect(await admins.evaluateSignedData(signatures)).toBe(false);
  });

  it('judges the endorsements of real transactions as the real peer did', async () => {
    const texts: Record<string, string> = {
      both: "AND('Org1MSP.peer', 'Org2MSP.peer')",
      one: "OR('Org1MSP.peer')",
      basic: '/Channel/Application/Endorsement',
    };
    const { VALID, ENDORSEMENT_POLICY_FAILURE } = protos.TxValidationCode;
    const verdicts = new Map<number, number>();
    for (const { number, txs } of expectedBlocks) {
      if ((number >= 47 && number <= 50) || number === 31 || number === 32) continue; // key-level, two namespaces
      const { data } = common.Block.decode(readBlock(number));
      for (const [index, { code, chaincode = '' }] of txs.entries()) {
        const text = texts[chaincode];
        if (text === undefined) continue;
        if (code !== VALID && code !== ENDORSEMENT_POLICY_FAILURE) continue;
        const bytes = createApplicationPolicy(text);
        const policy = applicationPolicy(bytes, { mspManager, policyManager: policies });
        const signatures = endorsementsOf(data?.data[index] ?? new Uint8Array());
        const verdict = await policy.evaluateSignedData(signatures);
        expect(verdict, `block ${number} tx ${index}`).toBe(code === VALID);
        verdicts.set(code, (verdicts.get(code) ?? 0) + 1);
      }
    }
    expect(verdicts.get(VALID)).toBeGreaterThan(20);
    expect(verdicts.get(ENDORSEMENT_POLICY_FAILURE)).toBeGreaterThanOrEqual(5);
  });
});

function endorsementsOf(envelope: Uint8Array): SignedData[] {
  const { payload } = common.Envelope.decode(envelope);
  const { actions } = protos.Transaction.decode(common.Payload.decode(payload).data);
  const action = protos.ChaincodeActionPayload.decode(
    actions[0]?.payload ?? new Uint8Array(),
  ).action;
  const response = action?.proposal_response_payload ?? new Uint8Array();
  return (action?.endorsements ?? []).map(({ endorser, signature }) => ({
    data: concat(response, endorser),
    identity: endorser,
    signature,
  }));
}

describe('application policies', () => {
  it('are read and written', () => {
    const text = "OR('Org1MSP.peer', 'Org2MSP.peer')";
    expect(applicationPolicyToText(createApplicationPolicy(text))).toBe(text);
    const path = '/Channel/Application/Endorsement';
    expect(applicationPolicyToText(createApplicationPolicy(path))).toBe(path);
    expect(() => applicationPolicyToText(new Uint8Array())).toThrow('unsupported type');
    expect(() => applicationPolicyToText(Uint8Array.of(0xff))).toThrow('cannot be decoded');
  });
});
