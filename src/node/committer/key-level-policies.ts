// SPDX-License-Identifier: Apache-2.0
// State-based endorsement: a key that carries VALIDATION_PARAMETER metadata is guarded by that policy instead of its
// chaincode's or collection's. Mirrors Fabric's core/common/validation/statebased (validator_keylevel.go, v20.go,
// vpmanagerimpl.go). A parameter that is no policy halts the channel there; here it is one that nobody satisfies.
import type { ChannelConfigBundle } from '../../common/channelconfig/types.ts';
import { PolicyError } from '../../common/policies/index.ts';
import type { SignedData } from '../../common/policies/types.ts';
import type { NamespaceVerdict } from './verdict.ts';

/** Name of the metadata entry that holds a serialized SignaturePolicyEnvelope. */
export const VALIDATION_PARAMETER = 'VALIDATION_PARAMETER';

/** Committed policies of keys; undefined where a key has none. */
export interface KeyPolicies {
  validationParameter(namespace: string, key: string): Promise<Uint8Array | undefined>;
  /** Of a private key, by the hash of its name in hex. */
  hashedValidationParameter(
    namespace: string,
    collection: string,
    keyHash: string,
  ): Promise<Uint8Array | undefined>;
}

/** Keys whose policy an earlier transaction of the same block has changed. */
export class ChangedKeyPolicies {
  readonly #changed = new Set<string>();

  note({ namespace, metadataKeys, collections }: NamespaceVerdict): void {
    for (const key of metadataKeys) this.#changed.add(idOf(namespace, '', key));
    for (const { collection, metadataKeyHashes } of collections) {
      for (const keyHash of metadataKeyHashes) {
        this.#changed.add(idOf(namespace, collection, keyHash));
      }
    }
  }

  has(namespace: string, { collection, key }: GuardedKey): boolean {
    return this.#changed.has(idOf(namespace, collection, key));
  }
}

function idOf(namespace: string, collection: string, key: string): string {
  return JSON.stringify([namespace, collection, key]);
}

/** A written key. */
interface GuardedKey {
  /** Empty for public keys. */
  readonly collection: string;
  /** The key, or the hash of a private one. */
  readonly key: string;
  /** Whether the policy is satisfied that counts when the key has none of its own. */
  readonly otherwise: boolean;
}

/**
 * Whether the endorsements cover all writes of one namespace. The chaincode's policy, or the collection's, counts for
 * every key without one of its own; the chaincode's also when nothing was written at all.
 */
export async function namespaceEndorsed(
  verdict: NamespaceVerdict,
  changed: ChangedKeyPolicies,
  keyPolicies: KeyPolicies,
  bundle: ChannelConfigBundle,
  signatures: () => SignedData[],
): Promise<boolean> {
  const { namespace } = verdict;
  const keys = guardedKeys(verdict);
  if (keys.length === 0) return verdict.chaincodePolicySatisfied;
  for (const guarded of keys) {
    // The new policy is not committed yet and the old one no longer holds: Fabric refuses as well.
    if (changed.has(namespace, guarded)) return false;
    const { collection, key, otherwise } = guarded;
    const parameter = collection
      ? await keyPolicies.hashedValidationParameter(namespace, collection, key)
      : await keyPolicies.validationParameter(namespace, key);
    const satisfied = parameter?.length
      ? await satisfies(parameter, bundle, signatures())
      : otherwise;
    if (!satisfied) return false;
  }
  return true;
}

function guardedKeys(verdict: NamespaceVerdict): GuardedKey[] {
  const { writtenKeys, metadataKeys, collections, chaincodePolicySatisfied } = verdict;
  const keysOf = (collection: string, keys: Iterable<string>, otherwise: boolean): GuardedKey[] =>
    Array.from(new Set(keys), (key) => ({ collection, key, otherwise }));
  return [
    ...keysOf('', [...writtenKeys, ...metadataKeys], chaincodePolicySatisfied),
    ...collections.flatMap(({ collection, writtenKeyHashes, metadataKeyHashes, policySatisfied }) =>
      keysOf(collection, [...writtenKeyHashes, ...metadataKeyHashes], policySatisfied),
    ),
  ];
}

async function satisfies(
  parameter: Uint8Array,
  bundle: ChannelConfigBundle,
  signatures: readonly SignedData[],
): Promise<boolean> {
  try {
    return await bundle.signaturePolicy(parameter).evaluateSignedData(signatures);
  } catch (error) {
    if (error instanceof PolicyError) return false;
    throw error;
  }
}
