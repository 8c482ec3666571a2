import {
  CURVES,
  CryptoError,
  derToRaw,
  isLowS,
  publicKeyFromPoint,
  rawToDer,
  secretFromPkcs8,
  secretToPkcs8,
  toHex
} from "./chunk-4AZXMRM6.js";

// src/common/crypto/noble-bccsp.ts
import { p256 as p2562 } from "@noble/curves/nist.js";
import { sha256, sha384, sha512 } from "@noble/hashes/sha2.js";

// src/common/crypto/noble-verifier.ts
import { ecdsa, weierstrass } from "@noble/curves/abstract/weierstrass.js";
import { p256, p384, p521 } from "@noble/curves/nist.js";
import { sha224 } from "@noble/hashes/sha2.js";
var { prime: p, b, order } = CURVES["P-224"];
var p224 = ecdsa(
  weierstrass({
    p,
    a: p - 3n,
    b,
    n: BigInt(`0x${toHex(order)}`),
    h: 1n,
    Gx: 0xb70e0cbd6bb4bf7f321390b94a03c1d356c21122343280d6115c1d21n,
    Gy: 0xbd376388b5f723fb4c22dfe6cd4375a05a07476444d5819985007e34n
  }),
  sha224
);
var NOBLE_CURVES = { "P-224": p224, "P-256": p256, "P-384": p384, "P-521": p521 };
var WINDOW_BITS = 6;
var DEFAULT_NOBLE_VERIFIER_OPTIONS = Object.freeze({
  usesBeforeTable: 12,
  maxTables: 48
});
var NobleVerifier = class {
  #known = /* @__PURE__ */ new WeakMap();
  #withTable = /* @__PURE__ */ new Set();
  #options;
  constructor(options = DEFAULT_NOBLE_VERIFIER_OPTIONS) {
    this.#options = options;
  }
  /** True when the signature is right. Throws when the key is not on its curve. */
  verify(key, digest, raw) {
    const { Point } = NOBLE_CURVES[key.curve];
    const { Fn } = Point;
    const known = this.#recall(key);
    this.#use(known);
    const half = raw.length / 2;
    const r = BigInt(`0x${toHex(raw.subarray(0, half))}`);
    const s = BigInt(`0x${toHex(raw.subarray(half))}`);
    if (!Fn.isValidNot0(r) || !Fn.isValidNot0(s)) return false;
    const inverse = Fn.inv(s);
    const u1 = Fn.create(BigInt(`0x${toHex(digest.subarray(0, half))}`) * inverse);
    const u2 = Fn.create(r * inverse);
    const sum = Point.BASE.multiplyUnsafe(u1).add(known.point.multiplyUnsafe(u2));
    return !sum.is0() && Fn.create(sum.toAffine().x) === r;
  }
  #recall(key) {
    let known = this.#known.get(key);
    if (!known) {
      const point = NOBLE_CURVES[key.curve].Point.fromBytes(key.point);
      point.assertValidity();
      known = { key, point, uses: 0 };
      this.#known.set(key, known);
    }
    return known;
  }
  #use(known) {
    const { usesBeforeTable, maxTables } = this.#options;
    if (++known.uses < usesBeforeTable || this.#withTable.has(known)) return;
    const [oldest] = this.#withTable;
    if (oldest && this.#withTable.size >= maxTables) {
      this.#withTable.delete(oldest);
      this.#known.delete(oldest.key);
    }
    known.point.precompute(WINDOW_BITS, false);
    this.#withTable.add(known);
  }
};

// src/common/crypto/noble-bccsp.ts
var HASHES = {
  "SHA-256": sha256,
  "SHA-384": sha384,
  "SHA-512": sha512
};
var NobleBCCSP = class {
  kind = "noble";
  #verifier = new NobleVerifier();
  async sha256(data) {
    return sha256(data);
  }
  async generateKey() {
    const secret = p2562.utils.randomSecretKey();
    return { privateKey: { kind: "noble", secret }, publicKey: publicKeyOfSecret(secret) };
  }
  async importKey(pkcs8) {
    const { secret, publicKey } = keyPairFromPkcs8(pkcs8);
    return { privateKey: { kind: "noble", secret }, publicKey };
  }
  async exportKey({ privateKey, publicKey }) {
    return secretToPkcs8(secretOf(privateKey), publicKey);
  }
  async sign(key, message) {
    const raw = p2562.sign(sha256(message), secretOf(key), { prehash: false, lowS: true });
    return rawToDer(raw);
  }
  async checkKey(key) {
    if (!NOBLE_CURVES[key.curve].utils.isValidPublicKey(key.point)) {
      throw new CryptoError("KEY_UNSUPPORTED", "public key is not a point of its curve");
    }
  }
  async verify(key, message, signature, { hash = "SHA-256", allowHighS = false } = {}) {
    const curve = CURVES[key.curve];
    const raw = derToRaw(signature, curve);
    if (!raw || !allowHighS && !isLowS(raw, curve)) return false;
    try {
      return this.#verifier.verify(key, HASHES[hash](message), raw);
    } catch {
      return false;
    }
  }
};
function secretOf(key) {
  if (key.kind === "noble") return key.secret;
  throw new CryptoError("KEY_UNSUPPORTED", "a WebCrypto key needs a secure context");
}
function publicKeyOfSecret(secret) {
  return publicKeyFromPoint(p2562.getPublicKey(secret, false));
}
function keyPairFromPkcs8(pkcs8) {
  const secret = secretFromPkcs8(pkcs8);
  if (!p2562.utils.isValidSecretKey(secret)) {
    throw new CryptoError("KEY_UNSUPPORTED", "private key out of range");
  }
  const publicKey = publicKeyOfSecret(secret);
  return { secret, publicKey, pkcs8: secretToPkcs8(secret, publicKey) };
}
export {
  NobleBCCSP,
  keyPairFromPkcs8
};
