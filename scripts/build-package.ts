// SPDX-License-Identifier: Apache-2.0
// Bundles what the npm package has besides the page into dist-node/: the program, the entries of its `exports`, and their types. Node takes no
// TypeScript from node_modules, and patches apply to no packages of others; so everything is bundled but native code. Run by npm before it packs.
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  globSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { copyFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BuildOptions, build } from 'esbuild';
import { buildChaincodeRuntime } from './build-chaincode-runtime.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const headless = join(root, 'src', 'node', 'headless');
const outdir = join(root, 'dist-node');
/** Left to be installed beside it: native code, a type that ours use, and the test tool of whoever tests. */
const EXTERNAL = ['classic-level', 'long', '@playwright/test', 'vite'];
const ENTRIES = ['api', 'gateway', 'playwright'];

await rm(outdir, { recursive: true, force: true });
const options: BuildOptions = {
  outdir,
  bundle: true,
  external: EXTERNAL,
  platform: 'node',
  format: 'esm',
  target: 'node20.19',
  legalComments: 'none',
  metafile: true,
  logLevel: 'warning',
  // Packages that are CommonJS ask for Node's modules by `require`.
  banner: {
    js: "import { createRequire as nodeRequire } from 'node:module'; const require = nodeRequire(import.meta.url);",
  },
};
const programs = await build({
  ...options,
  splitting: true,
  // Workers are loaded from beside the program, by their names.
  entryPoints: {
    tabric: join(root, 'cmd', 'tabric.ts'),
    'verify-worker': join(headless, 'verify-worker.ts'),
    ...Object.fromEntries(
      ENTRIES.map((name) => [name, join(root, 'src', 'exports', `${name}.ts`)]),
    ),
  },
  inject: [join(root, 'scripts', 'node-20.ts')],
});
// Each runs in a sandbox that may read this one file.
await build({
  ...options,
  banner: {},
  entryPoints: {
    'chaincode-program': join(headless, 'chaincode-program.ts'),
    'compile-program': join(headless, 'chaincode-build', 'compile-program.ts'),
  },
});
await writeLicences(Object.keys(programs.metafile?.inputs ?? {}));
await copyFile(await buildChaincodeRuntime(), join(outdir, 'chaincode-runtime.js'));
chmodSync(join(outdir, 'tabric.js'), 0o755);
emitTypes();

// Of the packages whose code is in the bundles, as their licences ask.
async function writeLicences(inputs: readonly string[]): Promise<void> {
  const modules = /^(?:.*\/)?node_modules\/((?:@[^/]+\/)?[^/]+)\//;
  const folders = new Set(inputs.flatMap((path) => modules.exec(path)?.[0] ?? []));
  const texts = [...folders].sort().map((folder) => {
    const { name, version, license } = JSON.parse(
      readFileSync(join(root, folder, 'package.json'), 'utf8'),
    );
    const [file] = globSync('{LICENSE,LICENCE,license}*', { cwd: join(root, folder) });
    const text = file === undefined ? '' : readFileSync(join(root, folder, file), 'utf8').trim();
    return `${name} ${version} (${license})\n\n${text}`;
  });
  const file = join(outdir, 'THIRD-PARTY-LICENSES.txt');
  await writeFile(file, `${texts.join(`\n\n${'-'.repeat(80)}\n\n`)}\n`);
}

// Declarations as the compiler writes them, with the endings of the files that they will be beside.
function emitTypes(): void {
  const folder = mkdtempSync(join(tmpdir(), 'tabric-types-'));
  const config = join(folder, 'tsconfig.json');
  const compilerOptions = {
    noEmit: false,
    declaration: true,
    emitDeclarationOnly: true,
    rootDir: join(root, 'src'),
    outDir: join(outdir, 'types'),
    types: ['node'],
    typeRoots: [join(root, 'node_modules', '@types')],
  };
  const files = ENTRIES.map((name) => join(root, 'src', 'exports', `${name}.ts`));
  writeFileSync(
    config,
    JSON.stringify({
      extends: join(root, 'tsconfig.json'),
      compilerOptions,
      files,
      include: [join(root, 'src', '**', '*.d.ts')],
    }),
  );
  const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  execFileSync(process.execPath, [compiler, '-p', config], { stdio: 'inherit' });
  rmSync(folder, { recursive: true });
  const types = join(outdir, 'types');
  // Those that are written by hand or generated, the compiler leaves where they are.
  for (const path of globSync('**/*.d.ts', { cwd: join(root, 'src') }))
    cpSync(join(root, 'src', path), join(types, path));
  const used = new Set<string>();
  for (const name of ENTRIES) keep(join(types, 'exports', `${name}.d.ts`), used);
  for (const path of globSync('**/*.d.ts', { cwd: types }))
    if (!used.has(join(types, path))) rmSync(join(types, path));
}

// A declaration and what it imports, with endings of the files that a compiler looks for.
function keep(file: string, used: Set<string>): void {
  if (used.has(file)) return;
  used.add(file);
  const text = readFileSync(file, 'utf8');
  const imports = /((?:from|import|import\() ?'(\.[^']*))\.[jt]s'/g;
  for (const [, , path = ''] of text.matchAll(imports))
    keep(join(dirname(file), `${path}.d.ts`), used);
  writeFileSync(file, text.replace(imports, "$1.js'"));
}
