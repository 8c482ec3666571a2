// SPDX-License-Identifier: Apache-2.0
// The file beside block files that begin behind a snapshot (bootstrappingSnapshotInfo of common/ledger/blkstorage/storage.proto, written by
// blockfile_mgr.go).
import { Reader, Writer } from '../../../common/protos/index.ts';
import { toNumber } from '../../../common/protoutil/numbers.ts';
import { EMPTY_BYTES } from '../../../common/runtime/bytes.ts';
import { BlockfileError } from './blockfile-error.ts';

/** Its name in the folder of a channel. */
export const SNAPSHOT_INFO_FILE = 'bootstrappingSnapshot.info';
/** A number and two hashes. */
export const MAX_SNAPSHOT_INFO_BYTES = 256;

const [LAST_BLOCK_NUM, LAST_BLOCK_HASH, PREVIOUS_BLOCK_HASH] = [8, 18, 26];
const HASH_BYTES = 32;

/** The last block of the snapshot. */
export interface SnapshotInfo {
  readonly lastBlockNumber: number;
  readonly lastBlockHash: Uint8Array;
  readonly previousBlockHash: Uint8Array;
}

export function encodeSnapshotInfo(info: SnapshotInfo): Uint8Array<ArrayBuffer> {
  const writer = new Writer();
  if (info.lastBlockNumber > 0) writer.uint32(LAST_BLOCK_NUM).long(info.lastBlockNumber);
  writer.uint32(LAST_BLOCK_HASH).bytes(info.lastBlockHash);
  if (info.previousBlockHash.length > 0)
    writer.uint32(PREVIOUS_BLOCK_HASH).bytes(info.previousBlockHash);
  return writer.finish();
}

/** Throws BlockfileError BLOCKFILE_MALFORMED. */
export function decodeSnapshotInfo(bytes: Uint8Array): SnapshotInfo {
  let info: SnapshotInfo = {
    lastBlockNumber: 0,
    lastBlockHash: EMPTY_BYTES,
    previousBlockHash: EMPTY_BYTES,
  };
  try {
    if (bytes.length > MAX_SNAPSHOT_INFO_BYTES) throw new Error('it is too long');
    const reader = new Reader(bytes.slice());
    while (reader.pos < reader.end) {
      const tag = reader.tag();
      if (tag === LAST_BLOCK_NUM) info = { ...info, lastBlockNumber: toNumber(reader.long(true)) };
      else if (tag === LAST_BLOCK_HASH) info = { ...info, lastBlockHash: reader.bytes() };
      else if (tag === PREVIOUS_BLOCK_HASH) info = { ...info, previousBlockHash: reader.bytes() };
      else reader.skip(tag);
    }
    if (info.lastBlockHash.length !== HASH_BYTES) throw new Error('it has no hash');
  } catch (cause) {
    throw new BlockfileError(
      'BLOCKFILE_MALFORMED',
      `${SNAPSHOT_INFO_FILE} cannot be read`,
      undefined,
      cause,
    );
  }
  return info;
}
