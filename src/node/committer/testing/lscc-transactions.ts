// SPDX-License-Identifier: Apache-2.0
// Transactions of `lscc`, as clients of 1.x sent them to instantiate and upgrade chaincodes.
import { protos } from '../../../common/protos/index.ts';
import { utf8 } from '../../../common/runtime/bytes.ts';
import type { LegacyDefinition } from '../definition-tracker.ts';
import type { Crafted, Writes } from './crafted.ts';
import { chaincodeData } from './legacy-bench.ts';

export interface LsccTransaction {
  readonly fn?: string;
  readonly name?: string;
  /** What is written; its version is the one that is asked for, too. */
  readonly definition: LegacyDefinition;
  readonly type?: number;
  /** Serialized CollectionConfigPackage: the argument, and what is written. */
  readonly collections?: Uint8Array;
  readonly writtenCollections?: Uint8Array;
  /** Arguments behind the channel's name, instead of those that belong there. */
  readonly args?: readonly Uint8Array[];
  /** Writes to `lscc`, instead of those that belong there. */
  readonly values?: Readonly<Record<string, Uint8Array>>;
  /** Writes to other namespaces. */
  readonly writes?: Readonly<Record<string, Writes>>;
}

const CHANNEL = utf8('mychannel');
const NOTHING = new Uint8Array();

/** For `craft`; instantiates `cc` unless said otherwise. */
export function lsccTransaction(options: LsccTransaction): Partial<Crafted> {
  const { fn = 'deploy', name = 'cc', definition, type = 1, collections } = options;
  const { writtenCollections = collections } = options;
  const deployment = protos.ChaincodeDeploymentSpec.encode({
    chaincode_spec: { type, chaincode_id: { name, version: definition.version } },
  }).finish();
  const standard = [deployment, definition.policy, utf8('escc'), utf8('vscc')];
  const args = [
    utf8(fn),
    CHANNEL,
    ...(options.args ?? [...standard, ...(collections ? [collections] : [])]),
  ];
  const values = options.values ?? {
    [name]: chaincodeData(name, definition),
    ...(writtenCollections && { [`${name}~collection`]: writtenCollections }),
  };
  return {
    chaincode: 'lscc',
    input: protos.ChaincodeInvocationSpec.encode({ chaincode_spec: { input: { args } } }).finish(),
    writes: { lscc: { values }, ...options.writes },
  };
}

/** Serialized CollectionConfigPackage. */
export function collectionPackage(
  ...collections: readonly protos.IStaticCollectionConfig[]
): Uint8Array {
  const config = collections.map((one) => ({ static_collection_config: one }));
  return config.length > 0 ? protos.CollectionConfigPackage.encode({ config }).finish() : NOTHING;
}
