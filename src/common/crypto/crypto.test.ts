// SPDX-License-Identifier: Apache-2.0
import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  sign,
  verify,
} from 'node:crypto';
import { p256 } from '@noble/curves/nist.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { concat, fromHex, toHex, utf8 } from '../runtime/bytes.ts';
import { integer, sequence } from './asn1.ts';
import { createBCCSP, sha256Sync, signerFor } from './bccsp.ts';
import { CURVES } from './curves.ts';
import { derToRaw, isLowS, rawToDer, toLowS } from './ecdsa-signature.ts';
import {
  publicKeyFromJwk,
  publicKeyFromPoint,
  publicKeyFromSpki,
  publicKeyToSpki,
  secretToPkcs8,
} from './keys.ts';
import { NobleVerifier } from './noble-verifier.ts';

const P256 = CURVES['P-256'];

// RFC 6979 A.2.5: the key, and the signatures with SHA-256 of "sample" (high S) and "test" (low S).
const SECRET = fromHex('C9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721');
const POINT = fromHex(
  '0460FED4BA255A9D31C961EB74C6356D68C049B8923B61FA6CE669622E60F29FB67903FE1008B8BC99A41AE9E95628BC64F2F1B20C2D7E9F5177A3C294D4462299',
);
const HIGH_S = fromHex(
  'EFD48B2AACB6A8FD1140DD9CD45E81D69D2C877B56AAF991C34D0EA84EAF3716F7CB1C942D657C41D436C7A1B6E29F65F3E900DBB9AFF4064DC4AB2F843ACDA8',
);
const LOW_S = fromHex(
  'F1ABB023518351CD71D881567B1EA663ED3EFCF6C5132B354F28D3B0B7D38367019F4113742A2B14BD25926B49C649155F267E60D3814B4C0CC84250E46F0083',
);
const PUBLIC = publicKeyFromPoint(POINT);
const PKCS8 = secretToPkcs8(SECRET, PUBLIC);

describe('signature encodings', () => {
  it('turns raw into DER and back', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 64, maxLength: 64 }), (raw) => {
        fc.pre(raw.subarray(0, 32).some((b) => b) && raw.subarray(32).some((b) => b));
        expect(derToRaw(rawToDer(raw), P256)).toEqual(raw);
      }),
    );
  });

  it('never throws on foreign bytes', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 90 }), (bytes) => void derToRaw(bytes, P256)));
  });

  it('refuses zero, negative, oversized and non-minimal numbers', () => {
    const one = integer(Uint8Array.of(1));
    const bad = [
      sequence(integer(Uint8Array.of(0)), one),
      sequence(one, integer(Uint8Array.of(0))),
      sequence(Uint8Array.of(2, 1, 0x80), one),
      sequence(Uint8Array.of(2, 2, 0, 1), one),
      sequence(integer(new Uint8Array(33).fill(1)), one),
      sequence(one),
    ];
    for (const signature of bad) expect(derToRaw(signature, P256)).toBeUndefined();
  });

  it("ignores bytes after the numbers and after the sequence, as Go's asn1 does", () => {
    const one = integer(Uint8Array.of(1));
    expect(derToRaw(concat(sequence(one, one), utf8('tail')), P256)).toBeDefined();
    expect(derToRaw(sequence(one, one, one), P256)).toBeDefined();
  });

  it('makes low S of high S, leaving r and the low ones alone', () => {
    expect(isLowS(HIGH_S, P256)).toBe(false);
    expect(isLowS(LOW_S, P256)).toBe(true);
    expect(toLowS(LOW_S, P256)).toBe(LOW_S);
    const low = toLowS(HIGH_S, P256);
    expect(toHex(low)).toBe(
      'efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716' +
        '0834e36ad29a83bf2bc9385e491d6099c8fdf9d1ed67aa7ea5f51f93782857a9',
    );
    expect(HIGH_S.slice(32)).not.toEqual(low.slice(32));
  });

  it('counts s = floor(N/2) as low and the next as high', () => {
    const raw = new Uint8Array(64).fill(1);
    raw.set(P256.halfOrder, 32);
    expect(isLowS(raw, P256)).toBe(true);
    raw[63] = (raw[63] ?? 0) + 1;
    expect(isLowS(raw, P256)).toBe(false);
  });
});

