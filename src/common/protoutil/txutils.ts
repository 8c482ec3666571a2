// SPDX-License-Identifier: Apache-2.0
//
// Transactions and signed envelopes (Fabric's protoutil/txutils.go). A transaction is built without
// being signed, because the client signs and the gateway builds.

import type { SigningIdentity } from '../msp/types.ts';
import { common, protos } from '../protos/index.ts';
import { EMPTY_BYTES, equalBytes, toHex } from '../runtime/bytes.ts';
import { type ChannelHeaderOptions, makeChannelHeader, makePayloadHeader } from './commonutils.ts';
import { ProtoError } from './errors.ts';
import { getBytesProposalPayloadForTx } from './proputils.ts';
import {
  unmarshalChaincodeAction,
  unmarshalChaincodeActionPayload,
  unmarshalChaincodeProposalPayload,
  unmarshalEnvelope,
  unmarshalHeader,
  unmarshalPayload,
  unmarshalProposalResponsePayload,
  unmarshalSignatureHeader,
  unmarshalTransaction,
} from './unmarshalers.ts';

export interface SignedEnvelopeOptions extends ChannelHeaderOptions {
  /** Chance: NONCE_BYTES of it. Not used without a signer. */
  readonly nonce: Uint8Array;
  /** Milliseconds since the Unix epoch. */
  readonly now: number;
}

/** An envelope around serialized `data`, signed unless `signer` is undefined. */
export async function createSignedEnvelope(
  type: common.HeaderType,
  channelId: string,
  signer: SigningIdentity | undefined,
  data: Uint8Array,
  { nonce, now, ...header }: SignedEnvelopeOptions,
): Promise<common.Envelope> {
  const channelHeader = makeChannelHeader(type, channelId, now, header);
  const signatureHeader = signer ? { creator: signer.serialize(), nonce } : {};
  const payload = common.Payload.encode({
    header: makePayloadHeader(channelHeader, signatureHeader),
    data,
  }).finish();
  return { payload, signature: signer ? await signer.sign(payload) : EMPTY_BYTES };
}

/**
 * The Payload bytes of a transaction, for the proposal's creator to sign: all responses must be
 * successful and agree; an endorser counts once. Throws ProtoError ENDORSEMENT_MISMATCH.
 */
export function createTxPayload(
  proposal: protos.IProposal,
  responses: readonly protos.IProposalResponse[],
): Uint8Array {
  const header = unmarshalHeader(proposal.header ?? EMPTY_BYTES);
  const payload = unmarshalChaincodeProposalPayload(proposal.payload ?? EMPTY_BYTES);
  const action = protos.ChaincodeActionPayload.encode({
    chaincode_proposal_payload: getBytesProposalPayloadForTx(payload),
    action: {
      proposal_response_payload: agreedPayload(responses),
      endorsements: uniqueEndorsements(responses),
    },
  });
  const actions = [{ header: header.signature_header, payload: action.finish() }];
  const data = protos.Transaction.encode({ actions }).finish();
  return common.Payload.encode({ header, data }).finish();
}

/** The signed transaction; `signer` must be the proposal's creator. Throws ProtoError. */
export async function createSignedTx(
  proposal: protos.IProposal,
  signer: SigningIdentity,
  responses: readonly protos.IProposalResponse[],
): Promise<common.Envelope> {
  const header = unmarshalHeader(proposal.header ?? EMPTY_BYTES);
  const { creator } = unmarshalSignatureHeader(header.signature_header);
  if (!equalBytes(creator, signer.serialize())) {
    throw new ProtoError('ENDORSEMENT_MISMATCH', 'the signer is not the creator of the proposal');
  }
  const payload = createTxPayload(proposal, responses);
  return { payload, signature: await signer.sign(payload) };
}

function agreedPayload(responses: readonly protos.IProposalResponse[]): Uint8Array {
  const [first] = responses;
  if (!first)
    throw new ProtoError('ENDORSEMENT_MISMATCH', 'at least one proposal response is needed');
  const agreed = first.payload ?? EMPTY_BYTES;
  for (const { response, payload } of responses) {
    const status = response?.status ?? 0;
    if (status < 200 || status >= 400) {
      const text = `proposal response was not successful, error code ${status}, msg ${response?.message ?? ''}`;
      throw new ProtoError('ENDORSEMENT_MISMATCH', text);
    }
    if (!equalBytes(payload ?? EMPTY_BYTES, agreed)) {
      throw new ProtoError('ENDORSEMENT_MISMATCH', 'ProposalResponsePayloads do not match');
    }
  }
  return agreed;
}

function uniqueEndorsements(responses: readonly protos.IProposalResponse[]): protos.IEndorsement[] {
  const byEndorser = new Map<string, protos.IEndorsement>();
  for (const { endorsement } of responses) {
    if (!endorsement) continue;
    const key = toHex(endorsement.endorser ?? EMPTY_BYTES);
    if (!byEndorser.has(key)) byEndorser.set(key, endorsement);
  }
  if (byEndorser.size === 0) throw new ProtoError('ENDORSEMENT_MISMATCH', 'no endorsements');
  return [...byEndorser.values()];
}

/** The contents of a transaction action, down to the chaincode's action; throws ProtoError. */
export function getPayloads(transactionAction: protos.ITransactionAction): {
  actionPayload: protos.ChaincodeActionPayload;
  endorsedAction: protos.ChaincodeEndorsedAction;
  responsePayload: protos.ProposalResponsePayload;
  chaincodeAction: protos.ChaincodeAction;
} {
  const actionPayload = unmarshalChaincodeActionPayload(transactionAction.payload ?? EMPTY_BYTES);
  const endorsedAction = actionPayload.action;
  if (!endorsedAction?.proposal_response_payload.length) {
    throw new ProtoError('MISSING_FIELD', 'no payload in ChaincodeActionPayload');
  }
  const responsePayload = unmarshalProposalResponsePayload(
    endorsedAction.proposal_response_payload,
  );
  if (responsePayload.extension.length === 0) {
    throw new ProtoError('MISSING_FIELD', 'response payload is missing extension');
  }
  const chaincodeAction = unmarshalChaincodeAction(responsePayload.extension);
  return { actionPayload, endorsedAction, responsePayload, chaincodeAction };
}

/** The chaincode action of the first action in a serialized envelope; throws ProtoError. */
export function getActionFromEnvelope(envelopeBytes: Uint8Array): protos.ChaincodeAction {
  const payload = unmarshalPayload(unmarshalEnvelope(envelopeBytes).payload);
  const [action] = unmarshalTransaction(payload.data).actions;
  if (!action) throw new ProtoError('MISSING_FIELD', 'transaction has no action');
  return getPayloads(action).chaincodeAction;
}
