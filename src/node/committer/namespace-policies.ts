// SPDX-License-Identifier: Apache-2.0
// What validation asks about namespaces; what is deployed on the channel answers (see lifecycle/namespace-policies.ts).
import type { Policy } from '../../common/policies/types.ts';
import type { LegacyDefinition } from './definition-tracker.ts';

export const LIFECYCLE_NAMESPACE = '_lifecycle';
/** Where chaincodes were defined before application capability V2_0. */
export const LSCC_NAMESPACE = 'lscc';

/** Finds policies under one channel configuration. */
export interface NamespacePolicies {
  /** Undefined when no chaincode of that name is deployed: such a transaction is INVALID_CHAINCODE. */
  policyOf(namespace: string): Policy | undefined;
  /** The collection's own policy or else the chaincode's; undefined when there is no such collection, which nobody can endorse. */
  collectionPolicyOf(namespace: string, collection: string): Policy | undefined;
  /** For validation before application capability V2_0. */
  readonly legacy: LegacyPolicies;
}

/** A chaincode as `lscc` defines it. */
export interface LegacyNamespace {
  readonly definition: LegacyDefinition;
  readonly policy: Policy;
}

/** Finds what `lscc` defines, under one channel configuration. */
export interface LegacyPolicies {
  /** Guards system chaincodes. */
  readonly anyMember: Policy;
  /** Undefined when no chaincode of that name is instantiated. */
  namespaceOf(namespace: string): LegacyNamespace | undefined;
}