describe.each(['webcrypto', 'noble'] as const)('BCCSP %s', (kind) => {
  const bccsp = createBCCSP(kind);

  it('verifies the low-S vector and refuses the high-S one unless told otherwise', async () => {
    expect(bccsp.kind).toBe(kind);
    expect(await bccsp.verify(PUBLIC, utf8('test'), rawToDer(LOW_S))).toBe(true);
    expect(await bccsp.verify(PUBLIC, utf8('sample'), rawToDer(HIGH_S))).toBe(false);
    const allowHighS = { allowHighS: true };
    expect(await bccsp.verify(PUBLIC, utf8('sample'), rawToDer(HIGH_S), allowHighS)).toBe(true);
    const low = rawToDer(toLowS(HIGH_S, P256));
    expect(await bccsp.verify(PUBLIC, utf8('sample'), low)).toBe(true);
    expect(await bccsp.verify(PUBLIC, utf8('simple'), low)).toBe(false);
  });

  it('signs with low S, which node:crypto verifies', async () => {
    const { privateKey, publicKey } = await bccsp.importKey(PKCS8);
    expect(publicKey.point).toEqual(POINT);
    const key = createPublicKey({
      key: Buffer.from(publicKeyToSpki(PUBLIC)),
      format: 'der',
      type: 'spki',
    });
    const signer = signerFor(privateKey);
    for (let i = 0; i < 20; i++) {
      const message = utf8(`message ${i}`);
      const signature = await signer(message);
      const raw = derToRaw(signature, P256);
      expect(raw && isLowS(raw, P256)).toBe(true);
      expect(verify('sha256', message, key, signature)).toBe(true);
      expect(await bccsp.verify(publicKey, message, signature)).toBe(true);
    }
  });

  it('makes keys that survive export, import and structured clone', async () => {
    const pair = await bccsp.generateKey({ extractable: true });
    const again = await bccsp.importKey(await bccsp.exportKey(pair));
    expect(again.publicKey).toEqual(pair.publicKey);
    const signature = await signerFor(structuredClone(again.privateKey))(utf8('hello'));
    expect(await bccsp.verify(pair.publicKey, utf8('hello'), signature)).toBe(true);
  });

  it('refuses keys that are not on the curve or out of range', async () => {
    const off = POINT.slice();
    off[64] = (off[64] ?? 0) ^ 1;
    await expect(bccsp.checkKey(publicKeyFromPoint(off))).rejects.toThrow('not a point');
    expect(await bccsp.verify(publicKeyFromPoint(off), utf8('test'), rawToDer(LOW_S))).toBe(false);
    await expect(bccsp.checkKey(PUBLIC)).resolves.toBeUndefined();
    await expect(bccsp.importKey(secretToPkcs8(new Uint8Array(32), PUBLIC))).rejects.toThrow();
  });

  it('answers false to an r above the order', async () => {
    const raw = new Uint8Array(64).fill(0xff);
    raw.set(LOW_S.subarray(32), 32);
    expect(await bccsp.verify(PUBLIC, utf8('test'), rawToDer(raw))).toBe(false);
  });

  it('hashes as node:crypto does', async () => {
    for (const length of [0, 1, 63, 64, 5000]) {
      const data = new Uint8Array(length).fill(length);
      const expected = new Uint8Array(createHash('sha256').update(data).digest());
      expect(await bccsp.sha256(data)).toEqual(expected);
      expect(sha256Sync(data)).toEqual(expected);
    }
  });

  it('reads P-384 keys, with SHA-256 and SHA-384', async () => {
    const { subtle } = globalThis.crypto;
    const algorithm = { name: 'ECDSA', namedCurve: 'P-384' };
    const pair = await subtle.generateKey(algorithm, true, ['sign', 'verify']);
    const key = publicKeyFromSpki(new Uint8Array(await subtle.exportKey('spki', pair.publicKey)));
    expect(key).toMatchObject({ curve: 'P-384' });
    for (const hash of ['SHA-256', 'SHA-384'] as const) {
      const raw = await subtle.sign({ name: 'ECDSA', hash }, pair.privateKey, utf8('x'));
      const signature = rawToDer(toLowS(new Uint8Array(raw), CURVES['P-384']));
      expect(await bccsp.verify(key, utf8('x'), signature, { hash })).toBe(true);
      expect(await bccsp.verify(key, utf8('y'), signature, { hash })).toBe(false);
    }
  });
});

