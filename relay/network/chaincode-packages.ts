// SPDX-License-Identifier: Apache-2.0
// The packages that a network file names: a sample's folder, any folder of sources, or a package that is there already. The package id is
// `label:sha256 of the package`, so that an edited source is another package.
import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { readChaincodePackage } from '../../src/node/chaincode/package.ts';
import { packFiles, readSources } from '../../src/node/headless/chaincode-build/package-folder.ts';
import type { HttpRoute } from '../http/http-server.ts';

export interface ChaincodePackage {
  /** e.g. `basic_1.0`. */
  readonly label: string;
  readonly packageId: string;
  /** URL path at the relay. */
  readonly path: string;
  readonly bytes: Uint8Array;
}

export interface PackageSource {
  /** Name of the chaincode, which begins its label. */
  readonly name: string;
  readonly version: string;
  /** Name of a sample's folder, or a path of a folder or package. */
  readonly package: string;
}

/** Whether a network file means one of the samples. */
export function isSample(source: string): boolean {
  return /^[a-z0-9][a-z0-9_-]{0,99}$/.test(source);
}

/** Packs a folder under the label `<name>_<version>`, or takes a package as it is. Rejects when there is no such file, or it is no package. */
export async function packChaincode(
  samples: string,
  { name, version, package: source }: PackageSource,
): Promise<ChaincodePackage> {
  const place = isSample(source) ? join(samples, source) : source;
  if (!(await stat(place)).isDirectory()) return packageOf(await readFile(place));
  const files = await readSources(place);
  return packageOf(packFiles(files, `${name}_${version}`, basename(place)));
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

async function packageOf(bytes: Uint8Array): Promise<ChaincodePackage> {
  const { label, packageId } = await readChaincodePackage(bytes);
  const hash = createHash('sha256').update(bytes).digest('hex').slice(0, 16);
  return { label, packageId, path: `/packages/${label}-${hash}.tar.gz`, bytes };
}
