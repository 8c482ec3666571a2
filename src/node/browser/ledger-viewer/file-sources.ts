// SPDX-License-Identifier: Apache-2.0
// Block files that a person dropped on the page: put in order, and read as streams, so that no file is ever in memory
// as a whole. Packed ones (.gz) are unpacked as they are read.
import { FabricError, messageOf } from '../../../common/runtime/errors.ts';
import {
  BlockfileError,
  type BlockfileSource,
  blockfileName,
} from '../../../ledger/blkstorage/blockfile/index.ts';

const BLOCKFILE = /^blockfile_(\d{6})(?:\.gz)?$/;

/** What of a File is needed to put it in order. */
type Named = Pick<File, 'name'>;

/**
 * By name, as a peer numbers its files; one file alone may have any name. Throws FabricError with the name in `data.file`:
 * BLOCKFILES_NONE; BLOCKFILES_NAME: a name that gives no place; BLOCKFILES_TWICE; BLOCKFILES_GAP: one is missing.
 */
export function orderBlockfiles<F extends Named>(files: readonly F[]): F[] {
  if (files.length === 0) throw new FabricError('BLOCKFILES_NONE', 'there is no file');
  if (files.length === 1) return [...files];
  for (const { name } of files) {
    if (!BLOCKFILE.test(name)) refuse('BLOCKFILES_NAME', name, 'is not named like a block file');
  }
  const ordered = [...files].sort((a, b) => (a.name < b.name ? -1 : 1));
  ordered.forEach(({ name }, index) => {
    const wanted = blockfileName(index);
    if (name.startsWith(wanted)) return;
    const before = ordered[index - 1]?.name.slice(0, wanted.length);
    if (before !== undefined && name.startsWith(before)) {
      refuse('BLOCKFILES_TWICE', before, 'is there twice');
    }
    refuse('BLOCKFILES_GAP', wanted, 'is missing');
  });
  return ordered;
}

function refuse(code: string, file: string, text: string): never {
  throw new FabricError(code, `${file} ${text}`, { data: { file } });
}

/** A file as a source of blocks. Reading throws BlockfileError BLOCKFILE_MALFORMED when it cannot be read or unpacked. */
export function fileSource(file: File): BlockfileSource {
  const packed = file.name.endsWith('.gz');
  const name = packed ? file.name.slice(0, -'.gz'.length) : file.name;
  return {
    name,
    sizeBytes: file.size,
    async *open(onRead) {
      const stored = piecesOf(file, onRead);
      const stream = packed ? stored.pipeThrough(new DecompressionStream('gzip')) : stored;
      try {
        yield* chunksOf(stream);
      } catch (cause) {
        const text = `${name} cannot be read: ${messageOf(cause)}`;
        throw new BlockfileError('BLOCKFILE_MALFORMED', text, undefined, cause);
      }
    },
  };
}

/**
 * How much is read at a time. A browser's own stream reads 2 MiB, which tells little of the progress of a small file, and
 * unpacks all of it at once: what comes out of this much is a thousand times as much at worst.
 */
const PIECE_BYTES = 128 * 1024;

// Reads only when it is asked to: a replay is slower than any disk.
function piecesOf(
  file: File,
  onRead: (bytes: number) => void,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  let offset = 0;
  const pull = async (controller: ReadableStreamDefaultController): Promise<void> => {
    const piece = await file.slice(offset, offset + PIECE_BYTES).arrayBuffer();
    offset += piece.byteLength;
    onRead(piece.byteLength);
    if (piece.byteLength > 0) controller.enqueue(new Uint8Array(piece));
    else controller.close();
  };
  return new ReadableStream({ pull }, { highWaterMark: 0 });
}

// Not every browser can iterate over a stream.
async function* chunksOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = stream.getReader();
  try {
    for (let read = await reader.read(); !read.done; read = await reader.read()) yield read.value;
  } finally {
    await reader.cancel().catch(() => {});
  }
}
