// SPDX-License-Identifier: Apache-2.0
// Ed25519 as Go's crypto/ed25519 verifies it. Libraries differ in what they take of signatures made to be odd (points in a second encoding,
// small subgroups, the equation with or without its cofactor), and peers that differ have different ledgers: so it is one
// computation for all, over noble's points.
import { ed25519 } from '@noble/curves/ed25519.js';
import { sha512 } from '@noble/hashes/sha2.js';
import { concat, equalBytes, toHex } from '../runtime/bytes.ts';

const { Point } = ed25519;
const { ORDER } = Point.Fn;

const littleEndian = (bytes: Uint8Array): bigint => BigInt(`0x${toHex(bytes.toReversed())}`);

/**
 * True when S is below the order and the encoding of S·B - k·A is R, byte for byte (verifyWithDom of Go's
 * crypto/internal/fips140/ed25519). Never throws.
 */
export function verifyEd25519(
  publicKey: Uint8Array,
  message: Uint8Array,
  signature: Uint8Array,
): boolean {
  if (signature.length !== 64) return false;
  const r = signature.subarray(0, 32);
  const s = littleEndian(signature.subarray(32));
  if (s >= ORDER) return false;
  try {
    // Loosely, since Go takes y beyond the field's prime as well.
    const key = Point.fromBytes(publicKey, true);
    const k = littleEndian(sha512(concat(r, publicKey, message))) % ORDER;
    const point = Point.BASE.multiplyUnsafe(s).subtract(key.multiplyUnsafe(k));
    return equalBytes(point.toBytes(), r);
  } catch {
    return false; // the key is not on the curve
  }
}
