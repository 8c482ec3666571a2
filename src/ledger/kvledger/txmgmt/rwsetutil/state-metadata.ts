// SPDX-License-Identifier: Apache-2.0
// The metadata of a key as the state keeps it: serialized kvrwset.KVMetadataWrite without a key, in practice only the
// entry VALIDATION_PARAMETER (txmgmt/statemetadata of Fabric).
import { kvrwset } from '../../../../common/protos/index.ts';

/** Bytes for the state database. */
export function serializeMetadata(entries: readonly kvrwset.IKVMetadataEntry[]): Uint8Array {
  return kvrwset.KVMetadataWrite.encode({ entries }).finish();
}

/** Entries by name. */
export function deserializeMetadata(bytes: Uint8Array): Map<string, Uint8Array> {
  const { entries } = kvrwset.KVMetadataWrite.decode(bytes);
  return new Map(entries.map(({ name, value }) => [name, value]));
}
