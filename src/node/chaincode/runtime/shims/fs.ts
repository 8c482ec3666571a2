// SPDX-License-Identifier: Apache-2.0
// In place of Node's fs: the files of the chaincode's own package, to read, under `/`.

import contractSchema from 'fabric-contract-api/schema/contract-schema.json';
import type { SourceFiles } from '../control-messages.ts';
import { Buffer } from './buffer.ts';

// Where fabric-shim's bootstrap looks for it, seen from the folder that the build gives it as __dirname.
const SCHEMA_PATH = 'fabric-contract-api/schema/contract-schema.json';

let mounted: SourceFiles = {};

export function mountFiles(files: SourceFiles): void {
  mounted = { ...files, [SCHEMA_PATH]: JSON.stringify(contractSchema) };
}

function find(path: unknown): string | undefined {
  const key = String(path).replace(/^\/+/, '');
  return Object.hasOwn(mounted, key) ? mounted[key] : undefined;
}

// The names in a folder; undefined when it is none.
function list(path: unknown): string[] | undefined {
  const folder = String(path).replace(/^\/+|\/+$/g, '');
  const inside = folder === '' ? '' : `${folder}/`;
  const names = Object.keys(mounted)
    .filter((file) => file.startsWith(inside) && file !== SCHEMA_PATH)
    .map((file) => file.slice(inside.length).split('/')[0] ?? '');
  return names.length > 0 || folder === '' ? [...new Set(names)].sort() : undefined;
}

function failure(code: string, text: string, path: unknown): Error {
  return Object.assign(new Error(`${code}: ${text} '${path}'`), { code, path });
}

export function existsSync(path: unknown): boolean {
  return find(path) !== undefined || list(path) !== undefined;
}

export function readdirSync(path: unknown): string[] {
  const names = list(path);
  if (names) return names;
  throw find(path) === undefined
    ? failure('ENOENT', 'no such file or directory, scandir', path)
    : failure('ENOTDIR', 'not a directory, scandir', path);
}

export function statSync(path: unknown): object {
  const text = find(path);
  if (text === undefined && !list(path))
    throw failure('ENOENT', 'no such file or directory, stat', path);
  const size = text === undefined ? 0 : Buffer.from(text).length;
  const isFile = text !== undefined;
  const epoch = new Date(0);
  return {
    size,
    mode: isFile ? 0o100644 : 0o40755,
    mtimeMs: 0,
    mtime: epoch,
    isFile: () => isFile,
    isDirectory: () => !isFile,
    isSymbolicLink: () => false,
  };
}

export const lstatSync = statSync;
export const realpathSync = (path: unknown): string => String(path);

export function accessSync(path: unknown): void {
  if (!existsSync(path)) throw failure('ENOENT', 'no such file or directory, access', path);
}

function readOnly(name: string): (path: unknown) => never {
  return (path) => {
    throw failure('EROFS', `read-only file system, ${name}`, path);
  };
}

export const writeFileSync = readOnly('open');
export const appendFileSync = readOnly('open');
export const mkdirSync = readOnly('mkdir');
export const unlinkSync = readOnly('unlink');
export const rmSync = readOnly('rm');

export function readFileSync(path: unknown, encoding?: unknown): string | Buffer {
  const text = find(path);
  if (text === undefined) throw failure('ENOENT', 'no such file or directory, open', path);
  const named = typeof encoding === 'object' && encoding !== null ? encoding : { encoding };
  return Reflect.get(named, 'encoding') ? text : Buffer.from(text);
}

type Callback = (error: unknown, result?: unknown) => void;

// `fs.readFile(path[, options], callback)` and the like, of what works at once.
function calling(work: (path: unknown, options?: unknown) => unknown) {
  return (path: unknown, ...rest: unknown[]): void => {
    const callback = rest.pop() as Callback;
    Promise.resolve()
      .then(() => work(path, rest[0]))
      .then((result) => callback(null, result), callback);
  };
}

export const readFile = calling(readFileSync);
export const readdir = calling(readdirSync);
export const stat = calling(statSync);
export const access = calling(accessSync);
export const constants = { F_OK: 0, R_OK: 4, W_OK: 2, X_OK: 1 };

export const promises = {
  access: async (path: unknown): Promise<void> => accessSync(path),
  readFile: async (path: unknown, encoding?: unknown): Promise<string | Buffer> =>
    readFileSync(path, encoding),
  readdir: async (path: unknown): Promise<string[]> => readdirSync(path),
  stat: async (path: unknown): Promise<object> => statSync(path),
  writeFile: async (path: unknown): Promise<never> => writeFileSync(path),
};
