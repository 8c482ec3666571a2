// SPDX-License-Identifier: Apache-2.0
// Which block goes into which file (blkstorage/blockfile_mgr.go): a file is full when the next block would make it too
// large. Apart from the writer, since it needs to know nothing of what a block is.

/** Fabric's size of block files (defaultMaxBlockfileSize). */
export const MAX_BLOCKFILE_BYTES = 64 * 1024 * 1024;

/** Bytes to be appended to a file. */
export interface BlockfilePart {
  /** e.g. `blockfile_000000`. Once a name was followed by another, it does not come again. */
  readonly file: string;
  /** One block with its length. */
  readonly bytes: Uint8Array;
}

export interface SplitOptions {
  readonly maxFileBytes?: number;
}

/** `blockfile_` and six digits. */
export function blockfileName(index: number): string {
  return `blockfile_${String(index).padStart(6, '0')}`;
}

/** What to append to which file, for blocks in order, as they stand in files. */
export async function* splitIntoFiles(
  entries: AsyncIterable<Uint8Array>,
  { maxFileBytes = MAX_BLOCKFILE_BYTES }: SplitOptions = {},
): AsyncGenerator<BlockfilePart> {
  let index = 0;
  let size = 0;
  for await (const bytes of entries) {
    // A block larger than a file gets one of its own.
    if (size + bytes.length > maxFileBytes) {
      index++;
      size = 0;
    }
    size += bytes.length;
    yield { file: blockfileName(index), bytes };
  }
}
