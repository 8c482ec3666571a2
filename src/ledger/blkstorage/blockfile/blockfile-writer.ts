// SPDX-License-Identifier: Apache-2.0
// Writes blocks into files as a Fabric peer or orderer does (blkstorage/blockfile_mgr.go): byte for byte what its own
// files would be, since blocks and the size at which a file is full decide everything.
import { Writer } from '../../../common/protos/index.ts';
import { concat } from '../../../common/runtime/bytes.ts';
import { serializeBlock } from './block-serialization.ts';

/** Fabric's size of block files (defaultMaxBlockfileSize). */
export const MAX_BLOCKFILE_BYTES = 64 * 1024 * 1024;

/** Bytes to be appended to a file. */
export interface BlockfilePart {
  /** e.g. `blockfile_000000`. Once a name was followed by another, it does not come again. */
  readonly file: string;
  /** One block with its length. */
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** `blockfile_` and six digits. */
export function blockfileName(index: number): string {
  return `blockfile_${String(index).padStart(6, '0')}`;
}

/** What to append to which file, for serialized common.Blocks in order. */
export async function* writeBlockfiles(
  blocks: AsyncIterable<Uint8Array>,
  { maxFileBytes = MAX_BLOCKFILE_BYTES }: { readonly maxFileBytes?: number } = {},
): AsyncGenerator<BlockfilePart> {
  let index = 0;
  let size = 0;
  for await (const block of blocks) {
    const bytes = blockfileEntry(block);
    // A block larger than a file gets one of its own.
    if (size + bytes.length > maxFileBytes) {
      index++;
      size = 0;
    }
    size += bytes.length;
    yield { file: blockfileName(index), bytes };
  }
}

/** A block as it stands in a file. */
export function blockfileEntry(block: Uint8Array): Uint8Array<ArrayBuffer> {
  const serialized = serializeBlock(block);
  return concat(new Writer().uint32(serialized.length).finish(), serialized);
}
