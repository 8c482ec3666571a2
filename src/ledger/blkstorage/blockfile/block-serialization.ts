// SPDX-License-Identifier: Apache-2.0
// A block as Fabric's block files hold it, and as it travels (common/ledger/blkstorage/block_serialization.go).
//
//   file:    number || data hash || previous hash || count || envelopes || count || metadata slots
//   message: common.Block { header { number, previous hash, data hash }, data { envelopes }, metadata { slots } }
//
// Numbers and counts are varints, all else is bytes behind their length. Both forms hold the same bytes, the order of
// the hashes differs. Neither knows more than the other as long as the message is Fabric's own encoding.
import { common, Reader, Writer } from '../../../common/protos/index.ts';
import { toNumber } from '../../../common/protoutil/numbers.ts';

const HEADER = 0x0a;
const DATA = 0x12;
const METADATA = 0x1a;
// Fields of BlockHeader; 0x0a is also the repeated field of BlockData and BlockMetadata.
const NUMBER = 0x08;
const PREVIOUS_HASH = 0x12;
const DATA_HASH = 0x1a;
const ELEMENT = 0x0a;

/** A block read from a file. */
export interface DeserializedBlock {
  readonly number: number;
  /** Serialized common.Block, encoded as Go does. */
  readonly block: Uint8Array<ArrayBuffer>;
}

/** From the form of a file; throws an Error when it is none. */
export function deserializeBlock(serialized: Uint8Array): DeserializedBlock {
  const reader = new Reader(serialized);
  const number = toNumber(reader.long(true));
  const dataHash = reader.bytes();
  const previousHash = reader.bytes();
  const envelopes = readList(reader);
  const slots = readList(reader);
  if (reader.pos !== reader.end) {
    throw new Error(`${reader.end - reader.pos} bytes follow the end of the block`);
  }
  const writer = new Writer().uint32(HEADER).fork();
  if (number > 0) writer.uint32(NUMBER).long(number);
  if (previousHash.length > 0) writer.uint32(PREVIOUS_HASH).bytes(previousHash);
  if (dataHash.length > 0) writer.uint32(DATA_HASH).bytes(dataHash);
  writer.ldelim();
  writeMessage(writer, DATA, envelopes);
  writeMessage(writer, METADATA, slots);
  return { number, block: writer.finish() };
}

// A count may lie, but every element takes a byte at least: reading ends with the bytes.
function readList(reader: Reader): Uint8Array[] {
  const count = toNumber(reader.long(true));
  const list: Uint8Array[] = [];
  while (list.length < count) list.push(reader.bytes());
  return list;
}

function writeMessage(writer: Writer, tag: number, elements: readonly Uint8Array[]): void {
  writer.uint32(tag).fork();
  for (const element of elements) writer.uint32(ELEMENT).bytes(element);
  writer.ldelim();
}

/** To the form of a file, from a serialized common.Block; throws an Error when it is none or lacks a part. */
export function serializeBlock(block: Uint8Array): Uint8Array<ArrayBuffer> {
  const { header, data, metadata } = common.Block.decode(block);
  if (!header || !data) throw new Error('the block has no header or no data');
  const writer = new Writer().long(header.number);
  writer.bytes(header.data_hash).bytes(header.previous_hash);
  writeList(writer, data.data);
  writeList(writer, metadata?.metadata ?? []);
  return writer.finish();
}

function writeList(writer: Writer, elements: readonly Uint8Array[]): void {
  writer.uint32(elements.length);
  for (const element of elements) writer.bytes(element);
}
