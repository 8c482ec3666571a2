// SPDX-License-Identifier: Apache-2.0
// X.509 certificates: parsing, signature check and Fabric's low-S form of a certificate (msp/cert.go).
// Parsing is by hand, defensive, and needs no crypto.subtle.
import { equalBytes, toHex } from '../runtime/bytes.ts';
import {
  bitString,
  contextTag,
  type DerElement,
  DerReader,
  oidText,
  sequence,
  smallInteger,
  TAG,
  timeOf,
  unsignedInteger,
  wholeBits,
} from './asn1.ts';
import { CURVES, type Curve } from './curves.ts';
import { type DistinguishedName, parseName } from './distinguished-name.ts';
import { derToRaw, rawToDer, toLowS } from './ecdsa-signature.ts';
import { CryptoError } from './errors.ts';
import { type PublicKey, publicKeyFromSpki } from './keys.ts';
import { pemToDer } from './pem.ts';
import type { BCCSP, HashName } from './types.ts';

export const EXTENSION_OID = Object.freeze({
  subjectKeyId: '2.5.29.14',
  keyUsage: '2.5.29.15',
  subjectAltName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  nameConstraints: '2.5.29.30',
  authorityKeyId: '2.5.29.35',
  extendedKeyUsage: '2.5.29.37',
  /** Fabric CA's attributes: JSON `{"attrs":{…}}`. */
  attributes: '1.2.3.4.5.6.7.8.1',
});

/** Hash of each ECDSA signature algorithm, by OID. */
export const SIGNATURE_HASH: Readonly<Record<string, HashName>> = Object.freeze({
  '1.2.840.10045.4.3.2': 'SHA-256',
  '1.2.840.10045.4.3.3': 'SHA-384',
  '1.2.840.10045.4.3.4': 'SHA-512',
});

export interface Extension {
  readonly critical: boolean;
  readonly value: Uint8Array;
}

export interface Certificate {
  readonly der: Uint8Array;
  /** The signed part. */
  readonly tbs: Uint8Array;
  /** Hex without leading zeros. */
  readonly serialNumber: string;
  readonly signatureAlgorithm: string;
  readonly issuer: DistinguishedName;
  readonly subject: DistinguishedName;
  /** Milliseconds since the Unix epoch. */
  readonly notBefore: number;
  readonly notAfter: number;
  readonly publicKey: PublicKey;
  readonly extensions: ReadonlyMap<string, Extension>;
  readonly isCA: boolean;
  /** pathLenConstraint, when there is one. */
  readonly maxPathLength: number | undefined;
  /** Bits as in RFC 5280 4.2.1.3, bit 0 = digitalSignature; undefined when the extension is absent. */
  readonly keyUsage: number | undefined;
  readonly subjectKeyId: Uint8Array | undefined;
  readonly authorityKeyId: Uint8Array | undefined;
  readonly signature: Uint8Array;
}

/** Bits of `keyUsage`. */
export const KEY_USAGE = Object.freeze({
  digitalSignature: 1,
  keyCertSign: 1 << 5,
  crlSign: 1 << 6,
});

/** Longest certificate that is looked at; real ones have about 800 bytes. */
export const MAX_CERTIFICATE_BYTES = 64 * 1024;

/** Parses DER; throws CryptoError when it is malformed or its key is not ECDSA on a supported curve. */
export function parseCertificate(der: Uint8Array): Certificate {
  if (der.length > MAX_CERTIFICATE_BYTES) {
    throw new CryptoError('ASN1_MALFORMED', `certificate of ${der.length} bytes`);
  }
  const outer = new DerReader(der);
  const certificate = outer.enter(TAG.SEQUENCE);
  outer.end();
  const tbs = certificate.next(TAG.SEQUENCE);
  const signatureAlgorithm = algorithmOid(certificate.next(TAG.SEQUENCE));
  const signature = wholeBits(certificate.next(TAG.BIT_STRING).content);
  certificate.end();
  return { der, tbs: tbs.encoded, signatureAlgorithm, signature, ...parseTbs(tbs.content) };
}

/** Parses the first PEM block. */
export function parseCertificatePem(pem: string | Uint8Array): Certificate {
  return parseCertificate(pemToDer(pem));
}

function algorithmOid(algorithm: DerElement): string {
  return oidText(new DerReader(algorithm.content).next(TAG.OID).content);
}

type TbsFields = Omit<Certificate, 'der' | 'tbs' | 'signatureAlgorithm' | 'signature'>;

function parseTbs(content: Uint8Array): TbsFields {
  const reader = new DerReader(content);
  reader.optional(contextTag(0)); // version
  const serialNumber = serialText(reader.next(TAG.INTEGER).content);
  reader.next(TAG.SEQUENCE); // signature algorithm again
  const issuer = parseName(reader.next(TAG.SEQUENCE).encoded);
  const validity = reader.enter(TAG.SEQUENCE);
  const notBefore = timeOf(validity.next());
  const notAfter = timeOf(validity.next());
  const subject = parseName(reader.next(TAG.SEQUENCE).encoded);
  const publicKey = publicKeyFromSpki(reader.next(TAG.SEQUENCE).encoded);
  reader.optional(0x81); // issuerUniqueID
  reader.optional(0x82); // subjectUniqueID
  const wrapped = reader.optional(contextTag(3));
  reader.end();
  const extensions = wrapped ? parseExtensions(wrapped.content) : new Map<string, Extension>();
  return {
    serialNumber,
    issuer,
    subject,
    notBefore,
    notAfter,
    publicKey,
    extensions,
    ...knownExtensions(extensions),
  };
}

