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
  const firstValid = async ({ identity, indexes }: Signer): Promise<number | undefined> => {
    for (const index of indexes) {
      const one = signatures[index];
      if (one && (await identity.verify(one.data, one.signature))) return index;
    }
    return undefined;
  };
  // Signatures of different identities are checked side by side, those of one identity in turn.
  const valid = new Set(await Promise.all(signersOf(identities).map(firstValid)));
  return identities.filter((identity, index): identity is Identity => valid.has(index));
}

interface Signer {
  readonly identity: Identity;
  /** Of the signatures in its name. */
  readonly indexes: number[];
}

// By the id, a string that lives as long as the identity and is hashed once; the same certificate in two MSPs is two signers.
function signersOf(identities: readonly (Identity | undefined)[]): Signer[] {
  const signers: Signer[] = [];
  const byId = new Map<string, Signer[]>();
  for (const [index, identity] of identities.entries()) {
    if (!identity) continue;
    const namesakes = byId.get(identity.id) ?? [];
    const known = namesakes.find((signer) => signer.identity.mspId === identity.mspId);
    if (known) {
      known.indexes.push(index);
      continue;
    }
    const signer = { identity, indexes: [index] };
    signers.push(signer);
    byId.set(identity.id, [...namesakes, signer]);
  }
  return signers;
}

async function identityOf(one: SignedData, mspManager: MSPManager): Promise<Identity | undefined> {
  try {
    return await mspManager.deserializeIdentity(one.identity);
  } catch (error) {
    if (error instanceof FabricError) return undefined;
    throw error;
  }
}
