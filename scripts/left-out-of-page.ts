// SPDX-License-Identifier: Apache-2.0
// Parts of libp2p that the page never uses and a bundler cannot tell: keys of kinds that no peer here has. Every peer and relay of a
// network makes an Ed25519 key; another's handshake fails, here because its key cannot be read.
import type { Plugin } from 'vite';

/** Modules whose functions are left out, by the end of their paths. */
const LEFT_OUT = [
  '@libp2p/crypto/dist/src/keys/ecdsa/utils.js',
  '@libp2p/crypto/dist/src/keys/rsa/utils.js',
  '@libp2p/crypto/dist/src/keys/secp256k1/utils.js',
] as const;

/** For the page's build: fails when one of the modules is no longer what it was. */
export const leftOutOfPage: Plugin = {
  name: 'left-out-of-page',
  transform(code, id) {
    if (!LEFT_OUT.some((end) => id.endsWith(end))) return null;
    return { code: withoutFunctions(code), map: null };
  },
};

/** A module that exports the same functions, each of which throws, and the same plain numbers. Throws when it exports none. */
export function withoutFunctions(code: string): string {
  const functions = [...code.matchAll(/^export (?:async )?function (\w+)\(/gm)];
  if (functions.length === 0) throw new Error('there is no function to leave out');
  const numbers = [...code.matchAll(/^export const \w+ = [\d.]+;$/gm)].map(([line]) => line);
  const throwing = functions.map(
    ([, name]) =>
      `export function ${name}() { throw new Error('${name} is left out of the page'); }`,
  );
  return [...numbers, ...throwing].join('\n');
}
