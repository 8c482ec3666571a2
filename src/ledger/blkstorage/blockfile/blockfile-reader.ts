// SPDX-License-Identifier: Apache-2.0
// Reads the block files of a channel in order (blkstorage/block_stream.go and blockfile_helper.go). A file of any size
// passes through, one block in memory at a time.
import { common } from '../../../common/protos/index.ts';
import { toNumber } from '../../../common/protoutil/numbers.ts';
import { concat } from '../../../common/runtime/bytes.ts';
import { messageOf } from '../../../common/runtime/errors.ts';
import { deserializeBlock } from './block-serialization.ts';
import { BlockfileError } from './blockfile-error.ts';
import {
  type BlockfileEntry,
  BlockfileParser,
  MAX_BLOCK_BYTES,
  type TornTail,
} from './blockfile-parser.ts';

/**
 * A common.Block begins with the tag of its header. In a block file this would be the length of a block of ten bytes, of which there is
 * none.
 */
const BLOCK_HEADER_TAG = 0x0a;

/** A file that can be read from its beginning. */
export interface BlockfileSource {
  /** For errors and progress, e.g. `blockfile_000000`. */
  readonly name: string;
  /** As stored, which is less than what comes out when it is packed. */
  readonly sizeBytes: number;
  /** Its contents, unpacked; `onRead` is told how many stored bytes were read. */
  open(onRead: (bytes: number) => void): AsyncIterable<Uint8Array>;
}

/** A block and where it was found. */
export interface FileBlock {
  readonly number: number;
  /** Serialized common.Block. */
  readonly block: Uint8Array<ArrayBuffer>;
  readonly file: string;
  readonly offset: number;
}

export interface BlockfileProgress {
  readonly bytesRead: number;
  readonly totalBytes: number;
  readonly blocks: number;
}

export interface ReadBlockfilesOptions {
  readonly signal?: AbortSignal | undefined;
  /** Called after each block. */
  readonly onProgress?: ((progress: BlockfileProgress) => void) | undefined;
  /** Called when the last file ends within a block, as a crash of its peer leaves it; the blocks before are good. */
  readonly onTornTail?: ((tail: TornTail) => void) | undefined;
}

/**
 * The blocks of all files, whose numbers must follow one another; the first may be any, since a ledger made from a snapshot
 * begins late. Throws BlockfileError, and whatever reading throws.
 */
export async function* readBlockfiles(
  sources: readonly BlockfileSource[],
  options: ReadBlockfilesOptions = {},
): AsyncGenerator<FileBlock> {
  const totalBytes = sources.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  let bytesRead = 0;
  let blocks = 0;
  let expected: number | undefined;
  for (const [index, source] of sources.entries()) {
    const onRead = (bytes: number): void => {
      bytesRead += bytes;
    };
    const onEnd = (tail: TornTail): void => {
      if (index === sources.length - 1) options.onTornTail?.(tail);
      else throw new BlockfileError('BLOCKFILE_TORN', 'ends within a block', tail);
    };
    for await (const block of readBlockfile(source, { ...options, onRead, onEnd })) {
      checkOrder(block, expected);
      expected = block.number + 1;
      blocks++;
      yield block;
      options.onProgress?.({ bytesRead, totalBytes, blocks });
    }
  }
}

async function* readBlockfile(
  source: BlockfileSource,
  events: {
    readonly signal?: AbortSignal | undefined;
    readonly onRead: (bytes: number) => void;
    readonly onEnd: (tail: TornTail) => void;
  },
): AsyncGenerator<FileBlock> {
  const parser = new BlockfileParser(source.name);
  let single: Uint8Array[] | undefined;
  let isFirst = true;
  for await (const chunk of source.open(events.onRead)) {
    if (chunk.length === 0) continue;
    if (isFirst && chunk[0] === BLOCK_HEADER_TAG) single = [];
    isFirst = false;
    if (single) {
      single.push(chunk);
      checkSize(source.name, single);
      continue;
    }
    for (const entry of parser.push(chunk)) {
      events.signal?.throwIfAborted();
      yield fileBlockOf(source.name, entry);
    }
  }
  if (single) yield singleBlock(source.name, concat(...single));
  const tail = parser.end();
  if (tail) events.onEnd(tail);
}

function checkSize(file: string, chunks: readonly Uint8Array[]): void {
  const bytes = chunks.reduce((sum, { length }) => sum + length, 0);
  if (bytes <= MAX_BLOCK_BYTES) return;
  throw new BlockfileError('BLOCKFILE_MALFORMED', 'not a block: it is too large', {
    file,
    offset: 0,
  });
}

/** A common.Block by itself, as `peer channel fetch` and configtxgen write it; throws BlockfileError BLOCKFILE_MALFORMED. */
function singleBlock(file: string, bytes: Uint8Array<ArrayBuffer>): FileBlock {
  try {
    const { header, data } = common.Block.decode(bytes);
    if (!header || !data) throw new Error('it has no header or no data');
    return { number: toNumber(header.number), block: bytes, file, offset: 0 };
  } catch (cause) {
    const reason = `neither a block file nor a block of peer channel fetch: ${messageOf(cause)}`;
    throw new BlockfileError('BLOCKFILE_MALFORMED', reason, { file, offset: 0 }, cause);
  }
}

/** The block of one entry of a file; throws BlockfileError BLOCKFILE_MALFORMED. */
export function fileBlockOf(file: string, { offset, serialized }: BlockfileEntry): FileBlock {
  try {
    return { ...deserializeBlock(serialized), file, offset };
  } catch (cause) {
    const reason = `not a block: ${messageOf(cause)}`;
    throw new BlockfileError('BLOCKFILE_MALFORMED', reason, { file, offset }, cause);
  }
}

function checkOrder({ number, file, offset }: FileBlock, expected: number | undefined): void {
  if (expected === undefined || number === expected) return;
  const place = { file, offset, blockNum: number };
  throw new BlockfileError('BLOCKFILE_OUT_OF_ORDER', `block ${expected} should stand here`, place);
}
