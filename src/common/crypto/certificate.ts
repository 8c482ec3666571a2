// SPDX-License-Identifier: Apache-2.0
// X.509 certificates: parsing, signature check and Fabric's low-S form of a certificate (msp/cert.go).
// Parsing is by hand, defensive, and needs no crypto.subtle.
import { equalBytes, toHex } from '../runtime/bytes.ts';
import {
  bitString,
  contextTag,
  DerReader,
  oidText,
  rightAligned,
  sequence,
  signedInteger,
  smallInteger,
  TAG,
  timeOf,
  unsignedInteger,
} from './asn1.ts';
import {
  EXTENSION_OID,
  type Extension,
  type KnownExtensions,
  knownExtensions,
  parseExtensions,
} from './certificate-extensions.ts';
import { CURVES } from './curves.ts';
import { type DistinguishedName, parseName } from './distinguished-name.ts';
import { derToRaw, rawToDer, toLowS } from './ecdsa-signature.ts';
import { CryptoError } from './errors.ts';
import { isEcdsaKey, type PublicKey, publicKeyFromSpki } from './keys.ts';
import { pemToDer } from './pem.ts';
import type { BCCSP } from './types.ts';
import { ecdsaHashOf, isX509Signature } from './x509-signature.ts';

export { EXTENSION_OID, type Extension, parseExtensions };

export interface Certificate extends KnownExtensions {
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

/**
 * Parses DER as Go 1.26 does (parseCertificate of crypto/x509/parser.go), since a peer that takes another certificate than Fabric's forks
 * its ledger. Go leaves what follows the last element that it knows; so does this. Throws CryptoError when it is malformed, and
 * KEY_UNSUPPORTED when it has a kind of key that Fabric takes from nobody.
 */
export function parseCertificate(der: Uint8Array): Certificate {
  if (der.length > MAX_CERTIFICATE_BYTES) throw malformed(`certificate of ${der.length} bytes`);
  const outer = new DerReader(der);
  const certificate = outer.enter(TAG.SEQUENCE);
  outer.end();
  const tbs = certificate.next(TAG.SEQUENCE);
  const algorithm = certificate.next(TAG.SEQUENCE).content;
  const fields = parseTbs(tbs.content, algorithm);
  const signature = rightAligned(certificate.next(TAG.BIT_STRING).content);
  return { der, tbs: tbs.encoded, signature, ...fields };
}

/** Parses the first PEM block. */
export function parseCertificatePem(pem: string | Uint8Array): Certificate {
  return parseCertificate(pemToDer(pem));
}

function malformed(what: string): CryptoError {
  return new CryptoError('ASN1_MALFORMED', what);
}

/** The OID of an AlgorithmIdentifier. Ed25519 with parameters is no algorithm that Go knows, so it is not called by its OID. */
function algorithmOid(content: Uint8Array): string {
  const reader = new DerReader(content);
  const id = oidText(reader.next(TAG.OID).content);
  if (reader.done) return id;
  reader.next();
  return id === OID_ED25519 ? `${id} with parameters` : id;
}

const OID_ED25519 = '1.3.101.112';

type TbsFields = Omit<Certificate, 'der' | 'tbs' | 'signature'>;

function parseTbs(content: Uint8Array, outerAlgorithm: Uint8Array): TbsFields {
  const reader = new DerReader(content);
  const version = versionOf(reader.optional(contextTag(0))?.content);
  const serial = reader.next(TAG.INTEGER).content;
  if (signedInteger(serial)) throw malformed('negative serial number');
  const algorithm = reader.next(TAG.SEQUENCE).content;
  if (!equalBytes(algorithm, outerAlgorithm)) throw malformed('two signature algorithms');
  const signatureAlgorithm = algorithmOid(algorithm);
  const issuer = parseName(reader.next(TAG.SEQUENCE).encoded);
  const validity = reader.enter(TAG.SEQUENCE);
  const notBefore = timeOf(validity.next());
  const notAfter = timeOf(validity.next());
  const subject = parseName(reader.next(TAG.SEQUENCE).encoded);
  const publicKey = publicKeyFromSpki(reader.next(TAG.SEQUENCE).encoded);
  const extensions = extensionsIn(reader, version);
  return {
    serialNumber: serialText(serial),
    signatureAlgorithm,
    issuer,
    subject,
    notBefore,
    notAfter,
    publicKey,
    extensions,
    ...knownExtensions(extensions),
  };
}

// 1 to 3; the encoding counts from 0.
function versionOf(wrapped: Uint8Array | undefined): number {
  if (!wrapped) return 1;
  const reader = new DerReader(wrapped);
  const version = smallInteger(reader.next(TAG.INTEGER).content) + 1;
  reader.end();
  if (version > 3) throw malformed(`certificate of version ${version}`);
  return version;
}

function extensionsIn(reader: DerReader, version: number): Map<string, Extension> {
  if (version > 1) {
    reader.optional(0x81); // issuerUniqueID
    reader.optional(0x82); // subjectUniqueID
  }
  const wrapped = version === 3 ? reader.optional(contextTag(3)) : undefined;
  return wrapped ? parseExtensions(wrapped.content) : new Map();
}

/** Hex of an INTEGER serial number; a negative one (in old revocation lists) keeps its two's complement bytes. */
export function serialText(content: Uint8Array): string {
  return toHex((content[0] ?? 0) >= 0x80 ? content : unsignedInteger(content)).replace(
    /^0+(?=.)/,
    '',
  );
}

/** True when `certificate` carries a right signature of `issuer`'s key (no other rule is checked). */
export async function isSignedBy(
  certificate: Certificate,
  issuer: Pick<Certificate, 'publicKey'>,
  bccsp: BCCSP,
): Promise<boolean> {
  return isX509Signature(certificate, issuer.publicKey, bccsp);
}

/** Whether a certificate is signed with ECDSA: only such are sanitised (isECDSASignedCert of Fabric's msp/cert.go). */
export function isEcdsaSigned({ signatureAlgorithm }: Certificate): boolean {
  return ecdsaHashOf(signatureAlgorithm) !== undefined;
}

/**
 * The same certificate with its signature in low-S form (Fabric's sanitizeCert): the form that is hashed and
 * compared. Returns the argument itself when nothing changes. `issuerKey` made the signature; P-256 when absent.
 */
export function sanitizeCertificate(certificate: Certificate, issuerKey?: PublicKey): Certificate {
  if (!isEcdsaSigned(certificate) || (issuerKey && !isEcdsaKey(issuerKey))) return certificate;
  const issuerCurve = CURVES[issuerKey?.curve ?? 'P-256'];
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
export function lowS(certificateDer: Uint8Array): Uint8Array {
  return sanitizeCertificate(parseCertificate(certificateDer)).der;
}
