// SPDX-License-Identifier: Apache-2.0
// Which endorsement policy guards a namespace or a collection (core/chaincode/lifecycle/deployedcc_infoprovider.go, ValidationInfo
// and CollectionValidationInfo, and the policy of `_lifecycle` itself in lifecycle.go), made once for a configuration.
import type { ChannelConfigBundle } from '../../common/channelconfig/types.ts';
import { applicationPolicy, PolicyError, rejectPolicy } from '../../common/policies/index.ts';
import type { Policy } from '../../common/policies/types.ts';
import { common } from '../../common/protos/index.ts';
import { FabricError } from '../../common/runtime/errors.ts';
import type { NamespaceDefinition } from '../committer/definition-tracker.ts';
import { LIFECYCLE_NAMESPACE, type NamespacePolicies } from '../committer/namespace-policies.ts';
import { mspIdIfImplicitCollection } from './implicit-collection.ts';
import { legacyPolicies } from './lscc/legacy-policies.ts';

/** Fabric's own plugin, the only one there is here. */
const VALIDATION_PLUGIN = 'vscc';
const LIFECYCLE_ENDORSEMENT_POLICY = '/Channel/Application/LifecycleEndorsement';

interface Deployed {
  readonly definition: NamespaceDefinition;
  readonly policy: Policy;
  readonly collections: ReadonlyMap<string, Policy>;
}

/**
 * The policies of `_lifecycle`, of implicit collections, and of these definitions. Finding one throws FabricError
 * VALIDATION_PLUGIN_UNKNOWN when its definition asks for a foreign plugin, which must halt the channel: nobody here can tell what
 * is valid.
 */
export function namespacePolicies(
  definitions: readonly NamespaceDefinition[],
  bundle: ChannelConfigBundle,
): NamespacePolicies {
  const lifecycle = lifecyclePolicy(bundle);
  const implicit = implicitCollections(bundle);
  const deployed = new Map(
    definitions.map((definition) => [definition.name, policiesOf(definition, bundle)]),
  );
  const find = (namespace: string): Deployed | undefined => {
    const found = deployed.get(namespace);
    if (!found || isWithoutPolicy(found.definition)) return undefined;
    checkPlugin(found.definition);
    return found;
  };
  const applicationMsps = bundle.application.orgs.map(({ mspId }) => mspId);
  const anyMember = membersPolicy(applicationMsps, 1, bundle);
  return {
    policyOf: (namespace) =>
      namespace === LIFECYCLE_NAMESPACE ? lifecycle : find(namespace)?.policy,
    collectionPolicyOf: (namespace, collection) => {
      const found = find(namespace);
      if (found?.definition.isLegacy) return found.policy;
      const mspId = mspIdIfImplicitCollection(collection);
      return mspId === undefined ? found?.collections.get(collection) : implicit.get(mspId);
    },
    legacy: legacyPolicies(definitions, anyMember, bundle),
  };
}

// Only `lscc` may hold such a definition. Fabric calls the chaincode unknown.
function isWithoutPolicy({ isLegacy, validationPlugin, validationParameter }: NamespaceDefinition) {
  return isLegacy === true && (validationPlugin === '' || validationParameter.length === 0);
}

function policiesOf(definition: NamespaceDefinition, bundle: ChannelConfigBundle): Deployed {
  const policy = policyOrReject(definition.validationParameter, bundle);
  const collections = new Map<string, Policy>();
  for (const { name, endorsementPolicy } of definition.collections) {
    collections.set(name, endorsementPolicy ? policyOrReject(endorsementPolicy, bundle) : policy);
  }
  return { definition, policy, collections };
}

// As in Fabric, a definition may be committed whose policy nobody can read, or that the channel does not have.
function policyOrReject(bytes: Uint8Array, bundle: ChannelConfigBundle): Policy {
  try {
    return applicationPolicy(bytes, bundle);
  } catch (error) {
    if (error instanceof PolicyError) return rejectPolicy;
    throw error;
  }
}

function checkPlugin({ name, validationPlugin }: NamespaceDefinition): void {
  if (validationPlugin === VALIDATION_PLUGIN) return;
  const text = `chaincode ${name} is validated by plugin ${validationPlugin}, which is not here; its transactions cannot be judged`;
  throw new FabricError('VALIDATION_PLUGIN_UNKNOWN', text);
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

// By MSP id. Each organisation has one collection for every chaincode, which its own peers endorse.
function implicitCollections(bundle: ChannelConfigBundle): Map<string, Policy> {
  const { policyManager, application } = bundle;
  return new Map(
    application.orgs.map(({ name, mspId }) => {
      const path = `/Channel/Application/${name}/Endorsement`;
      const policy = policyManager.hasPolicy(path)
        ? policyManager.getPolicy(path)
        : membersPolicy([mspId], 1, bundle);
      return [mspId, policy];
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
