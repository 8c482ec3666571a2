// SPDX-License-Identifier: Apache-2.0
//
// Bundles the program of a chaincode worker (src/node/chaincode/runtime) with the real fabric-shim and
// fabric-contract-api into public/chaincode-runtime.js, which a page loads when it launches its first chaincode.
// Only the modules of Node and of the network that those packages name are replaced. Does nothing when the bundle is
// newer than all that it is made of; `--force` makes it anyway.

import { existsSync, globSync, readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build, type Plugin } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
const runtime = join(root, 'src/node/chaincode/runtime');
const output = join(root, 'public/chaincode-runtime.js');

const require = createRequire(import.meta.url);
const requireOfContractApi = createRequire(require.resolve('fabric-contract-api'));
const shim = (name: string): string => join(runtime, 'shims', name);

// Exact module names; every name works with `node:` before it too.
const REPLACED: Readonly<Record<string, string>> = {
  '@grpc/grpc-js': shim('grpc-js.ts'),
  '@hyperledger/fabric-protos': shim('fabric-protos.ts'),
  '@hyperledger/fabric-protos/lib/peer': shim('fabric-protos-peer.ts'),
  winston: shim('winston.ts'),
  yargs: shim('yargs.ts'),
  'yargs-parser': shim('yargs-parser.ts'),
  crypto: shim('crypto.ts'),
  fs: shim('fs.ts'),
  net: shim('net.ts'),
  url: shim('url.ts'),
  // Both packages bring a copy; the registry of decorators must be one.
  'reflect-metadata': requireOfContractApi.resolve('reflect-metadata'),
  buffer: require.resolve('buffer/'),
  events: require.resolve('events/'),
  string_decoder: require.resolve('string_decoder/'),
  util: shim('util.ts'),
  path: require.resolve('path-browserify'),
};

const replaceModules: Plugin = {
  name: 'replace-modules',
  setup({ onResolve }) {
    onResolve({ filter: /^[^.]/ }, ({ path, kind }) => {
      const replacement = kind === 'entry-point' ? undefined : REPLACED[path.replace(/^node:/, '')];
      return replacement === undefined ? undefined : { path: replacement };
    });
  },
};

// An exception of a contract is logged by its message alone; a developer needs to know where it was thrown.
const LOGGED = /(logger\.error\(`\$\{loggerPrefix\} \$\{error)\}`\);/;
const logStacks: Plugin = {
  name: 'log-stacks',
  setup({ onLoad }) {
    onLoad({ filter: /fabric-shim\/lib\/contract-spi\/chaincodefromcontract\.js$/ }, ({ path }) => {
      const code = readFileSync(path, 'utf8');
      if (!LOGGED.test(code)) throw new Error(`${path} does not log exceptions as it did`);
      return { contents: code.replace(LOGGED, '$1.stack || error}`);') };
    });
  },
};

function isFresh(): boolean {
  if (!existsSync(output)) return false;
  const made = statSync(output).mtimeMs;
  const sources = globSync('**/*.ts', { cwd: runtime }).map((path) => join(runtime, path));
  return [...sources, join(root, 'package-lock.json'), fileURLToPath(import.meta.url)].every(
    (path) => statSync(path).mtimeMs <= made,
  );
}

/** Makes the bundle unless it is fresh; the result is its path. */
export async function buildChaincodeRuntime(options: { force?: boolean } = {}): Promise<string> {
  if (options.force !== true && isFresh()) return output;
  await build({
    entryPoints: [join(runtime, 'worker-entry.ts')],
    outfile: output,
    bundle: true,
    minify: true,
    format: 'iife',
    platform: 'browser',
    target: 'es2022',
    legalComments: 'none',
    logLevel: 'error',
    inject: [shim('inject.ts')],
    // The folder in which fabric-shim's bootstrap believes to be: see shims/fs.ts.
    define: { __dirname: '"/fabric-shim/lib/contract-spi"' },
    plugins: [replaceModules, logStacks],
  });
  return output;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const path = await buildChaincodeRuntime({ force: process.argv.includes('--force') });
  const code = readFileSync(path);
  const kilobytes = (bytes: number): string => `${Math.round(bytes / 1000)} kB`;
  console.log(
    `public/chaincode-runtime.js ${kilobytes(code.length)}, gzip ${kilobytes(gzipSync(code).length)}`,
  );
}
