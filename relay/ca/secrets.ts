// SPDX-License-Identifier: Apache-2.0
// Enrolment secrets are kept as salted scrypt hashes and compared in constant time.
import { createHash, randomBytes, type ScryptOptions, scrypt, timingSafeEqual } from 'node:crypto';

// About 10 ms: a class of sixty enrolments at once stays below a second, and a guess still costs something.
const SCRYPT: ScryptOptions = { N: 4096, r: 8, p: 1 };
const HASH_BYTES = 32;
const SALT_BYTES = 16;

/** A secret that cannot be guessed: 144 random bits as 24 URL-safe characters. */
export function newSecret(): string {
  return randomBytes(18).toString('base64url');
}

/** Digests have one length and hide where two secrets first differ. */
export function sameSecret(a: string, b: string): boolean {
  return timingSafeEqual(digestOf(a), digestOf(b));
}

/** Enough for a secret of random bits, where no guess costs less. */
export function digestOf(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}

/** `salt.hash` of a secret, for storage. */
export async function hashSecret(secret: string): Promise<string> {
  const salt = randomBytes(SALT_BYTES);
  return `${salt.toString('base64url')}.${(await derive(secret, salt)).toString('base64url')}`;
}

/** True when `secret` made the stored hash; takes equally long when there is no stored hash. */
export async function verifySecret(secret: string, stored: string | undefined): Promise<boolean> {
  const [salt = '', hash = ''] = (stored ?? '').split('.');
  const expected = Buffer.from(hash, 'base64url');
  const actual = await derive(secret, Buffer.from(salt, 'base64url'));
  return expected.length === actual.length && timingSafeEqual(expected, actual);
}

function derive(secret: string, salt: Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    scrypt(secret, salt, HASH_BYTES, SCRYPT, (error, key) =>
      error ? reject(error) : resolve(key),
    );
  });
}
