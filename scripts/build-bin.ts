// SPDX-License-Identifier: Apache-2.0
// Bundles `tabric` into dist-bin/, which is what the package's bin is: Node takes no TypeScript from node_modules. Packages are
// left to be installed beside it, LevelDB's native one among them. Run by npm before it packs.
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
const commands = join(root, 'cmd');
const outdir = join(root, 'dist-bin');

await rm(outdir, { recursive: true, force: true });
await build({
  // The worker is loaded from beside the program, by its name.
  entryPoints: ['tabric.ts', 'verify-worker.ts'].map((name) => join(commands, name)),
  outdir,
  bundle: true,
  splitting: true,
  packages: 'external',
  platform: 'node',
  format: 'esm',
  target: 'node20.19',
  legalComments: 'none',
  logLevel: 'warning',
});
