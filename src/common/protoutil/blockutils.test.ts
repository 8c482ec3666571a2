// SPDX-License-Identifier: Apache-2.0

import { describe, expect, it } from 'vitest';
import { common, msp } from '../protos/index.ts';
import { concat, toHex, utf8 } from '../runtime/bytes.ts';
import { readBlock } from '../testdata/mychannel.ts';
import * as protoutil from './index.ts';

const { SIGNATURES, LAST_CONFIG, ORDERER, TRANSACTIONS_FILTER } = common.BlockMetadataIndex;
const envelope = common.Envelope.encode({ payload: utf8('p'), signature: utf8('s') }).finish();

describe('newBlock', () => {
  it('has all parts and five empty metadata slots', () => {
    const block = protoutil.newBlock(7, utf8('previous'));
    expect(toHex(common.Block.encode(block).finish())).toBe(
      `0a0c0807120870726576696f757312001a0a${'0a00'.repeat(5)}`,
    );
  });
});

describe('metadata slots', () => {
  it('are set without touching the block, and completed to five', () => {
    const block = { metadata: { metadata: [utf8('a'), utf8('b')] } };
    const changed = protoutil.setMetadataSlot(block, TRANSACTIONS_FILTER, Uint8Array.of(11));
    expect(changed.metadata.metadata.map((slot) => slot.length)).toEqual([1, 1, 1, 0, 0]);
    expect([...protoutil.getTransactionsFilter(changed)]).toEqual([11]);
    expect(block.metadata.metadata).toHaveLength(2);
    expect(protoutil.getTransactionsFilter({})).toHaveLength(0);
  });

  it('of 1.x blocks are found where 1.x put them', () => {
    const lastConfig = common.LastConfig.encode({ index: 42 }).finish();
    let block = protoutil.newBlock(50, utf8(''));
    block = protoutil.setMetadataSlot(
      block,
      LAST_CONFIG,
      common.Metadata.encode({ value: lastConfig }).finish(),
    );
    block = protoutil.setMetadataSlot(
      block,
      ORDERER,
      common.Metadata.encode({ value: utf8('kafka') }).finish(),
    );
    expect(protoutil.getLastConfigIndexFromBlock(block)).toBe(42);
    expect(protoutil.getConsenterMetadataFromBlock(block).value).toEqual(utf8('kafka'));
  });

  it('of raft blocks hold the consenter metadata in the first slot', () => {
    const block = protoutil.unmarshalBlock(readBlock(16));
    expect(protoutil.getConsenterMetadataFromBlock(block).value.length).toBeGreaterThan(0);
    expect(protoutil.getLastConfigIndexFromBlock(block)).toBe(15);
  });

  it('that are absent or broken are errors', () => {
    expect(() => protoutil.getMetadataFromBlock({}, SIGNATURES)).toThrow(
      'no metadata at index SIGNATURES',
    );
    const block = protoutil.setMetadataSlot({}, SIGNATURES, utf8('broken'));
    expect(() => protoutil.getLastConfigIndexFromBlock(block)).toThrow(
      'error unmarshalling Metadata',
    );
    const value = common.OrdererBlockMetadata.encode({ consenter_metadata: utf8('x') }).finish();
    const bare = protoutil.setMetadataSlot(
      {},
      SIGNATURES,
      common.Metadata.encode({ value }).finish(),
    );
    expect(() => protoutil.getLastConfigIndexFromBlock(bare)).toThrow('no last config');
  });
});

describe('verifyTransactionsAreWellFormed', () => {
  const verify = (...data: Uint8Array[]) => protoutil.verifyTransactionsAreWellFormed({ data });

  it('accepts signed envelopes', () => {
    expect(() => verify(envelope, envelope)).not.toThrow();
  });

  it('accepts a config block whatever its signature', () => {
    const { data } = protoutil.unmarshalBlock(readBlock(0));
    expect(() => verify(...(data?.data ?? []))).not.toThrow();
  });

  it.each([
    ['no transaction', [], 'empty block'],
    [
      'no payload',
      [common.Envelope.encode({ signature: utf8('s') }).finish()],
      'transaction 0 has no payload',
    ],
    [
      'no signature',
      [envelope, common.Envelope.encode({ payload: utf8('p') }).finish()],
      'transaction 1 has no signature',
    ],
    ['garbage', [utf8('garbage')], 'error unmarshalling Envelope'],
    ['a field twice', [concat(envelope, envelope)], 'transaction 0 has 6 trailing bytes'],
    [
      'fields in another order',
      [concat(envelope.subarray(3), envelope.subarray(0, 3))],
      'canonical',
    ],
    [
      'a length of two bytes',
      [concat(Uint8Array.of(0x0a, 0x81, 0x00), envelope.subarray(2))],
      'trailing bytes',
    ],
  ])('refuses %s', (_what, data, problem) => {
    expect(() => verify(...data)).toThrow(problem);
  });

  it('is what keeps two splits of the same bytes apart', () => {
    const whole = protoutil.computeBlockDataHash({ data: [envelope, envelope] });
    const moved = [concat(envelope, envelope.subarray(0, 3)), envelope.subarray(3)];
    expect(toHex(protoutil.computeBlockDataHash({ data: moved }))).toBe(toHex(whole));
    expect(() => protoutil.blockDataHash({ data: moved })).toThrow(protoutil.ProtoError);
  });
});

describe('blockAsSignedData', () => {
  const header = { number: 3, previous_hash: utf8('p'), data_hash: utf8('d') };
  const identifier_header = common.IdentifierHeader.encode({
    identifier: 2,
    nonce: utf8('n'),
  }).finish();
  const unknown = common.IdentifierHeader.encode({ identifier: 9 }).finish();
  const signature = utf8('sig');
  const signatures = [
    { identifier_header, signature },
    { identifier_header: unknown, signature },
  ];
  const metadata = common.Metadata.encode({ value: utf8('value'), signatures }).finish();
  const block = protoutil.setMetadataSlot({ header }, SIGNATURES, metadata);

  it('finds BFT signers in the consenter set, and leaves strangers out', () => {
    const signed = protoutil.blockAsSignedData(block, [
      { id: 2, msp_id: 'Org', identity: utf8('cert') },
    ]);
    expect(signed).toEqual([
      {
        data: concat(utf8('value'), identifier_header, protoutil.blockHeaderBytes(header)),
        identity: msp.SerializedIdentity.encode({ mspid: 'Org', id_bytes: utf8('cert') }).finish(),
        signature,
      },
    ]);
  });

  it('does not trust numbers on a channel that is not BFT', () => {
    const signed = protoutil.blockAsSignedData(block);
    expect(signed.map(({ identity }) => identity.length)).toEqual([0, 0]);
  });

  it('needs a header', () => {
    expect(() => protoutil.blockAsSignedData({})).toThrow('block has no header');
  });
});
