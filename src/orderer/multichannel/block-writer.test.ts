// SPDX-License-Identifier: Apache-2.0
// Against blocks that a real orderer wrote.
import { beforeAll, describe, expect, it } from 'vitest';
import { defaultBCCSP, parseCertificatePem } from '../../common/crypto/index.ts';
import type { SigningIdentity } from '../../common/msp/index.ts';
import { common } from '../../common/protos/index.ts';
import {
  blockAsSignedData,
  blockNumber,
  getConsenterMetadataFromBlock,
  getLastConfigIndexFromBlock,
  getMetadataFromBlock,
  unmarshalBlock,
  unmarshalEnvelope,
  unmarshalSignatureHeader,
} from '../../common/protoutil/index.ts';
import { EMPTY_BYTES } from '../../common/runtime/bytes.ts';
import { systemRandomBytes } from '../../common/runtime/clock.ts';
import { identityOf, testBlock, testdata } from '../testing/test-network.ts';
import { BlockWriter } from './block-writer.ts';

const { SIGNATURES, LAST_CONFIG } = common.BlockMetadataIndex;

let identity: SigningIdentity;
beforeAll(async () => {
  identity = await identityOf('orderer', 'OrdererMSP');
});

function setup(lastBlock: common.Block, sequence = 0) {
  const state = { sequence, fail: false };
  const stored: Uint8Array[] = [];
  const writer = new BlockWriter(
    {
      ledger: {
        async append(block) {
          if (state.fail) throw new Error('disk full');
          stored.push(block);
        },
      },
      signingIdentity: identity,
      randomBytes: systemRandomBytes,
      sequence: () => state.sequence,
      onWritten: () => {},
    },
    lastBlock,
  );
  return { writer, stored, state };
}

const envelopesOf = (block: common.Block): common.Envelope[] =>
  (block.data?.data ?? []).map(unmarshalEnvelope);

const slotLengths = (block: common.Block): number[] =>
  (block.metadata?.metadata ?? []).map((slot) => slot.length);

describe('BlockWriter makes what a real orderer makes', () => {
  it.each(['genesis', 'orderer-001', 'orderer-013', 'orderer-016', 'orderer-063'])(
    'encodes %s.block as it stands',
    (name) => {
      const bytes = testdata(`${name}.block`);
      expect(common.Block.encode(unmarshalBlock(bytes)).finish()).toEqual(bytes);
    },
  );

  it.each([
    ['genesis', 'orderer-001', 0],
    ['orderer-013', 'orderer-014', 1],
    ['orderer-015', 'orderer-016', 3],
  ])('continues %s.block with the header and data of %s.block', (last, next, sequence) => {
    const real = testBlock(`${next}.block`);
    const { writer } = setup(testBlock(`${last}.block`), sequence);
    const made = writer.createNextBlock(envelopesOf(real));
    expect(made.header).toEqual(real.header);
    expect(made.data).toEqual(real.data);
  });

  it.each([
    ['a block of transactions', 'orderer-015', 'orderer-016', 3, 3],
    ['the first block', 'genesis', 'orderer-001', 0, 0],
    ['a config block, which names itself', 'orderer-013', 'orderer-014', 1, 2],
  ])('fills the metadata slots of %s', async (_name, last, next, before, after) => {
    const real = testBlock(`${next}.block`);
    const { writer, stored, state } = setup(testBlock(`${last}.block`), before);
    const block = writer.createNextBlock(envelopesOf(real));
    state.sequence = after;
    await writer.writeBlock(block, getConsenterMetadataFromBlock(real).value);
    const made = unmarshalBlock(stored[0] as Uint8Array);
    expect(slotLengths(made).slice(1)).toEqual(slotLengths(real).slice(1));
    expect(made.metadata?.metadata[LAST_CONFIG]).toEqual(real.metadata?.metadata[LAST_CONFIG]);
    const [mine, theirs] = [made, real].map((b) => getMetadataFromBlock(b, SIGNATURES));
    expect(mine?.value).toEqual(theirs?.value);
    expect(mine?.signatures).toHaveLength(1);
    const [mySigner, theirSigner] = [mine, theirs].map((metadata) =>
      unmarshalSignatureHeader(metadata?.signatures[0]?.signature_header ?? EMPTY_BYTES),
    );
    expect(mySigner?.creator).toEqual(theirSigner?.creator);
    expect(mySigner?.nonce).toHaveLength(theirSigner?.nonce.length ?? 0);
    expect(mySigner?.nonce).not.toEqual(theirSigner?.nonce);
  });

  it('signs value, signature header and DER header, so that its own and real blocks verify alike', async () => {
    const { publicKey } = parseCertificatePem(identity.certificate);
    const { writer, stored } = setup(testBlock('orderer-015.block'), 3);
    const block = writer.createNextBlock(envelopesOf(testBlock('orderer-016.block')));
    await writer.writeBlock(block, EMPTY_BYTES);
    for (const bytes of [stored[0] as Uint8Array, testdata('orderer-016.block')]) {
      const [signed] = blockAsSignedData(unmarshalBlock(bytes));
      if (!signed) throw new Error('not signed');
      const { data, signature } = signed;
      expect(await defaultBCCSP().verify(publicKey, data, signature)).toBe(true);
      data[data.length - 1] = (data.at(-1) ?? 0) ^ 1;
      expect(await defaultBCCSP().verify(publicKey, data, signature)).toBe(false);
    }
  });

  it('carries the last config block on', async () => {
    const { writer, stored, state } = setup(testBlock('orderer-016.block'), 3);
    const batch = envelopesOf(testBlock('orderer-016.block'));
    for (const sequence of [3, 4, 4]) {
      const block = writer.createNextBlock(batch);
      state.sequence = sequence;
      await writer.writeBlock(block, EMPTY_BYTES);
    }
    const made = stored.map((bytes) => unmarshalBlock(bytes));
    expect(made.map(blockNumber)).toEqual([17, 18, 19]);
    expect(made.map(getLastConfigIndexFromBlock)).toEqual([15, 18, 18]);
  });
});

describe('BlockWriter and its store', () => {
  it('stores blocks in the order of the calls and links them, without waiting in between', async () => {
    const { writer, stored } = setup(testBlock('orderer-016.block'), 3);
    const batch = envelopesOf(testBlock('orderer-016.block'));
    const writes = [1, 2, 3].map(() =>
      writer.writeBlock(writer.createNextBlock(batch), EMPTY_BYTES),
    );
    await Promise.all(writes);
    const [a, b, c] = stored.map((bytes) => unmarshalBlock(bytes).header);
    expect(b?.previous_hash).not.toEqual(a?.previous_hash);
    const { writer: again } = setup(unmarshalBlock(stored[1] as Uint8Array), 3);
    expect(again.createNextBlock(batch).header).toEqual(c);
  });

  it('writes nothing behind a block that could not be written', async () => {
    const { writer, stored, state } = setup(testBlock('orderer-016.block'), 3);
    const batch = envelopesOf(testBlock('orderer-016.block'));
    state.fail = true;
    const failing = writer.writeBlock(writer.createNextBlock(batch), EMPTY_BYTES);
    const later = writer.writeBlock(writer.createNextBlock(batch), EMPTY_BYTES);
    await expect(failing).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    state.fail = false;
    await expect(later).rejects.toThrow(/block 17 could not be written: disk full/);
    await expect(writer.idle()).rejects.toThrow(/disk full/);
    expect(stored).toEqual([]);
  });
});
