// SPDX-License-Identifier: Apache-2.0
//
// Proposals and proposal responses (Fabric's protoutil/proputils.go, and GetProposalHash1/2 and
// GetBytesProposalPayloadForTx in txutils.go).

import { sha256 } from '@noble/hashes/sha2.js';
import type { SigningIdentity } from '../msp/types.ts';
import { common, protos } from '../protos/index.ts';
import { concat } from '../runtime/bytes.ts';
import { ProtoError } from './errors.ts';
import { toTimestamp } from './numbers.ts';
import { computeTxId } from './txid.ts';
import {
  unmarshalChaincodeInvocationSpec,
  unmarshalChaincodeProposalPayload,
  unmarshalHeader,
  unmarshalProposal,
} from './unmarshalers.ts';

export interface ChaincodeProposalInput {
  /** Empty for proposals that concern no channel. */
  readonly channelId: string;
  readonly spec: protos.IChaincodeInvocationSpec;
  /** Serialized identity of the client. */
  readonly creator: Uint8Array;
  readonly transientMap?: Readonly<Record<string, Uint8Array>>;
}

export interface ChaincodeProposalOptions {
  /** Chance: NONCE_BYTES of it. */
  readonly nonce: Uint8Array;
  /** Milliseconds since the Unix epoch. */
  readonly now: number;
  readonly tlsCertHash?: Uint8Array;
}

/** A proposal to invoke a chaincode, and the transaction id it entails. */
export function createChaincodeProposal(
  { channelId, spec, creator, transientMap }: ChaincodeProposalInput,
  { nonce, now, tlsCertHash }: ChaincodeProposalOptions,
): { proposal: protos.Proposal; txId: string } {
  const txId = computeTxId(nonce, creator);
  const chaincode_id = spec.chaincode_spec?.chaincode_id;
  const channelHeader: common.IChannelHeader = {
    type: common.HeaderType.ENDORSER_TRANSACTION,
    timestamp: toTimestamp(now),
    channel_id: channelId,
    tx_id: txId,
    extension: protos.ChaincodeHeaderExtension.encode({ chaincode_id }).finish(),
    tls_cert_hash: tlsCertHash,
  };
  const header = common.Header.encode({
    channel_header: common.ChannelHeader.encode(channelHeader).finish(),
    signature_header: common.SignatureHeader.encode({ creator, nonce }).finish(),
  }).finish();
  const input = protos.ChaincodeInvocationSpec.encode(spec).finish();
  const payload = protos.ChaincodeProposalPayload.encode({ input, TransientMap: transientMap });
  const proposal = { header, payload: payload.finish(), extension: new Uint8Array(0) };
  return { proposal, txId };
}

/** The proposal, signed. */
export async function getSignedProposal(
  proposal: protos.IProposal,
  signer: SigningIdentity,
): Promise<protos.SignedProposal> {
  const proposal_bytes = protos.Proposal.encode(proposal).finish();
  return { proposal_bytes, signature: await signer.sign(proposal_bytes) };
}

/** A serialized ChaincodeProposalPayload without its transient map, as it goes into the transaction. */
export function getBytesProposalPayloadForTx({
  input,
}: protos.IChaincodeProposalPayload): Uint8Array {
  return protos.ChaincodeProposalPayload.encode({ input }).finish();
}

/** Proposal hash at endorsement: the transient map in `payload` is left out. Throws ProtoError. */
export function getProposalHash1(header: common.IHeader, payload: Uint8Array): Uint8Array {
  const stripped = getBytesProposalPayloadForTx(unmarshalChaincodeProposalPayload(payload));
  return getProposalHash2(header, stripped);
}

/** Proposal hash at validation: over the payload bytes in the transaction, as they are. Throws ProtoError. */
export function getProposalHash2(header: common.IHeader, payload: Uint8Array): Uint8Array {
  return sha256(proposalHash2Preimage(header, payload));
}

/** What that is the hash of. Throws ProtoError. */
export function proposalHash2Preimage(header: common.IHeader, payload: Uint8Array): Uint8Array {
  const { channel_header, signature_header } = header;
  if (!channel_header?.length || !signature_header?.length || payload.length === 0) {
    throw new ProtoError(
      'MISSING_FIELD',
      'proposal without channel header, signature header or payload',
    );
  }
  return concat(channel_header, signature_header, payload);
}

export interface ChaincodeResult {
  readonly response: protos.IResponse;
  /** Serialized TxReadWriteSet. */
  readonly results: Uint8Array;
  /** Serialized ChaincodeEvent; empty for none. */
  readonly events: Uint8Array;
  readonly chaincodeId: protos.IChaincodeID;
}

/** The bytes all endorsers of a proposal must agree on. */
export function getBytesProposalResponsePayload(
  proposalHash: Uint8Array,
  { response, results, events, chaincodeId }: ChaincodeResult,
): Uint8Array {
  const action = { results, events, response, chaincode_id: chaincodeId };
  return protos.ProposalResponsePayload.encode({
    proposal_hash: proposalHash,
    extension: protos.ChaincodeAction.encode(action).finish(),
  }).finish();
}

/**
 * An endorsed response to a proposal. Unlike its namesake in Fabric it carries the chaincode's own
 * response outside the payload too, as a peer's endorser does. Throws ProtoError.
 */
export async function createProposalResponse(
  proposal: protos.IProposal,
  result: ChaincodeResult,
  endorser: SigningIdentity,
): Promise<protos.IProposalResponse> {
  const { header, payload } = proposal;
  if (!header || !payload)
    throw new ProtoError('MISSING_FIELD', 'proposal has no header or payload');
  const proposalHash = getProposalHash1(unmarshalHeader(header), payload);
  const bytes = getBytesProposalResponsePayload(proposalHash, result);
  const identity = endorser.serialize();
  const signature = await endorser.sign(concat(bytes, identity));
  return {
    version: 1,
    response: result.response,
    payload: bytes,
    endorsement: { endorser: identity, signature },
  };
}

/** The chaincode a serialized proposal invokes; throws ProtoError. */
export function invokedChaincodeName(proposalBytes: Uint8Array): string {
  const { input } = unmarshalChaincodeProposalPayload(unmarshalProposal(proposalBytes).payload);
  const id = unmarshalChaincodeInvocationSpec(input).chaincode_spec?.chaincode_id;
  if (!id) throw new ProtoError('MISSING_FIELD', 'proposal does not name a chaincode');
  return id.name;
}
