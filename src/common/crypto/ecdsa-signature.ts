// SPDX-License-Identifier: Apache-2.0
// ECDSA signatures between DER (Fabric's form) and raw r||s (WebCrypto's and noble's), and the low-S rule.
// Mirrors bccsp/utils/ecdsa.go: r and s must be positive; bytes after s, or after the sequence, are ignored as
// Go's asn1.Unmarshal ignores them, so that this peer and a real one agree on every signature.
import { equalBytes } from '../runtime/bytes.ts';
import { DerReader, integer, sequence, TAG, unsignedInteger } from './asn1.ts';
import type { Curve } from './curves.ts';

/** r||s of a DER signature; undefined when it is malformed or does not fit the curve. */
export function derToRaw(signature: Uint8Array, curve: Curve): Uint8Array<ArrayBuffer> | undefined {
  const size = curve.byteLength;
  const raw = new Uint8Array(2 * size);
  if (readShort(signature, raw, size)) return raw;
  try {
    const parts = new DerReader(signature).enter(TAG.SEQUENCE);
    for (const end of [size, 2 * size]) {
      const value = unsignedInteger(parts.next(TAG.INTEGER).content);
      if (value.length === 0 || value.length > size) return undefined;
      raw.set(value, end - value.length);
    }
  } catch {
    return undefined;
  }
  return raw;
}

// The usual form, which every signature of a block has: short lengths, and two minimal, positive numbers that fit. Everything
// else is left to the reader above, which says what of it is still a signature.
function readShort(signature: Uint8Array, raw: Uint8Array, size: number): boolean {
  if (signature[0] !== TAG.SEQUENCE || signature[1] !== signature.length - 2) return false;
  if (signature.length >= 0x80) return false;
  let at = 2;
  for (const end of [size, 2 * size]) {
    const length = signature[at + 1] ?? 0;
    if (signature[at] !== TAG.INTEGER || at + 2 + length > signature.length) return false;
    const first = signature[at + 2] ?? 0;
    const isPadded = first === 0 && length > 1 && (signature[at + 3] ?? 0) >= 0x80;
    if (length === 0 || first >= 0x80 || (first === 0 && !isPadded)) return false;
    const digits = isPadded ? length - 1 : length;
    if (digits > size) return false;
    at += 2 + length;
    raw.fill(0, end - size, end - digits);
    for (let i = 1; i <= digits; i++) raw[end - i] = signature[at - i] ?? 0;
  }
  return at === signature.length;
}

/** Whether a signature is DER of two positive numbers, on whatever curve (UnmarshalECDSASignature of bccsp/utils/ecdsa.go). */
export function readsAsEcdsa(signature: Uint8Array): boolean {
  try {
    const parts = new DerReader(signature).enter(TAG.SEQUENCE);
    return [0, 1].every(() => unsignedInteger(parts.next(TAG.INTEGER).content).length > 0);
  } catch {
    return false;
  }
}

/** Whether a signature is the DER of its two numbers and nothing else (parseSignature of Go's crypto/ecdsa). */
export function isCanonical(signature: Uint8Array, curve: Curve): boolean {
  const raw = derToRaw(signature, curve);
  return raw !== undefined && equalBytes(rawToDer(raw), signature);
}

/** DER of raw r||s. */
export function rawToDer(raw: Uint8Array): Uint8Array<ArrayBuffer> {
  const half = raw.length / 2;
  return sequence(integer(raw.subarray(0, half)), integer(raw.subarray(half)));
}

/** True when s is at most half the order, as Fabric demands. */
export function isLowS(raw: Uint8Array, curve: Curve): boolean {
  const { byteLength, halfOrder } = curve;
  for (let i = 0; i < byteLength; i++) {
    const difference = (raw[byteLength + i] ?? 0) - (halfOrder[i] ?? 0);
    if (difference !== 0) return difference < 0;
  }
  return true;
}

/** The same signature with s replaced by N-s when s is high. */
export function toLowS(raw: Uint8Array, curve: Curve): Uint8Array {
  if (isLowS(raw, curve)) return raw;
  const low = raw.slice();
  let borrow = 0;
  for (let i = curve.byteLength - 1; i >= 0; i--) {
    const difference = (curve.order[i] ?? 0) - (raw[curve.byteLength + i] ?? 0) - borrow;
    borrow = difference < 0 ? 1 : 0;
    low[curve.byteLength + i] = difference & 0xff;
  }
  return low;
}
