// SPDX-License-Identifier: Apache-2.0
// Block files on disk: one file of any name, or the files of a directory as a peer or an orderer keeps them. Packed ones
// (.gz) are unpacked as they are read.
import { createReadStream } from 'node:fs';
import { open, readdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { createGunzip } from 'node:zlib';
import { messageOf } from '../src/common/runtime/errors.ts';
import {
  BlockfileError,
  type BlockfileSource,
  BOOTSTRAPPING_SNAPSHOT_FILE,
  type BootstrappingSnapshotInfo,
  blockfileName,
  decodeBootstrappingSnapshot,
  MAX_BOOTSTRAPPING_SNAPSHOT_BYTES,
} from '../src/ledger/blkstorage/blockfile/index.ts';

const BLOCKFILE = /^blockfile_(\d{6})(?:\.gz)?$/;
const CHUNK_BYTES = 1024 * 1024;

/** The files at a path, in order. Throws BlockfileError BLOCKFILE_MISSING. */
export async function openBlockfiles(path: string): Promise<BlockfileSource[]> {
  const found = await stat(path).catch((cause: unknown) => {
    throw new BlockfileError('BLOCKFILE_MISSING', `cannot read ${path}: ${messageOf(cause)}`);
  });
  if (!found.isDirectory()) return [sourceOf(path, found.size)];
  const names = (await readdir(path)).filter((name) => BLOCKFILE.test(name)).sort();
  if (names.length === 0) {
    throw new BlockfileError('BLOCKFILE_MISSING', `there is no ${blockfileName(0)} in ${path}`);
  }
  names.forEach((name, index) => {
    if (name.startsWith(blockfileName(index)) && !names[index - 1]?.startsWith(name)) return;
    const text = `${blockfileName(index)} is missing in ${path}, or there twice`;
    throw new BlockfileError('BLOCKFILE_MISSING', text);
  });
  return Promise.all(
    names.map(async (name) => {
      const file = join(path, name);
      return sourceOf(file, (await stat(file)).size);
    }),
  );
}

/**
 * What the files at a path began behind: the file of a peer's folder, which counts for its first block file as well. Undefined
 * when there is none. Throws BlockfileError BOOTSTRAP_MALFORMED.
 */
export async function openBootstrappingSnapshot(
  path: string,
): Promise<BootstrappingSnapshotInfo | undefined> {
  const found = await stat(path).catch(() => undefined);
  const isFirst = BLOCKFILE.exec(basename(path))?.[1] === '000000';
  if (!found?.isDirectory() && !isFirst) return undefined;
  const folder = found?.isDirectory() ? path : dirname(path);
  const handle = await open(join(folder, BOOTSTRAPPING_SNAPSHOT_FILE)).catch(() => undefined);
  if (!handle) return undefined;
  try {
    const buffer = new Uint8Array(MAX_BOOTSTRAPPING_SNAPSHOT_BYTES + 1);
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, 0);
    return decodeBootstrappingSnapshot(buffer.subarray(0, bytesRead));
  } finally {
    await handle.close();
  }
}

function sourceOf(path: string, sizeBytes: number): BlockfileSource {
  const packed = path.endsWith('.gz');
  const name = basename(path, '.gz');
  return {
    name,
    sizeBytes,
    async *open(onRead) {
      const file = createReadStream(path, { highWaterMark: CHUNK_BYTES });
      file.on('data', (chunk) => onRead(chunk.length));
      const stream = packed ? file.pipe(createGunzip({ chunkSize: CHUNK_BYTES })) : file;
      // An error does not travel through a pipe.
      file.on('error', (error) => stream.destroy(error));
      try {
        for await (const chunk of stream) yield asBytes(chunk);
      } catch (cause) {
        const text = `${name} cannot be read: ${messageOf(cause)}`;
        throw new BlockfileError('BLOCKFILE_MALFORMED', text, undefined, cause);
      } finally {
        file.destroy();
      }
    },
  };
}

// A Buffer is a Uint8Array, but its parts would be Buffers.
function asBytes(chunk: Buffer): Uint8Array {
  return new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength);
}
