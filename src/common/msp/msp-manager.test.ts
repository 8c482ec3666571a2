// SPDX-License-Identifier: Apache-2.0
import { beforeAll, describe, expect, it } from 'vitest';
import { createBCCSP } from '../crypto/index.ts';
import { common, msp, protos } from '../protos/index.ts';
import {
  envelopeAsSignedData,
  extractEnvelope,
  payloadFromEnvelope,
  unmarshalBlock,
  unmarshalChannelHeader,
} from '../protoutil/index.ts';
import { equalBytes, fromUtf8, utf8 } from '../runtime/bytes.ts';
import { expectedBlocks, readBlock } from '../testdata/mychannel.ts';
import { identityName, MSPManagerImpl, serializeIdentity } from './index.ts';
import { MSPRoleType, role } from './testing/principals.ts';
import { creatorOf, mspConfigsOf, realChannelGroup } from './testing/real-channel.ts';

function endorsersOf(envelope: common.Envelope): Uint8Array[] {
  const { header, data } = payloadFromEnvelope(envelope);
  const { type } = unmarshalChannelHeader(header.channel_header);
  if (type !== common.HeaderType.ENDORSER_TRANSACTION) return [];
  return protos.Transaction.decode(data).actions.flatMap(({ payload }) => {
    const { action } = protos.ChaincodeActionPayload.decode(payload);
    return (action?.endorsements ?? []).map(({ endorser }) => endorser);
  });
}

describe.each(['webcrypto', 'noble'] as const)('MSPs of a real channel (%s)', (kind) => {
  let manager: MSPManagerImpl;

  beforeAll(async () => {
    manager = await MSPManagerImpl.create(mspConfigsOf(realChannelGroup()), createBCCSP(kind));
  });

  it('knows the organisations', () => {
    expect([...manager.mspIds].sort()).toEqual(['OrdererMSP', 'Org1MSP', 'Org2MSP']);
  });

  it.each([
    [1, 'Org1MSP', 'Admin@org1.example.com', MSPRoleType.ADMIN],
    [16, 'Org1MSP', 'User1@org1.example.com', MSPRoleType.CLIENT],
    [13, 'OrdererMSP', 'orderer.example.com', MSPRoleType.ORDERER],
  ])('accepts the creator of block %i', async (block, mspId, name, expectedRole) => {
    const identity = await manager.deserializeIdentity(creatorOf(block));
    expect(identity.mspId).toBe(mspId);
    expect(identityName(identity.serialized)).toBe(name);
    await expect(identity.validate()).resolves.toBeUndefined();
    for (const type of Object.values(MSPRoleType).filter((v) => typeof v === 'number')) {
      const isExpected = type === expectedRole || type === MSPRoleType.MEMBER;
      expect(await identity.satisfiesPrincipal(role(mspId, type))).toBe(isExpected);
    }
    expect(await identity.satisfiesPrincipal(role('OtherMSP', MSPRoleType.MEMBER))).toBe(false);
  });

  it('verifies the real signature of a transaction', async () => {
    const { data } = common.Block.decode(readBlock(16));
    const { payload, signature } = common.Envelope.decode(data?.data[0] ?? new Uint8Array());
    const identity = await manager.deserializeIdentity(creatorOf(16));
    expect(await identity.verify(payload, signature)).toBe(true);
    expect(await identity.verify(payload.slice(1), signature)).toBe(false);
    expect(await identity.verify(payload, signature.slice(0, 10))).toBe(false);
  });

  it('gives the same object for the same bytes, wherever they lie', async () => {
    const bytes = creatorOf(16);
    const first = await manager.deserializeIdentity(bytes);
    expect(await manager.deserializeIdentity(bytes.slice())).toBe(first);
    expect(equalBytes(first.serialized, bytes)).toBe(true);
  });

  it('accepts every creator and endorser of the whole chain', async () => {
    const names = new Set<string>();
    for (const { number, txs } of expectedBlocks) {
      const block = unmarshalBlock(readBlock(number));
      for (const [index, { code }] of txs.entries()) {
        if (code !== protos.TxValidationCode.VALID || number === 0) continue;
        const envelope = extractEnvelope(block, index);
        const [signed] = envelopeAsSignedData(envelope);
        const members = signed ? [signed.identity, ...endorsersOf(envelope)] : [];
        for (const serialized of members) {
          const identity = await manager.deserializeIdentity(serialized);
          await identity.validate();
          names.add(identityName(identity.serialized));
        }
      }
    }
    expect([...names].sort()).toEqual([
      'Admin@org1.example.com',
      'Admin@org2.example.com',
      'User1@org1.example.com',
      'User1@org2.example.com',
      'orderer.example.com',
      'peer0.org1.example.com',
      'peer0.org2.example.com',
    ]);
  });

  it('refuses identities of unknown MSPs, of the wrong MSP, and rubbish', async () => {
    const { id_bytes } = msp.SerializedIdentity.decode(creatorOf(16));
    const pem = fromUtf8(id_bytes);
    const expectCode = (bytes: Uint8Array, code: string) =>
      expect(manager.deserializeIdentity(bytes)).rejects.toMatchObject({ name: 'MSPError', code });
    await expectCode(serializeIdentity('Org3MSP', pem), 'MSP_UNKNOWN');
    await expectCode(serializeIdentity('Org2MSP', pem), 'IDENTITY_UNTRUSTED');
    await expectCode(serializeIdentity('Org1MSP', 'rubbish'), 'IDENTITY_MALFORMED');
    await expectCode(new Uint8Array(), 'IDENTITY_MALFORMED');
    await expectCode(new Uint8Array(100_000), 'IDENTITY_MALFORMED');
    await expectCode(utf8('\xff\xff\xff'), 'IDENTITY_MALFORMED');
  });
});
