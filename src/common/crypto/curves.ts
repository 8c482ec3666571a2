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
}

// FIPS 186-4 D.1.2.
const P256_ORDER = 'ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551';
const P384_ORDER =
  'ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973';

function curve(name: CurveName, oid: string, orderHex: string): Curve {
  const half = (BigInt(`0x${orderHex}`) >> 1n).toString(16).padStart(orderHex.length, '0');
  const order = fromHex(orderHex);
  return Object.freeze({ name, oid, byteLength: order.length, order, halfOrder: fromHex(half) });
}

export const CURVES: Readonly<Record<CurveName, Curve>> = Object.freeze({
  'P-256': curve('P-256', '1.2.840.10045.3.1.7', P256_ORDER),
  'P-384': curve('P-384', '1.3.132.0.34', P384_ORDER),
});
