// SPDX-License-Identifier: Apache-2.0
// How an identity travels: msp.SerializedIdentity, and what can be said of one without knowing its MSP.
import {
  type Certificate,
  CURVES,
  commonName,
  decodePem,
  derToRaw,
  isEcdsaSigned,
  parseCertificate,
  rawToDer,
  sha256Sync,
} from '../crypto/index.ts';
import { msp } from '../protos/index.ts';
import { concat, equalBytes, utf8 } from '../runtime/bytes.ts';
import { messageOf } from '../runtime/errors.ts';
import { MSPError } from './errors.ts';

/** Longest serialized identity that is looked at; real ones have about 900 bytes. */
export const MAX_IDENTITY_BYTES = 64 * 1024;

/** Throws MSPError IDENTITY_MALFORMED. */
export function decodeSerializedIdentity(serialized: Uint8Array): msp.SerializedIdentity {
  if (serialized.length === 0 || serialized.length > MAX_IDENTITY_BYTES) {
    throw new MSPError('IDENTITY_MALFORMED', `identity of ${serialized.length} bytes`);
  }
  try {
    return msp.SerializedIdentity.decode(serialized);
  } catch (cause) {
    const text = `identity cannot be decoded: ${messageOf(cause)}`;
    throw new MSPError('IDENTITY_MALFORMED', text, { cause });
  }
}

/** msp.SerializedIdentity bytes of a PEM certificate. */
export function serializeIdentity(mspId: string, certificatePem: string): Uint8Array<ArrayBuffer> {
  const identity = { mspid: mspId, id_bytes: utf8(certificatePem) };
  return msp.SerializedIdentity.encode(identity).finish() as Uint8Array<ArrayBuffer>;
}

/** The PKI-ID of gossip: SHA-256 of MSP id and certificate bytes (internal/peer/gossip/mcs.go). Throws MSPError. */
export function pkiIdOf(serialized: Uint8Array): Uint8Array<ArrayBuffer> {
  const { mspid, id_bytes } = decodeSerializedIdentity(serialized);
  return sha256Sync(concat(utf8(mspid), id_bytes));
}

/** The certificate in a serialized identity, whoever signed it. Throws MSPError. */
export function certificateOf(serialized: Uint8Array): Certificate {
  const block = decodePem(decodeSerializedIdentity(serialized).id_bytes);
  if (!block) throw new MSPError('IDENTITY_MALFORMED', 'identity is not a PEM certificate');
  try {
    return parseCertificate(block.der);
  } catch (cause) {
    const text = `certificate cannot be read: ${messageOf(cause)}`;
    throw new MSPError('IDENTITY_MALFORMED', text, { cause });
  }
}

/** The common name in a serialized identity, e.g. `peer0.org1.example.com`. Throws MSPError. */
export function identityName(serialized: Uint8Array): string {
  return commonName(certificateOf(serialized).subject);
}

/**
 * Throws MSPError unless the identity has the one form that cannot be varied without breaking it: one PEM block of type
 * CERTIFICATE or no type, nothing after it, its signature in canonical DER (IsWellFormed of msp/mspimpl.go; gossip
 * asks for it).
 */
export function checkWellFormed(serialized: Uint8Array): void {
  const block = decodePem(decodeSerializedIdentity(serialized).id_bytes);
  const isPlain = block && block.rest === '' && ['CERTIFICATE', ''].includes(block.label);
  if (!isPlain)
    throw new MSPError('IDENTITY_MALFORMED', 'identity is not exactly one PEM certificate');
  const certificate = certificateOf(serialized);
  // The issuer is unknown here: the signature must be canonical on one of the curves. Other kinds have one form anyway.
  const isCanonical =
    !isEcdsaSigned(certificate) ||
    Object.values(CURVES).some((curve) => {
      const raw = derToRaw(certificate.signature, curve);
      return raw !== undefined && equalBytes(rawToDer(raw), certificate.signature);
    });
  if (!isCanonical)
    throw new MSPError('IDENTITY_MALFORMED', 'certificate signature is not canonical');
}
