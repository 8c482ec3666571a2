// SPDX-License-Identifier: Apache-2.0
// Chaincode definitions and collections, as the state of `_lifecycle` holds them.
export {
  type CommittedChaincode,
  namespaceDefinitionOf,
  queryChaincodeDefinition,
  queryChaincodeDefinitions,
} from './committed-chaincode.ts';
export { CommittedDefinitions } from './committed-definitions.ts';
export {
  implicitCollection,
  implicitCollectionName,
  mspIdIfImplicitCollection,
} from './implicit-collection.ts';
export type { LifecycleState } from './lifecycle-state.ts';
export { committedNamespacePolicies } from './namespace-policies.ts';
