// SPDX-License-Identifier: Apache-2.0
// Public keys and private key handles, and their standard encodings (SPKI, PKCS#8, JWK).

import { toHex } from '../runtime/bytes.ts';
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
} from './asn1.ts';
import { CURVES, type Curve, type CurveName } from './curves.ts';
import { CryptoError } from './errors.ts';

/** An ECDSA public key: plain data. `point` is uncompressed: 4, x, y. */
export interface PublicKey {
  readonly curve: CurveName;
  readonly point: Uint8Array;
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
  readonly publicKey: PublicKey;
}

const OID_EC_PUBLIC_KEY = '1.2.840.10045.2.1';

function curveByOid(dotted: string): Curve {
  const curve = Object.values(CURVES).find((candidate) => candidate.oid === dotted);
  if (!curve) throw new CryptoError('KEY_UNSUPPORTED', `unsupported curve ${dotted}`);
  return curve;
}

function readAlgorithm(reader: DerReader): Curve {
  const algorithm = reader.enter(TAG.SEQUENCE);
  const type = oidText(algorithm.next(TAG.OID).content);
  if (type !== OID_EC_PUBLIC_KEY) {
    throw new CryptoError('KEY_UNSUPPORTED', `public key algorithm ${type} is not ECDSA`);
  }
  return curveByOid(oidText(algorithm.next(TAG.OID).content));
}

/** A public key from its point; throws when the point has not the curve's uncompressed form. */
export function publicKeyFromPoint(point: Uint8Array, curve: CurveName = 'P-256'): PublicKey {
  if (point.length !== 2 * CURVES[curve].byteLength + 1 || point[0] !== 4) {
    throw new CryptoError('KEY_UNSUPPORTED', `not an uncompressed ${curve} point`);
  }
  return { curve, point };
}

/** A public key from SubjectPublicKeyInfo DER. Throws CryptoError, also when the point is not on the curve. */
export function publicKeyFromSpki(spki: Uint8Array): PublicKey {
  const reader = new DerReader(spki).enter(TAG.SEQUENCE);
  const curve = readAlgorithm(reader);
  const key = publicKeyFromPoint(rightAligned(reader.next(TAG.BIT_STRING).content), curve.name);
  if (!isOnCurve(key.point, curve))
    throw new CryptoError('ASN1_MALFORMED', 'the point of a public key is not on its curve');
  return key;
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

export function publicKeyToSpki(key: PublicKey): Uint8Array<ArrayBuffer> {
  return sequence(algorithm(key.curve), bitString(key.point));
}

const base64Url = (text: string): Uint8Array => {
  const binary = atob(text.replaceAll('-', '+').replaceAll('_', '/'));
  return Uint8Array.from(binary, (char) => char.charCodeAt(0));
};

/** A public key from an EC JSON Web Key. */
export function publicKeyFromJwk(jwk: JsonWebKey): PublicKey {
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
  const curve = readAlgorithm(reader);
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
export function secretToPkcs8(secret: Uint8Array, publicKey: PublicKey): Uint8Array<ArrayBuffer> {
  const ecPrivateKey = sequence(
    integer(Uint8Array.of(1)),
    octetString(secret),
    element(contextTag(1), bitString(publicKey.point)),
  );
  return sequence(integer(Uint8Array.of(0)), algorithm('P-256'), octetString(ecPrivateKey));
}
