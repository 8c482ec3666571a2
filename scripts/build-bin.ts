// SPDX-License-Identifier: Apache-2.0
// Bundles `tabric` into dist-bin/, which is what the package's bin is: Node takes no TypeScript from node_modules. Packages are
// left to be installed beside it, LevelDB's native one among them. Run by npm before it packs.
import { copyFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BuildOptions, build } from 'esbuild';
import { buildChaincodeRuntime } from './build-chaincode-runtime.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const headless = join(root, 'src', 'node', 'headless');
const outdir = join(root, 'dist-bin');

await rm(outdir, { recursive: true, force: true });
const options: BuildOptions = {
  outdir,
  bundle: true,
  packages: 'external',
  platform: 'node',
  format: 'esm',
  target: 'node20.19',
  legalComments: 'none',
  logLevel: 'warning',
};
await build({
  ...options,
  splitting: true,
  // The worker is loaded from beside the program, by its name.
  entryPoints: {
    tabric: join(root, 'cmd', 'tabric.ts'),
    'verify-worker': join(headless, 'verify-worker.ts'),
  },
});
// The process of chaincode may read this one file.
await build({
  ...options,
  entryPoints: { 'chaincode-program': join(headless, 'chaincode-program.ts') },
});
await copyFile(await buildChaincodeRuntime(), join(outdir, 'chaincode-runtime.js'));
