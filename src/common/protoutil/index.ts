// SPDX-License-Identifier: Apache-2.0
//
// Helpers over Fabric's messages, under the names of Fabric's package protoutil.

export { blockHeaderBytes } from './block-header-asn1.ts';
export {
  blockDataHash,
  blockHeaderHash,
  blockNumber,
  computeBlockDataHash,
  getChannelIdFromBlock,
  getConsenterMetadataFromBlock,
  getLastConfigIndexFromBlock,
  getMetadataFromBlock,
  getOrdererBlockMetadata,
  getTransactionsFilter,
  newBlock,
  setMetadataSlot,
  verifyTransactionsAreWellFormed,
} from './blockutils.ts';
export {
  type ChannelHeaderOptions,
  channelHeaderFromEnvelope,
  channelIdFromEnvelope,
  envelopeToConfigUpdate,
  extractEnvelope,
  hasConfigTx,
  isConfigBlock,
  isConfigTransaction,
  makeChannelHeader,
  makePayloadHeader,
  makeSignatureHeader,
  NONCE_BYTES,
  payloadFromEnvelope,
  setTxId,
  unmarshalEnvelopeOfType,
} from './commonutils.ts';
export { ProtoError, type ProtoErrorCode } from './errors.ts';
export { fromTimestamp, MAX_UINT64, toNumber, toTimestamp } from './numbers.ts';
export {
  type ChaincodeProposalInput,
  type ChaincodeProposalOptions,
  type ChaincodeResult,
  createChaincodeProposal,
  createProposalResponse,
  getBytesProposalPayloadForTx,
  getBytesProposalResponsePayload,
  getProposalHash1,
  getProposalHash2,
  getSignedProposal,
  invokedChaincodeName,
  proposalHash2Preimage,
} from './proputils.ts';
export {
  blockAsSignedData,
  blockSignatureBytes,
  configUpdateEnvelopeAsSignedData,
  envelopeAsSignedData,
  proposalAsSignedData,
} from './signeddata.ts';
export { checkTxId, computeTxId, getOrComputeTxIdFromEnvelope, txIdPreimage } from './txid.ts';
export {
  createSignedEnvelope,
  createSignedTx,
  createTxPayload,
  getActionFromEnvelope,
  getPayloads,
  type SignedEnvelopeOptions,
} from './txutils.ts';
export {
  MAX_MESSAGE_BYTES,
  unmarshal,
  unmarshalBlock,
  unmarshalChaincodeAction,
  unmarshalChaincodeActionPayload,
  unmarshalChaincodeEvent,
  unmarshalChaincodeHeaderExtension,
  unmarshalChaincodeID,
  unmarshalChaincodeInvocationSpec,
  unmarshalChaincodeProposalPayload,
  unmarshalChannelHeader,
  unmarshalConfigEnvelope,
  unmarshalConfigUpdate,
  unmarshalConfigUpdateEnvelope,
  unmarshalEnvelope,
  unmarshalHashedRWSet,
  unmarshalHeader,
  unmarshalIdentifierHeader,
  unmarshalKVRWSet,
  unmarshalLastConfig,
  unmarshalMetadata,
  unmarshalOrdererBlockMetadata,
  unmarshalPayload,
  unmarshalProposal,
  unmarshalProposalResponse,
  unmarshalProposalResponsePayload,
  unmarshalResponse,
  unmarshalSerializedIdentity,
  unmarshalSignatureHeader,
  unmarshalSignaturePolicy,
  unmarshalSignedProposal,
  unmarshalTransaction,
  unmarshalTxReadWriteSet,
} from './unmarshalers.ts';
