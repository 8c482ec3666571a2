// SPDX-License-Identifier: Apache-2.0
// A client's proposal, as far as a gateway has to understand it (getChannelAndChaincodeFromSignedProposal of
// internal/pkg/gateway/evaluate.go). Who made it, and whether that may be, is for the endorsers.
import { type common, protos } from '../../../common/protos/index.ts';
import {
  getProposalHash1,
  unmarshalChaincodeInvocationSpec,
  unmarshalChaincodeProposalPayload,
  unmarshalChannelHeader,
  unmarshalHeader,
  unmarshalProposal,
} from '../../../common/protoutil/index.ts';
import { messageOf } from '../../../common/runtime/errors.ts';
import { invalid } from './requests.ts';

export interface ProposedTransaction {
  readonly channel: string;
  readonly chaincode: string;
  readonly txId: string;
  /** Serialized protos.SignedProposal. */
  readonly signed: Uint8Array;
  readonly proposalHash: Uint8Array;
  readonly header: common.Header;
  readonly payload: protos.ChaincodeProposalPayload;
  readonly hasTransientData: boolean;
  /** MSP ids that the client names; undefined when it leaves the choice to the gateway. */
  readonly organizations: readonly string[] | undefined;
}

/** A policy that names more organisations is no person's. */
const MAX_ORGANIZATIONS = 100;

/** Throws ServiceError INVALID_ARGUMENT. */
export function proposedTransaction(
  signed: protos.ISignedProposal | null | undefined,
  organizations: readonly string[],
): ProposedTransaction {
  if (!signed?.proposal_bytes?.length) {
    throw invalid('the proposed transaction must contain a signed proposal');
  }
  if (organizations.length > MAX_ORGANIZATIONS) throw invalid('too many organizations are named');
  try {
    const proposal = unmarshalProposal(signed.proposal_bytes);
    const header = unmarshalHeader(proposal.header);
    const payload = unmarshalChaincodeProposalPayload(proposal.payload);
    const { channel_id: channel, tx_id: txId } = unmarshalChannelHeader(header.channel_header);
    const { chaincode_spec } = unmarshalChaincodeInvocationSpec(payload.input);
    const chaincode = chaincode_spec?.chaincode_id?.name ?? '';
    if (channel === '') throw new Error('no channel id provided');
    if (chaincode === '') throw new Error('no chaincode name is provided');
    return {
      channel,
      chaincode,
      txId,
      signed: protos.SignedProposal.encode(signed).finish(),
      proposalHash: getProposalHash1(header, proposal.payload),
      header,
      payload,
      hasTransientData: Object.keys(payload.TransientMap).length > 0,
      organizations: organizations.length > 0 ? organizations : undefined,
    };
  } catch (cause) {
    throw invalid(`failed to unpack transaction proposal: ${messageOf(cause)}`);
  }
}
