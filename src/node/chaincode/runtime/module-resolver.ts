// SPDX-License-Identifier: Apache-2.0
// Which file of a package `require` means: files, folders, node_modules with `main` and `exports`, and `#imports`
// (https://nodejs.org/api/modules.html#all-together). Paths have no `/` in front.
import type { SourceFiles } from './control-messages.ts';
import { parseJsonFile } from './json-text.ts';

/** What `require` asks for; Node adds `module-sync`, whose files are ES modules. */
const CONDITIONS: ReadonlySet<string> = new Set(['node', 'require', 'default']);
/** Deeper targets are none that a package has. */
const MAX_TARGET_DEPTH = 20;

interface Description {
  readonly main?: unknown;
  readonly exports?: unknown;
  readonly imports?: unknown;
}

/** Finds files of one package. */
export class ModuleResolver {
  readonly #files: SourceFiles;
  readonly #descriptions = new Map<string, Description>();

  constructor(files: SourceFiles) {
    this.#files = files;
  }

  /** The file that a path means; undefined when there is none. */
  file(path: string): string | undefined {
    const exact = ['', '.js', '.json', '.cjs'].find((end) => this.#isFile(normalize(path) + end));
    return exact === undefined ? this.#folder(normalize(path)) : normalize(path) + exact;
  }

  /** The file that `request` means in `from`. */
  resolve(from: string, request: string): string | undefined {
    const folder = dirname(normalize(from));
    if (/^\.{0,2}\//.test(request) || request === '.' || request === '..')
      return this.file(request.startsWith('/') ? request : `${folder}/${request}`);
    if (request.startsWith('#')) return this.#imported(folder, request);
    for (const modules of this.searched(`/${from}`)) {
      const found = this.#inPackage(modules, request);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  /** The folders in which packages are looked for, nearest first, with a `/` in front. */
  searched(from: string): string[] {
    const paths: string[] = [];
    for (let folder = dirname(normalize(from)); ; folder = dirname(folder)) {
      if (!/(^|\/)node_modules$/.test(folder)) paths.push(`/${join(folder, 'node_modules')}`);
      if (folder === '') return paths;
    }
  }

  #inPackage(modules: string, request: string): string | undefined {
    const [, name = '', subpath = ''] = /^((?:@[^/]+\/)?[^/]+)(\/.*)?$/.exec(request) ?? [];
    const folder = normalize(`${modules}/${name}`);
    const { exports } = this.#describe(folder);
    if (exports === undefined || exports === null) return this.file(`${folder}${subpath}`);
    const target = mapped(subpathsOf(exports), `.${subpath}`);
    return target === undefined ? undefined : this.file(`${folder}/${target}`);
  }

  #imported(from: string, request: string): string | undefined {
    for (let folder = from; ; folder = dirname(folder)) {
      const { imports } = this.#describe(folder);
      const target = imports === undefined ? undefined : mapped(imports, request);
      if (target !== undefined)
        return target.startsWith('.')
          ? this.file(`${folder}/${target}`)
          : this.resolve(`${folder}/package.json`, target);
      if (folder === '') return undefined;
    }
  }

  #folder(path: string): string | undefined {
    const { main } = this.#describe(path);
    if (typeof main === 'string') {
      const entry = normalize(`${path}/${main}`);
      const found = entry === path ? undefined : this.file(entry);
      if (found !== undefined) return found;
    }
    return ['index.js', 'index.json']
      .map((name) => join(path, name))
      .find((one) => this.#isFile(one));
  }

  #describe(folder: string): Description {
    const path = join(folder, 'package.json');
    if (!this.#isFile(path)) return {};
    const known = this.#descriptions.get(path);
    if (known) return known;
    const parsed: unknown = parseJsonFile(this.#files[path] ?? '{}');
    const description = typeof parsed === 'object' && parsed !== null ? parsed : {};
    this.#descriptions.set(path, description);
    return description;
  }

  #isFile(path: string): boolean {
    return Object.hasOwn(this.#files, path);
  }
}

// `exports` is a target by itself, or targets by subpath.
function subpathsOf(exports: unknown): unknown {
  const isBySubpath =
    typeof exports === 'object' &&
    exports !== null &&
    Object.keys(exports).some((key) => key.startsWith('.'));
  return isBySubpath ? exports : { '.': exports };
}

/** What a name is mapped to: by itself, or by the longest pattern with a `*` that fits. */
function mapped(map: unknown, name: string): string | undefined {
  if (typeof map !== 'object' || map === null) return undefined;
  if (Object.hasOwn(map, name) && !name.includes('*')) return targetOf(Reflect.get(map, name));
  const patterns = Object.keys(map)
    .filter((key) => key.includes('*'))
    .sort((a, b) => b.indexOf('*') - a.indexOf('*') || b.length - a.length);
  for (const pattern of patterns) {
    const [before = '', after = ''] = pattern.split('*');
    if (!name.startsWith(before) || !name.endsWith(after)) continue;
    if (name.length < before.length + after.length) continue;
    const part = name.slice(before.length, name.length - after.length);
    return targetOf(Reflect.get(map, pattern))?.replaceAll('*', () => part);
  }
  return undefined;
}

// The first alternative, and the first condition that holds, as they are written.
function targetOf(target: unknown, depth = 0): string | undefined {
  if (typeof target === 'string') return target;
  if (typeof target !== 'object' || target === null || depth > MAX_TARGET_DEPTH) return undefined;
  const choices = Array.isArray(target)
    ? target
    : Object.entries(target).flatMap(([condition, choice]) =>
        CONDITIONS.has(condition) ? [choice] : [],
      );
  for (const choice of choices) {
    const found = targetOf(choice, depth + 1);
    if (found !== undefined) return found;
  }
  return undefined;
}

function dirname(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}

function join(folder: string, name: string): string {
  return folder === '' ? name : `${folder}/${name}`;
}

function normalize(path: string): string {
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return parts.join('/');
}
