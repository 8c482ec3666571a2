// SPDX-License-Identifier: Apache-2.0
// What can be wrong with a file of blocks, and where.
import { FabricError } from '../../../common/runtime/errors.ts';

/**
 * - BLOCKFILE_MALFORMED: bytes that are no block of the format
 * - BLOCKFILE_TORN: a file other than the last ends within a block
 * - BLOCKFILE_OUT_OF_ORDER: block numbers do not follow one another
 * - BLOCKFILE_MISSING: no files, or a gap in their numbers
 * - BOOTSTRAP_MALFORMED: bootstrappingSnapshot.info is not what a peer writes, or not of these files
 */
export type BlockfileErrorCode =
  | 'BLOCKFILE_MALFORMED'
  | 'BLOCKFILE_TORN'
  | 'BLOCKFILE_OUT_OF_ORDER'
  | 'BLOCKFILE_MISSING'
  | 'BOOTSTRAP_MALFORMED';

/** Where in the files something is. */
export interface BlockfilePlace {
  readonly file: string;
  /** In bytes, from the beginning of the (unpacked) file. */
  readonly offset: number;
  /** The number of the block there; unknown when it could not be read. */
  readonly blockNum?: number | undefined;
}

export class BlockfileError extends FabricError {
  override readonly name: string = 'BlockfileError';
  constructor(code: BlockfileErrorCode, reason: string, place?: BlockfilePlace, cause?: unknown) {
    super(code, place ? `${placeText(place)}: ${reason}` : reason, {
      cause,
      ...(place && { data: { ...place } }),
    });
  }
}

function placeText({ file, offset, blockNum }: BlockfilePlace): string {
  return blockNum === undefined
    ? `${file}, at byte ${offset}`
    : `${file}, block ${blockNum} at byte ${offset}`;
}
