// SPDX-License-Identifier: Apache-2.0
// The curves of Fabric's ECDSA keys, which are those of Go. Keys made here are always P-256; the others are read because members of a real
// network may use them (Fabric hashes with SHA-256 all the same).
import { fromHex } from '../runtime/bytes.ts';

export type CurveName = 'P-224' | 'P-256' | 'P-384' | 'P-521';

export interface Curve {
  readonly name: CurveName;
  readonly oid: string;
  /** Bytes of a coordinate and of a scalar. */
  readonly byteLength: number;
  /** Group order N, big-endian. */
  readonly order: Uint8Array;
  /** Floor of N/2: the highest s that counts as low. */
  readonly halfOrder: Uint8Array;
  /** Of the field, and of y² = x³ - 3x + b. */
  readonly prime: bigint;
  readonly b: bigint;
}

// FIPS 186-4 D.1.2.
const P256_PRIME = 2n ** 256n - 2n ** 224n + 2n ** 192n + 2n ** 96n - 1n;
const P384_PRIME = 2n ** 384n - 2n ** 128n - 2n ** 96n + 2n ** 32n - 1n;
const P256_B = 0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604bn;
const P384_B =
  0xb3312fa7e23ee7e4988e056be3f82d19181d9c6efe8141120314088f5013875ac656398d8a2ed19d2a85c8edd3ec2aefn;
const P256_ORDER = 'ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551';
const P384_ORDER =
  'ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973';

const P224_ORDER = 'ffffffffffffffffffffffffffff16a2e0b8f03e13dd29455c5c2a3d';
const P521_ORDER =
  '01fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffa51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409';
const P224_PRIME = 2n ** 224n - 2n ** 96n + 1n;
const P521_PRIME = 2n ** 521n - 1n;
const P224_B = 0xb4050a850c04b3abf54132565044b0b7d7bfd8ba270b39432355ffb4n;
const P521_B =
  0x51953eb9618e1c9a1f929a21a0b68540eea2da725b99b315f3b8b489918ef109e156193951ec7e937b1652c0bd3bb1bf073573df883d2c34f1ef451fd46b503f00n;

function curve(
  name: CurveName,
  oid: string,
  { order: orderHex, prime, b }: { order: string; prime: bigint; b: bigint },
): Curve {
  const half = (BigInt(`0x${orderHex}`) >> 1n).toString(16).padStart(orderHex.length, '0');
  const order = fromHex(orderHex);
  const byteLength = order.length;
  return Object.freeze({ name, oid, byteLength, order, halfOrder: fromHex(half), prime, b });
}

export const CURVES: Readonly<Record<CurveName, Curve>> = Object.freeze({
  'P-256': curve('P-256', '1.2.840.10045.3.1.7', {
    order: P256_ORDER,
    prime: P256_PRIME,
    b: P256_B,
  }),
  'P-224': curve('P-224', '1.3.132.0.33', { order: P224_ORDER, prime: P224_PRIME, b: P224_B }),
  'P-521': curve('P-521', '1.3.132.0.35', { order: P521_ORDER, prime: P521_PRIME, b: P521_B }),
  'P-384': curve('P-384', '1.3.132.0.34', { order: P384_ORDER, prime: P384_PRIME, b: P384_B }),
});
