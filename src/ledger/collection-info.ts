// SPDX-License-Identifier: Apache-2.0
// What the ledger needs to know of a private collection (core/common/privdata of Fabric): how long its data lives, and
// which organisations may hold it.
import { common, msp, protos } from '../common/protos/index.ts';
import { toNumber } from '../common/protoutil/numbers.ts';

export interface CollectionInfo {
  /** Blocks after its own for which a value lives; 0 for ever. */
  readonly blockToLive: number;
  /** MSP ids. */
  readonly memberOrgs: readonly string[];
}

/** Tells of collections that the ledger's own `_lifecycle` state does not define. */
export interface CollectionInfoSource {
  collectionInfo(chaincode: string, collection: string): CollectionInfo | undefined;
}

const IMPLICIT_PREFIX = '_implicit_org_';

/** The collection that every chaincode has for an organisation; undefined when the name is none of these. */
export function implicitCollection(collection: string): CollectionInfo | undefined {
  if (!collection.startsWith(IMPLICIT_PREFIX)) return undefined;
  return { blockToLive: 0, memberOrgs: [collection.slice(IMPLICIT_PREFIX.length)] };
}

/** The collections of a serialized protos.CollectionConfigPackage by name; throws when it is malformed. */
export function collectionsOf(bytes: Uint8Array): Map<string, CollectionInfo> {
  const { config } = protos.CollectionConfigPackage.decode(bytes);
  return new Map(
    config.flatMap(({ static_collection_config: coll }) => {
      if (!coll) return [];
      const identities = coll.member_orgs_policy?.signature_policy?.identities ?? [];
      const info = {
        blockToLive: toNumber(coll.block_to_live ?? 0),
        memberOrgs: [...new Set(identities.map(mspIdOf).filter((id) => id !== ''))],
      };
      return [[coll.name ?? '', info] as const];
    }),
  );
}

/** The expiry of what a block wrote: gone at the commit of this block; undefined when it never is. */
export function expiringBlock(
  info: CollectionInfo | undefined,
  blockNum: number,
): number | undefined {
  if (!info || info.blockToLive === 0) return undefined;
  const expiry = blockNum + info.blockToLive + 1;
  return Number.isSafeInteger(expiry) ? expiry : undefined;
}

function mspIdOf({ principal_classification, principal }: common.IMSPPrincipal): string {
  const bytes = principal ?? new Uint8Array();
  switch (principal_classification) {
    case common.MSPPrincipal.Classification.ORGANIZATION_UNIT:
      return common.OrganizationUnit.decode(bytes).msp_identifier;
    case common.MSPPrincipal.Classification.IDENTITY:
      return msp.SerializedIdentity.decode(bytes).mspid;
    default:
      return common.MSPRole.decode(bytes).msp_identifier;
  }
}
