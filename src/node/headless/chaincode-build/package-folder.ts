// SPDX-License-Identifier: Apache-2.0
// Packs a folder of sources as `peer lifecycle chaincode package` does: `metadata.json` and `code.tar.gz`, whose files lie under `src/` (and
// `META-INF/` beside it). Fabric's own packages hold times; these are the same bytes on every machine.
import { readdir, readFile } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { compareUtf8, utf8 } from '../../../common/runtime/bytes.ts';
import { FabricError } from '../../../common/runtime/errors.ts';
import { MAX_PACKAGE_BYTES } from '../../chaincode/package.ts';
import { type TarEntry, tarGz } from '../../chaincode/tar/tar-writer.ts';

/** The files of a folder as the packager of Fabric's node platform takes them: no node_modules, no hidden files; in byte order of their paths. */
export async function readSources(folder: string): Promise<TarEntry[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .filter(
      (path) => !path.split('/').some((part) => part === 'node_modules' || part.startsWith('.')),
    )
    .sort(compareUtf8);
  return Promise.all(
    paths.map(async (name) => ({ name, bytes: await readFile(join(folder, name)) })),
  );
}

/**
 * A package of these files.
 * @param path where they are from, as the package's metadata tells it.
 * Throws FabricError PACKAGE_TOO_LARGE.
 */
export function packFiles(files: readonly TarEntry[], label: string, path: string): Uint8Array {
  const code = files.map(({ name, bytes }) => ({
    name: name.startsWith('META-INF/') ? name : `src/${name}`,
    bytes,
  }));
  const metadata = JSON.stringify({ path, type: 'node', label });
  const bytes = tarGz([
    { name: 'metadata.json', bytes: utf8(metadata) },
    { name: 'code.tar.gz', bytes: tarGz(code) },
  ]);
  if (bytes.length <= MAX_PACKAGE_BYTES) return bytes;
  const text = `the package ${label} has ${bytes.length} bytes, which is more than ${MAX_PACKAGE_BYTES}`;
  throw new FabricError('PACKAGE_TOO_LARGE', text);
}
