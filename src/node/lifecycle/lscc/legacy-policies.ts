// SPDX-License-Identifier: Apache-2.0
// The policies of chaincodes that `lscc` defines: for validation before V2_0, and in the form that V2_0 knows.
import type { ChannelConfigBundle } from '../../../common/channelconfig/types.ts';
import { PolicyError, rejectPolicy } from '../../../common/policies/index.ts';
import type { Policy } from '../../../common/policies/types.ts';
import { common, protos } from '../../../common/protos/index.ts';
import type { NamespaceDefinition } from '../../committer/definition-tracker.ts';
import type { LegacyNamespace, LegacyPolicies } from '../../committer/namespace-policies.ts';

/**
 * Policies under one configuration.
 *
 * @param anyMember of system chaincodes, which have no other: one member of any organisation of the channel's application.
 */
export function legacyPolicies(
  definitions: readonly NamespaceDefinition[],
  anyMember: Policy,
  bundle: ChannelConfigBundle,
): LegacyPolicies {
  const namespaces = new Map<string, LegacyNamespace>();
  for (const { name, legacy } of definitions) {
    if (!legacy) continue;
    const policy = signaturePolicyOrReject(legacy.policy, bundle);
    namespaces.set(name, { definition: legacy, policy });
  }
  return { anyMember, namespaceOf: (namespace) => namespaces.get(namespace) };
}

/** A policy that nobody can read, or of a channel that does not have it, is one that nobody satisfies. */
export function signaturePolicyOrReject(bytes: Uint8Array, bundle: ChannelConfigBundle): Policy {
  try {
    return bundle.signaturePolicy(bytes);
  } catch (error) {
    if (error instanceof PolicyError) return rejectPolicy;
    throw error;
  }
}

/**
 * A policy of `lscc` as the plugin of V2_0 takes it (core/committer/txvalidator/v20/valinforetriever/shim.go): wrapped, or as it is when it
 * is none.
 */
export function asApplicationPolicy(policy: Uint8Array): Uint8Array {
  if (policy.length === 0) return policy;
  try {
    const signature_policy = common.SignaturePolicyEnvelope.decode(policy);
    return protos.ApplicationPolicy.encode({ signature_policy }).finish();
  } catch {
    return policy;
  }
}
