// SPDX-License-Identifier: Apache-2.0
import { sha256 } from '@noble/hashes/sha2.js';
import { beforeAll, describe, expect, it } from 'vitest';
import type { ChannelConfigBundle } from '../../common/channelconfig/types.ts';
import { common } from '../../common/protos/index.ts';
import { unmarshalBlock } from '../../common/protoutil/index.ts';
import { expectedBlocks, readBlock } from '../../common/testdata/mychannel.ts';
import { parseBlock, type SerializedBlock, withMetadata } from '../../ledger/blkstorage/index.ts';
import { BlockRejectedError, verifyBlock } from './index.ts';
import { realBundles, receivedBlock } from './testing/real-channel.ts';

let bundles: ChannelConfigBundle[];

beforeAll(async () => {
  bundles = await realBundles();
});

function bundleFor(number: number): ChannelConfigBundle {
  const bundle = bundles[number];
  if (!bundle) throw new Error(`no configuration for block ${number}`);
  return bundle;
}

function verify(bytes: Uint8Array, number: number): Promise<SerializedBlock> {
  return verifyBlock(bytes, number, bundleFor(number));
}

/** Why a block is refused; "accepted" when it is not. Anything but a refusal fails the test. */
async function refusal(bytes: Uint8Array, number: number): Promise<string> {
  try {
    await verify(bytes, number);
    return 'accepted';
  } catch (error) {
    if (error instanceof BlockRejectedError) return error.message;
    throw error;
  }
}

// A small generator of numbers below `limit`, the same in every run.
function numbers(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
}

/** A block made of the parts of another. */
function changed(number: number, change: (block: common.Block) => void): Uint8Array {
  const block = unmarshalBlock(receivedBlock(number));
  change(block);
  return common.Block.encode(block).finish();
}

describe('verifyBlock', () => {
  it('accepts every block of a real channel, from the orderer or from a peer', async () => {
    for (const { number } of expectedBlocks) {
      expect(await refusal(receivedBlock(number), number)).toBe('accepted');
      expect(await refusal(readBlock(number), number)).toBe('accepted');
    }
  });

  it('refuses a block with any bit flipped in header, data or signatures', async () => {
    const random = numbers(71);
    const accepted: string[] = [];
    for (let i = 0; i < 400; i++) {
      const number = 1 + random(70);
      const bytes = receivedBlock(number).slice();
      const { metadataField, metadata } = parseBlock(bytes);
      // The other slots of the metadata are the peer's own, which nobody signs.
      const signatures = metadata[common.BlockMetadataIndex.SIGNATURES] ?? new Uint8Array();
      const inSignatures = random(3) === 0;
      const at = inSignatures
        ? signatures.byteOffset - bytes.byteOffset + random(signatures.length)
        : random(metadataField.start);
      bytes[at] = (bytes[at] ?? 0) ^ (1 << random(8));
      if ((await refusal(bytes, number)) === 'accepted') accepted.push(`${number} at ${at}`);
    }
    expect(accepted).toEqual([]);
  });

  it('refuses a genesis block with any bit flipped in header or data', async () => {
    const random = numbers(1);
    const end = parseBlock(receivedBlock(0)).metadataField.start;
    for (let i = 0; i < 100; i++) {
      const bytes = receivedBlock(0).slice();
      const at = i < 40 ? i : random(end);
      bytes[at] = (bytes[at] ?? 0) ^ (1 << random(8));
      expect(await refusal(bytes, 0), `byte ${at}`).not.toBe('accepted');
    }
    const linked = changed(0, ({ header }) => {
      if (header) header.previous_hash = new Uint8Array(32);
    });
    expect(await refusal(linked, 0)).toContain('nothing comes before');
  });

  it('refuses every truncation', async () => {
    const bytes = receivedBlock(50);
    const accepted: number[] = [];
    for (let length = 0; length < bytes.length; length++) {
      // What is left of the metadata is enough once the signatures are in it.
      if ((await refusal(bytes.subarray(0, length), 50)) === 'accepted') accepted.push(length);
    }
    expect(accepted).toEqual([]);
  });

  it('refuses another number, and says which', async () => {
    expect(await refusal(receivedBlock(17), 16)).toBe(
      'block 16 is refused: its header says number 17',
    );
    const renumbered = changed(17, ({ header }) => {
      if (header) header.number = header.number.sub(1);
    });
    expect(await refusal(renumbered, 16)).toContain('do not satisfy BlockValidation');
  });

  it('refuses the block of another channel', async () => {
    const other: ChannelConfigBundle = {
      ...bundleFor(16),
      channelId: 'yourchannel',
      policyManager: bundleFor(16).policyManager,
      mspManager: bundleFor(16).mspManager,
      signaturePolicy: (envelope) => bundleFor(16).signaturePolicy(envelope),
    };
    await expect(verifyBlock(receivedBlock(16), 16, other)).rejects.toThrow(
      'block 16 is refused: it belongs to channel mychannel',
    );
  });

  it('refuses a block without transactions, a part or a signature', async () => {
    const empty = changed(16, (block) => {
      block.data = { data: [] };
      if (block.header) block.header.data_hash = sha256(new Uint8Array());
    });
    expect(await refusal(empty, 16)).toContain('no transaction');
    const parts = [
      ['header', 'no header'],
      ['data', 'no transaction'],
      ['metadata', 'no metadata'],
    ] as const;
    for (const [part, reason] of parts) {
      const without = changed(16, (block) => {
        block[part] = null;
      });
      expect(await refusal(without, 16)).toContain(reason);
    }
    const { SIGNATURES } = common.BlockMetadataIndex;
    const unsigned = new Map([[SIGNATURES, new Uint8Array()]]);
    const stripped = withMetadata(parseBlock(receivedBlock(16)), unsigned);
    expect(await refusal(stripped, 16)).toContain('do not satisfy BlockValidation');
    expect(await refusal(new Uint8Array(), 16)).toContain('no header');
  });

  it('refuses signatures of another block', async () => {
    const { SIGNATURES } = common.BlockMetadataIndex;
    const others = parseBlock(receivedBlock(17)).metadata[SIGNATURES] ?? new Uint8Array();
    const swapped = withMetadata(parseBlock(receivedBlock(16)), new Map([[SIGNATURES, others]]));
    expect(await refusal(swapped, 16)).toContain('do not satisfy BlockValidation');
  });
});
