// SPDX-License-Identifier: Apache-2.0
// PKCS#10 certificate requests (RFC 2986): what a node sends to a Fabric CA, and what the CA reads.
import {
  bitString,
  contextTag,
  DerReader,
  element,
  integer,
  oid,
  oidText,
  rightAligned,
  sequence,
  TAG,
} from './asn1.ts';
import { EXTENSION_OID, type Extension, parseExtensions } from './certificate.ts';
import {
  type DistinguishedName,
  type NameFields,
  parseName,
  writeName,
} from './distinguished-name.ts';
import { CryptoError } from './errors.ts';
import { writeExtension, writeSubjectAltName } from './extensions.ts';
import {
  type EcdsaPublicKey,
  isEcdsaKey,
  type KeyPair,
  publicKeyFromSpki,
  publicKeyToSpki,
} from './keys.ts';
import { derToPem, pemToDer } from './pem.ts';
import type { BCCSP } from './types.ts';
import { ecdsaHashOf } from './x509-signature.ts';

export const OID_ECDSA_SHA256 = '1.2.840.10045.4.3.2';
const OID_EXTENSION_REQUEST = '1.2.840.113549.1.9.14';
const MAX_REQUEST_BYTES = 64 * 1024;

export interface RequestOptions {
  readonly subject: NameFields;
  /** Host names and IPv4 addresses for the subject alternative name. */
  readonly hosts?: readonly string[];
}

export interface CertificateRequest {
  readonly subject: DistinguishedName;
  readonly publicKey: EcdsaPublicKey;
  readonly extensions: ReadonlyMap<string, Extension>;
}

/** A signed request, PEM. */
export async function createCertificateRequest(
  bccsp: BCCSP,
  keys: KeyPair,
  { subject, hosts = [] }: RequestOptions,
): Promise<string> {
  const extension =
    hosts.length === 0
      ? []
      : [writeExtension(EXTENSION_OID.subjectAltName, writeSubjectAltName(hosts))];
  const attributes = extension.map((san) =>
    sequence(oid(OID_EXTENSION_REQUEST), element(TAG.SET, sequence(san))),
  );
  const info = sequence(
    integer(Uint8Array.of(0)),
    writeName(subject),
    publicKeyToSpki(keys.publicKey),
    element(contextTag(0), ...attributes),
  );
  const signature = await bccsp.sign(keys.privateKey, info);
  const request = sequence(info, sequence(oid(OID_ECDSA_SHA256)), bitString(signature));
  return derToPem(request, 'CERTIFICATE REQUEST');
}

/** Reads a PEM request and checks that its sender holds the key; throws CryptoError otherwise. */
export async function parseCertificateRequest(
  bccsp: BCCSP,
  pem: string | Uint8Array,
): Promise<CertificateRequest> {
  const der = pemToDer(pem);
  if (der.length > MAX_REQUEST_BYTES) {
    throw new CryptoError('ASN1_MALFORMED', `certificate request of ${der.length} bytes`);
  }
  const request = new DerReader(der).enter(TAG.SEQUENCE);
  const info = request.next(TAG.SEQUENCE);
  const hash = ecdsaHashOf(oidText(request.enter(TAG.SEQUENCE).next(TAG.OID).content));
  const signature = rightAligned(request.next(TAG.BIT_STRING).content);
  const reader = new DerReader(info.content);
  reader.next(TAG.INTEGER);
  const subject = parseName(reader.next(TAG.SEQUENCE).encoded);
  const publicKey = publicKeyFromSpki(reader.next(TAG.SEQUENCE).encoded);
  if (!isEcdsaKey(publicKey))
    throw new CryptoError('KEY_UNSUPPORTED', 'certificates are issued to ECDSA keys only');
  const extensions = requestedExtensions(reader);
  const valid =
    hash !== undefined &&
    (await bccsp.verify(publicKey, info.encoded, signature, { hash, allowHighS: true }));
  if (!valid)
    throw new CryptoError('SIGNATURE_INVALID', 'certificate request is not signed by its key');
  return { subject, publicKey, extensions };
}

function requestedExtensions(reader: DerReader): ReadonlyMap<string, Extension> {
  const attributes = new DerReader(reader.optional(contextTag(0))?.content ?? new Uint8Array());
  while (!attributes.done) {
    const attribute = attributes.enter(TAG.SEQUENCE);
    if (oidText(attribute.next(TAG.OID).content) === OID_EXTENSION_REQUEST) {
      return parseExtensions(attribute.next(TAG.SET).content);
    }
  }
  return new Map();
}
