// SPDX-License-Identifier: Apache-2.0
// A segment of a posting index: the sorted postings of a range of blocks, cut into chunks of some ten
// kilobytes, each one record of the store, and a manifest that says where to look.
import { Reader, Writer } from '../../common/protos/index.ts';
import { fromBinary, toBinary } from '../util/binary-string.ts';
import { readUint64, uint64Bytes } from '../util/codec.ts';
import { byCode } from '../util/sorted-map.ts';
import { BloomFilter } from './bloom-filter.ts';

/** Where something is: a transaction of a block. */
export interface Posting {
  readonly blockNum: number;
  readonly txNum: number;
}

/** Postings by key, each list in ascending order. */
export type Postings = Map<string, Posting[]>;

/** What is kept in memory of a segment. */
export interface Manifest {
  /** First block covered. */
  readonly first: number;
  /** First block no longer covered. */
  readonly end: number;
  /** How often its postings were merged. */
  readonly level: number;
  readonly postings: number;
  /** First key of each chunk. */
  readonly chunkKeys: readonly string[];
  readonly bloom: BloomFilter;
}

// Large enough that a segment is few puts, small enough that a look-up reads little.
const CHUNK_BYTES = 32 * 1024;

/** Cuts postings into encoded chunks. */
export function encodeSegment(
  postings: Postings,
  span: { first: number; end: number; level: number },
): { manifest: Manifest; chunks: Uint8Array[] } {
  const keys = [...postings.keys()].sort(byCode);
  const chunks: Uint8Array[] = [];
  const chunkKeys: string[] = [];
  let count = 0;
  let writer = new Writer();
  let previous = '';
  keys.forEach((key, i) => {
    if (writer.length === 0) {
      chunkKeys.push(key);
      previous = '';
    }
    const list = postings.get(key) ?? [];
    count += list.length;
    writeEntry(writer, key, previous, list, span.first);
    previous = key;
    if (writer.length >= CHUNK_BYTES || i === keys.length - 1) {
      chunks.push(writer.finish());
      writer = new Writer();
    }
  });
  const bloom = BloomFilter.of(keys, keys.length);
  return { manifest: { ...span, postings: count, chunkKeys, bloom }, chunks };
}

// Keys share beginnings with their neighbours, and lists are mostly of one posting.
function writeEntry(
  writer: Writer,
  key: string,
  previous: string,
  list: readonly Posting[],
  first: number,
): void {
  let shared = 0;
  while (shared < previous.length && previous[shared] === key[shared]) shared++;
  writer
    .uint32(shared)
    .bytes(fromBinary(key.slice(shared)))
    .uint32(list.length);
  let last = first;
  for (const { blockNum, txNum } of list) {
    writer.uint32(blockNum - last).uint32(txNum);
    last = blockNum;
  }
}

/** The postings of a chunk of a segment that covers blocks from `first` on. */
export function decodeChunk(chunk: Uint8Array, first: number): Postings {
  const postings: Postings = new Map();
  const reader = new Reader(chunk);
  let key = '';
  while (reader.pos < reader.end) {
    const shared = reader.uint32();
    key = key.slice(0, shared) + toBinary(reader.bytes());
    const list: Posting[] = [];
    let blockNum = first;
    for (let left = reader.uint32(); left > 0; left--) {
      blockNum += reader.uint32();
      list.push({ blockNum, txNum: reader.uint32() });
    }
    postings.set(key, list);
  }
  return postings;
}

export function encodeManifest(manifest: Manifest): Uint8Array {
  const writer = new Writer();
  writer.bytes(uint64Bytes(manifest.first)).bytes(uint64Bytes(manifest.end)).uint32(manifest.level);
  writer.uint32(manifest.postings).bytes(manifest.bloom.bytes).uint32(manifest.chunkKeys.length);
  for (const key of manifest.chunkKeys) writer.bytes(fromBinary(key));
  return writer.finish();
}

export function decodeManifest(bytes: Uint8Array): Manifest {
  const reader = new Reader(bytes);
  const [first, end] = [readUint64(reader.bytes()), readUint64(reader.bytes())];
  const [level, postings] = [reader.uint32(), reader.uint32()];
  const bloom = new BloomFilter(reader.bytes().slice());
  const chunkKeys = Array.from({ length: reader.uint32() }, () => toBinary(reader.bytes()));
  return { first, end, level, postings, chunkKeys, bloom };
}
