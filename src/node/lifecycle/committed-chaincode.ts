// SPDX-License-Identifier: Apache-2.0
// Chaincode definitions as the chain holds them (core/chaincode/lifecycle/lifecycle.go, QueryChaincodeDefinition).
import { lifecycle, protos } from '../../common/protos/index.ts';
import type { NamespaceDefinition } from '../committer/definition-tracker.ts';
import { decoded, definedNames, definitionFields, type LifecycleState } from './lifecycle-state.ts';

/** A definition that the organisations agreed on. */
export interface CommittedChaincode extends Omit<NamespaceDefinition, 'collections'> {
  readonly version: string;
  readonly sequence: number;
  readonly initRequired: boolean;
  readonly endorsementPlugin: string;
  readonly collections: readonly protos.StaticCollectionConfig[];
}

/** A definition that holds on a channel, wherever it comes from. */
export interface DeployedChaincode extends CommittedChaincode {
  /** The chain itself, or the network description. */
  readonly source: 'chain' | 'network';
}

/** The committed definition of that name, if any. Throws FabricError LIFECYCLE_STATE_MALFORMED. */
export async function queryChaincodeDefinition(
  state: LifecycleState,
  name: string,
): Promise<CommittedChaincode | undefined> {
  const fields = await definitionFields(state, name);
  if (!fields) return undefined;
  const { version, init_required, endorsement_plugin } = decoded(`${name}/EndorsementInfo`, () =>
    lifecycle.ChaincodeEndorsementInfo.decode(fields.endorsementInfo),
  );
  const { validation_plugin, validation_parameter } = decoded(`${name}/ValidationInfo`, () =>
    lifecycle.ChaincodeValidationInfo.decode(fields.validationInfo),
  );
  const { config } = decoded(`${name}/Collections`, () =>
    protos.CollectionConfigPackage.decode(fields.collections),
  );
  return {
    name,
    version,
    sequence: fields.sequence,
    initRequired: init_required,
    endorsementPlugin: endorsement_plugin,
    validationPlugin: validation_plugin,
    validationParameter: validation_parameter,
    collections: config.flatMap(({ static_collection_config: one }) => (one ? [one] : [])),
  };
}

/** All committed definitions, by name in byte order. Throws FabricError LIFECYCLE_STATE_MALFORMED. */
export async function queryChaincodeDefinitions(
  state: LifecycleState,
): Promise<CommittedChaincode[]> {
  const names = await definedNames(state);
  const found = await Promise.all(names.map((name) => queryChaincodeDefinition(state, name)));
  return found.filter((one) => one !== undefined);
}

/** The part of a definition that validation needs, as plain data. */
export function namespaceDefinitionOf(chaincode: CommittedChaincode): NamespaceDefinition {
  const { name, validationPlugin, validationParameter, collections, legacy, isLegacy } = chaincode;
  return {
    name,
    validationPlugin,
    validationParameter,
    ...(legacy && { legacy }),
    ...(isLegacy && { isLegacy }),
    collections: collections.map(({ name: collection, endorsement_policy: policy }) => ({
      name: collection,
      ...(policy && { endorsementPolicy: protos.ApplicationPolicy.encode(policy).finish() }),
    })),
  };
}
