// SPDX-License-Identifier: Apache-2.0
// From signatures to the identities that really signed (SignatureSetToValidIdentities of common/policies/policy.go).
import type { Identity, MSPManager } from '../msp/types.ts';
import { FabricError } from '../runtime/errors.ts';
import type { SignedData } from './types.ts';

/**
 * The distinct identities with a valid signature, in the order of the signatures. Those that cannot be deserialized and
 * wrong signatures are left out; an identity counts as seen only once a signature of it was right.
 */
export async function signatureSetToValidIdentities(
  signatures: readonly SignedData[],
  mspManager: MSPManager,
): Promise<Identity[]> {
  const identities = await Promise.all(signatures.map((one) => identityOf(one, mspManager)));
  const indexesOf = new Map<string, number[]>();
  for (const [index, identity] of identities.entries()) {
    if (!identity) continue;
    const key = `${identity.mspId}/${identity.id}`;
    indexesOf.set(key, [...(indexesOf.get(key) ?? []), index]);
  }
  const firstValid = async (indexes: readonly number[]): Promise<number | undefined> => {
    for (const index of indexes) {
      const one = signatures[index];
      if (one && (await identities[index]?.verify(one.data, one.signature))) return index;
    }
    return undefined;
  };
  // Signatures of different identities are checked side by side, those of one identity in turn.
  const valid = await Promise.all([...indexesOf.values()].map(firstValid));
  return identities.filter((identity, index): identity is Identity => valid.includes(index));
}

async function identityOf(one: SignedData, mspManager: MSPManager): Promise<Identity | undefined> {
  try {
    return await mspManager.deserializeIdentity(one.identity);
  } catch (error) {
    if (error instanceof FabricError) return undefined;
    throw error;
  }
}
