// SPDX-License-Identifier: Apache-2.0
// In place of Node's crypto: the synchronous hashes that chaincode may use. Random numbers and keys are left out,
// since endorsers could not agree on them.
import { hmac } from '@noble/hashes/hmac.js';
import { md5, sha1 } from '@noble/hashes/legacy.js';
import { sha256, sha384, sha512 } from '@noble/hashes/sha2.js';
import { Buffer } from 'buffer/';

const DIGESTS = { sha256, sha384, sha512, sha1, md5 } as const;
type Encoding = 'utf8' | 'hex' | 'base64' | 'latin1';

interface Digest {
  update(bytes: Uint8Array): unknown;
  digest(): Uint8Array;
}

class Hash {
  readonly #digest: Digest;

  constructor(digest: Digest) {
    this.#digest = digest;
  }

  update(data: string | Uint8Array, encoding?: Encoding): this {
    this.#digest.update(toBytes(data, encoding));
    return this;
  }

  digest(encoding?: Encoding): string | Buffer {
    const bytes = Buffer.from(this.#digest.digest());
    return encoding === undefined ? bytes : bytes.toString(encoding);
  }
}

// noble takes plain arrays only.
function toBytes(data: string | Uint8Array, encoding?: Encoding): Uint8Array {
  return new Uint8Array(typeof data === 'string' ? Buffer.from(data, encoding) : data);
}

function algorithm(name: string): (typeof DIGESTS)[keyof typeof DIGESTS] {
  const key = name.toLowerCase().replace('-', '');
  if (!Object.hasOwn(DIGESTS, key)) throw new Error('Digest method not supported');
  return DIGESTS[key as keyof typeof DIGESTS];
}

export function createHash(name: string): Hash {
  return new Hash(algorithm(name).create());
}

export function createHmac(name: string, key: string | Uint8Array): Hash {
  return new Hash(hmac.create(algorithm(name), toBytes(key)));
}

export function timingSafeEqual(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) throw new RangeError('Input buffers must have the same byte length');
  return a.every((byte, i) => byte === b[i]);
}

function refuse(name: string): () => never {
  return () => {
    throw new Error(
      `crypto.${name} is not available to chaincode: endorsers would not agree on its result`,
    );
  };
}

export const randomBytes = refuse('randomBytes');
export const randomUUID = refuse('randomUUID');
export const randomInt = refuse('randomInt');
export const createSign = refuse('createSign');
export const createVerify = refuse('createVerify');
