// SPDX-License-Identifier: Apache-2.0
// Checks of one envelope that need only the channel's MSPs: headers, creator signature, transaction id, proposal hash.
// Mirrors Fabric's core/common/validation/msgvalidation.go, in its order, so that the codes are Fabric's.
import { sha256 as nobleSha256 } from '@noble/hashes/sha2.js';
import type { MSPManager } from '../../common/msp/types.ts';
import { common, protos } from '../../common/protos/index.ts';
import { proposalHash2Preimage, txIdPreimage } from '../../common/protoutil/index.ts';
import { equalBytes, toHex } from '../../common/runtime/bytes.ts';
import { messageOf } from '../../common/runtime/errors.ts';
import type { ParsedTx } from '../../ledger/blkstorage/index.ts';
import { InvalidTransaction } from './verdict.ts';

const { TxValidationCode: Code } = protos;
const { HeaderType } = common;

/** SHA-256; the platform's own is faster where it need not change threads for it. */
export type Sha256 = (data: Uint8Array) => Promise<Uint8Array>;

/** An envelope whose headers and creator are in order. */
export interface CheckedMessage {
  readonly channelHeader: common.ChannelHeader;
  readonly txId: string;
  readonly payload: common.Payload;
  /** Set for endorser transactions. */
  readonly action?: EndorsedAction;
}

export interface EndorsedAction {
  /** Serialized ProposalResponsePayload: what the endorsers signed, followed by their identity. */
  readonly proposalResponsePayload: Uint8Array;
  readonly endorsements: readonly protos.Endorsement[];
  /** ProposalResponsePayload.extension, serialized ChaincodeAction. */
  readonly extension: Uint8Array;
}

/** Throws {@link InvalidTransaction} with Fabric's code when the envelope is not in order. */
export async function checkMessage(
  tx: ParsedTx,
  channelId: string,
  mspManager: MSPManager,
  sha256: Sha256 = async (data) => nobleSha256(data),
): Promise<CheckedMessage> {
  const envelope = decode(Code.INVALID_OTHER_REASON, 'envelope', () => tx.envelope);
  const payload = decode(Code.BAD_PAYLOAD, 'payload', () => tx.payload);
  const { channelHeader, signatureHeader } = checkHeaders(tx);
  const about = { txId: channelHeader.tx_id, type: channelHeader.type };
  checkChannel(channelHeader, channelId);
  await checkCreator(signatureHeader.creator, envelope, mspManager, about);
  const txId = await checkTxId(channelHeader, signatureHeader, sha256);
  if (channelHeader.type === HeaderType.ENDORSER_TRANSACTION) {
    const action = await checkEndorserTransaction(payload, txId, sha256);
    return { channelHeader, txId, payload, action };
  }
  if (channelHeader.type === HeaderType.CONFIG) {
    if (payload.data.length === 0) {
      throw new InvalidTransaction(Code.INVALID_CONFIG_TRANSACTION, 'no config in it', about);
    }
    return { channelHeader, txId, payload };
  }
  throw new InvalidTransaction(
    Code.UNSUPPORTED_TX_PAYLOAD,
    `type ${channelHeader.type} has no place in a block`,
    about,
  );
}

function decode<T>(code: number, what: string, parse: () => T, about = {}): T {
  try {
    return parse();
  } catch (error) {
    throw new InvalidTransaction(code, `${what} does not decode: ${messageOf(error)}`, about);
  }
}

const KNOWN_TYPES: readonly number[] = [
  HeaderType.ENDORSER_TRANSACTION,
  HeaderType.CONFIG_UPDATE,
  HeaderType.CONFIG,
];

function checkHeaders(tx: ParsedTx): {
  channelHeader: common.ChannelHeader;
  signatureHeader: common.SignatureHeader;
} {
  const { header } = tx.payload;
  const bad = (reason: string, about = {}): InvalidTransaction =>
    new InvalidTransaction(Code.BAD_COMMON_HEADER, reason, about);
  if (!header) throw bad('no header');
  const channelHeader = decode(Code.BAD_COMMON_HEADER, 'channel header', () => tx.channelHeader);
  const about = { txId: channelHeader.tx_id, type: channelHeader.type };
  const signatureHeader = decode(
    Code.BAD_COMMON_HEADER,
    'signature header',
    () => common.SignatureHeader.decode(header.signature_header),
    about,
  );
  if (!KNOWN_TYPES.includes(channelHeader.type)) throw bad(`type ${channelHeader.type}`, about);
  if (!channelHeader.epoch.isZero()) throw bad(`epoch ${channelHeader.epoch}`, about);
  if (signatureHeader.nonce.length === 0) throw bad('no nonce', about);
  if (signatureHeader.creator.length === 0) throw bad('no creator', about);
  return { channelHeader, signatureHeader };
}

