// SPDX-License-Identifier: Apache-2.0
// A chaincode package from sources, as `peer lifecycle chaincode package` would make it.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { packFiles, readSources } from '../../src/node/headless/chaincode-build/package-folder.ts';

/** @param label `<name>_<version>` */
export async function chaincodePackage(
  label: string,
  files: Readonly<Record<string, string>>,
): Promise<Uint8Array> {
  const root = mkdtempSync(join(tmpdir(), 'tabric-chaincode-'));
  try {
    for (const [path, text] of Object.entries(files)) {
      const target = join(root, 'code', path);
      mkdirSync(dirname(target), { recursive: true });
      writeFileSync(target, text);
    }
    return packFiles(await readSources(join(root, 'code')), label, 'code');
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}
