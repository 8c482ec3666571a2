// SPDX-License-Identifier: Apache-2.0
// Packs the sample chaincodes as `peer lifecycle chaincode package` does: `metadata.json` and `code.tar.gz`, whose files lie under
// `src/` (and `META-INF/` beside it). The package id is `label:sha256 of the package`.
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { compareUtf8 } from '../../src/common/runtime/bytes.ts';
import { type TarEntry, tarGz } from '../../src/node/chaincode/tar/tar-writer.ts';
import type { HttpRoute } from '../http/http-server.ts';

export interface ChaincodePackage {
  /** e.g. `basic_1.0`. */
  readonly label: string;
  readonly packageId: string;
  /** URL path at the relay. */
  readonly path: string;
  readonly bytes: Uint8Array;
}

const MAX_PACKAGE_BYTES = 16 * 2 ** 20;

export interface SampleChaincode {
  /** Name of the chaincode, which begins its label. */
  readonly name: string;
  readonly version: string;
  /** Name of its folder. */
  readonly folder: string;
}

/** Packs a folder of `samples` under the label `<name>_<version>`. Rejects with ENOENT when there is no such folder. */
export async function packSample(
  samples: string,
  { name, version, folder }: SampleChaincode,
): Promise<ChaincodePackage> {
  const files = await readFolder(join(samples, folder));
  const code = files.map(({ name: path, bytes }) => ({
    name: path.startsWith('META-INF/') ? path : `src/${path}`,
    bytes,
  }));
  const label = `${name}_${version}`;
  const metadata = JSON.stringify({ path: folder, type: 'node', label });
  const bytes = tarGz([
    { name: 'metadata.json', bytes: Buffer.from(metadata) },
    { name: 'code.tar.gz', bytes: tarGz(code) },
  ]);
  if (bytes.length > MAX_PACKAGE_BYTES) {
    throw new RangeError(`the sample chaincode ${name} is larger than ${MAX_PACKAGE_BYTES} bytes`);
  }
  const hash = createHash('sha256').update(bytes).digest('hex');
  return { label, packageId: `${label}:${hash}`, path: `/samples/${label}.tar.gz`, bytes };
}

/** Serves packages at their paths. */
export function packageRoute(packages: readonly ChaincodePackage[]): HttpRoute {
  const byPath = new Map(packages.map((one) => [one.path, one]));
  return (request) => {
    const found = byPath.get(request.path);
    if (!found) return undefined;
    const headers = { 'content-type': 'application/gzip', 'cache-control': 'no-cache' };
    return { status: 200, headers, body: found.bytes };
  };
}

// As the packager of Fabric's node platform: no node_modules, no hidden files; in byte order of their paths.
async function readFolder(folder: string): Promise<TarEntry[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .map((file) => relative(folder, file).split(sep).join('/'))
    .filter(
      (path) => !path.split('/').some((part) => part === 'node_modules' || part.startsWith('.')),
    )
    .sort(compareUtf8);
  return Promise.all(
    paths.map(async (name) => ({ name, bytes: await readFile(join(folder, name)) })),
  );
}