async function checkCreator(
  creator: Uint8Array,
  envelope: common.Envelope,
  mspManager: MSPManager,
  about: { txId: string; type: number },
): Promise<void> {
  try {
    const identity = await mspManager.deserializeIdentity(creator);
    await identity.validate();
    if (await identity.verify(envelope.payload, envelope.signature)) return;
  } catch (error) {
    throw new InvalidTransaction(Code.BAD_CREATOR_SIGNATURE, messageOf(error), about);
  }
  throw new InvalidTransaction(
    Code.BAD_CREATOR_SIGNATURE,
    'the signature is not the creator’s',
    about,
  );
}

// A config envelope of the orderer carries no id; the one computed serves the index.
async function checkTxId(
  channelHeader: common.ChannelHeader,
  { nonce, creator }: common.SignatureHeader,
  sha256: Sha256,
): Promise<string> {
  const computed = toHex(await sha256(txIdPreimage(nonce, creator)));
  if (channelHeader.type !== HeaderType.ENDORSER_TRANSACTION)
    return channelHeader.tx_id || computed;
  if (channelHeader.tx_id !== computed) {
    throw new InvalidTransaction(Code.BAD_PROPOSAL_TXID, `the id should be ${computed}`, {
      txId: channelHeader.tx_id,
      type: channelHeader.type,
    });
  }
  return computed;
}

// Fabric asks the MSPs of the channel in the header for the creator, and a channel that a peer has not joined has none.
function checkChannel(channelHeader: common.ChannelHeader, channelId: string): void {
  if (channelHeader.channel_id === channelId) return;
  throw new InvalidTransaction(
    Code.BAD_CREATOR_SIGNATURE,
    `made for channel ${channelHeader.channel_id}`,
    { txId: channelHeader.tx_id, type: channelHeader.type },
  );
}

async function checkEndorserTransaction(
  payload: common.Payload,
  txId: string,
  sha256: Sha256,
): Promise<EndorsedAction> {
  const about = { txId, type: HeaderType.ENDORSER_TRANSACTION };
  const invalid = (reason: string): InvalidTransaction =>
    new InvalidTransaction(Code.INVALID_ENDORSER_TRANSACTION, reason, about);
  const parse = <T>(what: string, run: () => T): T =>
    decode(Code.INVALID_ENDORSER_TRANSACTION, what, run, about);

  const transaction = parse('transaction', () => protos.Transaction.decode(payload.data));
  const [action, ...more] = transaction.actions;
  if (!action || more.length > 0) throw invalid(`${transaction.actions.length} actions, not one`);
  const actionHeader = parse('action header', () => common.SignatureHeader.decode(action.header));
  if (actionHeader.nonce.length === 0 || actionHeader.creator.length === 0) {
    throw invalid('the action header lacks nonce or creator');
  }
  const actionPayload = parse('action payload', () =>
    protos.ChaincodeActionPayload.decode(action.payload),
  );
  const endorsed = actionPayload.action;
  if (!endorsed) throw invalid('no endorsed action');
  const response = parse('proposal response payload', () =>
    protos.ProposalResponsePayload.decode(endorsed.proposal_response_payload),
  );
  // The hash covers the action's own header, not the payload's: a wrong nonce in either shows.
  const header = {
    channel_header: payload.header?.channel_header,
    signature_header: action.header,
  };
  const preimage = parse('proposal', () =>
    proposalHash2Preimage(header, actionPayload.chaincode_proposal_payload),
  );
  if (!equalBytes(await sha256(preimage), response.proposal_hash))
    throw invalid('the proposal hash differs');
  return {
    proposalResponsePayload: endorsed.proposal_response_payload,
    endorsements: endorsed.endorsements,
    extension: response.extension,
  };
}

/** The endorsed action of an envelope that {@link checkMessage} has already passed. */
export function endorsedActionOf({ payload }: Pick<ParsedTx, 'payload'>): EndorsedAction {
  const [action] = protos.Transaction.decode(payload.data).actions;
  const endorsed = action && protos.ChaincodeActionPayload.decode(action.payload).action;
  if (!endorsed) throw new InvalidTransaction(Code.NIL_TXACTION, 'no endorsed action');
  const { extension } = protos.ProposalResponsePayload.decode(endorsed.proposal_response_payload);
  return {
    proposalResponsePayload: endorsed.proposal_response_payload,
    endorsements: endorsed.endorsements,
    extension,
  };
}
