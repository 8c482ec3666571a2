// SPDX-License-Identifier: Apache-2.0
//
// What was signed, by whom, for policies to evaluate (Fabric's protoutil/signeddata.go, and the first
// half of BlockSignatureVerifier in blockutils.go).

import type { SignedData } from '../policies/types.ts';
import { common, msp, type protos } from '../protos/index.ts';
import { concat, EMPTY_BYTES } from '../runtime/bytes.ts';
import { blockHeaderBytes } from './block-header-asn1.ts';
import { getMetadataFromBlock } from './blockutils.ts';
import { payloadFromEnvelope } from './commonutils.ts';
import { ProtoError } from './errors.ts';
import {
  unmarshalHeader,
  unmarshalIdentifierHeader,
  unmarshalProposal,
  unmarshalSignatureHeader,
} from './unmarshalers.ts';

/** The creator's signature over the payload of an envelope; throws ProtoError. */
export function envelopeAsSignedData(envelope: common.IEnvelope): SignedData[] {
  const { header } = payloadFromEnvelope(envelope);
  return [
    {
      data: envelope.payload ?? EMPTY_BYTES,
      identity: unmarshalSignatureHeader(header.signature_header).creator,
      signature: envelope.signature ?? EMPTY_BYTES,
    },
  ];
}

/** What the creator of a proposal signed; throws ProtoError when its headers cannot be reached. */
export function proposalAsSignedData(signedProposal: protos.ISignedProposal): SignedData {
  const data = signedProposal.proposal_bytes ?? EMPTY_BYTES;
  const { signature_header } = unmarshalHeader(unmarshalProposal(data).header);
  const { creator } = unmarshalSignatureHeader(signature_header);
  return { data, identity: creator, signature: signedProposal.signature ?? EMPTY_BYTES };
}

/** The signatures on a config update; throws ProtoError. */
export function configUpdateEnvelopeAsSignedData(
  envelope: common.IConfigUpdateEnvelope,
): SignedData[] {
  return (envelope.signatures ?? []).map(({ signature_header, signature }) => {
    const header = signature_header ?? EMPTY_BYTES;
    return {
      data: concat(header, envelope.config_update ?? EMPTY_BYTES),
      identity: unmarshalSignatureHeader(header).creator,
      signature: signature ?? EMPTY_BYTES,
    };
  });
}

/** The bytes an orderer signs: metadata value, serialized signature header, DER block header. */
export function blockSignatureBytes(
  value: Uint8Array,
  signatureHeader: Uint8Array,
  header: common.IBlockHeader,
): Uint8Array<ArrayBuffer> {
  return concat(value, signatureHeader, blockHeaderBytes(header));
}

/**
 * The orderers' signatures on a block; throws ProtoError.
 *
 * `consenters` is the consenter set of a BFT channel: its signatures name their signer by number.
 * A number that is not in the set is left out.
 */
export function blockAsSignedData(
  block: common.IBlock,
  consenters?: readonly common.IConsenter[],
): SignedData[] {
  const { header } = block;
  if (!header) throw new ProtoError('MISSING_FIELD', 'block has no header');
  const { value, signatures } = getMetadataFromBlock(block, common.BlockMetadataIndex.SIGNATURES);
  return signatures.flatMap(({ signature_header, signature, identifier_header }) => {
    const byNumber = consenters && signature_header.length === 0 && identifier_header.length > 0;
    const signed = byNumber ? identifier_header : signature_header;
    const identity = byNumber
      ? consenterIdentity(consenters, unmarshalIdentifierHeader(identifier_header).identifier)
      : unmarshalSignatureHeader(signature_header).creator;
    if (identity === undefined) return [];
    return [{ data: blockSignatureBytes(value, signed, header), identity, signature }];
  });
}

function consenterIdentity(
  consenters: readonly common.IConsenter[],
  id: number,
): Uint8Array | undefined {
  const consenter = consenters.find((other) => (other.id ?? 0) === id);
  if (!consenter) return undefined;
  const { msp_id, identity } = consenter;
  return msp.SerializedIdentity.encode({ mspid: msp_id, id_bytes: identity }).finish();
}
