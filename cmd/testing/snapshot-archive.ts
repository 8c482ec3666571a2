// SPDX-License-Identifier: Apache-2.0
// The files of a snapshot in testdata, which is packed as a tar archive of one folder.
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { gunzipSync } from 'node:zlib';

const BLOCK_BYTES = 512;
const FILE_TYPE = '0';

/** By name, without their folder. */
export function snapshotFiles(archive: URL): Map<string, Uint8Array> {
  const tar = gunzipSync(readFileSync(archive));
  const text = (from: number, length: number): string =>
    (tar.toString('latin1', from, from + length).split('\0')[0] ?? '').trim();
  const files = new Map<string, Uint8Array>();
  for (let at = 0; at < tar.length && text(at, 100) !== ''; ) {
    const size = Number.parseInt(text(at + 124, 12), 8);
    const begin = at + BLOCK_BYTES;
    if (text(at + 156, 1) === FILE_TYPE) {
      files.set(basename(text(at, 100)), Uint8Array.from(tar.subarray(begin, begin + size)));
    }
    at = begin + Math.ceil(size / BLOCK_BYTES) * BLOCK_BYTES;
  }
  return files;
}
