// SPDX-License-Identifier: Apache-2.0
// The keys of a chain in its store (the key prefixes of blkstorage/blockindex.go, with a layout of our own). Blocks are what
// cannot be made again; the rest is an index of them.
import { concat, utf8 } from '../../common/runtime/bytes.ts';
import type { KeyRange, KVStore } from '../kv-store.ts';
import { readUint64, uint64Bytes } from '../util/codec.ts';
import { PrefixedKVStore } from '../util/prefixed-kv-store.ts';

/** Kinds of rows, each with a prefix of its own. */
export const BLOCK = 0x62; // b number -> bytes
export const RECORD = 0x69; // i number -> BlockRecord
export const HASH = 0x68; // h header hash -> number
export const TXID = 0x74; // t... segments of the index of transaction ids

/** Of a chain that was continued from a snapshot: what is known of the last block before. */
export const BOOTSTRAP_KEY: Uint8Array = Uint8Array.of(0x73); // s
export const TXID_PREFIX: Uint8Array = Uint8Array.of(TXID);

/** The part of a store that holds the chain of one ledger. */
export function chainStore(kvStore: KVStore, ledgerId: string): KVStore {
  return new PrefixedKVStore(kvStore, utf8(`${ledgerId}\0`));
}

export function blockKey(blockNum: number): Uint8Array {
  return concat(Uint8Array.of(BLOCK), uint64Bytes(blockNum));
}

export function recordKey(blockNum: number): Uint8Array {
  return concat(Uint8Array.of(RECORD), uint64Bytes(blockNum));
}

export function hashKey(headerHash: Uint8Array): Uint8Array {
  return concat(Uint8Array.of(HASH), headerHash);
}

export function allOf(kind: number): KeyRange {
  return { gte: Uint8Array.of(kind), lt: Uint8Array.of(kind + 1) };
}

/** The last row of blocks or records, and its number. */
export async function lastOf(
  chain: KVStore,
  kind: typeof BLOCK | typeof RECORD,
): Promise<{ blockNum: number; value: Uint8Array } | undefined> {
  for await (const [key, value] of chain.range({ ...allOf(kind), reverse: true, limit: 1 })) {
    return { blockNum: readUint64(key, 1), value };
  }
  return undefined;
}
