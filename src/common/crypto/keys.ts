// SPDX-License-Identifier: Apache-2.0
// Public keys and private key handles, and their standard encodings (SPKI, PKCS#8, JWK).

import { fromHex, toHex } from '../runtime/bytes.ts';
import {
  bitString,
  contextTag,
  DerReader,
  element,
  integer,
  octetString,
  oid,
  oidText,
  rightAligned,
  sequence,
  smallInteger,
  TAG,
  unsignedInteger,
} from './asn1.ts';
import { CURVES, type Curve, type CurveName } from './curves.ts';
import { CryptoError } from './errors.ts';

/** Plain data. `point` is uncompressed: 4, x, y. */
export interface EcdsaPublicKey {
  readonly curve: CurveName;
  readonly point: Uint8Array;
}

/** Of members since channel capability V3_0, and of CAs. */
export interface Ed25519PublicKey {
  readonly algorithm: 'Ed25519';
  /** Compressed, 32 bytes. */
  readonly point: Uint8Array;
}

/** Of CAs. */
export interface RsaPublicKey {
  readonly algorithm: 'RSA';
  /** Big-endian, without leading zeros. */
  readonly modulus: Uint8Array;
  readonly exponent: number;
}

/** A public key of a certificate. */
export type PublicKey = EcdsaPublicKey | Ed25519PublicKey | RsaPublicKey;

export function isEcdsaKey(key: PublicKey): key is EcdsaPublicKey {
  return 'curve' in key;
}

/**
 * A P-256 private key: plain, structured-cloneable data, so that it can live in IndexedDB and travel to a worker.
 * `webcrypto` keys are non-extractable unless asked otherwise; `noble` keys are raw scalars for pages without a
 * secure context.
 */
export type PrivateKeyHandle =
  | { readonly kind: 'webcrypto'; readonly key: CryptoKey }
  | { readonly kind: 'noble'; readonly secret: Uint8Array };

export interface KeyPair {
  readonly privateKey: PrivateKeyHandle;
  readonly publicKey: EcdsaPublicKey;
}

const OID_EC_PUBLIC_KEY = '1.2.840.10045.2.1';
const OID_RSA = '1.2.840.113549.1.1.1';
const OID_ED25519 = '1.3.101.112';
const ED25519_BYTES = 32;

function curveByOid(dotted: string): Curve {
  const curve = Object.values(CURVES).find((candidate) => candidate.oid === dotted);
  if (!curve) throw new CryptoError('KEY_UNSUPPORTED', `unsupported curve ${dotted}`);
  return curve;
}

const unsupported = (type: string): CryptoError =>
  new CryptoError('KEY_UNSUPPORTED', `public key algorithm ${type} is not supported`);

/** A public key from its point; throws when the point has not the curve's uncompressed form. */
export function publicKeyFromPoint(point: Uint8Array, curve: CurveName = 'P-256'): EcdsaPublicKey {
  if (point.length !== 2 * CURVES[curve].byteLength + 1 || point[0] !== 4) {
    throw new CryptoError('KEY_UNSUPPORTED', `not an uncompressed ${curve} point`);
  }
  return { curve, point };
}

/**
 * A public key from SubjectPublicKeyInfo DER, as Go reads it (parsePublicKey of crypto/x509/parser.go). Throws CryptoError: KEY_UNSUPPORTED for
 * kinds of keys that Fabric does not take, ASN1_MALFORMED for the rest, also when the point is not on the curve.
 */
export function publicKeyFromSpki(spki: Uint8Array): PublicKey {
  const reader = new DerReader(spki).enter(TAG.SEQUENCE);
  const algorithm = reader.enter(TAG.SEQUENCE);
  const type = oidText(algorithm.next(TAG.OID).content);
  const key = (): Uint8Array => rightAligned(reader.next(TAG.BIT_STRING).content);
  if (type === OID_EC_PUBLIC_KEY) return ecdsaKey(algorithm, key());
  if (type === OID_RSA) return rsaKey(algorithm, key());
  if (type === OID_ED25519) return ed25519Key(algorithm, key());
  throw unsupported(type);
}

function ecdsaKey(algorithm: DerReader, bytes: Uint8Array): EcdsaPublicKey {
  const curve = curveByOid(oidText(algorithm.next(TAG.OID).content));
  const key = publicKeyFromPoint(bytes, curve.name);
  if (!isOnCurve(key.point, curve))
    throw new CryptoError('ASN1_MALFORMED', 'the point of a public key is not on its curve');
  return key;
}

function rsaKey(algorithm: DerReader, bytes: Uint8Array): RsaPublicKey {
  const numbers = new DerReader(bytes).enter(TAG.SEQUENCE);
  const modulus = unsignedInteger(numbers.next(TAG.INTEGER).content);
  const exponent = unsignedInteger(numbers.next(TAG.INTEGER).content);
  if (algorithm.next(TAG.NULL).content.length > 0 || modulus.length === 0 || exponent.length === 0)
    throw new CryptoError('ASN1_MALFORMED', 'an RSA key is not what it should be');
  // Such a large exponent is read, but nothing verifies under it.
  const isLarge = exponent.length > 6;
  const value = isLarge ? Number.MAX_SAFE_INTEGER : Number(`0x${toHex(exponent)}`);
  return { algorithm: 'RSA', modulus, exponent: value };
}

