// SPDX-License-Identifier: Apache-2.0
// In place of Node's fs: the files of the chaincode's own package, to read, under `/`.
import { Buffer } from 'buffer/';
import contractSchema from 'fabric-contract-api/schema/contract-schema.json';
import type { SourceFiles } from '../control-messages.ts';

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

export function existsSync(path: unknown): boolean {
  return find(path) !== undefined;
}

export function readFileSync(path: unknown, encoding?: unknown): string | Buffer {
  const text = find(path);
  if (text === undefined) {
    const error = new Error(`ENOENT: no such file or directory, open '${path}'`);
    throw Object.assign(error, { code: 'ENOENT' });
  }
  return encoding === undefined ? Buffer.from(text) : text;
}

export const promises = {
  access: async (path: unknown): Promise<void> => {
    readFileSync(path);
  },
  readFile: async (path: unknown, encoding?: unknown): Promise<string | Buffer> =>
    readFileSync(path, encoding),
};
