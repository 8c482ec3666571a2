// SPDX-License-Identifier: Apache-2.0
// The hashes that an MSP's definition chooses (msp.FabricCryptoConfig, by the names of bccsp/opts.go): one for signatures of members, one
// for what identifies certificates and chains.
import { type BCCSP, type HashName, loadHashes } from '../crypto/index.ts';
import type { msp } from '../protos/index.ts';

/** Families of `signature_hash_family`, as members' ECDSA signatures use them (getHashOpt of msp/identities.go). */
const FAMILIES: ReadonlyMap<string, HashName> = new Map([
  ['SHA2', 'SHA-256'],
  ['SHA3', 'SHA3-256'],
]);

const FUNCTIONS: ReadonlyMap<string, HashName> = new Map([
  ['SHA256', 'SHA-256'],
  ['SHA384', 'SHA-384'],
  ['SHA3_256', 'SHA3-256'],
  ['SHA3_384', 'SHA3-384'],
]);

export interface HashFunctions {
  /** Undefined for a family that nobody knows: Fabric takes the definition, and then no signature of its members. */
  readonly signature: HashName | undefined;
  /** Undefined for a function that nobody knows: Fabric refuses the definition. */
  readonly identifier: HashName | undefined;
}

/** What is absent or empty is SHA2 and SHA256 (setupCrypto of msp/mspimplsetup.go). */
export function hashFunctionsOf({ crypto_config: config }: msp.FabricMSPConfig): HashFunctions {
  return {
    signature: FAMILIES.get(config?.signature_hash_family || 'SHA2'),
    identifier: FUNCTIONS.get(config?.identity_identifier_hash_function || 'SHA256'),
  };
}

/** The digest of data by a hash of the above. */
export async function digestOf(
  hash: HashName,
  data: Uint8Array,
  bccsp: BCCSP,
): Promise<Uint8Array> {
  if (hash === 'SHA-256') return bccsp.sha256(data);
  // Apart, because hardly any network chooses another.
  return (await loadHashes())[hash](data);
}
