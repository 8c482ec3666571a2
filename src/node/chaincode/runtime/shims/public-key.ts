// SPDX-License-Identifier: Apache-2.0
// Public keys for `crypto.createVerify` of chaincode: SubjectPublicKeyInfo and certificates in PEM, on the curves of Node that chaincode meets.
import { ed25519 } from '@noble/curves/ed25519.js';
import { p256, p384, p521 } from '@noble/curves/nist.js';
import { secp256k1 } from '@noble/curves/secp256k1.js';
import { Buffer } from './buffer.ts';

const CURVES = {
  // The object identifiers in hex, as they stand in the key.
  '06082a8648ce3d030107': p256,
  '06052b81040022': p384,
  '06052b81040023': p521,
  '06052b8104000a': secp256k1,
} as const;
const ED25519 = '06032b6570';
/** id-ecPublicKey */
const EC_KEY = '06072a8648ce3d0201';

export interface PublicKey {
  readonly type: 'public';
  readonly asymmetricKeyType: 'ec' | 'ed25519';
  readonly bytes: Uint8Array;
  readonly curve: keyof typeof CURVES | typeof ED25519;
}

/** The key of a PEM text, of `{ key }`, or of a key made before. Throws as Node does for what cannot be read. */
export function toPublicKey(given: unknown): PublicKey {
  if (typeof given === 'object' && given !== null && 'asymmetricKeyType' in given)
    return given as PublicKey;
  if (typeof given === 'object' && given !== null && 'key' in given) return toPublicKey(given.key);
  const text = typeof given === 'string' ? given : Buffer.from(given as Uint8Array).toString();
  const [, label = '', body = ''] =
    /-----BEGIN (PUBLIC KEY|CERTIFICATE)-----([\s\S]+?)-----END/.exec(text) ?? [];
  const hex = Buffer.from(body, 'base64').toString('hex');
  if (label === '' || hex === '')
    throw new Error('Invalid PEM: a public key or certificate is read');
  return keyIn(hex);
}

// The key's own structure is short and regular, and in a certificate it stands where its algorithm is first named with a bit string.
function keyIn(hex: string): PublicKey {
  const curves = Object.keys(CURVES).join('|');
  const ec = new RegExp(`${EC_KEY}(${curves})03(?:81)?..00(04(?:..)+)`).exec(hex);
  if (ec?.[1] !== undefined && ec[2] !== undefined) {
    const curve = ec[1] as keyof typeof CURVES;
    const size = CURVES[curve].lengths.publicKeyUncompressed ?? 0;
    const bytes = new Uint8Array(Buffer.from(ec[2].slice(0, size * 2), 'hex'));
    return { type: 'public', asymmetricKeyType: 'ec', bytes, curve };
  }
  const ed = new RegExp(`3005${ED25519}032100(.{64})`).exec(hex);
  if (ed?.[1] !== undefined) {
    const bytes = new Uint8Array(Buffer.from(ed[1], 'hex'));
    return { type: 'public', asymmetricKeyType: 'ed25519', bytes, curve: ED25519 };
  }
  throw new Error(
    'a key of this kind is not available to chaincode: P-256, P-384, P-521, secp256k1 and Ed25519 are',
  );
}

/** Whether a signature, DER for ECDSA, is the key's over a digest, or for Ed25519 over a message. Never throws for what a signature holds. */
export function verifies(
  { curve, bytes }: PublicKey,
  signature: Uint8Array,
  { digest, message }: { readonly digest?: Uint8Array; readonly message?: Uint8Array },
): boolean {
  try {
    if (curve === ED25519)
      return message !== undefined && ed25519.verify(signature, message, bytes);
    if (!digest) return false;
    const options = { format: 'der', prehash: false, lowS: false } as const;
    return CURVES[curve].verify(signature, digest, bytes, options);
  } catch {
    return false;
  }
}
