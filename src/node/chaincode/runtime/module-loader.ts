// SPDX-License-Identifier: Apache-2.0
// Node's CommonJS modules over the files of one chaincode package (https://nodejs.org/api/modules.html). Modules that the runtime brings along
// win over copies in the package's node_modules, because there may be only one fabric-contract-api in a process.
import type { SourceFiles } from './control-messages.ts';
import { parseJsonFile } from './json-text.ts';
import { ModuleResolver } from './module-resolver.ts';

interface Require {
  (id: string): unknown;
  resolve: ((id: string) => string) & { paths(id: string): string[] };
  readonly cache: Record<string, Module>;
  readonly main: Module | undefined;
  readonly extensions: object;
}

/** What a file knows as `module`. Paths begin with `/`, the package's root. */
interface Module {
  exports: unknown;
  readonly id: string;
  readonly path: string;
  readonly filename: string;
  readonly paths: readonly string[];
  readonly children: Module[];
  readonly parent: Module | undefined;
  loaded: boolean;
  readonly require: Require;
}

type ModuleBody = (
  exports: unknown,
  require: Require,
  module: Module,
  filename: string,
  dirname: string,
) => void;

const EXTENSIONS = Object.freeze({ '.js': () => {}, '.json': () => {}, '.cjs': () => {} });

/** Loads modules of one package; each file runs once. */
export class ModuleLoader {
  readonly #files: SourceFiles;
  readonly #resolver: ModuleResolver;
  readonly #vendored: ReadonlyMap<string, unknown>;
  /** By file name, with a `/` in front. What a program deletes from it is loaded again. */
  readonly #cache: Record<string, Module> = Object.create(null);
  #main: Module | undefined;

  constructor(files: SourceFiles, vendored: ReadonlyMap<string, unknown>) {
    this.#files = files;
    this.#resolver = new ModuleResolver(files);
    this.#vendored = vendored;
  }

  /** The exports of the program's file or folder, by its path from the package's root. Throws Error as Node does. */
  load(path: string): unknown {
    const file = this.#resolver.file(path);
    if (file === undefined) throw new Error(`Cannot find module '${path}'`);
    return this.#run(file, undefined);
  }

  has(path: string): boolean {
    return this.#resolver.file(path) !== undefined;
  }

  #require(from: Module, request: string): unknown {
    if (typeof request !== 'string' || request === '')
      throw new TypeError('The argument of require must be a text that names a module');
    const id = request.replace(/^node:/, '');
    if (this.#vendored.has(id)) return this.#vendored.get(id);
    return this.#run(this.#resolve(from.filename, request), from);
  }

  // Throws as Node does, and says what a chaincode package can do about it.
  #resolve(from: string, request: string): string {
    const file = this.#resolver.resolve(from, request);
    if (file !== undefined) return file;
    const message =
      `Cannot find module '${request}' required by ${from.slice(1)}: it must be among the dependencies of package.json, or one that the runtime has ` +
      '(fabric-contract-api, fabric-shim, …)';
    throw Object.assign(new Error(message), { code: 'MODULE_NOT_FOUND', requireStack: [from] });
  }

  #run(file: string, parent: Module | undefined): unknown {
    const filename = `/${file}`;
    const known = this.#cache[filename];
    if (known) return known.exports;
    const module = this.#create(filename, parent);
    this.#main ??= module;
    this.#cache[filename] = module;
    parent?.children.push(module);
    try {
      this.#execute(file, module);
    } catch (error) {
      // Whoever asks again shall not get half a module.
      delete this.#cache[filename];
      throw error;
    }
    module.loaded = true;
    return module.exports;
  }

  #execute(file: string, module: Module): void {
    const source = this.#files[file] ?? '';
    if (file.endsWith('.json')) {
      module.exports = parseJsonFile(source);
      return;
    }
    const { exports, require, filename, path } = module;
    compile(file, source).call(exports, exports, require, module, filename, path);
  }

  #create(filename: string, parent: Module | undefined): Module {
    const path = filename.slice(0, filename.lastIndexOf('/')) || '/';
    const paths = this.#resolver.searched(filename);
    const require = (id: string): unknown => this.#require(module, id);
    const resolve = (id: string): string => {
      const name = id.replace(/^node:/, '');
      return this.#vendored.has(name) ? name : `/${this.#resolve(filename, id)}`;
    };
    const module: Module = {
      exports: {},
      id: this.#main ? filename : '.',
      path,
      filename,
      paths,
      children: [],
      parent,
      loaded: false,
      require: Object.defineProperty(
        Object.assign(require, {
          resolve: Object.assign(resolve, { paths: () => paths }),
          cache: this.#cache,
          extensions: EXTENSIONS,
        }),
        'main',
        { get: () => this.#main },
      ) as unknown as Require,
    };
    return module;
  }
}

// In the global scope.
// biome-ignore lint/security/noGlobalEval: running the package is what this is for, and a Function would count two more lines
const evaluate = globalThis.eval;

function compile(file: string, source: string): ModuleBody {
  const text = source.replace(/^\uFEFF/, '').replace(/^#!.*/, '');
  try {
    // On one line with the file's first, so that lines in stacks are the file's.
    const wrapped = `(function (exports, require, module, __filename, __dirname) {${text}\n})`;
    return evaluate(`${wrapped}\n//# sourceURL=chaincode:///${file}`) as ModuleBody;
  } catch (error) {
    const hint = /^\s*(import|export)\s/m.test(text)
      ? ' (ES modules are not supported: use require and module.exports, as the Fabric samples do)'
      : '';
    throw new SyntaxError(`${file}: ${error instanceof Error ? error.message : error}${hint}`);
  }
}
