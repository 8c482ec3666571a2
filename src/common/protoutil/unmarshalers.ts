// SPDX-License-Identifier: Apache-2.0
//
// Decoding of bytes from outside, with the name of the message in the error
// (Fabric's protoutil/unmarshalers.go). Fields of type bytes are views into the input.

import { common, kvrwset, protos, rwset } from '../protos/index.ts';
import { messageOf } from '../runtime/errors.ts';
import { ProtoError } from './errors.ts';

/** What a Fabric node accepts in one message, in bytes. */
export const MAX_MESSAGE_BYTES = 100 * 1024 * 1024;

/** Decodes `encoded`; throws ProtoError MALFORMED_MESSAGE or MESSAGE_TOO_LARGE, naming `name`. */
export function unmarshal<T>(
  type: { decode(input: Uint8Array): T },
  name: string,
  encoded: Uint8Array,
): T {
  if (encoded.length > MAX_MESSAGE_BYTES) {
    throw new ProtoError('MESSAGE_TOO_LARGE', `${name} of ${encoded.length} bytes is too large`);
  }
  try {
    return type.decode(encoded);
  } catch (cause) {
    const message = `error unmarshalling ${name}: ${messageOf(cause)}`;
    throw new ProtoError('MALFORMED_MESSAGE', message, { cause });
  }
}

function unmarshaler<T>(type: { decode(input: Uint8Array): T }, name: string) {
  return (encoded: Uint8Array): T => unmarshal(type, name, encoded);
}

export const unmarshalBlock = unmarshaler(common.Block, 'Block');
export const unmarshalEnvelope = unmarshaler(common.Envelope, 'Envelope');
export const unmarshalPayload = unmarshaler(common.Payload, 'Payload');
export const unmarshalHeader = unmarshaler(common.Header, 'Header');
export const unmarshalChannelHeader = unmarshaler(common.ChannelHeader, 'ChannelHeader');
export const unmarshalSignatureHeader = unmarshaler(common.SignatureHeader, 'SignatureHeader');
export const unmarshalIdentifierHeader = unmarshaler(common.IdentifierHeader, 'IdentifierHeader');
export const unmarshalMetadata = unmarshaler(common.Metadata, 'Metadata');
export const unmarshalLastConfig = unmarshaler(common.LastConfig, 'LastConfig');
export const unmarshalOrdererBlockMetadata = unmarshaler(
  common.OrdererBlockMetadata,
  'OrdererBlockMetadata',
);
export const unmarshalConfigUpdateEnvelope = unmarshaler(
  common.ConfigUpdateEnvelope,
  'ConfigUpdateEnvelope',
);
export const unmarshalSignedProposal = unmarshaler(protos.SignedProposal, 'SignedProposal');
export const unmarshalProposal = unmarshaler(protos.Proposal, 'Proposal');
export const unmarshalProposalResponse = unmarshaler(protos.ProposalResponse, 'ProposalResponse');
export const unmarshalProposalResponsePayload = unmarshaler(
  protos.ProposalResponsePayload,
  'ProposalResponsePayload',
);
export const unmarshalChaincodeHeaderExtension = unmarshaler(
  protos.ChaincodeHeaderExtension,
  'ChaincodeHeaderExtension',
);
export const unmarshalChaincodeProposalPayload = unmarshaler(
  protos.ChaincodeProposalPayload,
  'ChaincodeProposalPayload',
);
export const unmarshalChaincodeInvocationSpec = unmarshaler(
  protos.ChaincodeInvocationSpec,
  'ChaincodeInvocationSpec',
);
export const unmarshalTransaction = unmarshaler(protos.Transaction, 'Transaction');
export const unmarshalChaincodeActionPayload = unmarshaler(
  protos.ChaincodeActionPayload,
  'ChaincodeActionPayload',
);
export const unmarshalChaincodeAction = unmarshaler(protos.ChaincodeAction, 'ChaincodeAction');
export const unmarshalTxReadWriteSet = unmarshaler(rwset.TxReadWriteSet, 'TxReadWriteSet');
export const unmarshalKVRWSet = unmarshaler(kvrwset.KVRWSet, 'KVRWSet');
export const unmarshalHashedRWSet = unmarshaler(kvrwset.HashedRWSet, 'HashedRWSet');
