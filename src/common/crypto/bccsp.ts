// SPDX-License-Identifier: Apache-2.0
// The port to cryptography (Fabric's bccsp), and the choice of an implementation.
import { sha256 } from '@noble/hashes/sha2.js';
import type { KeyPair, PrivateKeyHandle, PublicKey } from './keys.ts';
import { NobleOnDemand } from './noble-on-demand.ts';
import { WebCryptoBCCSP } from './webcrypto-bccsp.ts';

export type HashName = 'SHA-256' | 'SHA-384' | 'SHA-512';

export interface VerifyOptions {
  /** Default SHA-256: Fabric's, whatever the curve. Certificates may use another. */
  readonly hash?: HashName;
  /** Default false: Fabric refuses signatures with high S; X.509 does not. */
  readonly allowHighS?: boolean;
}

export interface GenerateKeyOptions {
  /** Default false. Has no meaning for noble keys, which are plain bytes. */
  readonly extractable?: boolean;
}

export interface BCCSP {
  readonly kind: 'webcrypto' | 'noble';
  sha256(data: Uint8Array): Promise<Uint8Array<ArrayBuffer>>;
  /** A new P-256 key pair. */
  generateKey(options?: GenerateKeyOptions): Promise<KeyPair>;
  /** A key pair from PKCS#8 DER. Throws CryptoError when it is not P-256. */
  importKey(pkcs8: Uint8Array, options?: GenerateKeyOptions): Promise<KeyPair>;
  /** PKCS#8 DER; throws CryptoError (KEY_UNSUPPORTED) when the key is not extractable. */
  exportKey(key: KeyPair): Promise<Uint8Array<ArrayBuffer>>;
  /** DER signature with low S over SHA-256 of `message`. */
  sign(key: PrivateKeyHandle, message: Uint8Array): Promise<Uint8Array<ArrayBuffer>>;
  /** Throws CryptoError (KEY_UNSUPPORTED) when the point is not on its curve. */
  checkKey(key: PublicKey): Promise<void>;
  /** True when the DER signature over `message` is right. Never throws on bad input. */
  verify(
    key: PublicKey,
    message: Uint8Array,
    signature: Uint8Array,
    options?: VerifyOptions,
  ): Promise<boolean>;
}

/**
 * WebCrypto where the platform offers it (secure contexts, Node), else noble: a page at `http://` on a LAN has no
 * crypto.subtle. noble verifies 10-13 times slower (3-4 times with keys that come again).
 */
export function createBCCSP(kind?: 'webcrypto' | 'noble'): BCCSP {
  const subtle: SubtleCrypto | undefined = globalThis.crypto?.subtle;
  if (kind === 'noble' || !subtle) return new NobleOnDemand();
  return new WebCryptoBCCSP(subtle);
}

let shared: BCCSP | undefined;

/** The platform's BCCSP, made once per thread. */
export function defaultBCCSP(): BCCSP {
  shared ??= createBCCSP();
  return shared;
}

/** SHA-256 at once, for small inputs: about 2 us for 100 bytes, 8-20 us per KB. */
export function sha256Sync(data: Uint8Array): Uint8Array<ArrayBuffer> {
  return sha256(data) as Uint8Array<ArrayBuffer>;
}

/** A function that signs with this key, wherever the handle came from. */
export function signerFor(
  key: PrivateKeyHandle,
): (message: Uint8Array) => Promise<Uint8Array<ArrayBuffer>> {
  const bccsp = key.kind === 'noble' ? new NobleOnDemand() : createBCCSP('webcrypto');
  return (message) => bccsp.sign(key, message);
}
