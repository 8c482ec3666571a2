// SPDX-License-Identifier: Apache-2.0
// Collections of chaincodes that a network description defines, in the form in which `_lifecycle` keeps its own
// (getCollectionConfigFromBytes of internal/peer/chaincode/common.go).
import type { ChaincodeDefinition, CollectionDefinition } from '../../common/network/types.ts';
import { createApplicationPolicy, parsePolicy } from '../../common/policies/index.ts';
import { protos } from '../../common/protos/index.ts';
import {
  type CollectionInfoSource,
  collectionsOf,
} from '../../ledger/kvledger/confighistory/collection-info.ts';

/** By chaincode. Throws PolicyError when a policy is none. */
export type DescribedCollections = ReadonlyMap<string, readonly protos.StaticCollectionConfig[]>;

export function describedCollections(
  chaincodes: readonly ChaincodeDefinition[],
): DescribedCollections {
  return new Map(
    chaincodes.map(({ name, collections = [] }) => [name, collections.map(staticCollection)]),
  );
}

/** Tells the ledger of the same collections. */
export function collectionInfoSource(
  chaincodes: readonly ChaincodeDefinition[],
): CollectionInfoSource {
  const infos = new Map(
    [...describedCollections(chaincodes)].map(([chaincode, collections]) => {
      const config = collections.map((one) => ({ static_collection_config: one }));
      const bytes = protos.CollectionConfigPackage.encode({ config }).finish();
      return [chaincode, collectionsOf(bytes)] as const;
    }),
  );
  return { collectionInfo: (chaincode, collection) => infos.get(chaincode)?.get(collection) };
}

function staticCollection(definition: CollectionDefinition): protos.StaticCollectionConfig {
  const { endorsementPolicy: text } = definition;
  const { StaticCollectionConfig, ApplicationPolicy } = protos;
  const config: protos.IStaticCollectionConfig = {
    name: definition.name,
    member_orgs_policy: { signature_policy: parsePolicy(definition.policy) },
    required_peer_count: definition.requiredPeerCount,
    maximum_peer_count: definition.maxPeerCount,
    block_to_live: definition.blockToLive,
    member_only_read: definition.memberOnlyRead,
    member_only_write: definition.memberOnlyWrite,
    endorsement_policy:
      text === undefined ? null : ApplicationPolicy.decode(createApplicationPolicy(text)),
  };
  return StaticCollectionConfig.decode(StaticCollectionConfig.encode(config).finish());
}
