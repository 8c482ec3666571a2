// SPDX-License-Identifier: Apache-2.0
// What validation asks about namespaces; what is deployed on the channel answers (see lifecycle/namespace-policies.ts).
import type { Policy } from '../../common/policies/types.ts';

export const LIFECYCLE_NAMESPACE = '_lifecycle';

/** Finds policies under one channel configuration. */
export interface NamespacePolicies {
  /** Undefined when no chaincode of that name is deployed: such a transaction is INVALID_CHAINCODE. */
  policyOf(namespace: string): Policy | undefined;
  /** The collection's own policy or else the chaincode's; undefined when there is no such collection, which nobody can endorse. */
  collectionPolicyOf(namespace: string, collection: string): Policy | undefined;
}