/** Hex of an INTEGER serial number; a negative one (some old CAs) keeps its two's complement bytes. */
export function serialText(content: Uint8Array): string {
  return toHex((content[0] ?? 0) >= 0x80 ? content : unsignedInteger(content)).replace(
    /^0+(?=.)/,
    '',
  );
}

/** The Extensions sequence; a repeated extension is refused, as Go does. */
export function parseExtensions(wrapped: Uint8Array): Map<string, Extension> {
  const extensions = new Map<string, Extension>();
  const list = new DerReader(wrapped).enter(TAG.SEQUENCE);
  while (!list.done) {
    const extension = list.enter(TAG.SEQUENCE);
    const id = oidText(extension.next(TAG.OID).content);
    const critical = (extension.optional(TAG.BOOLEAN)?.content[0] ?? 0) !== 0;
    const value = extension.next(TAG.OCTET_STRING).content;
    if (extensions.has(id)) throw new CryptoError('ASN1_MALFORMED', `extension ${id} twice`);
    extensions.set(id, { critical, value });
  }
  return extensions;
}

type KnownExtensions = Pick<
  Certificate,
  'isCA' | 'maxPathLength' | 'keyUsage' | 'subjectKeyId' | 'authorityKeyId'
>;

function knownExtensions(extensions: ReadonlyMap<string, Extension>): KnownExtensions {
  const of = (id: string): DerReader | undefined => {
    const value = extensions.get(id)?.value;
    return value && new DerReader(value);
  };
  const constraints = of(EXTENSION_OID.basicConstraints)?.enter(TAG.SEQUENCE);
  const isCA = (constraints?.optional(TAG.BOOLEAN)?.content[0] ?? 0) !== 0;
  const length = constraints?.optional(TAG.INTEGER);
  const usage = of(EXTENSION_OID.keyUsage)?.next(TAG.BIT_STRING).content;
  return {
    isCA,
    maxPathLength: length && smallInteger(length.content),
    keyUsage: usage && keyUsageBits(usage),
    subjectKeyId: of(EXTENSION_OID.subjectKeyId)?.next(TAG.OCTET_STRING).content,
    authorityKeyId: of(EXTENSION_OID.authorityKeyId)?.enter(TAG.SEQUENCE).optional(0x80)?.content,
  };
}

// BIT STRING numbers bits from the top of the first byte.
function keyUsageBits(content: Uint8Array): number {
  let bits = 0;
  for (let i = 0; i < Math.min(16, 8 * (content.length - 1)); i++) {
    if ((content[1 + (i >> 3)] ?? 0) & (0x80 >> (i & 7))) bits |= 1 << i;
  }
  return bits;
}

/** True when `certificate` carries a right signature of `issuer`'s key (no other rule is checked). */
export async function isSignedBy(
  certificate: Certificate,
  issuer: Pick<Certificate, 'publicKey'>,
  bccsp: BCCSP,
): Promise<boolean> {
  const hash = SIGNATURE_HASH[certificate.signatureAlgorithm];
  if (hash === undefined) return false;
  const options = { hash, allowHighS: true };
  return bccsp.verify(issuer.publicKey, certificate.tbs, certificate.signature, options);
}

/**
 * The same certificate with its signature in low-S form (Fabric's sanitizeCert): the form that is hashed and
 * compared. Returns the argument itself when nothing changes. `issuerCurve` is the curve of the issuer's key.
 */
export function sanitizeCertificate(
  certificate: Certificate,
  issuerCurve: Curve = CURVES['P-256'],
): Certificate {
  if (SIGNATURE_HASH[certificate.signatureAlgorithm] === undefined) return certificate;
  const raw = derToRaw(certificate.signature, issuerCurve);
  if (!raw) throw new CryptoError('SIGNATURE_INVALID', 'certificate signature is malformed');
  const signature = rawToDer(toLowS(raw, issuerCurve));
  if (equalBytes(signature, certificate.signature)) return certificate;
  const parts = new DerReader(certificate.der).enter(TAG.SEQUENCE);
  const tbs = parts.next(TAG.SEQUENCE).encoded;
  const algorithm = parts.next(TAG.SEQUENCE).encoded;
  return { ...certificate, der: sequence(tbs, algorithm, bitString(signature)), signature };
}

/** `sanitizeCertificate` from DER to DER. */
export function lowS(certificateDer: Uint8Array, issuerCurve?: Curve): Uint8Array {
  return sanitizeCertificate(parseCertificate(certificateDer), issuerCurve).der;
}
