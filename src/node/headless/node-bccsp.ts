// SPDX-License-Identifier: Apache-2.0
// BCCSP for threads that do nothing but verify: Node's own verify runs at once, where WebCrypto hands each signature to a
// pool of threads and back, which keeps the processors from nothing else but costs nearly as much again.
import { createPublicKey, hash as digest, type KeyObject, verify } from 'node:crypto';
import {
  type BCCSP,
  CURVES,
  createBCCSP,
  derToRaw,
  isEcdsaKey,
  isLowS,
  type PublicKey,
  publicKeyToSpki,
  rawToDer,
  type VerifyOptions,
} from '../../common/crypto/index.ts';
import { equalBytes } from '../../common/runtime/bytes.ts';

/** A BCCSP whose hashes and verifications are Node's; the rest is WebCrypto's. */
export function createNodeBCCSP(): BCCSP {
  const webCrypto = createBCCSP('webcrypto');
  const imported = new WeakMap<PublicKey, KeyObject>();
  const importKey = (key: PublicKey): KeyObject => {
    const known = imported.get(key);
    if (known) return known;
    const der = Buffer.from(publicKeyToSpki(key));
    const keyObject = createPublicKey({ key: der, format: 'der', type: 'spki' });
    imported.set(key, keyObject);
    return keyObject;
  };
  return {
    kind: webCrypto.kind,
    generateKey: (options) => webCrypto.generateKey(options),
    importKey: (pkcs8, options) => webCrypto.importKey(pkcs8, options),
    exportKey: (key) => webCrypto.exportKey(key),
    sign: (key, message) => webCrypto.sign(key, message),
    checkKey: (key) => webCrypto.checkKey(key),
    sha256: async (data) => new Uint8Array(digest('sha256', data, 'buffer')),
    verify: async (
      key: PublicKey,
      message: Uint8Array,
      signature: Uint8Array,
      { hash = 'SHA-256', allowHighS = false }: VerifyOptions = {},
    ) => {
      if (!isEcdsaKey(key)) return webCrypto.verify(key, message, signature);
      const curve = CURVES[key.curve];
      const raw = derToRaw(signature, curve);
      if (!raw || (!allowHighS && !isLowS(raw, curve))) return false;
      try {
        const keyObject = importKey(key);
        // In DER, because a key that comes with options is taken apart at each call, which takes half as long again.
        if (verify(hash, message, keyObject, signature)) return true;
        // Fabric is less strict about the encoding: what stands behind the numbers does not count.
        const canonical = rawToDer(raw);
        return !equalBytes(canonical, signature) && verify(hash, message, keyObject, canonical);
      } catch {
        return false; // the key is not on its curve
      }
    },
  };
}
