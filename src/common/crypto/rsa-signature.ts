// SPDX-License-Identifier: Apache-2.0
// RSASSA-PKCS1-v1_5 (RFC 8017 8.2.2), with the bounds on keys of Go's crypto/rsa. WebCrypto is not there on every page, and a certificate of a
// CA is checked once, so that plain numbers do: one verification with 2,048 bits takes about a millisecond.
import { concat, equalBytes, fromHex, toHex } from '../runtime/bytes.ts';
import { HASHES } from './hashes.ts';
import type { RsaPublicKey } from './keys.ts';
import type { HashName } from './types.ts';

/** DER of DigestInfo in front of the digest (RFC 8017 9.2, note 1). */
const DIGEST_INFO: Readonly<Partial<Record<HashName, string>>> = {
  'SHA-1': '3021300906052b0e03021a05000414',
  'SHA-256': '3031300d060960864801650304020105000420',
  'SHA-384': '3041300d060960864801650304020205000430',
  'SHA-512': '3051300d060960864801650304020305000440',
};

const MIN_MODULUS_BITS = 1024;
// Go has no bound; a longer one only costs time.
const MAX_MODULUS_BITS = 16_384;
const MAX_EXPONENT = 2 ** 31 - 1;

/** True when the key made the signature over `message`. False for keys that Go does not use. */
export function verifyRsa(
  key: RsaPublicKey,
  hash: HashName,
  message: Uint8Array,
  signature: Uint8Array,
): boolean {
  const modulus = BigInt(`0x${toHex(key.modulus)}`);
  const bits = modulus.toString(2).length;
  if (bits < MIN_MODULUS_BITS || bits > MAX_MODULUS_BITS || modulus % 2n === 0n) return false;
  if (key.exponent < 2 || key.exponent > MAX_EXPONENT || key.exponent % 2 === 0) return false;
  const size = Math.ceil(bits / 8);
  const info = DIGEST_INFO[hash];
  if (info === undefined || signature.length !== size) return false;
  const value = BigInt(`0x${toHex(signature)}`);
  if (value >= modulus) return false;
  const encoded = power(value, key.exponent, modulus)
    .toString(16)
    .padStart(2 * size, '0');
  const tail = concat(fromHex(info), HASHES[hash](message));
  // 0, 1, at least eight bytes of padding, 0, and what was signed.
  const padding = size - tail.length - 3;
  if (padding < 8) return false;
  const head = Uint8Array.of(0, 1, ...new Uint8Array(padding).fill(0xff), 0);
  return equalBytes(fromHex(encoded), concat(head, tail));
}

function power(base: bigint, exponent: number, modulus: bigint): bigint {
  let result = 1n;
  let square = base % modulus;
  for (let rest = exponent; rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) result = (result * square) % modulus;
    square = (square * square) % modulus;
  }
  return result;
}
