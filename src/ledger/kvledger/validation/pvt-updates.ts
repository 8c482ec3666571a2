// SPDX-License-Identifier: Apache-2.0
// What the clear private data of a block changes in the state (addPvtRWSetToPvtUpdateBatch and
// incrementPvtdataVersionIfNeeded of core/ledger/kvledger/txmgmt/validation).
import { sha256 } from '@noble/hashes/sha2.js';
import { kvrwset } from '../../../common/protos/index.ts';
import { EMPTY_BYTES, equalBytes, utf8 } from '../../../common/runtime/bytes.ts';
import type { PvtData } from '../../types.ts';
import { toBinary } from '../../util/binary-string.ts';
import type { StateSnapshot } from '../txmgmt/statedb/state-db.ts';
import { pvtDataNs, stateKey } from '../txmgmt/statedb/state-key.ts';
import type { Update, UpdateBatch } from '../txmgmt/statedb/update-batch.ts';

/** Updates by state key. */
export type StateUpdates = Map<string, Update>;

/** The clear writes of a block, in the order of its transactions. */
export async function pvtUpdatesOf(
  sets: readonly PvtData[],
  batch: UpdateBatch,
  state: StateSnapshot,
): Promise<StateUpdates> {
  const updates: StateUpdates = new Map();
  const metadataKeys: [id: PvtData, key: string][] = [];
  for (const id of sets) {
    const { blockNum, txNum, namespace, collection } = id;
    const set = kvrwset.KVRWSet.decode(id.rwset);
    for (const { key, is_delete, value } of set.writes) {
      const isDelete = is_delete || value.length === 0;
      const update = {
        value: isDelete ? undefined : value,
        metadata: EMPTY_BYTES,
        version: { blockNum, txNum },
      };
      updates.set(stateKey(pvtDataNs(namespace, collection), key), update);
    }
    for (const { key } of set.metadata_writes) metadataKeys.push([id, key]);
  }
  for (const [id, key] of metadataKeys) await followHash(id, key, updates, batch, state);
  return updates;
}

// A write of metadata gives the hash of a key a new version, which the clear value must have too.
async function followHash(
  { namespace, collection }: PvtData,
  key: string,
  updates: StateUpdates,
  batch: UpdateBatch,
  state: StateSnapshot,
): Promise<void> {
  const hashed = batch.get(namespace, collection, toBinary(sha256(utf8(key))));
  if (!hashed?.value) return;
  const name = stateKey(pvtDataNs(namespace, collection), key);
  const latest = updates.get(name) ?? (await state.get(name));
  if (latest?.value === undefined || !equalBytes(sha256(latest.value), hashed.value)) return;
  updates.set(name, { value: latest.value, metadata: EMPTY_BYTES, version: hashed.version });
}
