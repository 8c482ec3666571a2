// SPDX-License-Identifier: Apache-2.0
// Makes the runnable program of a package, as the build of a Fabric peer does for Node chaincode (fabric-nodeenv): npm packages are installed
// from its lock file, TypeScript is compiled. What comes out is kept by package id, so that every peer of the relay is handed the same.
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { compareUtf8 } from '../../../common/runtime/bytes.ts';
import { systemClock } from '../../../common/runtime/clock.ts';
import { FabricError } from '../../../common/runtime/errors.ts';
import { readDescription } from '../../chaincode/missing-parts.ts';
import {
  type ChaincodePackage,
  MAX_PACKAGE_BYTES,
  readChaincodePackage,
} from '../../chaincode/package.ts';
import type { SourceFiles } from '../../chaincode/runtime/control-messages.ts';
import type { TarEntry } from '../../chaincode/tar/tar-writer.ts';
import { installable } from './dependency-check.ts';
import { folderLimit, folderSize } from './folder-size.ts';
import { type NpmOptions, npmInstall, runInFolder } from './npm-install.ts';

export interface BuildOptions extends NpmOptions {
  readonly timeoutMs: number;
  /** Whether the cache is the builder's own, and may be emptied when it has grown too large. */
  readonly emptyCache?: boolean;
  /** Of disk while it is built; the cache apart. */
  readonly maxDiskBytes?: number;
}

export interface BuiltProgram {
  /** Its files, by path below the package's `src/`. */
  readonly files: readonly TarEntry[];
  /** What the tools said. */
  readonly log: string;
}

const MAX_DISK_BYTES = 512 * 1024 * 1024;
/** A cache that has grown beyond it is emptied. */
const MAX_CACHE_BYTES = 1024 * 1024 * 1024;
const WATCH_MS = 500;
const MAX_MODULES = 5_000;
const PROGRAM_FILE = /\.(js|cjs|json)$/;
/** What the build alone needed is larger than any chaincode. */
const LEFT_OUT =
  /^node_modules\/(typescript|@tsconfig)\/|(^|\/)(\.?package-lock|npm-shrinkwrap)\.json$/;
const EXTENSION = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
const COMPILER = fileURLToPath(new URL(`./compile-program.${EXTENSION}`, import.meta.url));

/** Builds one package. Rejects with FabricError INVALID_PACKAGE, UNSUPPORTED_CHAINCODE, CHAINCODE_BUILD_FAILED or CHAINCODE_BUILD_UNAVAILABLE. */
export async function buildChaincode(
  bytes: Uint8Array,
  options: BuildOptions,
  signal: AbortSignal,
): Promise<BuiltProgram> {
  const read = await readChaincodePackage(bytes);
  const timeout = AbortSignal.timeout(options.timeoutMs);
  const folder = await mkdtemp(join(tmpdir(), 'tabric-build-'));
  const ended = new AbortController();
  const full = folderLimit(folder, {
    maxBytes: options.maxDiskBytes ?? MAX_DISK_BYTES,
    everyMs: WATCH_MS,
    clock: systemClock,
    signal: ended.signal,
  });
  try {
    return await buildIn(folder, read, options, AbortSignal.any([signal, timeout, full]));
  } catch (error) {
    if (full.aborted) throw full.reason;
    if (!timeout.aborted || signal.aborted) throw error;
    const text = `the build took longer than ${options.timeoutMs / 1000} s`;
    throw new FabricError('CHAINCODE_BUILD_FAILED', text, { cause: error });
  } finally {
    ended.abort(new Error('the build is over'));
    await rm(folder, { recursive: true, force: true });
  }
}

async function buildIn(
  folder: string,
  { files, missing }: ChaincodePackage,
  options: BuildOptions,
  signal: AbortSignal,
): Promise<BuiltProgram> {
  const log: string[] = [];
  const compiles = missing?.compiled !== undefined;
  const wanted = installable(readDescription(files), files, compiles ? compilerOf(files) : []);
  if (Object.keys(wanted.description.dependencies).length > 0) {
    await mkdir(options.cache, { recursive: true });
    if (options.emptyCache && (await folderSize(options.cache)) > MAX_CACHE_BYTES)
      await rm(join(options.cache, '_cacache'), { recursive: true, force: true });
    await write(folder, 'package.json', JSON.stringify(wanted.description));
    if (wanted.lock) await write(folder, 'package-lock.json', JSON.stringify(wanted.lock));
    log.push('$ npm install', await npmInstall(folder, options, signal));
  }
  for (const [path, text] of Object.entries(files))
    if (!path.startsWith('node_modules/typescript/')) await write(folder, path, text);
  if (compiles) log.push('$ tsc', await compileTypeScript(folder, signal));
  const made = await readProgramFiles(folder);
  return { files: made, log: log.filter((line) => line !== '').join('\n') };
}

/** What tsc itself needs: the compiler, and configurations that tsconfig.json builds on. */
function compilerOf(files: SourceFiles): string[] {
  const text = files['tsconfig.json'];
  const { devDependencies, dependencies } = readDescription(files);
  const known = Object.keys({ ...Object(devDependencies), ...Object(dependencies) });
  if (text === undefined || !known.includes('typescript')) {
    const lacks = text === undefined ? 'tsconfig.json' : 'typescript among its devDependencies';
    const reason = `the package has TypeScript but no ${lacks}`;
    throw new FabricError('CHAINCODE_BUILD_FAILED', reason);
  }
  const bases = known.filter((name) => text.includes(`"${name}/`) || text.includes(`"${name}"`));
  const own = Object.keys(Object(dependencies));
  return [...new Set(['typescript', ...bases])].filter((name) => !own.includes(name));
}

function compileTypeScript(folder: string, signal: AbortSignal): Promise<string> {
  return runInFolder([COMPILER, folder], {
    folder,
    readable: [COMPILER],
    writable: [],
    env: {},
    sandbox: true,
    signal,
  });
}

async function write(folder: string, path: string, text: string): Promise<void> {
  const file = join(folder, path);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, text);
}

async function readProgramFiles(folder: string): Promise<TarEntry[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .filter((path) => PROGRAM_FILE.test(path) && !LEFT_OUT.test(path))
    .sort(compareUtf8);
  if (paths.length > MAX_MODULES)
    throw new FabricError(
      'CHAINCODE_BUILD_FAILED',
      `the program has more than ${MAX_MODULES} files`,
    );
  const files: TarEntry[] = [];
  let size = 0;
  for (const name of paths) {
    size += (await stat(join(folder, name))).size;
    if (size > MAX_PACKAGE_BYTES) {
      const text = `the program with its npm packages is larger than ${MAX_PACKAGE_BYTES} bytes`;
      throw new FabricError('CHAINCODE_BUILD_FAILED', text);
    }
    files.push({ name, bytes: await readFile(join(folder, name)) });
  }
  return files;
}
