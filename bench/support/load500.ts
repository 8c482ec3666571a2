// SPDX-License-Identifier: Apache-2.0
// The chain of a real peer under load, as the block file that a peer has: unpacking it is no part of a replay.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';

const PACKED = '../../src/ledger/testdata/load500/blockfile_000000.gz';

/** The block file, in a folder that is deleted when disposed. */
export function load500(): { readonly path: string } & Disposable {
  const folder = mkdtempSync(join(tmpdir(), 'tabric-bench-'));
  const path = join(folder, 'blockfile_000000');
  const packed = readFileSync(fileURLToPath(new URL(PACKED, import.meta.url)));
  writeFileSync(path, gunzipSync(packed));
  return {
    path,
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
}
