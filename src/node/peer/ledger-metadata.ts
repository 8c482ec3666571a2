// SPDX-License-Identifier: Apache-2.0
// Key metadata as the state database stores it: a serialized list of named entries (statemetadata.go).
import { kvrwset } from '../../common/protos/index.ts';

/** Entries by name. */
export function ledgerMetadataOf(bytes: Uint8Array): ReadonlyMap<string, Uint8Array> {
  const { entries } = kvrwset.KVMetadataWrite.decode(bytes);
  return new Map(entries.map(({ name, value }) => [name ?? '', value ?? new Uint8Array()]));
}
