// SPDX-License-Identifier: Apache-2.0
//
// Blocks: hashes, metadata slots, well-formedness (Fabric's protoutil/blockutils.go).

import { sha256 } from '@noble/hashes/sha2.js';
import Long from 'long';
import { common } from '../protos/index.ts';
import { EMPTY_BYTES, equalBytes } from '../runtime/bytes.ts';
import { blockHeaderBytes } from './block-header-asn1.ts';
import { channelIdFromEnvelope, extractEnvelope, hasConfigTx } from './commonutils.ts';
import { ProtoError } from './errors.ts';
import { toNumber } from './numbers.ts';
import {
  unmarshalEnvelope,
  unmarshalLastConfig,
  unmarshalMetadata,
  unmarshalOrdererBlockMetadata,
} from './unmarshalers.ts';

const SLOTS = 5;
const PAYLOAD_TAG = 0x0a;
const SIGNATURE_TAG = 0x12;

/** A block without data; header, data and all metadata slots are there. */
export function newBlock(
  number: number | Long,
  previousHash: Uint8Array,
): common.Block & { header: common.BlockHeader; data: common.BlockData } & {
  metadata: common.BlockMetadata;
} {
  return {
    header: {
      number: Long.fromValue(number, true),
      previous_hash: previousHash,
      data_hash: EMPTY_BYTES,
    },
    data: { data: [] },
    metadata: { metadata: Array.from({ length: SLOTS }, () => EMPTY_BYTES) },
  };
}

/** SHA-256 of the DER header: what the next block's previous_hash must be. */
export function blockHeaderHash(header: common.IBlockHeader): Uint8Array {
  return sha256(blockHeaderBytes(header));
}

/** SHA-256 over the envelopes one after another; does not look into them. */
export function computeBlockDataHash(data: common.IBlockData): Uint8Array {
  const hash = sha256.create();
  for (const envelope of data.data ?? []) hash.update(envelope);
  return hash.digest();
}

/** The data hash of well-formed data; throws ProtoError NOT_WELL_FORMED or MALFORMED_MESSAGE. */
export function blockDataHash(data: common.IBlockData): Uint8Array {
  verifyTransactionsAreWellFormed(data);
  return computeBlockDataHash(data);
}

/** The block's height in numbers: throws ProtoError without header or beyond the safe integers. */
export function blockNumber(block: common.IBlock): number {
  if (!block.header) throw new ProtoError('MISSING_FIELD', 'block has no header');
  return toNumber(block.header.number);
}

/** The channel of the first envelope; throws ProtoError. */
export function getChannelIdFromBlock(block: common.IBlock): string {
  return channelIdFromEnvelope(extractEnvelope(block, 0));
}

/** A decoded metadata slot; throws ProtoError when there is no such slot. */
export function getMetadataFromBlock(
  block: common.IBlock,
  index: common.BlockMetadataIndex,
): common.Metadata {
  const slot = block.metadata?.metadata?.[index];
  if (slot === undefined) {
    throw new ProtoError(
      'MISSING_FIELD',
      `no metadata at index ${common.BlockMetadataIndex[index]}`,
    );
  }
  return unmarshalMetadata(slot);
}

/** The block with one metadata slot replaced and all slots present; the rest is shared. */
export function setMetadataSlot<B extends common.IBlock>(
  block: B,
  index: common.BlockMetadataIndex,
  value: Uint8Array,
): B & { metadata: common.BlockMetadata } {
  const old = block.metadata?.metadata ?? [];
  const metadata = Array.from(
    { length: Math.max(SLOTS, old.length) },
    (_, i) => old[i] ?? EMPTY_BYTES,
  );
  metadata[index] = value;
  return { ...block, metadata: { metadata } };
}

