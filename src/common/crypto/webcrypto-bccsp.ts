// SPDX-License-Identifier: Apache-2.0
// BCCSP over crypto.subtle: secure contexts and Node. WebCrypto speaks raw r||s and makes high S half the time, so
// signatures are converted and normalised here, and low S is checked by hand.

import { CURVES, type CurveName } from './curves.ts';
import { derToRaw, isLowS, rawToDer, toLowS } from './ecdsa-signature.ts';
import { CryptoError } from './errors.ts';
import {
  type EcdsaPublicKey,
  isEcdsaKey,
  type KeyPair,
  type PrivateKeyHandle,
  type PublicKey,
  publicKeyFromPoint,
} from './keys.ts';
import { loadNoble, NobleOnDemand } from './noble-on-demand.ts';
import type { BCCSP, GenerateKeyOptions, HashName, VerifyOptions } from './types.ts';

/** Those of every browser. */
const WEB_CURVES: ReadonlySet<CurveName> = new Set(['P-256', 'P-384']);

const WEB_HASHES: ReadonlySet<HashName> = new Set(['SHA-1', 'SHA-256', 'SHA-384', 'SHA-512']);

const ALGORITHM = Object.freeze({ name: 'ECDSA', namedCurve: 'P-256' });

// Our bytes are never in shared memory; the type system cannot know.
const source = (bytes: Uint8Array): Uint8Array<ArrayBuffer> => bytes as Uint8Array<ArrayBuffer>;

export class WebCryptoBCCSP implements BCCSP {
  readonly kind = 'webcrypto';
  readonly #subtle: SubtleCrypto;
  // An import costs 6-90 us, a verification 100: keys are imported once.
  readonly #noble = new NobleOnDemand();
  readonly #imported = new WeakMap<EcdsaPublicKey, Promise<CryptoKey>>();

  constructor(subtle: SubtleCrypto) {
    this.#subtle = subtle;
  }

  async sha256(data: Uint8Array): Promise<Uint8Array<ArrayBuffer>> {
    return new Uint8Array(await this.#subtle.digest('SHA-256', source(data)));
  }

  async generateKey({ extractable = false }: GenerateKeyOptions = {}): Promise<KeyPair> {
    const pair = await this.#subtle.generateKey(ALGORITHM, extractable, ['sign', 'verify']);
    const point = new Uint8Array(await this.#subtle.exportKey('raw', pair.publicKey));
    return {
      privateKey: { kind: 'webcrypto', key: pair.privateKey },
      publicKey: publicKeyFromPoint(point),
    };
  }

  async importKey(
    pkcs8: Uint8Array,
    { extractable = false }: GenerateKeyOptions = {},
  ): Promise<KeyPair> {
    // The public half is computed, because PKCS#8 may lack it and browsers differ in accepting that.
    const { keyPairFromPkcs8 } = await loadNoble();
    const { pkcs8: complete, publicKey } = keyPairFromPkcs8(pkcs8);
    const key = await this.#subtle.importKey('pkcs8', complete, ALGORITHM, extractable, ['sign']);
    return { privateKey: { kind: 'webcrypto', key }, publicKey };
  }

  async exportKey({ privateKey, publicKey }: KeyPair): Promise<Uint8Array<ArrayBuffer>> {
    if (privateKey.kind === 'noble')
      return new NobleOnDemand().exportKey({ privateKey, publicKey });
    if (!privateKey.key.extractable) {
      throw new CryptoError('KEY_UNSUPPORTED', 'the private key is not extractable');
    }
    return new Uint8Array(await this.#subtle.exportKey('pkcs8', privateKey.key));
  }

  async sign(key: PrivateKeyHandle, message: Uint8Array): Promise<Uint8Array<ArrayBuffer>> {
    if (key.kind === 'noble') return new NobleOnDemand().sign(key, message);
    const algorithm = { name: 'ECDSA', hash: 'SHA-256' };
    const raw = await this.#subtle.sign(algorithm, key.key, source(message));
    return rawToDer(toLowS(new Uint8Array(raw), CURVES['P-256']));
  }

  async checkKey(key: EcdsaPublicKey): Promise<void> {
    if (!WEB_CURVES.has(key.curve)) return this.#noble.checkKey(key);
    try {
      await this.#import(key);
    } catch (cause) {
      throw new CryptoError('KEY_UNSUPPORTED', 'public key is not a point of its curve', { cause });
    }
  }

  async verify(
    key: PublicKey,
    message: Uint8Array,
    signature: Uint8Array,
    { hash = 'SHA-256', allowHighS = false }: VerifyOptions = {},
  ): Promise<boolean> {
    const isWeb = isEcdsaKey(key) && WEB_CURVES.has(key.curve) && WEB_HASHES.has(hash);
    if (!isWeb) return this.#noble.verify(key, message, signature, { hash, allowHighS });
    const curve = CURVES[key.curve];
    const raw = derToRaw(signature, curve);
    if (!raw || (!allowHighS && !isLowS(raw, curve))) return false;
    try {
      const imported = await this.#import(key);
      return await this.#subtle.verify({ name: 'ECDSA', hash }, imported, raw, source(message));
    } catch {
      return false; // the key is not on its curve
    }
  }

  #import(key: EcdsaPublicKey): Promise<CryptoKey> {
    let imported = this.#imported.get(key);
    if (!imported) {
      const algorithm = { name: 'ECDSA', namedCurve: key.curve };
      imported = this.#subtle.importKey('raw', source(key.point), algorithm, false, ['verify']);
      this.#imported.set(key, imported);
    }
    return imported;
  }
}
