// SPDX-License-Identifier: Apache-2.0
// Which endorsement policy guards a namespace (Fabric: core/chaincode/lifecycle/deployedcc_infoprovider.go ValidationInfo).
// Definitions come from the network description here; a source that reads them from the `_lifecycle` namespace of the
// state has the same shape.
import type { ChannelConfigBundle } from '../../common/channelconfig/types.ts';
import type { ChaincodeDefinition } from '../../common/network/types.ts';
import { parsePolicy } from '../../common/policies/index.ts';
import type { Policy } from '../../common/policies/types.ts';
import { common } from '../../common/protos/index.ts';

export const LIFECYCLE_NAMESPACE = '_lifecycle';
const LIFECYCLE_ENDORSEMENT_POLICY = '/Channel/Application/LifecycleEndorsement';

/** Finds the policy of a namespace under one channel configuration. */
export interface NamespacePolicies {
  /** Undefined when no chaincode of that name is defined: such a transaction is INVALID_CHAINCODE. */
  policyOf(namespace: string): Policy | undefined;
}

/** Policies of the definitions of a network description, made once for a bundle. */
export function definedNamespacePolicies(
  definitions: readonly ChaincodeDefinition[],
  bundle: ChannelConfigBundle,
): NamespacePolicies {
  const policies = new Map<string, Policy>([
    [LIFECYCLE_NAMESPACE, bundle.policyManager.getPolicy(LIFECYCLE_ENDORSEMENT_POLICY)],
  ]);
  for (const { name, endorsementPolicy } of definitions) {
    policies.set(name, endorsementPolicyOf(endorsementPolicy, bundle));
  }
  return { policyOf: (namespace) => policies.get(namespace) };
}

/** A policy written in Fabric's DSL, or a reference to one of the channel (`/Channel/…`). */
export function endorsementPolicyOf(text: string, bundle: ChannelConfigBundle): Policy {
  if (text.startsWith('/')) return bundle.policyManager.getPolicy(text);
  return bundle.signaturePolicy(common.SignaturePolicyEnvelope.encode(parsePolicy(text)).finish());
}
