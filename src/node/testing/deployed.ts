// SPDX-License-Identifier: Apache-2.0
// What is deployed, for tests that have no chain.
import type { ChannelConfigBundle } from '../../common/channelconfig/types.ts';
import type { ChaincodeDefinition } from '../../common/network/types.ts';
import type { NamespaceDefinition, NamespacePolicies } from '../committer/index.ts';
import {
  type DeployedChaincode,
  type DeployedChaincodes,
  describedChaincodes,
  namespaceDefinitionOf,
  namespacePolicies,
} from '../lifecycle/index.ts';

/** As validation knows them. */
export function namespacesOf(definitions: readonly ChaincodeDefinition[]): NamespaceDefinition[] {
  return describedChaincodes(definitions).map(namespaceDefinitionOf);
}

/** The policies of these definitions on a channel. */
export function policiesOf(
  definitions: readonly ChaincodeDefinition[],
  bundle: ChannelConfigBundle,
): NamespacePolicies {
  return namespacePolicies(namespacesOf(definitions), bundle);
}

/** A channel on which just this is deployed. */
export function deployedOnly(
  chaincodes: readonly DeployedChaincode[],
): Pick<DeployedChaincodes, 'chaincode'> {
  return { chaincode: async (name) => chaincodes.find((one) => one.name === name) };
}
