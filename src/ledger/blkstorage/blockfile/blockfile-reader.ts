// SPDX-License-Identifier: Apache-2.0
// Reads the block files of a channel in order (blkstorage/block_stream.go and blockfile_helper.go). A file of any size
// passes through, one block in memory at a time.
import { messageOf } from '../../../common/runtime/errors.ts';
import { deserializeBlock } from './block-serialization.ts';
import { BlockfileError } from './blockfile-error.ts';
import { type BlockfileEntry, BlockfileParser, type TornTail } from './blockfile-parser.ts';

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
  for await (const chunk of source.open(events.onRead)) {
    for (const entry of parser.push(chunk)) {
      events.signal?.throwIfAborted();
      yield fileBlockOf(source.name, entry);
    }
  }
  const tail = parser.end();
  if (tail) events.onEnd(tail);
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
