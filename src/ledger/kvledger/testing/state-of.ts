// SPDX-License-Identifier: Apache-2.0
// The whole state of a ledger, for comparison.
import { toHex } from '../../../common/runtime/bytes.ts';
import type { KVStore } from '../../kv-store.ts';
import { fromBinary, toBinary } from '../../util/binary-string.ts';
import { splitStateKey } from '../txmgmt/statedb/state-key.ts';
import { decodeStateRecord, versionBytes } from '../txmgmt/statedb/state-record.ts';
import type { StateEntry } from './snapshot-files.ts';

/** All keys of a state store that was closed well, so that everything is stored. */
export async function storedState(store: KVStore): Promise<StateEntry[]> {
  const entries: StateEntry[] = [];
  for await (const [key, bytes] of store.range({
    gte: Uint8Array.of(0x64),
    lt: Uint8Array.of(0x65),
  })) {
    const { namespace, binaryKey } = splitStateKey(toBinary(key).slice(1));
    const { value, metadata, version } = decodeStateRecord(bytes);
    entries.push({
      namespace,
      key: toHex(fromBinary(binaryKey)),
      value: toHex(value),
      metadata: toHex(metadata),
      version: toHex(versionBytes(version)),
    });
  }
  return entries;
}
