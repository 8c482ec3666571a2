// SPDX-License-Identifier: Apache-2.0
// Names of the npm packages that every peer brings for its chaincode, so that no package needs to (runtime/vendored-modules.ts).

/** The contract API and the shim, which are one with the peer, and what they use themselves. */
export const PROVIDED_PACKAGES: readonly string[] = [
  'class-transformer',
  'fabric-contract-api',
  'fabric-shim',
  'fabric-shim-api',
  'json-stringify-deterministic',
  'long',
  'reflect-metadata',
  'sort-keys-recursive',
];
