// SPDX-License-Identifier: Apache-2.0
// Chance is a component like time: bytes are all that is injected, and what else is needed comes from them.

/** Random bytes; injected where a test must be able to foresee them. */
export type RandomBytes = (length: number) => Uint8Array<ArrayBuffer>;

/** Random bytes of the platform; present without a secure context too. */
export const systemRandomBytes: RandomBytes = (length) =>
  globalThis.crypto.getRandomValues(new Uint8Array(length));

/** Numbers from 0 to before 1, for jitter and for choosing among equals. */
export function fractionOf(random: RandomBytes): () => number {
  return () => random(4).reduce((value, byte) => value * 256 + byte, 0) / 2 ** 32;
}
