// SPDX-License-Identifier: Apache-2.0
// BCCSP in plain JavaScript (@noble/curves), for pages without crypto.subtle. Everything runs on the calling
// thread: a verification takes 0.5-3 ms, so a busy peer belongs in a worker.
import { p256 } from '@noble/curves/nist.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { CURVES } from './curves.ts';
import { derToRaw, isLowS, rawToDer } from './ecdsa-signature.ts';
import { verifyEd25519 } from './ed25519-signature.ts';
import { CryptoError } from './errors.ts';
import { HASHES } from './hashes.ts';
import {
  type EcdsaPublicKey,
  isEcdsaKey,
  type KeyPair,
  type PrivateKeyHandle,
  type PublicKey,
  publicKeyFromPoint,
  secretFromPkcs8,
  secretToPkcs8,
} from './keys.ts';
import { NOBLE_CURVES, NobleVerifier } from './noble-verifier.ts';
import type { BCCSP, VerifyOptions } from './types.ts';

export class NobleBCCSP implements BCCSP {
  readonly kind = 'noble';
  readonly #verifier = new NobleVerifier();

  async sha256(data: Uint8Array): Promise<Uint8Array<ArrayBuffer>> {
    return sha256(data) as Uint8Array<ArrayBuffer>;
  }

  async generateKey(): Promise<KeyPair> {
    const secret = p256.utils.randomSecretKey();
    return { privateKey: { kind: 'noble', secret }, publicKey: publicKeyOfSecret(secret) };
  }

  async importKey(pkcs8: Uint8Array): Promise<KeyPair> {
    const { secret, publicKey } = keyPairFromPkcs8(pkcs8);
    return { privateKey: { kind: 'noble', secret }, publicKey };
  }

  async exportKey({ privateKey, publicKey }: KeyPair): Promise<Uint8Array<ArrayBuffer>> {
    return secretToPkcs8(secretOf(privateKey), publicKey);
  }

  async sign(key: PrivateKeyHandle, message: Uint8Array): Promise<Uint8Array<ArrayBuffer>> {
    const raw = p256.sign(sha256(message), secretOf(key), { prehash: false, lowS: true });
    return rawToDer(raw);
  }

  async checkKey(key: EcdsaPublicKey): Promise<void> {
    if (!NOBLE_CURVES[key.curve].utils.isValidPublicKey(key.point)) {
      throw new CryptoError('KEY_UNSUPPORTED', 'public key is not a point of its curve');
    }
  }

  async verify(
    key: PublicKey,
    message: Uint8Array,
    signature: Uint8Array,
    { hash = 'SHA-256', allowHighS = false }: VerifyOptions = {},
  ): Promise<boolean> {
    if (!isEcdsaKey(key))
      return key.algorithm === 'Ed25519' && verifyEd25519(key.point, message, signature);
    const curve = CURVES[key.curve];
    const raw = derToRaw(signature, curve);
    if (!raw || (!allowHighS && !isLowS(raw, curve))) return false;
    try {
      return this.#verifier.verify(key, HASHES[hash](message), raw);
    } catch {
      return false; // the key is not on its curve
    }
  }
}

function secretOf(key: PrivateKeyHandle): Uint8Array {
  if (key.kind === 'noble') return key.secret;
  throw new CryptoError('KEY_UNSUPPORTED', 'a WebCrypto key needs a secure context');
}

function publicKeyOfSecret(secret: Uint8Array): EcdsaPublicKey {
  return publicKeyFromPoint(p256.getPublicKey(secret, false));
}

/** Scalar, public key and complete PKCS#8 of a P-256 key in PKCS#8. */
export function keyPairFromPkcs8(pkcs8: Uint8Array): {
  secret: Uint8Array<ArrayBuffer>;
  publicKey: EcdsaPublicKey;
  pkcs8: Uint8Array<ArrayBuffer>;
} {
  const secret = secretFromPkcs8(pkcs8);
  if (!p256.utils.isValidSecretKey(secret)) {
    throw new CryptoError('KEY_UNSUPPORTED', 'private key out of range');
  }
  const publicKey = publicKeyOfSecret(secret);
  return { secret, publicKey, pkcs8: secretToPkcs8(secret, publicKey) };
}
