// SPDX-License-Identifier: Apache-2.0
// A proposal taken apart, and the checks of its form and its creator (Fabric's core/endorser/msgvalidation.go, and the auth
// filters of core/handlers/auth/filter that come before them).
import type { Identity, MSPManager } from '../../common/msp/types.ts';
import { common, type protos } from '../../common/protos/index.ts';
import { fromTimestamp, toNumber } from '../../common/protoutil/numbers.ts';
import { getProposalHash1 } from '../../common/protoutil/proputils.ts';
import { computeTxId } from '../../common/protoutil/txid.ts';
import {
  unmarshalChaincodeHeaderExtension,
  unmarshalChaincodeInvocationSpec,
  unmarshalChaincodeProposalPayload,
  unmarshalChannelHeader,
  unmarshalHeader,
  unmarshalProposal,
  unmarshalSignatureHeader,
  unmarshalSignedProposal,
} from '../../common/protoutil/unmarshalers.ts';
import { FabricError } from '../../common/runtime/errors.ts';

/** peer.authentication.timewindow of core.yaml. */
export const TIME_WINDOW_MS = 15 * 60_000;

/** A proposal whose parts are all there. */
export interface UnpackedProposal {
  readonly chaincodeName: string;
  readonly channelId: string;
  readonly txId: string;
  readonly channelHeader: common.ChannelHeader;
  readonly signatureHeader: common.SignatureHeader;
  readonly input: protos.ChaincodeInput;
  readonly signedProposal: protos.SignedProposal;
  readonly proposalHash: Uint8Array;
}

function refuse(message: string): never {
  throw new FabricError('INVALID_PROPOSAL', message);
}

/** Takes serialized protos.SignedProposal apart. Throws ProtoError or FabricError INVALID_PROPOSAL. */
export function unpackProposal(bytes: Uint8Array): UnpackedProposal {
  const signedProposal = unmarshalSignedProposal(bytes);
  const proposal = unmarshalProposal(signedProposal.proposal_bytes);
  const header = unmarshalHeader(proposal.header);
  const channelHeader = unmarshalChannelHeader(header.channel_header);
  const signatureHeader = unmarshalSignatureHeader(header.signature_header);
  const { chaincode_id } = unmarshalChaincodeHeaderExtension(channelHeader.extension);
  if (chaincode_id === null) refuse('ChaincodeHeaderExtension.ChaincodeId is nil');
  if (chaincode_id.name === '') refuse('ChaincodeHeaderExtension.ChaincodeId.Name is empty');
  const payload = unmarshalChaincodeProposalPayload(proposal.payload);
  const { chaincode_spec } = unmarshalChaincodeInvocationSpec(payload.input);
  if (chaincode_spec === null) {
    refuse('chaincode invocation spec did not contain chaincode spec');
  }
  if (chaincode_spec.input === null) refuse('chaincode input did not contain any input');
  return {
    chaincodeName: chaincode_id.name,
    channelId: channelHeader.channel_id,
    txId: channelHeader.tx_id,
    channelHeader,
    signatureHeader,
    input: chaincode_spec.input,
    signedProposal,
    proposalHash: getProposalHash1(header, proposal.payload),
  };
}

/** The form of the headers, and that they and the proposal's time fit together. Throws FabricError INVALID_PROPOSAL. */
export function checkHeaders(proposal: UnpackedProposal): void {
  const { channelHeader, signatureHeader, signedProposal, txId } = proposal;
  const { type } = channelHeader;
  if (type !== common.HeaderType.ENDORSER_TRANSACTION && type !== common.HeaderType.CONFIG) {
    refuse(`invalid header type ${common.HeaderType[type] ?? type}`);
  }
  if (toNumber(channelHeader.epoch) !== 0) refuse('epoch is non-zero');
  if (signatureHeader.nonce.length === 0) refuse('nonce is empty');
  if (signatureHeader.creator.length === 0) refuse('creator is empty');
  const expected = computeTxId(signatureHeader.nonce, signatureHeader.creator);
  if (txId !== expected) {
    refuse(`incorrectly computed txid '${txId}' -- expected '${expected}'`);
  }
  if (signedProposal.proposal_bytes.length === 0) refuse('empty proposal bytes');
  if (signedProposal.signature.length === 0) refuse('empty signature bytes');
}

/** Throws FabricError INVALID_PROPOSAL unless the proposal was made within {@link TIME_WINDOW_MS} of `now`. */
export function checkTimeWindow({ channelHeader }: UnpackedProposal, now: number): void {
  const made = fromTimestamp(channelHeader.timestamp);
  if (Math.abs(now - made) <= TIME_WINDOW_MS) return;
  refuse(
    `request unauthorized due to incorrect timestamp ${rfc3339(made)}, peer time ${rfc3339(now)}, peer.authentication.timewindow 15m0s`,
  );
}

/** Rejects with FabricError INVALID_PROPOSAL when the creator's certificate has expired. Other faults of it are for {@link checkCreator}. */
export async function checkExpiration(
  { signatureHeader }: UnpackedProposal,
  msps: Pick<MSPManager, 'deserializeIdentity'>,
  now: number,
): Promise<void> {
  const creator = await msps.deserializeIdentity(signatureHeader.creator).catch(() => undefined);
  if (creator && now > creator.expiresAt) refuse('proposal client identity expired');
}

/** Checks the creator's certificate and signature; rejects with FabricError INVALID_PROPOSAL, as vague as Fabric is. */
export async function checkCreator(
  proposal: UnpackedProposal,
  msps: Pick<MSPManager, 'deserializeIdentity'>,
): Promise<void> {
  const { channelId, signatureHeader, signedProposal } = proposal;
  let creator: Identity;
  try {
    creator = await msps.deserializeIdentity(signatureHeader.creator);
  } catch {
    refuse(`access denied: channel [${channelId}] creator org unknown, creator is malformed`);
  }
  const denied = `access denied: channel [${channelId}] creator org [${creator.mspId}]`;
  await creator.validate().catch(() => refuse(denied));
  const { proposal_bytes, signature } = signedProposal;
  if (!(await creator.verify(proposal_bytes, signature))) refuse(denied);
}

function rfc3339(ms: number): string {
  // A client's timestamp may lie outside what a Date can hold.
  return Math.abs(ms) <= 8.64e15 ? new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z') : String(ms);
}
