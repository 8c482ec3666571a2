// SPDX-License-Identifier: Apache-2.0
// The index record of a block: all that look-ups need to know of it without reading it, in one put. It holds what
// Fabric spreads over the `n`, `t` and `a` keys of blkstorage/blockindex.go.
import { Reader, Writer } from '../../common/protos/index.ts';
import { toHex } from '../../common/runtime/bytes.ts';
import { binaryToUtf8, fromBinary, toBinary, utf8ToBinary } from '../util/binary-string.ts';
import type { Span } from './serialized-block.ts';

export interface BlockRecord {
  readonly headerHash: Uint8Array;
  readonly previousHash: Uint8Array;
  /** Where the envelopes are in the block's bytes. */
  readonly transactions: readonly Span[];
  /** Index keys of the transactions' ids (see `txIdKey`), empty where there is no id. */
  readonly txIdKeys: readonly string[];
  /** Validation codes; empty at an orderer. */
  readonly flags: Uint8Array;
}

const FORMAT = 1;

export function encodeBlockRecord(record: BlockRecord): Uint8Array {
  const writer = new Writer().uint32(FORMAT);
  writer.bytes(record.headerHash).bytes(record.previousHash).bytes(record.flags);
  writer.uint32(record.transactions.length);
  let end = 0;
  record.transactions.forEach((span, i) => {
    writer.uint32(span.start - end).uint32(span.end - span.start);
    writer.bytes(fromBinary(record.txIdKeys[i] ?? ''));
    end = span.end;
  });
  return writer.finish();
}

export function decodeBlockRecord(bytes: Uint8Array): BlockRecord {
  const reader = new Reader(bytes);
  const format = reader.uint32();
  if (format !== FORMAT) throw new RangeError(`unknown format ${format} of an index record`);
  const [headerHash, previousHash, flags] = [reader.bytes(), reader.bytes(), reader.bytes()];
  const transactions: Span[] = [];
  const txIdKeys: string[] = [];
  let end = 0;
  for (let left = reader.uint32(); left > 0; left--) {
    const start = end + reader.uint32();
    end = start + reader.uint32();
    transactions.push({ start, end });
    txIdKeys.push(toBinary(reader.bytes()));
  }
  return { headerHash, previousHash, flags, transactions, txIdKeys };
}

const HASHED = '\u0001';
const PLAIN = '\u0002';

/** A transaction id as index key. Ids are nearly always the hex of a hash, which packs into half the bytes. */
export function txIdKey(txId: string): string {
  if (txId === '') return '';
  if (!/^(?:[0-9a-f]{2}){32}$/.test(txId)) return PLAIN + utf8ToBinary(txId);
  let packed = HASHED;
  for (let i = 0; i < txId.length; i += 2) {
    packed += String.fromCharCode(Number.parseInt(txId.slice(i, i + 2), 16));
  }
  return packed;
}

/** The id that a key stands for. */
export function txIdOfKey(key: string): string {
  const rest = key.slice(1);
  return key.startsWith(HASHED) ? toHex(fromBinary(rest)) : binaryToUtf8(rest);
}
