// SPDX-License-Identifier: Apache-2.0
// In place of Node's crypto, as far as every endorser comes to the same: hashes, derived keys, signatures of others. Random numbers are those of
// the transaction, as Math.random's are: anybody can compute them, so they are good for names and not for secrets. Whatever makes keys
// or signatures is left out.
import { hkdf } from '@noble/hashes/hkdf.js';
import { hmac } from '@noble/hashes/hmac.js';
import { md5, ripemd160, sha1 } from '@noble/hashes/legacy.js';
import { pbkdf2 } from '@noble/hashes/pbkdf2.js';
import { scrypt } from '@noble/hashes/scrypt.js';
import { sha224, sha256, sha384, sha512, sha512_224, sha512_256 } from '@noble/hashes/sha2.js';
import { sha3_224, sha3_256, sha3_384, sha3_512 } from '@noble/hashes/sha3.js';
import { currentScope } from '../transaction-scope.ts';
import { Buffer } from './buffer.ts';
import { toPublicKey, verifies } from './public-key.ts';
import { refusing } from './refusing.ts';

const DIGESTS = {
  md5,
  sha1,
  sha224,
  sha256,
  sha384,
  sha512,
  'sha512-224': sha512_224,
  'sha512-256': sha512_256,
  'sha3-224': sha3_224,
  'sha3-256': sha3_256,
  'sha3-384': sha3_384,
  'sha3-512': sha3_512,
  ripemd160,
  rmd160: ripemd160,
} as const;
type Encoding = 'utf8' | 'hex' | 'base64' | 'latin1';
type Data = string | ArrayBufferView | ArrayBuffer;

interface Digest {
  update(bytes: Uint8Array): unknown;
  digest(): Uint8Array;
  clone(): Digest;
}

class Hash {
  readonly #digest: Digest;

  constructor(digest: Digest) {
    this.#digest = digest;
  }

  update(data: Data, encoding?: Encoding): this {
    this.#digest.update(toBytes(data, encoding));
    return this;
  }

  digest(encoding?: Encoding): string | Buffer {
    return encoded(this.#digest.digest(), encoding);
  }

  copy(): Hash {
    return new Hash(this.#digest.clone());
  }
}

function encoded(bytes: Uint8Array, encoding?: Encoding): string | Buffer {
  const buffer = Buffer.from(bytes);
  return encoding === undefined ? buffer : buffer.toString(encoding);
}

// noble takes plain arrays only.
function toBytes(data: Data, encoding?: Encoding): Uint8Array {
  if (typeof data === 'string') return new Uint8Array(Buffer.from(data, encoding));
  if (data instanceof ArrayBuffer) return new Uint8Array(data.slice(0));
  if (!ArrayBuffer.isView(data))
    throw new TypeError('The "data" argument must be a string or bytes');
  return Uint8Array.from(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
}

function algorithm(name: string): (typeof DIGESTS)[keyof typeof DIGESTS] {
  const lower = String(name).toLowerCase().replace('rsa-', '');
  const key = Object.hasOwn(DIGESTS, lower) ? lower : lower.replace('sha-', 'sha');
  if (!Object.hasOwn(DIGESTS, key)) throw new Error('Digest method not supported');
  return DIGESTS[key as keyof typeof DIGESTS];
}

export const getHashes = (): string[] => Object.keys(DIGESTS);

export function createHash(name: string): Hash {
  return new Hash(algorithm(name).create() as Digest);
}

/** `crypto.hash(algorithm, data)` of Node 20.12. */
export function hash(name: string, data: Data, encoding: Encoding = 'hex'): string | Buffer {
  return createHash(name).update(data).digest(encoding);
}

export function createHmac(name: string, key: Data): Hash {
  return new Hash(hmac.create(algorithm(name), toBytes(key)) as Digest);
}

export function timingSafeEqual(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) throw new RangeError('Input buffers must have the same byte length');
  return a.every((byte, i) => byte === b[i]);
}

export function pbkdf2Sync(
  password: Data,
  salt: Data,
  c: number,
  dkLen: number,
  digest: string,
): Buffer {
  return Buffer.from(pbkdf2(algorithm(digest), toBytes(password), toBytes(salt), { c, dkLen }));
}

export function scryptSync(
  password: Data,
  salt: Data,
  dkLen: number,
  { N = 16384, r = 8, p = 1 }: { N?: number; r?: number; p?: number } = {},
): Buffer {
  return Buffer.from(scrypt(toBytes(password), toBytes(salt), { N, r, p, dkLen }));
}

export function hkdfSync(
  digest: string,
  key: Data,
  salt: Data,
  info: Data,
  length: number,
): ArrayBuffer {
  const bytes = hkdf(algorithm(digest), toBytes(key), toBytes(salt), toBytes(info), length);
  return Uint8Array.from(bytes).buffer;
}

export { toPublicKey as createPublicKey };

class Verify {
  readonly #name: string;
  readonly #parts: Uint8Array[] = [];

  constructor(name: string) {
    this.#name = name;
  }

  update(data: Data, encoding?: Encoding): this {
    this.#parts.push(toBytes(data, encoding));
    return this;
  }

  verify(key: unknown, signature: Data, encoding?: Encoding): boolean {
    const digest = algorithm(this.#name)(new Uint8Array(Buffer.concat(this.#parts)));
    return verifies(toPublicKey(key), toBytes(signature, encoding), { digest });
  }
}

export function createVerify(name: string): Verify {
  algorithm(name);
  return new Verify(name);
}

/** `crypto.verify`: no algorithm for Ed25519, which hashes by itself. */
export function verify(
  name: string | null | undefined,
  data: Data,
  key: unknown,
  signature: Data,
): boolean {
  if (name !== null && name !== undefined)
    return createVerify(name).update(data).verify(key, signature);
  return verifies(toPublicKey(key), toBytes(signature), { message: toBytes(data) });
}

export function randomBytes(
  size: number,
  callback?: (error: unknown, bytes: Buffer) => void,
): Buffer {
  const bytes = Buffer.from(
    Uint8Array.from({ length: size }, () => Math.floor(currentScope().random() * 256)),
  );
  if (callback) queueMicrotask(() => callback(null, bytes));
  return bytes;
}

export function randomFillSync<View extends ArrayBufferView>(view: View): View {
  const bytes = new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
  bytes.set(randomBytes(bytes.length));
  return view;
}

export { randomFillSync as getRandomValues };

export function randomInt(min: number, max?: number): number {
  const [low, high] = max === undefined ? [0, min] : [min, max];
  return low + Math.floor(currentScope().random() * (high - low));
}

export function randomUUID(): string {
  const bytes = randomBytes(16);
  bytes.set([((bytes[6] ?? 0) & 0x0f) | 0x40], 6);
  bytes.set([((bytes[8] ?? 0) & 0x3f) | 0x80], 8);
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

const refused = refusing('crypto') as Record<string, () => never>;
export const { createSign, createCipheriv, createDecipheriv, generateKeyPairSync, sign } = refused;
