// SPDX-License-Identifier: Apache-2.0
// The hashes of certificates, MSPs and signatures in plain JavaScript. SHA-256 is done by the BCCSP wherever it can be; this is for the rest.
import { sha1 } from '@noble/hashes/legacy.js';
import { sha256, sha384, sha512 } from '@noble/hashes/sha2.js';
import { sha3_256, sha3_384 } from '@noble/hashes/sha3.js';
import type { HashName } from './types.ts';

export const HASHES: Readonly<Record<HashName, (data: Uint8Array) => Uint8Array>> = {
  'SHA-1': sha1,
  'SHA-256': sha256,
  'SHA-384': sha384,
  'SHA-512': sha512,
  'SHA3-256': sha3_256,
  'SHA3-384': sha3_384,
};
