// SPDX-License-Identifier: Apache-2.0
// Writes blocks into files as a Fabric peer or orderer does (blkstorage/blockfile_mgr.go): byte for byte what its own
// files would be, since blocks and the size at which a file is full decide everything.
import { Writer } from '../../../common/protos/index.ts';
import { concat } from '../../../common/runtime/bytes.ts';
import { serializeBlock } from './block-serialization.ts';
import { type BlockfilePart, type SplitOptions, splitIntoFiles } from './split-into-files.ts';

/** What to append to which file, for serialized common.Blocks in order. */
export async function* writeBlockfiles(
  blocks: AsyncIterable<Uint8Array>,
  options: SplitOptions = {},
): AsyncGenerator<BlockfilePart> {
  yield* splitIntoFiles(entriesOf(blocks), options);
}

async function* entriesOf(blocks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const block of blocks) yield blockfileEntry(block);
}

/** A block as it stands in a file. */
export function blockfileEntry(block: Uint8Array): Uint8Array<ArrayBuffer> {
  const serialized = serializeBlock(block);
  return concat(new Writer().uint32(serialized.length).finish(), serialized);
}
