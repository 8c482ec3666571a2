// SPDX-License-Identifier: Apache-2.0
// Looks at the newest state outside of a query, for validation and for browsing. Values are copies.
import type { KVResult, VersionedValue } from '../types.ts';
import { binaryToUtf8, toBinary } from '../util/binary-string.ts';
import type { StateDB, StateSnapshot } from './txmgmt/statedb/state-db.ts';
import {
  hashedDataNs,
  splitStateKey,
  stateKey,
  stateKeyOfBinary,
  stateRange,
} from './txmgmt/statedb/state-key.ts';

/** A row of the state with all there is to it. */
export type ScannedState = KVResult & { metadata: Uint8Array };

/** Up to `limit` keys of a namespace from `startKey` on, in byte order. */
export function scanState(
  state: StateDB,
  namespace: string,
  startKey: string,
  limit: number,
): Promise<ScannedState[]> {
  return withSnapshot(state, async (snapshot) => {
    const found: ScannedState[] = [];
    if (limit <= 0) return found;
    for await (const [row, value] of snapshot.range(stateRange(namespace, startKey, ''))) {
      const key = binaryToUtf8(splitStateKey(row).binaryKey);
      found.push({ namespace, key, ...copyOf(value) });
      if (found.length >= limit) break;
    }
    return found;
  });
}

/** What is committed of one key. */
export function getVersionedValue(
  state: StateDB,
  namespace: string,
  key: string,
): Promise<VersionedValue | undefined> {
  return withSnapshot(state, async (snapshot) => {
    const found = await snapshot.get(stateKey(namespace, key));
    return found && copyOf(found);
  });
}

/** What is committed of one private key, by its hash. */
export function getPrivateDataHash(
  state: StateDB,
  namespace: string,
  collection: string,
  keyHash: Uint8Array,
): Promise<VersionedValue | undefined> {
  const key = stateKeyOfBinary(hashedDataNs(namespace, collection), toBinary(keyHash));
  return withSnapshot(state, async (snapshot) => {
    const found = await snapshot.get(key);
    return found && copyOf(found);
  });
}

async function withSnapshot<T>(
  state: StateDB,
  read: (snapshot: StateSnapshot) => Promise<T>,
): Promise<T> {
  const snapshot = state.snapshot();
  try {
    return await read(snapshot);
  } finally {
    snapshot.release();
  }
}

function copyOf({ value, metadata, version }: VersionedValue): VersionedValue {
  return { value: value.slice(), metadata: metadata.slice(), version };
}
