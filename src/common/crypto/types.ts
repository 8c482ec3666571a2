// SPDX-License-Identifier: Apache-2.0
// The port to cryptography (Fabric's bccsp).
import type { EcdsaPublicKey, KeyPair, PrivateKeyHandle, PublicKey } from './keys.ts';

export type HashName = 'SHA-1' | 'SHA-256' | 'SHA-384' | 'SHA-512' | 'SHA3-256' | 'SHA3-384';

export interface VerifyOptions {
  /** Of ECDSA. Default SHA-256: Fabric's, whatever the curve. Certificates may use another, and so may an MSP. */
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
  checkKey(key: EcdsaPublicKey): Promise<void>;
  /**
   * True when the signature over `message` is right: DER of an ECDSA key, 64 bytes of an Ed25519 key. Nothing that an RSA key signed is, since
   * Fabric's members have none. Never throws on bad input.
   */
  verify(
    key: PublicKey,
    message: Uint8Array,
    signature: Uint8Array,
    options?: VerifyOptions,
  ): Promise<boolean>;
}
