// SPDX-License-Identifier: Apache-2.0
// The curves of Fabric's ECDSA keys. Keys made here are always P-256; P-384 is read because members of a real
// network may use it (Fabric hashes with SHA-256 all the same).
import { fromHex } from '../runtime/bytes.ts';

export type CurveName = 'P-256' | 'P-384';

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
  'P-384': curve('P-384', '1.3.132.0.34', { order: P384_ORDER, prime: P384_PRIME, b: P384_B }),
});
