// SPDX-License-Identifier: Apache-2.0
// Keys of the private data store (core/ledger/pvtdatastorage/kv_encoding.go, with a layout of our own).
import { concat, fromUtf8, utf8 } from '../../common/runtime/bytes.ts';
import type { PvtDataId } from '../types.ts';
import { prefixEnd, readUint64, uint64Bytes } from '../util/codec.ts';

/** A private key by its hash, as a block wrote it. */
export interface PvtKeyId {
  readonly namespace: string;
  readonly collection: string;
  readonly keyHash: Uint8Array;
}

/** Kinds of rows, each with a prefix of its own. */
export const DATA = 0x64; // d block tx coll -> clear write set
export const MISSING = 0x6d; // m block tx coll -> 1 when this peer should have it, else 0
export const BY_KEY = 0x6b; // k coll keyHash block tx -> nothing; which writes name a key
export const EXPIRY = 0x78; // x expiring block, committing block, coll keyHash -> nothing
export const PURGE = 0x67; // g block tx coll keyHash -> nothing

const NUL = Uint8Array.of(0);
/** What the last byte of a key can say; a crafted transaction may name hashes of any length. */
export const MAX_KEY_HASH_BYTES = 255;

export function pvtDataKey(kind: typeof DATA | typeof MISSING, id: PvtDataId): Uint8Array {
  const { blockNum, txNum, namespace, collection } = id;
  return concat(pair(kind, blockNum, txNum), collBytes(namespace, collection));
}

export function parsePvtDataKey(key: Uint8Array): PvtDataId {
  const [blockNum, txNum] = [readUint64(key, 1), readUint64(key, 9)];
  return { blockNum, txNum, ...parseColl(key.subarray(17)) };
}

/** Rows of one kind whose first number is `blockNum`. */
export function blockRange(kind: number, blockNum: number): { gte: Uint8Array; lt: Uint8Array } {
  return { gte: single(kind, blockNum), lt: single(kind, blockNum + 1) };
}

/** Rows of one kind whose first number is at most `blockNum`. */
export function upTo(kind: number, blockNum: number): { gte: Uint8Array; lt: Uint8Array } {
  return { gte: Uint8Array.of(kind), lt: single(kind, blockNum + 1) };
}

export function byKeyKey(id: PvtKeyId, blockNum: number, txNum: number): Uint8Array {
  return concat(byKeyPrefix(id), uint64Bytes(blockNum), uint64Bytes(txNum));
}

/** Writes of a key in blocks `from` to before `to`. */
export function byKeyRange(
  id: PvtKeyId,
  from: number,
  to?: number,
): { gte: Uint8Array; lt: Uint8Array } {
  const prefix = byKeyPrefix(id);
  return {
    gte: concat(prefix, uint64Bytes(from)),
    lt: to === undefined ? prefixEnd(prefix) : concat(prefix, uint64Bytes(to)),
  };
}

/** Block and transaction of a `BY_KEY` row. */
export function placeOf(key: Uint8Array): { blockNum: number; txNum: number } {
  return { blockNum: readUint64(key, key.length - 16), txNum: readUint64(key, key.length - 8) };
}

export function expiryKey(expiry: number, committing: number, id: PvtKeyId): Uint8Array {
  return concat(pair(EXPIRY, expiry, committing), keyBytes(id), lengthOf(id));
}

export function purgeKey(blockNum: number, txNum: number, id: PvtKeyId): Uint8Array {
  return concat(pair(PURGE, blockNum, txNum), keyBytes(id), lengthOf(id));
}

/** The two numbers and the private key of an `EXPIRY` or `PURGE` row. */
export function parsePairKey(key: Uint8Array): PvtKeyId & { first: number; second: number } {
  const [first, second] = [readUint64(key, 1), readUint64(key, 9)];
  const end = key.length - 1;
  const start = end - (key[end] ?? 0);
  const coll = parseColl(key.subarray(17, start - 1));
  return { first, second, ...coll, keyHash: key.slice(start, end) };
}

function single(kind: number, number: number): Uint8Array {
  return concat(Uint8Array.of(kind), uint64Bytes(number));
}

function pair(kind: number, a: number, b: number): Uint8Array {
  return concat(single(kind, a), uint64Bytes(b));
}

function collBytes(namespace: string, collection: string): Uint8Array {
  return concat(utf8(namespace), NUL, utf8(collection));
}

function keyBytes({ namespace, collection, keyHash }: PvtKeyId): Uint8Array {
  return concat(collBytes(namespace, collection), NUL, keyHash);
}

function lengthOf({ keyHash }: PvtKeyId): Uint8Array {
  return Uint8Array.of(keyHash.length);
}

function byKeyPrefix(id: PvtKeyId): Uint8Array {
  return concat(Uint8Array.of(BY_KEY), keyBytes(id));
}

function parseColl(bytes: Uint8Array): { namespace: string; collection: string } {
  const at = bytes.indexOf(0);
  return {
    namespace: fromUtf8(bytes.subarray(0, at)),
    collection: fromUtf8(bytes.subarray(at + 1)),
  };
}
