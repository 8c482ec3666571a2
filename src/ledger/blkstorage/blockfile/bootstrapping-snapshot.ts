// SPDX-License-Identifier: Apache-2.0
// The file that stands beside the block files of a ledger made from a snapshot (bootstrappingSnapshotInfo of
// blkstorage/storage.proto, kept by blockfile_mgr.go): which block came before the first that is here.
import { Reader, Writer } from '../../../common/protos/index.ts';
import { toNumber } from '../../../common/protoutil/numbers.ts';
import { EMPTY_BYTES } from '../../../common/runtime/bytes.ts';
import { messageOf } from '../../../common/runtime/errors.ts';
import { BlockfileError } from './blockfile-error.ts';

export const BOOTSTRAPPING_SNAPSHOT_FILE = 'bootstrappingSnapshot.info';

/** A number and two hashes are 80 bytes or so; what is longer than this is something else, and need not be read. */
export const MAX_BOOTSTRAPPING_SNAPSHOT_BYTES = 1024;

/** What a snapshot told of its last block. */
export interface BootstrappingSnapshotInfo {
  readonly lastBlockNum: number;
  readonly lastBlockHash: Uint8Array;
  /** Empty when the snapshot was of the genesis block. */
  readonly previousBlockHash: Uint8Array;
}

const LAST_BLOCK_NUM = 0x08;
const LAST_BLOCK_HASH = 0x12;
const PREVIOUS_BLOCK_HASH = 0x1a;
const HASH_BYTES = 32;

/** Serialized as Go does: fields without a value are left out. */
export function encodeBootstrappingSnapshot(info: BootstrappingSnapshotInfo): Uint8Array {
  const writer = new Writer();
  if (info.lastBlockNum > 0) writer.uint32(LAST_BLOCK_NUM).long(info.lastBlockNum);
  if (info.lastBlockHash.length > 0) writer.uint32(LAST_BLOCK_HASH).bytes(info.lastBlockHash);
  if (info.previousBlockHash.length > 0) {
    writer.uint32(PREVIOUS_BLOCK_HASH).bytes(info.previousBlockHash);
  }
  return writer.finish();
}

/** Reads the contents of the file. Throws BlockfileError BOOTSTRAP_MALFORMED when they are none, or lack a hash. */
export function decodeBootstrappingSnapshot(bytes: Uint8Array): BootstrappingSnapshotInfo {
  if (bytes.length > MAX_BOOTSTRAPPING_SNAPSHOT_BYTES) malformed('it is too long');
  let lastBlockNum = 0;
  const hashes: { last: Uint8Array; previous: Uint8Array } = {
    last: EMPTY_BYTES,
    previous: EMPTY_BYTES,
  };
  try {
    const reader = new Reader(bytes.slice());
    while (reader.pos < reader.end) {
      const tag = reader.tag();
      if (tag === LAST_BLOCK_NUM) lastBlockNum = toNumber(reader.long(true));
      else if (tag === LAST_BLOCK_HASH) hashes.last = reader.bytes();
      else if (tag === PREVIOUS_BLOCK_HASH) hashes.previous = reader.bytes();
      else reader.skip(tag);
    }
  } catch (cause) {
    malformed(messageOf(cause), cause);
  }
  if (hashes.last.length !== HASH_BYTES) malformed('it holds no hash of the last block');
  if (hashes.previous.length !== (lastBlockNum > 0 ? HASH_BYTES : 0)) {
    malformed('it holds no hash of the block before the last');
  }
  return { lastBlockNum, lastBlockHash: hashes.last, previousBlockHash: hashes.previous };
}

function malformed(reason: string, cause?: unknown): never {
  const text = `${BOOTSTRAPPING_SNAPSHOT_FILE} cannot be read: ${reason}`;
  throw new BlockfileError('BOOTSTRAP_MALFORMED', text, undefined, cause);
}
