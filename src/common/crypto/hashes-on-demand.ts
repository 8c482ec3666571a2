// SPDX-License-Identifier: Apache-2.0
// The hashes in plain JavaScript, fetched by whoever needs one that is not SHA-256.
import type { HashName } from './types.ts';

/** Hashes by name, each over all of its input at once. */
export async function loadHashes(): Promise<
  Readonly<Record<HashName, (data: Uint8Array) => Uint8Array>>
> {
  return (await import('./hashes.ts')).HASHES;
}
