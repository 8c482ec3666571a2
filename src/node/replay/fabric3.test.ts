// SPDX-License-Identifier: Apache-2.0
import { beforeAll, describe, expect, test } from 'vitest';
import { common } from '../../common/protos/index.ts';
import { FakeClock } from '../../common/runtime/clock.ts';
import { isClean, type ReplayReport, replayChain } from './index.ts';
import { testdataBlocks } from './testdata/blockfiles.ts';
import { memoryLedgers, streamOf, withChange } from './testing/chains.ts';

const { Metadata, IdentifierHeader } = common;
const { SIGNATURES } = common.BlockMetadataIndex;

async function replay(blocks: readonly Uint8Array[]): Promise<ReplayReport> {
  const ledgers = await memoryLedgers();
  return replayChain(streamOf(blocks), { ledgers, clock: new FakeClock() });
}

describe('a channel of Fabric 3 under etcdraft', () => {
  test('is judged as its peer judged it, an organisation without valid identities too', async () => {
    const report = await replay(await testdataBlocks('fabric3_raft'));
    expect(report).toMatchObject({
      blocks: 103,
      transactions: 243,
      codes: {
        VALID: 173,
        BAD_COMMON_HEADER: 2,
        INVALID_ENDORSER_TRANSACTION: 8,
        BAD_PROPOSAL_TXID: 1,
        DUPLICATE_TXID: 2,
        ENDORSEMENT_POLICY_FAILURE: 34,
        MVCC_READ_CONFLICT: 13,
        PHANTOM_READ_CONFLICT: 10,
      },
      codeDifferences: [],
      commitHashDifferences: [],
      blocksWithoutCodes: 0,
      blocksWithoutCommitHash: 0,
    });
    expect(isClean(report)).toBe(true);
  }, 30_000);
});

describe('a channel of Fabric 3 under BFT', () => {
  let blocks: readonly Uint8Array[];

  beforeAll(async () => {
    blocks = await testdataBlocks('fabric3_bft');
  });

  test('is judged as its peer judged it', async () => {
    const report = await replay(blocks);
    expect(report).toMatchObject({
      blocks: 99,
      transactions: 215,
      codes: {
        VALID: 156,
        ENDORSEMENT_POLICY_FAILURE: 41,
        MVCC_READ_CONFLICT: 12,
        PHANTOM_READ_CONFLICT: 6,
      },
      codeDifferences: [],
      commitHashDifferences: [],
      blocksWithoutCodes: 0,
      blocksWithoutCommitHash: 0,
    });
    expect(isClean(report)).toBe(true);
  }, 30_000);

  type Signatures = common.MetadataSignature[];

  /** The signatures of block 20 changed; each was made by another of four consenters, and three are enough. */
  function signedBy(change: (signatures: Signatures) => Signatures): Uint8Array[] {
    return withChange(blocks.slice(0, 22), 20, ({ metadata }) => {
      const slot = Metadata.decode(metadata?.metadata[SIGNATURES] ?? new Uint8Array());
      const signatures = change(slot.signatures);
      metadata?.metadata.splice(
        SIGNATURES,
        1,
        Metadata.encode({ value: slot.value, signatures }).finish(),
      );
    });
  }

  const altered = (signature: common.MetadataSignature): common.MetadataSignature => {
    const bytes = signature.signature.slice();
    bytes.set([(bytes.at(-1) ?? 0) ^ 1], bytes.length - 1);
    return { ...signature, signature: bytes };
  };

  const ofConsenter = (signature: common.MetadataSignature, identifier: number) => {
    const header = IdentifierHeader.decode(signature.identifier_header);
    const bytes = IdentifierHeader.encode({ ...header, identifier }).finish();
    return { ...signature, identifier_header: bytes };
  };

  const first = (signatures: Signatures): common.MetadataSignature => {
    const [signature] = signatures;
    if (!signature) throw new Error('block 20 has no signature');
    return signature;
  };

  test('takes a block that three of four consenters signed', async () => {
    expect(await replay(signedBy((signatures) => signatures.slice(0, 3)))).toMatchObject({
      blocks: 22,
    });
  });

  test.each<[string, (signatures: Signatures) => Signatures]>([
    ['nobody', () => []],
    ['two', (signatures) => signatures.slice(0, 2)],
    ['one, three times', (signatures) => [0, 1, 2].map(() => first(signatures))],
    ['two and an altered signature', (all) => [...all.slice(0, 2), ...all.slice(2).map(altered)]],
    [
      'two and a consenter that is none',
      (all) => [...all.slice(0, 2), ...all.slice(2).map((one) => ofConsenter(one, 99))],
    ],
    [
      'two, one of them in another’s name too',
      (all) => [...all.slice(0, 2), ofConsenter(first(all), 4), ofConsenter(first(all), 3)],
    ],
  ])('refuses a block signed by %s', async (_, change) => {
    await expect(replay(signedBy(change))).rejects.toMatchObject({
      code: 'REPLAY_STOPPED',
      data: { blockNum: 20, reason: 'BLOCK_REJECTED' },
    });
  });
});
