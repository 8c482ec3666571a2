// SPDX-License-Identifier: Apache-2.0
// Which endorsement policy guards a namespace or a collection (Fabric: core/chaincode/lifecycle/deployedcc_infoprovider.go,
// ValidationInfo and CollectionValidationInfo). Definitions come from the network description here; a source that reads
// them from the `_lifecycle` namespace of the state has the same shape.
import type { ChannelConfigBundle } from '../../common/channelconfig/types.ts';
import type { ChaincodeDefinition, CollectionDefinition } from '../../common/network/types.ts';
import { parsePolicy } from '../../common/policies/index.ts';
import type { Policy } from '../../common/policies/types.ts';
import { common } from '../../common/protos/index.ts';

export const LIFECYCLE_NAMESPACE = '_lifecycle';
const LIFECYCLE_ENDORSEMENT_POLICY = '/Channel/Application/LifecycleEndorsement';
const IMPLICIT_COLLECTION = '_implicit_org_';

/** Finds policies under one channel configuration. */
export interface NamespacePolicies {
  /** Undefined when no chaincode of that name is defined: such a transaction is INVALID_CHAINCODE. */
  policyOf(namespace: string): Policy | undefined;
  /** The collection's own policy or else the chaincode's; undefined when there is no such collection, which nobody can endorse. */
  collectionPolicyOf(namespace: string, collection: string): Policy | undefined;
}

/** Policies of the definitions of a network description, made once for a bundle. */
export function definedNamespacePolicies(
  definitions: readonly ChaincodeDefinition[],
  bundle: ChannelConfigBundle,
): NamespacePolicies {
  const policies = new Map([[LIFECYCLE_NAMESPACE, lifecyclePolicy(bundle)]]);
  const collections = new Map<string, Policy>();
  const implicit = implicitCollections(bundle);
  for (const { name, endorsementPolicy, collections: own = [] } of definitions) {
    const policy = endorsementPolicyOf(endorsementPolicy, bundle);
    policies.set(name, policy);
    for (const collection of own) {
      collections.set(
        collectionKey(name, collection.name),
        ownPolicy(collection, bundle) ?? policy,
      );
    }
  }
  return {
    policyOf: (namespace) => policies.get(namespace),
    collectionPolicyOf: (namespace, collection) =>
      collection.startsWith(IMPLICIT_COLLECTION)
        ? implicit.get(collection)
        : collections.get(collectionKey(namespace, collection)),
  };
}

/** A policy written in Fabric's DSL, or a reference to one of the channel (`/Channel/…`). */
export function endorsementPolicyOf(text: string, bundle: ChannelConfigBundle): Policy {
  if (text.startsWith('/')) return bundle.policyManager.getPolicy(text);
  return bundle.signaturePolicy(common.SignaturePolicyEnvelope.encode(parsePolicy(text)).finish());
}

function collectionKey(namespace: string, collection: string): string {
  return JSON.stringify([namespace, collection]);
}

function ownPolicy(
  { endorsementPolicy }: CollectionDefinition,
  bundle: ChannelConfigBundle,
): Policy | undefined {
  return endorsementPolicy === undefined
    ? undefined
    : endorsementPolicyOf(endorsementPolicy, bundle);
}

// A channel whose configuration names no policy: members of more than half of the organisations.
function lifecyclePolicy(bundle: ChannelConfigBundle): Policy {
  const { policyManager, application } = bundle;
  if (policyManager.hasPolicy(LIFECYCLE_ENDORSEMENT_POLICY)) {
    return policyManager.getPolicy(LIFECYCLE_ENDORSEMENT_POLICY);
  }
  const mspIds = application.orgs.map(({ mspId }) => mspId);
  return membersPolicy(mspIds, Math.floor(mspIds.length / 2) + 1, bundle);
}

// Each organisation has one collection for every chaincode, which its own peers endorse.
function implicitCollections(bundle: ChannelConfigBundle): Map<string, Policy> {
  const { policyManager, application } = bundle;
  return new Map(
    application.orgs.map(({ name, mspId }) => {
      const path = `/Channel/Application/${name}/Endorsement`;
      const policy = policyManager.hasPolicy(path)
        ? policyManager.getPolicy(path)
        : membersPolicy([mspId], 1, bundle);
      return [IMPLICIT_COLLECTION + mspId, policy];
    }),
  );
}

function membersPolicy(
  mspIds: readonly string[],
  count: number,
  bundle: ChannelConfigBundle,
): Policy {
  const { MSPRole, MSPPrincipal, SignaturePolicyEnvelope } = common;
  const envelope = {
    rule: { n_out_of: { n: count, rules: mspIds.map((_, signed_by) => ({ signed_by })) } },
    identities: mspIds.map((msp_identifier) => ({
      principal_classification: MSPPrincipal.Classification.ROLE,
      principal: MSPRole.encode({ msp_identifier, role: MSPRole.MSPRoleType.MEMBER }).finish(),
    })),
  };
  return bundle.signaturePolicy(SignaturePolicyEnvelope.encode(envelope).finish());
}
