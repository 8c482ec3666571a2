// SPDX-License-Identifier: Apache-2.0
//
// Headers and envelopes (Fabric's protoutil/commonutils.go).

import { common } from '../protos/index.ts';
import { ProtoError } from './errors.ts';
import { toTimestamp } from './numbers.ts';
import { computeTxId } from './txid.ts';
import {
  unmarshal,
  unmarshalChannelHeader,
  unmarshalConfigUpdateEnvelope,
  unmarshalEnvelope,
  unmarshalPayload,
} from './unmarshalers.ts';

/** Bytes of chance in a nonce (crypto.GetRandomNonce). */
export const NONCE_BYTES = 24;

export interface ChannelHeaderOptions {
  readonly version?: number;
  readonly epoch?: number;
  readonly extension?: Uint8Array;
  readonly txId?: string;
  readonly tlsCertHash?: Uint8Array;
}

/** A channel header stamped with `now` (milliseconds), cut to whole seconds as Fabric does. */
export function makeChannelHeader(
  type: common.HeaderType,
  channelId: string,
  now: number,
  { version, epoch, extension, txId, tlsCertHash }: ChannelHeaderOptions = {},
): common.IChannelHeader {
  return {
    type,
    version,
    timestamp: toTimestamp(Math.floor(now / 1000) * 1000),
    channel_id: channelId,
    tx_id: txId,
    epoch,
    extension,
    tls_cert_hash: tlsCertHash,
  };
}

/** A signature header; the nonce is {@link NONCE_BYTES} of chance. */
export function makeSignatureHeader(
  creator: Uint8Array,
  nonce: Uint8Array,
): { creator: Uint8Array; nonce: Uint8Array } {
  return { creator, nonce };
}

/** The channel header with the transaction id that its signature header entails. */
export function setTxId(
  channelHeader: common.IChannelHeader,
  { nonce, creator }: { nonce: Uint8Array; creator: Uint8Array },
): common.IChannelHeader {
  return { ...channelHeader, tx_id: computeTxId(nonce, creator) };
}

/** A payload header of serialized parts. */
export function makePayloadHeader(
  channelHeader: common.IChannelHeader,
  signatureHeader: common.ISignatureHeader,
): common.Header {
  return {
    channel_header: common.ChannelHeader.encode(channelHeader).finish(),
    signature_header: common.SignatureHeader.encode(signatureHeader).finish(),
  };
}

/** The payload of an envelope; throws ProtoError when it is malformed or has no header. */
export function payloadFromEnvelope(
  envelope: common.IEnvelope,
): common.Payload & { header: common.Header } {
  const payload = unmarshalPayload(envelope.payload ?? new Uint8Array(0));
  if (payload.header === null) throw new ProtoError('MISSING_FIELD', 'envelope has no header');
  return payload as common.Payload & { header: common.Header };
}

/** The channel header of an envelope; throws ProtoError when it cannot be reached. */
export function channelHeaderFromEnvelope(envelope: common.IEnvelope): common.ChannelHeader {
  const { header } = payloadFromEnvelope(envelope);
  if (header.channel_header.length === 0) {
    throw new ProtoError('MISSING_FIELD', 'envelope has no channel header');
  }
  return unmarshalChannelHeader(header.channel_header);
}

/** The channel an envelope is for; throws ProtoError. */
export function channelIdFromEnvelope(envelope: common.IEnvelope): string {
  return channelHeaderFromEnvelope(envelope).channel_id;
}

/** Channel header and decoded data of an envelope of the given type; throws ProtoError. */
export function unmarshalEnvelopeOfType<T>(
  envelope: common.IEnvelope,
  type: common.HeaderType,
  message: { decode(input: Uint8Array): T },
): { channelHeader: common.ChannelHeader; message: T } {
  const payload = payloadFromEnvelope(envelope);
  const channelHeader = unmarshalChannelHeader(payload.header.channel_header);
  if (channelHeader.type !== type) {
    const names = [channelHeader.type, type].map((t) => common.HeaderType[t] ?? String(t));
    throw new ProtoError('UNEXPECTED_TYPE', `envelope is of type ${names[0]}, not ${names[1]}`);
  }
  const name = `data of a ${common.HeaderType[type]} envelope`;
  return { channelHeader, message: unmarshal(message, name, payload.data) };
}

/** The config update in a CONFIG_UPDATE envelope; throws ProtoError. */
export function envelopeToConfigUpdate(envelope: common.IEnvelope): common.ConfigUpdateEnvelope {
  const payload = payloadFromEnvelope(envelope);
  const { type } = unmarshalChannelHeader(payload.header.channel_header);
  if (type !== common.HeaderType.CONFIG_UPDATE) {
    throw new ProtoError('UNEXPECTED_TYPE', `envelope of type ${type} is not a config update`);
  }
  return unmarshalConfigUpdateEnvelope(payload.data);
}

/** The envelope at a position of a block; throws ProtoError. */
export function extractEnvelope(block: common.IBlock, index: number): common.Envelope {
  const encoded = block.data?.data?.[index];
  if (encoded === undefined) {
    throw new ProtoError('MISSING_FIELD', `block has no envelope at index ${index}`);
  }
  return unmarshalEnvelope(encoded);
}

/** True for an envelope that changes the channel's configuration. Never throws. */
export function isConfigTransaction(envelope: common.IEnvelope): boolean {
  const type = typeOf(envelope);
  return type === common.HeaderType.CONFIG || type === common.HeaderType.ORDERER_TRANSACTION;
}

/** True for block data that is exactly one CONFIG envelope. Never throws. */
export function hasConfigTx(data: common.IBlockData): boolean {
  const [encoded, ...others] = data.data ?? [];
  if (encoded === undefined || others.length > 0) return false;
  try {
    return typeOf(unmarshalEnvelope(encoded)) === common.HeaderType.CONFIG;
  } catch {
    return false;
  }
}

/** True for a block that holds exactly one CONFIG envelope. Never throws. */
export function isConfigBlock(block: common.IBlock): boolean {
  return hasConfigTx(block.data ?? {});
}

function typeOf(envelope: common.IEnvelope): number | undefined {
  try {
    return unmarshalChannelHeader(payloadFromEnvelope(envelope).header.channel_header).type;
  } catch {
    return undefined;
  }
}
