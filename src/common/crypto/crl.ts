// SPDX-License-Identifier: Apache-2.0
// Certificate revocation lists (RFC 5280 5.1), as far as an MSP needs them: who signed, and which serial numbers.
import { EMPTY_BYTES } from '../runtime/bytes.ts';
import { contextTag, DerReader, oidText, rightAligned, TAG } from './asn1.ts';
import {
  type Certificate,
  EXTENSION_OID,
  parseExtensions,
  SIGNATURE_HASH,
  serialText,
} from './certificate.ts';
import { CryptoError } from './errors.ts';
import { decodePem } from './pem.ts';
import type { BCCSP } from './types.ts';

export interface RevocationList {
  readonly tbs: Uint8Array;
  readonly signatureAlgorithm: string;
  readonly signature: Uint8Array;
  /** Empty when the extension has none; undefined when there is no such extension, or none that can be read. */
  readonly authorityKeyId: Uint8Array | undefined;
  /** Hex serial numbers, as Certificate.serialNumber. */
  readonly serialNumbers: ReadonlySet<string>;
}

/** Parses a CRL, PEM or DER; throws CryptoError when malformed. */
export function parseRevocationList(bytes: Uint8Array): RevocationList {
  const der = decodePem(bytes)?.der ?? bytes;
  const list = new DerReader(der).enter(TAG.SEQUENCE);
  const tbs = list.next(TAG.SEQUENCE);
  const signatureAlgorithm = oidText(list.enter(TAG.SEQUENCE).next(TAG.OID).content);
  const signature = rightAligned(list.next(TAG.BIT_STRING).content);
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
  const hash = SIGNATURE_HASH[list.signatureAlgorithm];
  if (hash === undefined) return false;
  return bccsp.verify(issuer.publicKey, list.tbs, list.signature, { hash, allowHighS: true });
}
