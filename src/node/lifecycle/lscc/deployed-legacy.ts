// SPDX-License-Identifier: Apache-2.0
// `_lifecycle` goes before `lscc`: a chaincode is what `lscc` says until the organisations commit a definition of that name
// (core/chaincode/lifecycle/deployedcc_infoprovider.go).
import type { LegacyDefinition } from '../../committer/definition-tracker.ts';
import type { CommittedChaincode } from '../committed-chaincode.ts';
import { staticCollectionsOf } from './legacy-chaincodes.ts';
import { asApplicationPolicy } from './legacy-policies.ts';

/** Both together; what `lscc` says of a name is kept with it, since it counts for channels before V2_0. */
export function withLegacyDefinitions(
  committed: readonly CommittedChaincode[],
  legacy: ReadonlyMap<string, LegacyDefinition>,
): CommittedChaincode[] {
  if (legacy.size === 0) return [...committed];
  const all = new Map(
    [...legacy].map(([name, definition]) => [name, legacyChaincode(name, definition)]),
  );
  for (const chaincode of committed) {
    const definition = legacy.get(chaincode.name);
    all.set(chaincode.name, { ...chaincode, ...(definition && { legacy: definition }) });
  }
  return [...all.values()];
}

// Sequences begin at 1 in `_lifecycle`: 0 means that it has none there.
function legacyChaincode(name: string, legacy: LegacyDefinition): CommittedChaincode {
  return {
    name,
    version: legacy.version,
    sequence: 0,
    initRequired: false,
    endorsementPlugin: 'escc',
    validationPlugin: legacy.vscc,
    validationParameter: asApplicationPolicy(legacy.policy),
    collections: staticCollectionsOf(legacy.collections),
    legacy,
    isLegacy: true,
  };
}
