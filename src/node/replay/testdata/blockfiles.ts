// SPDX-License-Identifier: Apache-2.0
// Block files of real peers, for tests; see testdata/README.md.
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import {
  type BlockfileSource,
  readBlockfiles,
} from '../../../ledger/blkstorage/blockfile/index.ts';

/** All blocks of `testdata/NAME_blockfile_000000.gz`. */
export async function testdataBlocks(name: string): Promise<Uint8Array[]> {
  const file = `${name}_blockfile_000000.gz`;
  const bytes = gunzipSync(readFileSync(new URL(`./${file}`, import.meta.url)));
  const source: BlockfileSource = {
    name: file,
    sizeBytes: bytes.length,
    open: async function* () {
      yield Uint8Array.from(bytes);
    },
  };
  const blocks: Uint8Array[] = [];
  for await (const { block } of readBlockfiles([source])) blocks.push(block);
  return blocks;
}
