// SPDX-License-Identifier: Apache-2.0
// Keys of the transient store (core/transientstore/store_helper.go, with numbers of a fixed width): the write sets, and two
// indexes without them, so that purging does not read what it purges.
import { concat, fromUtf8, utf8 } from '../../common/runtime/bytes.ts';
import { readUint64, uint64Bytes } from '../util/codec.ts';

/** Which endorsement of which transaction, and at what height it came. */
export interface TransientId {
  readonly txId: string;
  readonly uuid: string;
  readonly blockHeight: number;
}

interface Bounds {
  readonly gte: Uint8Array;
  readonly lt: Uint8Array;
}

const RW_SET = 0x50; // P txid uuid height -> write set
const BY_HEIGHT = 0x48; // H height txid uuid -> its size
const BY_TXID = 0x54; // T txid uuid height -> its size
const SEPARATOR = Uint8Array.of(0);
const AFTER_SEPARATOR = Uint8Array.of(1);

export function rwSetKey({ txId, uuid, blockHeight }: TransientId): Uint8Array {
  return concat(withTxId(RW_SET, txId), utf8(uuid), SEPARATOR, uint64Bytes(blockHeight));
}

export function byTxIdKey({ txId, uuid, blockHeight }: TransientId): Uint8Array {
  return concat(withTxId(BY_TXID, txId), utf8(uuid), SEPARATOR, uint64Bytes(blockHeight));
}

export function byHeightKey({ txId, uuid, blockHeight }: TransientId): Uint8Array {
  const height = uint64Bytes(blockHeight);
  return concat(Uint8Array.of(BY_HEIGHT), height, utf8(txId), SEPARATOR, utf8(uuid));
}

/** Height of a key of a write set. */
export function heightOf(rwSet: Uint8Array): number {
  return readUint64(rwSet, rwSet.length - 8);
}

export function parseByTxIdKey(key: Uint8Array): TransientId {
  const [txId, uuid] = texts(key.subarray(1, -9));
  return { txId, uuid, blockHeight: heightOf(key) };
}

export function parseByHeightKey(key: Uint8Array): TransientId {
  const [txId, uuid] = texts(key.subarray(9));
  return { txId, uuid, blockHeight: readUint64(key, 1) };
}

/** The write sets of a transaction. */
export function rwSetsOf(txId: string): Bounds {
  return { gte: withTxId(RW_SET, txId), lt: withTxId(RW_SET, txId, AFTER_SEPARATOR) };
}

/** The index rows of a transaction. */
export function indexOf(txId: string): Bounds {
  return { gte: withTxId(BY_TXID, txId), lt: withTxId(BY_TXID, txId, AFTER_SEPARATOR) };
}

/** Index rows of what came below a height; of everything, when absent. */
export function belowHeight(height?: number): Bounds {
  const lt = height === undefined ? [BY_HEIGHT + 1] : [BY_HEIGHT, ...uint64Bytes(height)];
  return { gte: Uint8Array.of(BY_HEIGHT), lt: Uint8Array.from(lt) };
}

function withTxId(kind: number, txId: string, end = SEPARATOR): Uint8Array {
  return concat(Uint8Array.of(kind), utf8(txId), end);
}

function texts(bytes: Uint8Array): [txId: string, uuid: string] {
  const at = bytes.indexOf(0);
  return [fromUtf8(bytes.subarray(0, at)), fromUtf8(bytes.subarray(at + 1))];
}
