// SPDX-License-Identifier: Apache-2.0
// Node's CommonJS `require` over the files of one chaincode package. Modules that the runtime brings along win over
// copies in the package's node_modules, because there may be only one fabric-contract-api in a process.
import type { SourceFiles } from './control-messages.ts';
import { parseJsonFile } from './json-text.ts';

type Require = (id: string) => unknown;
type ModuleBody = (
  exports: unknown,
  require: Require,
  module: { exports: unknown },
  filename: string,
  dirname: string,
) => void;

/** Loads modules of one package; each file runs once. */
export class ModuleLoader {
  readonly #files: SourceFiles;
  readonly #vendored: ReadonlyMap<string, unknown>;
  readonly #modules = new Map<string, { exports: unknown }>();

  constructor(files: SourceFiles, vendored: ReadonlyMap<string, unknown>) {
    this.#files = files;
    this.#vendored = vendored;
  }

  /** The exports of a file or folder, by its path from the package's root. Throws Error as Node does. */
  load(path: string): unknown {
    const file = this.#resolveFile(normalize(path));
    if (file === undefined) throw new Error(`Cannot find module '${path}'`);
    return this.#run(file);
  }

  has(path: string): boolean {
    return this.#resolveFile(normalize(path)) !== undefined;
  }

  #require(from: string, request: string): unknown {
    const id = request.replace(/^node:/, '');
    if (/^\.{0,2}\//.test(id) || id === '.' || id === '..') {
      const file = this.#resolveFile(normalize(id.startsWith('/') ? id : `${dirname(from)}/${id}`));
      if (file !== undefined) return this.#run(file);
    } else {
      if (this.#vendored.has(id)) return this.#vendored.get(id);
      const file = this.#resolvePackage(from, id);
      if (file !== undefined) return this.#run(file);
    }
    throw new Error(
      `Cannot find module '${request}' required by ${from}: a chaincode package brings its dependencies along in node_modules/, ` +
        'or uses those of the runtime (fabric-contract-api, fabric-shim, …)',
    );
  }

  #resolvePackage(from: string, id: string): string | undefined {
    for (let folder = dirname(from); ; folder = dirname(folder)) {
      const file = this.#resolveFile(normalize(`${folder}/node_modules/${id}`));
      if (file !== undefined || folder === '') return file;
    }
  }

  #resolveFile(path: string): string | undefined {
    const exact = ['', '.js', '.json', '.cjs'].find((end) => this.#isFile(path + end));
    if (exact !== undefined) return path + exact;
    const description = normalize(`${path}/package.json`);
    if (this.#isFile(description)) {
      const { main } = parseJsonFile(this.#files[description] ?? '{}') as { main?: unknown };
      const entry = normalize(`${path}/${typeof main === 'string' ? main : 'index.js'}`);
      if (entry !== path) return this.#resolveFile(entry);
    }
    const index = normalize(`${path}/index.js`);
    return this.#isFile(index) ? index : undefined;
  }

  #isFile(path: string): boolean {
    return Object.hasOwn(this.#files, path);
  }

  #run(file: string): unknown {
    const loaded = this.#modules.get(file);
    if (loaded) return loaded.exports;
    const module = { exports: {} as unknown };
    this.#modules.set(file, module);
    const source = this.#files[file] ?? '';
    if (file.endsWith('.json')) {
      module.exports = parseJsonFile(source);
      return module.exports;
    }
    const body = compile(file, source);
    body.call(
      module.exports,
      module.exports,
      (id) => this.#require(file, id),
      module,
      `/${file}`,
      `/${dirname(file)}`,
    );
    return module.exports;
  }
}

function compile(file: string, source: string): ModuleBody {
  const text = source.replace(/^\uFEFF/, '').replace(/^#!.*/, '');
  try {
    return new Function(
      'exports',
      'require',
      'module',
      '__filename',
      '__dirname',
      `${text}\n//# sourceURL=chaincode:///${file}`,
    ) as ModuleBody;
  } catch (error) {
    const hint = /^\s*(import|export)\s/m.test(text)
      ? ' (ES modules are not supported: use require and module.exports, as the Fabric samples do)'
      : '';
    throw new SyntaxError(`${file}: ${error instanceof Error ? error.message : error}${hint}`);
  }
}

function dirname(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}

function normalize(path: string): string {
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return parts.join('/');
}
