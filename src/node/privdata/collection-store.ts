// SPDX-License-Identifier: Apache-2.0
// The collections of a channel, and who may use them (core/common/privdata/store.go and simplecollection.go).
import type { ChannelConfigBundle } from '../../common/channelconfig/types.ts';
import { common, protos } from '../../common/protos/index.ts';
import { proposalAsSignedData } from '../../common/protoutil/index.ts';
import { FabricError } from '../../common/runtime/errors.ts';
import { collectionsOf } from '../../ledger/collection-info.ts';
import {
  type DeployedChaincodes,
  implicitCollection,
  mspIdIfImplicitCollection,
} from '../lifecycle/index.ts';

export interface CollectionStoreComponents {
  readonly channelId: string;
  readonly deployed: Pick<DeployedChaincodes, 'chaincode'>;
  readonly bundle: () => ChannelConfigBundle;
}

/** What the creator of a proposal may do with a collection. */
export interface ReadWritePermission {
  readonly read: boolean;
  readonly write: boolean;
}

export class CollectionStore {
  readonly #components: CollectionStoreComponents;

  constructor(components: CollectionStoreComponents) {
    this.#components = components;
  }

  /** All that a chaincode defines, without the implicit ones. */
  async collections(chaincode: string): Promise<readonly protos.StaticCollectionConfig[]> {
    return (await this.#components.deployed.chaincode(chaincode))?.collections ?? [];
  }

  /** Undefined when there is none of that name. */
  async find(
    chaincode: string,
    collection: string,
  ): Promise<protos.StaticCollectionConfig | undefined> {
    const mspId = mspIdIfImplicitCollection(collection);
    if (mspId === undefined) {
      return (await this.collections(chaincode)).find(({ name }) => name === collection);
    }
    const isKnown = this.#components.bundle().application.orgs.some((org) => org.mspId === mspId);
    return isKnown ? implicitCollection(mspId) : undefined;
  }

  /** Throws FabricError COLLECTION_UNKNOWN. */
  async retrieveCollectionConfig(
    chaincode: string,
    collection: string,
  ): Promise<protos.StaticCollectionConfig> {
    const found = await this.find(chaincode, collection);
    if (found) return found;
    const text = `collection ${this.#components.channelId}/${chaincode}/${collection} could not be found`;
    throw new FabricError('COLLECTION_UNKNOWN', text);
  }

  /** What the creator of a proposal may do. Throws FabricError COLLECTION_UNKNOWN. */
  async retrieveReadWritePermission(
    chaincode: string,
    collection: string,
    signedProposal: protos.ISignedProposal,
  ): Promise<ReadWritePermission> {
    const config = await this.retrieveCollectionConfig(chaincode, collection);
    const { member_only_read, member_only_write } = config;
    if (!member_only_read && !member_only_write) return { read: true, write: true };
    if (await this.#isCreatorAMember(config, signedProposal)) return { read: true, write: true };
    return { read: !member_only_read, write: !member_only_write };
  }

  async #isCreatorAMember(
    { member_orgs_policy }: protos.StaticCollectionConfig,
    signedProposal: protos.ISignedProposal,
  ): Promise<boolean> {
    const envelope = member_orgs_policy?.signature_policy;
    if (!envelope) return false;
    const bytes = common.SignaturePolicyEnvelope.encode(envelope).finish();
    const policy = this.#components.bundle().signaturePolicy(bytes);
    return policy.evaluateSignedData([proposalAsSignedData(signedProposal)]);
  }
}

/** MSP ids of the organisations whose peers may hold a collection's data. */
export function memberOrgs(config: protos.IStaticCollectionConfig): readonly string[] {
  const [info] = collectionsOf(
    protos.CollectionConfigPackage.encode({
      config: [{ static_collection_config: config }],
    }).finish(),
  ).values();
  return info?.memberOrgs ?? [];
}
