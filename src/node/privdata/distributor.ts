// SPDX-License-Identifier: Apache-2.0
// What becomes of private data at endorsement (DistributePrivateData of gossip/service/gossip_service.go, and
// gossip/privdata/distributor.go): it goes to the peers that the collections ask for, and into this peer's transient store.
//
// Peers do not send private data to one another yet, so there is never anybody to send it to. As in Fabric, a collection
// whose requiredPeerCount cannot be met fails the endorsement, and maxPeerCount is best effort.
import type { protos, transientstore } from '../../common/protos/index.ts';
import { FabricError, messageOf } from '../../common/runtime/errors.ts';
import type { Logger } from '../../common/runtime/log.ts';
import type { TransientStore } from '../../ledger/transientstore/index.ts';
import { memberOrgs } from './collection-store.ts';

export interface PvtDataDistributorComponents {
  readonly channelId: string;
  /** The peer's organisation. */
  readonly mspId: string;
  readonly transientStore: TransientStore;
  readonly log: Logger;
}

export class PvtDataDistributor {
  readonly #components: PvtDataDistributorComponents;

  constructor(components: PvtDataDistributorComponents) {
    this.#components = components;
  }

  /**
   * Throws FabricError DISTRIBUTION_FAILED when a collection needs more peers than there are, and LedgerError
   * TRANSIENT_STORE_FULL. Nothing may be signed then.
   *
   * @param blockHeight of the ledger, now.
   */
  async distributePrivateData(
    txId: string,
    data: transientstore.ITxPvtReadWriteSetWithConfigInfo,
    blockHeight: number,
  ): Promise<void> {
    try {
      for (const [chaincode, { config }] of Object.entries(data.collection_configs ?? {})) {
        for (const { static_collection_config: collection } of config ?? []) {
          if (collection) this.#plan(chaincode, collection);
        }
      }
    } catch (cause) {
      const text = `failed to distribute private collection, txID ${txId}, channel ${this.#components.channelId}: ${messageOf(cause)}`;
      throw new FabricError('DISTRIBUTION_FAILED', text, { cause });
    }
    await this.#components.transientStore.persist(txId, blockHeight, data);
  }

  #plan(chaincode: string, collection: protos.IStaticCollectionConfig): void {
    const { mspId, log } = this.#components;
    const { name, required_peer_count: required } = collection;
    if ((required ?? 0) > 0) {
      const text = `could not build private data dissemination plan for chaincode ${chaincode} and collection ${name}: required to disseminate to at least ${required} peers, but know of only 0 eligible peers: peers do not send private data to one another yet; define the collection with requiredPeerCount 0`;
      throw new FabricError('DISTRIBUTION_FAILED', text);
    }
    if (memberOrgs(collection).includes(mspId)) return;
    const text = `private data for collection ${name} of ${chaincode} is endorsed here, but ${mspId} is no member of it and nobody else has it: members will miss it`;
    log.warn(text);
  }
}
