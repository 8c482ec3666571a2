// SPDX-License-Identifier: Apache-2.0
// Certificate revocation lists (RFC 5280 5.1), as far as an MSP needs them: who signed, and which serial numbers.
import { EMPTY_BYTES } from '../runtime/bytes.ts';
import { contextTag, DerReader, oidText, rightAligned, TAG } from './asn1.ts';
import { type Certificate, EXTENSION_OID, parseExtensions, serialText } from './certificate.ts';
import { readsAsEcdsa } from './ecdsa-signature.ts';
import { CryptoError } from './errors.ts';
import { decodePem } from './pem.ts';
import type { BCCSP } from './types.ts';
import { ecdsaHashOf, isX509Signature } from './x509-signature.ts';

export interface RevocationList {
  readonly tbs: Uint8Array;
  readonly signatureAlgorithm: string;
  readonly signature: Uint8Array;
  /** Empty when the extension has none; undefined when there is no such extension, or none that can be read. */
  readonly authorityKeyId: Uint8Array | undefined;
  /** Hex serial numbers, as Certificate.serialNumber. */
  readonly serialNumbers: ReadonlySet<string>;
}

/** Parses a CRL, PEM or DER; throws CryptoError when malformed, or when an ECDSA signature of it is not one in form. */
export function parseRevocationList(bytes: Uint8Array): RevocationList {
  const der = decodePem(bytes)?.der ?? bytes;
  const outer = new DerReader(der);
  const list = outer.enter(TAG.SEQUENCE);
  outer.end();
  const tbs = list.next(TAG.SEQUENCE);
  const signatureAlgorithm = oidText(list.enter(TAG.SEQUENCE).next(TAG.OID).content);
  const signature = rightAligned(list.next(TAG.BIT_STRING).content);
  // Fabric writes such a signature anew when it sets an MSP up (setupCRLs), and refuses the MSP where it cannot.
  if (ecdsaHashOf(signatureAlgorithm) !== undefined && !readsAsEcdsa(signature))
    throw new CryptoError('SIGNATURE_INVALID', 'the signature of a revocation list is malformed');
  const reader = new DerReader(tbs.content);
  reader.optional(TAG.INTEGER);
  reader.next(TAG.SEQUENCE);
  reader.next(TAG.SEQUENCE);
  for (let times = 0; times < 2; times++) {
    if (!reader.optional(TAG.UTC_TIME)) reader.optional(TAG.GENERALIZED_TIME);
  }
  const serialNumbers = new Set<string>();
  const entries = new DerReader(reader.optional(TAG.SEQUENCE)?.content ?? new Uint8Array());
  while (!entries.done) {
    serialNumbers.add(serialText(entries.enter(TAG.SEQUENCE).next(TAG.INTEGER).content));
  }
  const wrapped = reader.optional(contextTag(0));
  reader.end();
  const extensions = wrapped && parseExtensions(wrapped.content);
  const authorityKeyId = readKeyId(extensions?.get(EXTENSION_OID.authorityKeyId)?.value);
  return { tbs: tbs.encoded, signatureAlgorithm, signature, authorityKeyId, serialNumbers };
}

// That it cannot be read fails the identities that are looked up in the list, not the list.
function readKeyId(value: Uint8Array | undefined): Uint8Array | undefined {
  if (!value) return undefined;
  try {
    return new DerReader(value).enter(TAG.SEQUENCE).optional(0x80)?.content ?? EMPTY_BYTES;
  } catch (error) {
    if (error instanceof CryptoError) return undefined;
    throw error;
  }
}

/** True when `issuer`'s key signed the list. */
export async function isRevocationListSignedBy(
  list: RevocationList,
  issuer: Certificate,
  bccsp: BCCSP,
): Promise<boolean> {
  return isX509Signature(list, issuer.publicKey, bccsp, { allowsSha1: true, isRewritten: true });
}
