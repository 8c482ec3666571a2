// SPDX-License-Identifier: Apache-2.0
// Private data at a peer: collections, and what happens to clear data at endorsement and at commit.
export {
  CollectionStore,
  memberOrgs,
  type ReadWritePermission,
} from './collection-store.ts';
export { Coordinator, type CoordinatorOptions } from './coordinator.ts';
export { PvtDataDistributor } from './distributor.ts';
