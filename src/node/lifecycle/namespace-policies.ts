// SPDX-License-Identifier: Apache-2.0
// The policies of committed definitions (deployedcc_infoprovider.go, ValidationInfo and CollectionValidationInfo). What the
// chain defines goes before what a network description says of a name.
import type { ChannelConfigBundle } from '../../common/channelconfig/types.ts';
import { applicationPolicy, PolicyError, rejectPolicy } from '../../common/policies/index.ts';
import type { Policy } from '../../common/policies/types.ts';
import { FabricError } from '../../common/runtime/errors.ts';
import type { NamespacePolicies } from '../committer/chaincode-definitions.ts';
import type { NamespaceDefinition } from '../committer/definition-tracker.ts';
import { mspIdIfImplicitCollection } from './implicit-collection.ts';

/** Fabric's own plugin, the only one there is here. */
const VALIDATION_PLUGIN = 'vscc';

interface Committed {
  readonly definition: NamespaceDefinition;
  readonly policy: Policy;
  readonly collections: ReadonlyMap<string, Policy>;
}

/**
 * Policies of the committed definitions, and those of `base` (`_lifecycle`, implicit collections, described chaincodes) for
 * everything else. Finding one throws FabricError VALIDATION_PLUGIN_UNKNOWN when the definition asks for a foreign plugin,
 * which must halt the channel: nobody here can tell what is valid.
 */
export function committedNamespacePolicies(
  definitions: readonly NamespaceDefinition[],
  base: NamespacePolicies,
  bundle: ChannelConfigBundle,
): NamespacePolicies {
  if (definitions.length === 0) return base;
  const committed = new Map(
    definitions.map((definition) => [definition.name, policiesOf(definition, bundle)]),
  );
  const find = (namespace: string): Committed | undefined => {
    const found = committed.get(namespace);
    if (found) checkPlugin(found.definition);
    return found;
  };
  return {
    policyOf: (namespace) => find(namespace)?.policy ?? base.policyOf(namespace),
    collectionPolicyOf: (namespace, collection) => {
      const found = find(namespace);
      if (!found || mspIdIfImplicitCollection(collection) !== undefined) {
        return base.collectionPolicyOf(namespace, collection);
      }
      return found.collections.get(collection);
    },
  };
}

function policiesOf(definition: NamespaceDefinition, bundle: ChannelConfigBundle): Committed {
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
