// SPDX-License-Identifier: Apache-2.0
import { beforeAll, describe, expect, it } from 'vitest';
import { createBCCSP } from '../crypto/index.ts';
import { MSPManagerImpl } from '../msp/index.ts';
import { mspConfigsOf, realChannelGroup } from '../msp/testing/real-channel.ts';
import { common, protos } from '../protos/index.ts';
import { blockAsSignedData, envelopeAsSignedData } from '../protoutil/index.ts';
import { concat, utf8 } from '../runtime/bytes.ts';
import { expectedBlocks, readBlock } from '../testdata/mychannel.ts';
import {
  applicationPolicy,
  createApplicationPolicy,
  PolicyManagerImpl,
  type SignedData,
} from './index.ts';

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
