// SPDX-License-Identifier: Apache-2.0
// Every organisation has a collection of its own in every chaincode, without definition
// (core/chaincode/implicitcollection/name.go, core/chaincode/lifecycle/deployedcc_infoprovider.go).
import { common, protos } from '../../common/protos/index.ts';

const PREFIX = '_implicit_org_';

/** Name of an organisation's implicit collection. */
export function implicitCollectionName(mspId: string): string {
  return PREFIX + mspId;
}

/** The organisation whose implicit collection this is; undefined when it is none. */
export function mspIdIfImplicitCollection(collection: string): string | undefined {
  return collection.startsWith(PREFIX) ? collection.slice(PREFIX.length) : undefined;
}

/** What the definition of an implicit collection would be: its members keep its data permanently, and send it to nobody. */
export function implicitCollection(mspId: string): protos.StaticCollectionConfig {
  const { MSPRole, MSPPrincipal } = common;
  const member = { msp_identifier: mspId, role: MSPRole.MSPRoleType.MEMBER };
  const config: protos.IStaticCollectionConfig = {
    name: implicitCollectionName(mspId),
    member_orgs_policy: {
      signature_policy: {
        rule: { n_out_of: { n: 1, rules: [{ signed_by: 0 }] } },
        identities: [
          {
            principal_classification: MSPPrincipal.Classification.ROLE,
            principal: MSPRole.encode(member).finish(),
          },
        ],
      },
    },
  };
  const { StaticCollectionConfig } = protos;
  return StaticCollectionConfig.decode(StaticCollectionConfig.encode(config).finish());
}
