// SPDX-License-Identifier: Apache-2.0
// The choice of an implementation of cryptography (bccsp/factory).
import { sha256 } from '@noble/hashes/sha2.js';
import type { PrivateKeyHandle } from './keys.ts';
import { NobleOnDemand } from './noble-on-demand.ts';
import type { BCCSP } from './types.ts';
import { WebCryptoBCCSP } from './webcrypto-bccsp.ts';

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
