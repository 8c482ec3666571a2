// SPDX-License-Identifier: Apache-2.0
//
// Transaction ids (ComputeTxID and CheckTxID in Fabric's protoutil/proputils.go, and
// GetOrComputeTxIdFromEnvelope in txutils.go).

import { sha256 } from '@noble/hashes/sha2.js';
import { concat, toHex } from '../runtime/bytes.ts';
import { ProtoError } from './errors.ts';
import {
  unmarshalChannelHeader,
  unmarshalEnvelope,
  unmarshalPayload,
  unmarshalSignatureHeader,
} from './unmarshalers.ts';

/** What a transaction id is the hash of. */
export function txIdPreimage(nonce: Uint8Array, creator: Uint8Array): Uint8Array {
  return concat(nonce, creator);
}

/** Lower-case hex of the SHA-256 over nonce and serialized creator. */
export function computeTxId(nonce: Uint8Array, creator: Uint8Array): string {
  return toHex(sha256(txIdPreimage(nonce, creator)));
}

/** Throws ProtoError TXID_MISMATCH unless `txId` follows from nonce and creator. */
export function checkTxId(txId: string, nonce: Uint8Array, creator: Uint8Array): void {
  const computed = computeTxId(nonce, creator);
  if (txId !== computed) {
    throw new ProtoError('TXID_MISMATCH', `invalid txid. got [${txId}], expected [${computed}]`);
  }
}

/**
 * The transaction id in the channel header of a serialized envelope or, where there is none (config
 * transactions), the computed one. Throws ProtoError when the headers cannot be reached.
 */
export function getOrComputeTxIdFromEnvelope(envelopeBytes: Uint8Array): string {
  const { header } = unmarshalPayload(unmarshalEnvelope(envelopeBytes).payload);
  if (header === null) throw new ProtoError('MISSING_FIELD', 'envelope has no header');
  const { tx_id } = unmarshalChannelHeader(header.channel_header);
  if (tx_id !== '') return tx_id;
  const { nonce, creator } = unmarshalSignatureHeader(header.signature_header);
  return computeTxId(nonce, creator);
}
