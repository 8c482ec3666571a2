// SPDX-License-Identifier: Apache-2.0
// The chaincodes that `lscc` has instantiated on a channel (core/scc/lscc/deployedcc_infoprovider.go): key NAME holds the ChaincodeData,
// `NAME~collection` the CollectionConfigPackage.
// Differs: an entry that cannot be read is one without plugin and policy, whose transactions are invalid; Fabric halts the
// channel, but lets no such entry be written.
import { protos } from '../../../common/protos/index.ts';
import type { LegacyDefinition } from '../../committer/definition-tracker.ts';
import { LSCC_NAMESPACE } from '../../committer/namespace-policies.ts';
import type { LifecycleState } from '../lifecycle-state.ts';
import { type ChaincodeData, decodeChaincodeData } from './chaincode-data.ts';

const COLLECTION_SUFFIX = '~collection';

/** Where the collections of a chaincode stand (BuildCollectionKVSKey). */
export function collectionKey(chaincode: string): string {
  return chaincode + COLLECTION_SUFFIX;
}

/** By the key that the definition stands under. Rejects with what reading the state does. */
export async function queryLegacyDefinitions(
  state: Pick<LifecycleState, 'getStateRange'>,
): Promise<Map<string, LegacyDefinition>> {
  const rows = await state.getStateRange(LSCC_NAMESPACE, '', '');
  const chaincodes = new Map<string, ChaincodeData>();
  const packages = new Map<string, Uint8Array>();
  try {
    for (let row = await rows.next(); row; row = await rows.next()) {
      const { key, value } = row;
      if (!key.includes('~')) chaincodes.set(key, readable(value));
      else if (key.endsWith(COLLECTION_SUFFIX)) packages.set(key, value.slice());
    }
  } finally {
    rows.close();
  }
  return new Map(
    [...chaincodes].map(([key, { version, vscc, policy, instantiationPolicy }]) => {
      const collections = packages.get(collectionKey(key));
      const data = { version, vscc, policy, instantiationPolicy };
      return [key, collections ? { ...data, collections } : data];
    }),
  );
}

const UNREADABLE: ChaincodeData = Object.freeze({
  name: '',
  version: '',
  escc: '',
  vscc: '',
  policy: new Uint8Array(),
  instantiationPolicy: new Uint8Array(),
});

function readable(value: Uint8Array): ChaincodeData {
  try {
    return decodeChaincodeData(value);
  } catch {
    return UNREADABLE;
  }
}

/** The collections of a serialized package; none when it cannot be read. */
export function staticCollectionsOf(
  bytes: Uint8Array | undefined,
): protos.StaticCollectionConfig[] {
  try {
    const { config } = protos.CollectionConfigPackage.decode(bytes ?? new Uint8Array());
    return config.flatMap(({ static_collection_config: one }) => (one ? [one] : []));
  } catch {
    return [];
  }
}