function ed25519Key(algorithm: DerReader, point: Uint8Array): Ed25519PublicKey {
  if (!algorithm.done || point.length !== ED25519_BYTES)
    throw new CryptoError('ASN1_MALFORMED', 'an Ed25519 key is not what it should be');
  return { algorithm: 'Ed25519', point };
}

function isOnCurve(point: Uint8Array, { byteLength, prime, b }: Curve): boolean {
  const number = (bytes: Uint8Array): bigint => BigInt(`0x${toHex(bytes)}`);
  const [x, y] = [point.subarray(1, byteLength + 1), point.subarray(byteLength + 1)].map(number);
  if (x === undefined || y === undefined || x >= prime || y >= prime) return false;
  return (y * y - x * x * x + 3n * x - b) % prime === 0n;
}

function algorithm(curve: CurveName): Uint8Array {
  return sequence(oid(OID_EC_PUBLIC_KEY), oid(CURVES[curve].oid));
}

/** SubjectPublicKeyInfo DER. */
export function publicKeyToSpki(key: PublicKey): Uint8Array<ArrayBuffer> {
  if (isEcdsaKey(key)) return sequence(algorithm(key.curve), bitString(key.point));
  if (key.algorithm === 'Ed25519')
    return sequence(sequence(oid(OID_ED25519)), bitString(key.point));
  const exponent = fromHex(key.exponent.toString(16).padStart(14, '0'));
  const numbers = sequence(integer(key.modulus), integer(exponent));
  return sequence(sequence(oid(OID_RSA), element(TAG.NULL)), bitString(numbers));
}

const base64Url = (text: string): Uint8Array => {
  const binary = atob(text.replaceAll('-', '+').replaceAll('_', '/'));
  return Uint8Array.from(binary, (char) => char.charCodeAt(0));
};

/** A public key from an EC JSON Web Key. */
export function publicKeyFromJwk(jwk: JsonWebKey): EcdsaPublicKey {
  const curve = Object.values(CURVES).find((candidate) => candidate.name === jwk.crv);
  if (jwk.kty !== 'EC' || !curve || jwk.x === undefined || jwk.y === undefined) {
    throw new CryptoError('KEY_UNSUPPORTED', 'not an EC key on a supported curve');
  }
  const point = new Uint8Array(2 * curve.byteLength + 1);
  point[0] = 4;
  for (const [text, end] of [
    [jwk.x, curve.byteLength + 1],
    [jwk.y, 2 * curve.byteLength + 1],
  ] as const) {
    const coordinate = base64Url(text);
    if (coordinate.length > curve.byteLength) {
      throw new CryptoError('KEY_UNSUPPORTED', 'coordinate too long');
    }
    point.set(coordinate, end - coordinate.length);
  }
  return { curve: curve.name, point };
}

/** The scalar of a P-256 private key from PKCS#8 DER (what cryptogen and fabric-ca keep in `keystore`). */
export function secretFromPkcs8(pkcs8: Uint8Array): Uint8Array<ArrayBuffer> {
  const reader = new DerReader(pkcs8).enter(TAG.SEQUENCE);
  smallInteger(reader.next(TAG.INTEGER).content);
  const algorithm = reader.enter(TAG.SEQUENCE);
  const type = oidText(algorithm.next(TAG.OID).content);
  if (type !== OID_EC_PUBLIC_KEY) throw unsupported(type);
  const curve = curveByOid(oidText(algorithm.next(TAG.OID).content));
  if (curve.name !== 'P-256') throw new CryptoError('KEY_UNSUPPORTED', 'private keys are P-256');
  const inner = new DerReader(reader.next(TAG.OCTET_STRING).content).enter(TAG.SEQUENCE);
  smallInteger(inner.next(TAG.INTEGER).content);
  const scalar = inner.next(TAG.OCTET_STRING).content;
  if (scalar.length > 32) throw new CryptoError('KEY_UNSUPPORTED', 'scalar too long');
  const secret = new Uint8Array(32);
  secret.set(scalar, 32 - scalar.length);
  return secret;
}

/** PKCS#8 DER of a P-256 private key, with its public key as Go and WebCrypto write it. */
export function secretToPkcs8(
  secret: Uint8Array,
  publicKey: EcdsaPublicKey,
): Uint8Array<ArrayBuffer> {
  const ecPrivateKey = sequence(
    integer(Uint8Array.of(1)),
    octetString(secret),
    element(contextTag(1), bitString(publicKey.point)),
  );
  return sequence(integer(Uint8Array.of(0)), algorithm('P-256'), octetString(ecPrivateKey));
}
