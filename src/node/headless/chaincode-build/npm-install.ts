// SPDX-License-Identifier: Apache-2.0
// Runs npm in a folder. It is given nothing of this machine but that folder and its cache (Node's permission model), starts no process, runs no
// script, and reaches no host but the registry: a package of the registry can name any address as a dependency of its own.
import { spawn } from 'node:child_process';
import { realpathSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { FabricError, messageOf } from '../../../common/runtime/errors.ts';
import { BUILD_UNAVAILABLE } from '../../chaincode/build-service.ts';
import { needPermissionModel } from '../permission-model.ts';

export interface NpmOptions {
  readonly registry: string;
  readonly cache: string;
  /** Takes everything from the cache. */
  readonly offline: boolean;
  /** Runs the install scripts of packages, which takes npm out of its sandbox. */
  readonly allowScripts: boolean;
}

export const DEFAULT_REGISTRY = 'https://registry.npmjs.org/';

const MEMORY_MB = 512;
const MAX_LOG_CHARS = 64 * 1024;
/** What npm needs of the environment to reach the registry from behind a proxy or with a certificate of its own. */
const PASSED_ON = /^(NODE_EXTRA_CA_CERTS|https?_proxy|no_proxy|SystemRoot)$/i;
/** Nobody listens there. */
const NOWHERE = 'http://127.0.0.1:9';

/** A program of Node with access to one folder only. Resolves with what it said; rejects with FabricError CHAINCODE_BUILD_FAILED. */
export async function runInFolder(
  args: readonly string[],
  options: {
    readonly folder: string;
    /** Besides the folder. */
    readonly readable: readonly string[];
    readonly writable: readonly string[];
    readonly env: Readonly<Record<string, string>>;
    readonly sandbox: boolean;
    readonly signal: AbortSignal;
  },
): Promise<string> {
  const { folder, env, signal } = options;
  if (options.sandbox) needPermissionModel(BUILD_UNAVAILABLE, 'a build in a sandbox');
  const read = [folder, ...options.readable, ...options.writable];
  const write = [folder, ...options.writable];
  const permissions = [
    '--permission',
    ...read.map((path) => `--allow-fs-read=${path}`),
    ...write.map((path) => `--allow-fs-write=${path}`),
  ];
  const flags = [`--max-old-space-size=${MEMORY_MB}`, '--no-warnings'];
  const child = spawn(
    process.execPath,
    [...flags, ...(options.sandbox ? permissions : []), ...args],
    {
      cwd: folder,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
      signal,
      killSignal: 'SIGKILL',
      windowsHide: true,
    },
  );
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      said = `${said}${text}`.slice(-MAX_LOG_CHARS);
    });
  const { promise, resolve, reject } = Promise.withResolvers<number | null>();
  child.on('error', reject).on('close', resolve);
  const code = await promise.catch((cause: unknown) => {
    const reason = signal.aborted ? messageOf(signal.reason) : messageOf(cause);
    throw new FabricError('CHAINCODE_BUILD_FAILED', `${reason}\n${said}`.trim(), { cause });
  });
  if (code === 0) return said.trim();
  throw new FabricError('CHAINCODE_BUILD_FAILED', said.trim() || `it ended with exit code ${code}`);
}

/** `npm install` in a folder with package.json and perhaps a lock file. Resolves with npm's words. */
export function npmInstall(
  folder: string,
  { registry, cache, offline, allowScripts }: NpmOptions,
  signal: AbortSignal,
): Promise<string> {
  const npm = findNpm();
  const passed = Object.entries(process.env).filter(([name]) => PASSED_ON.test(name));
  const env = Object.fromEntries(passed) as Record<string, string>;
  const behindProxy = passed.some(([name]) => /^https?_proxy$/i.test(name));
  const { hostname } = new URL(registry);
  const args = [
    npm,
    'install',
    `--registry=${registry}`,
    `--cache=${cache}`,
    ...(offline ? ['--offline'] : ['--prefer-offline']),
    ...(allowScripts ? [] : ['--ignore-scripts', '--no-bin-links']),
    ...(behindProxy
      ? []
      : [`--proxy=${NOWHERE}`, `--https-proxy=${NOWHERE}`, `--noproxy=${hostname}`]),
    '--omit=dev',
    '--omit=peer',
    '--no-audit',
    '--no-fund',
    '--no-update-notifier',
    '--no-progress',
    '--logs-max=0',
    '--fetch-retries=1',
    '--fetch-retry-mintimeout=500',
  ];
  return runInFolder(args, {
    folder,
    readable: [dirname(dirname(npm))],
    writable: [cache],
    env: { ...env, HOME: folder, PATH: allowScripts ? (process.env.PATH ?? '') : '' },
    sandbox: !allowScripts,
    signal,
  });
}

// The one that runs this program, else the one on PATH.
function findNpm(): string {
  const running = process.env.npm_execpath ?? '';
  const onPath = (process.env.PATH ?? '')
    .split(delimiter)
    .flatMap((folder) => [
      join(folder, 'npm'),
      join(folder, 'node_modules', 'npm', 'bin', 'npm-cli.js'),
    ]);
  for (const candidate of [running, ...onPath]) {
    try {
      const file = realpathSync(candidate);
      if (file.endsWith('npm-cli.js')) return file;
    } catch {
      // Not here.
    }
  }
  throw new FabricError(BUILD_UNAVAILABLE, 'npm was not found on PATH');
}