/** The consenter's own metadata, in 1.x blocks from its former slot. Throws ProtoError. */
export function getConsenterMetadataFromBlock(block: common.IBlock): common.Metadata {
  const { value } = getMetadataFromBlock(block, common.BlockMetadataIndex.SIGNATURES);
  if (value.length === 0) return getMetadataFromBlock(block, common.BlockMetadataIndex.ORDERER);
  return unmarshalMetadata(unmarshalOrdererBlockMetadata(value).consenter_metadata);
}

/** Number of the newest config block as of this block, in 1.x blocks from its former slot. Throws ProtoError. */
export function getLastConfigIndexFromBlock(block: common.IBlock): number {
  const { value } = getMetadataFromBlock(block, common.BlockMetadataIndex.SIGNATURES);
  if (value.length > 0) {
    const { last_config } = unmarshalOrdererBlockMetadata(value);
    if (last_config === null) throw new ProtoError('MISSING_FIELD', 'block has no last config');
    return toNumber(last_config.index);
  }
  const former = getMetadataFromBlock(block, common.BlockMetadataIndex.LAST_CONFIG);
  return toNumber(unmarshalLastConfig(former.value).index);
}

/** The validation codes that the peer wrote, one byte per transaction; empty when it has not. */
export function getTransactionsFilter(block: common.IBlock): Uint8Array {
  return block.metadata?.metadata?.[common.BlockMetadataIndex.TRANSACTIONS_FILTER] ?? EMPTY_BYTES;
}

/**
 * Throws ProtoError unless every envelope of a non-config block is signed, not empty, and encoded
 * just as Fabric would encode it. The data hash does not cover where one envelope ends and the next
 * begins; this check does.
 */
export function verifyTransactionsAreWellFormed(data: common.IBlockData): void {
  const envelopes = data.data ?? [];
  if (envelopes.length === 0) throw new ProtoError('NOT_WELL_FORMED', 'empty block');
  if (hasConfigTx(data)) return;
  verifyEnvelopesAreWellFormed(
    envelopes.map((bytes) => ({ bytes, envelope: unmarshalEnvelope(bytes) })),
  );
}

/** The same of envelopes that have been decoded already, none of them a configuration. */
export function verifyEnvelopesAreWellFormed(
  envelopes: readonly { readonly bytes: Uint8Array; readonly envelope: common.Envelope }[],
): void {
  envelopes.forEach(({ bytes, envelope }, index) => {
    const problem = envelopeProblem(bytes, envelope);
    if (problem) throw new ProtoError('NOT_WELL_FORMED', `transaction ${index} ${problem}`);
  });
}

function envelopeProblem(raw: Uint8Array, envelope: common.Envelope): string | undefined {
  if (envelope.payload.length === 0) return 'has no payload';
  if (envelope.signature.length === 0) return 'has no signature';
  if (isLaidOutCanonically(raw, envelope)) return undefined;
  const expected = common.Envelope.encode(envelope).finish();
  if (expected.length < raw.length) return `has ${raw.length - expected.length} trailing bytes`;
  return equalBytes(expected, raw) ? undefined : 'does not match its canonical encoding';
}

// The same without encoding anything, which for full blocks takes longer than their hashes: the two fields, decoded as
// views, must lie where the canonical encoding has them, and nothing else may.
function isLaidOutCanonically(raw: Uint8Array, envelope: common.Envelope): boolean {
  const { payload, signature } = envelope;
  const payloadAt = 1 + varintSize(payload.length);
  const signatureTagAt = payloadAt + payload.length;
  const signatureAt = signatureTagAt + 1 + varintSize(signature.length);
  return (
    raw[0] === PAYLOAD_TAG &&
    payload.buffer === raw.buffer &&
    payload.byteOffset === raw.byteOffset + payloadAt &&
    raw[signatureTagAt] === SIGNATURE_TAG &&
    signature.byteOffset === raw.byteOffset + signatureAt &&
    signatureAt + signature.length === raw.length
  );
}

function varintSize(value: number): number {
  return value < 0x80 ? 1 : 1 + varintSize(Math.floor(value / 0x80));
}
