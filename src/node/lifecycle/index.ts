// SPDX-License-Identifier: Apache-2.0
// Chaincode definitions and collections: as the state of `_lifecycle` holds them, as a network description does, and what of both
// holds on a channel.
export {
  type CommittedChaincode,
  type DeployedChaincode,
  namespaceDefinitionOf,
  queryChaincodeDefinition,
  queryChaincodeDefinitions,
} from './committed-chaincode.ts';
export { DeployedChaincodes, type DeployedChaincodesEvents } from './deployed-chaincodes.ts';
export { collectionInfoSource, describedChaincodes } from './described-chaincodes.ts';
export {
  type ChaincodeEndorsementInfo,
  ChaincodeEndorsementInfoSource,
  type Lifecycle,
} from './endorsement-info.ts';
export {
  implicitCollection,
  implicitCollectionName,
  mspIdIfImplicitCollection,
} from './implicit-collection.ts';
export { type LifecycleState, readDefinition } from './lifecycle-state.ts';
export { namespacePolicies } from './namespace-policies.ts';
