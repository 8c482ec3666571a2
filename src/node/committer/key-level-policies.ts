// SPDX-License-Identifier: Apache-2.0
// State-based endorsement: a key that carries VALIDATION_PARAMETER metadata is guarded by that policy instead of its
// chaincode's. Mirrors Fabric's core/common/validation/statebased (vpmanagerimpl.go, v20.go).
import type { ChannelConfigBundle } from '../../common/channelconfig/types.ts';
import type { SignedData } from '../../common/policies/types.ts';
import type { NamespaceVerdict } from './verdict.ts';

/** Name of the metadata entry that holds a serialized SignaturePolicyEnvelope. */
export const VALIDATION_PARAMETER = 'VALIDATION_PARAMETER';

/** Committed policies of keys; undefined where a key has none. */
export interface KeyPolicies {
  validationParameter(namespace: string, key: string): Promise<Uint8Array | undefined>;
}

/** Keys whose policy an earlier transaction of the same block has changed. */
export class ChangedKeyPolicies {
  readonly #changed = new Set<string>();

  note(verdict: NamespaceVerdict): void {
    for (const key of verdict.metadataKeys) this.#changed.add(`${verdict.namespace}\0${key}`);
  }

  has(namespace: string, key: string): boolean {
    return this.#changed.has(`${namespace}\0${key}`);
  }
}

/**
 * Whether the endorsements cover all writes of one namespace. The chaincode's policy counts for every key without one of
 * its own, and when nothing was written at all.
 */
export async function namespaceEndorsed(
  verdict: NamespaceVerdict,
  changed: ChangedKeyPolicies,
  keyPolicies: KeyPolicies,
  bundle: ChannelConfigBundle,
  signatures: () => SignedData[],
): Promise<boolean> {
  const { namespace, writtenKeys, metadataKeys, privateWrites, chaincodePolicySatisfied } = verdict;
  const keys = new Set([...writtenKeys, ...metadataKeys]);
  if (privateWrites || keys.size === 0) {
    if (!chaincodePolicySatisfied) return false;
  }
  for (const key of keys) {
    // The new policy is not committed yet and the old one no longer holds: Fabric refuses as well.
    if (changed.has(namespace, key)) return false;
    const parameter = await keyPolicies.validationParameter(namespace, key);
    const satisfied = parameter
      ? await bundle.signaturePolicy(parameter).evaluateSignedData(signatures())
      : chaincodePolicySatisfied;
    if (!satisfied) return false;
  }
  return true;
}
