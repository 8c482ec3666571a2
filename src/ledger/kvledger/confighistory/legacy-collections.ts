// SPDX-License-Identifier: Apache-2.0
// Collections of chaincodes that `lscc` defines (core/scc/lscc/deployedcc_infoprovider.go): one package a chaincode, beside its definition.
// It stays when the chaincode is upgraded without naming collections.
import { collectionsOf } from '../../collection-info.ts';
import { binaryToUtf8, utf8ToBinary } from '../../util/binary-string.ts';
import type { StateSnapshot } from '../txmgmt/statedb/state-db.ts';
import { splitStateKey, stateKey, stateRange } from '../txmgmt/statedb/state-key.ts';
import type { UpdateBatch } from '../txmgmt/statedb/update-batch.ts';

const LSCC = 'lscc';
const SUFFIX = '~collection';

/** The chaincodes that a block instantiates or upgrades, or whose collections it writes. */
export function legacyUpdates(batch: UpdateBatch): Set<string> {
  const keys = [...(batch.updates(LSCC, '')?.keys() ?? [])].map(binaryToUtf8);
  return new Set(keys.map((key) => (key.endsWith(SUFFIX) ? key.slice(0, -SUFFIX.length) : key)));
}

/** The serialized package of a chaincode after the block; empty when there is none, or none that can be read. */
export async function legacyPackage(
  chaincode: string,
  batch: UpdateBatch,
  state: StateSnapshot,
): Promise<Uint8Array> {
  const key = chaincode + SUFFIX;
  const update = batch.get(LSCC, '', utf8ToBinary(key));
  const { value } = update ?? (await state.get(stateKey(LSCC, key))) ?? {};
  try {
    if (!value || collectionsOf(value).size === 0) return new Uint8Array();
    return value.slice();
  } catch {
    return new Uint8Array();
  }
}

/** Every chaincode there, and the block that wrote it last. */
export async function* legacyVersions(
  state: StateSnapshot,
): AsyncGenerator<[chaincode: string, blockNum: number]> {
  for await (const [key, { version }] of state.range(stateRange(LSCC, '', ''))) {
    const name = binaryToUtf8(splitStateKey(key).binaryKey);
    if (!name.endsWith(SUFFIX)) yield [name, version.blockNum];
  }
}
