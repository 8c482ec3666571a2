// SPDX-License-Identifier: Apache-2.0
// Private write sets with the collections that they are for (core/endorser/pvtrwset_assembler.go), as they go to the transient
// store and to other peers.
import { type protos, rwset, type transientstore } from '../../common/protos/index.ts';

/** Finds collections, the implicit ones among them. */
export interface CollectionConfigs {
  /** Rejects with FabricError COLLECTION_UNKNOWN. */
  retrieveCollectionConfig(
    chaincode: string,
    collection: string,
  ): Promise<protos.IStaticCollectionConfig>;
}

/**
 * @param privateResults serialized rwset.TxPvtReadWriteSet of a simulation.
 * @param endorsedAt height of the ledger.
 */
export async function assemblePvtRWSet(
  privateResults: Uint8Array,
  collections: CollectionConfigs,
  endorsedAt: number,
): Promise<transientstore.ITxPvtReadWriteSetWithConfigInfo> {
  const pvt_rwset = rwset.TxPvtReadWriteSet.decode(privateResults);
  const packages = await Promise.all(
    pvt_rwset.ns_pvt_rwset.map(async ({ namespace, collection_pvt_rwset }) => {
      const config = await Promise.all(
        collection_pvt_rwset.map(async ({ collection_name }) => ({
          static_collection_config: await collections.retrieveCollectionConfig(
            namespace,
            collection_name,
          ),
        })),
      );
      return [namespace, { config }] as const;
    }),
  );
  return { endorsed_at: endorsedAt, pvt_rwset, collection_configs: Object.fromEntries(packages) };
}
