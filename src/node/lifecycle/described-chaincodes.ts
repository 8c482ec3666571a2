// SPDX-License-Identifier: Apache-2.0
// The chaincodes that a network description defines, in the form that a definition on the chain has
// (getCollectionConfigFromBytes of internal/peer/chaincode/common.go, and the defaults of approveformyorg).
import type { ChaincodeDefinition, CollectionDefinition } from '../../common/network/types.ts';
import { createApplicationPolicy, parsePolicy } from '../../common/policies/index.ts';
import { protos } from '../../common/protos/index.ts';
import { type CollectionInfoSource, collectionsOf } from '../../ledger/collection-info.ts';
import type { DeployedChaincode } from './committed-chaincode.ts';

/** Throws PolicyError when a policy is none. */
export function describedChaincodes(
  definitions: readonly ChaincodeDefinition[],
): DeployedChaincode[] {
  return definitions.map(({ name, version, sequence, endorsementPolicy, ...others }) => ({
    name,
    version,
    sequence,
    initRequired: others.initRequired ?? false,
    endorsementPlugin: 'escc',
    validationPlugin: 'vscc',
    validationParameter: createApplicationPolicy(endorsementPolicy),
    collections: (others.collections ?? []).map(staticCollection),
    source: 'network' as const,
  }));
}

/**
 * Tells a ledger of the collections of these chaincodes. What its own chain defines goes first there, block by block
 * (see ConfigHistory).
 */
export function collectionInfoSource(
  definitions: readonly ChaincodeDefinition[],
): CollectionInfoSource {
  const infos = new Map(
    describedChaincodes(definitions).map(({ name, collections }) => {
      const config = collections.map((one) => ({ static_collection_config: one }));
      const bytes = protos.CollectionConfigPackage.encode({ config }).finish();
      return [name, collectionsOf(bytes)] as const;
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