describe('NobleVerifier', () => {
  it('agrees with noble on every signature, before and after it has a table for the key', () => {
    const verifier = new NobleVerifier();
    const scalar = fc.oneof(
      fc.uint8Array({ minLength: 32, maxLength: 32 }),
      fc.constantFrom(
        new Uint8Array(32),
        new Uint8Array(32).fill(0xff),
        P256.order,
        P256.halfOrder,
      ),
    );
    const options = { prehash: false, lowS: false };
    const forged = fc.tuple(scalar, scalar).map(([r, s]) => concat(r, s));
    const genuine = fc.constant(undefined);
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 32, maxLength: 64 }),
        fc.oneof(genuine, forged),
        (digest, other) => {
          const cut = digest.subarray(0, 32);
          const raw = other ?? p256.sign(cut, SECRET, options);
          const expected = p256.verify(raw, cut, POINT, options);
          expect(other !== undefined || expected).toBe(true);
          expect(verifier.verify(PUBLIC, digest, raw)).toBe(expected);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('keeps verifying when more keys come than it has room for tables', () => {
    const verifier = new NobleVerifier({ maxTables: 2, usesBeforeTable: 1 });
    const digest = sha256Sync(utf8('m'));
    const members = [1, 2, 3, 4].map((fill) => {
      const secret = new Uint8Array(32).fill(fill);
      const raw = p256.sign(digest, secret, { prehash: false, lowS: true });
      return { key: publicKeyFromPoint(p256.getPublicKey(secret, false)), raw };
    });
    for (const { key, raw } of [...members, ...members]) {
      expect(verifier.verify(key, digest, raw)).toBe(true);
      expect(verifier.verify(key, digest.toReversed(), raw)).toBe(false);
    }
  });
});

describe('keys', () => {
  it('keeps WebCrypto keys inside unless asked', async () => {
    const bccsp = createBCCSP('webcrypto');
    const pair = await bccsp.generateKey();
    await expect(bccsp.exportKey(pair)).rejects.toThrow('not extractable');
  });

  it('signs with a noble key through a WebCrypto provider', async () => {
    const pair = await createBCCSP('noble').generateKey();
    const signature = await createBCCSP('webcrypto').sign(pair.privateKey, utf8('m'));
    expect(await createBCCSP('webcrypto').verify(pair.publicKey, utf8('m'), signature)).toBe(true);
  });

  it("writes PKCS#8 that node:crypto reads, and reads node's JWK", () => {
    const key = createPrivateKey({ key: Buffer.from(PKCS8), format: 'der', type: 'pkcs8' });
    const jwk = createPublicKey(key).export({ format: 'jwk' });
    expect(publicKeyFromJwk(jwk as JsonWebKey)).toEqual(PUBLIC);
    expect(sign('sha256', utf8('x'), key).length).toBeGreaterThan(60);
  });

  it('refuses other algorithms', () => {
    const { publicKey } = generateKeyPairSync('x25519');
    const other = publicKey.export({ format: 'der', type: 'spki' });
    expect(() => publicKeyFromSpki(other)).toThrow('1.3.101.110 is not supported');
  });
});
