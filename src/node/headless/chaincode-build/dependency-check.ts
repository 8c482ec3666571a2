// SPDX-License-Identifier: Apache-2.0
// What of a stranger's package.json and lock file npm is given. Dependencies come from the registry alone: a URL, a git address or a path in
// one of them would have the relay fetch, run or read what a member likes.
import { FabricError } from '../../../common/runtime/errors.ts';
import type { PackageDescription } from '../../chaincode/missing-parts.ts';
import { PROVIDED_PACKAGES } from '../../chaincode/provided-modules.ts';
import type { SourceFiles } from '../../chaincode/runtime/control-messages.ts';
import { parseJsonFile } from '../../chaincode/runtime/json-text.ts';

type Specs = Record<string, string>;

/** For npm: package.json with nothing but dependencies, and the lock file without addresses. */
export interface Installable {
  readonly description: { readonly dependencies: Specs };
  readonly lock?: object;
}

const NAME = /^(@[a-z0-9~-][\w.~-]*\/)?[a-z0-9~-][\w.~-]*$/i;
/** Ranges of versions, tags, and other names for packages of the registry. */
const SPEC = /^(npm:(@[\w.~-]+\/)?[\w.~-]+@)?[\w.*^~<>=|+ -]*$/;
const LOCK_FILES = ['npm-shrinkwrap.json', 'package-lock.json'];

/**
 * @param tools names of development dependencies that the build itself needs.
 * Throws FabricError CHAINCODE_BUILD_FAILED for a dependency that is not the registry's.
 */
export function installable(
  description: PackageDescription,
  files: SourceFiles,
  tools: readonly string[],
): Installable {
  const development = specsOf(description.devDependencies);
  const own = specsOf(description.dependencies);
  const dependencies: Specs = {};
  for (const name of Object.keys(own).filter((name) => !PROVIDED_PACKAGES.includes(name)))
    dependencies[name] = checked(name, own[name]);
  for (const tool of tools) dependencies[tool] = checkedTool(tool, development[tool]);
  const lock = lockOf(files, dependencies, tools);
  return { description: { dependencies }, ...(lock && { lock }) };
}

function specsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

function checked(name: string, spec: unknown): string {
  if (NAME.test(name) && typeof spec === 'string' && spec.length <= 200 && SPEC.test(spec))
    return spec;
  const text = `the dependency ${name} (${JSON.stringify(spec)}) is not one of the npm registry`;
  throw new FabricError('CHAINCODE_BUILD_FAILED', text);
}

// What runs in a build is what it is called.
function checkedTool(name: string, spec: unknown): string {
  return checked(name, String(spec).startsWith('npm:') ? undefined : spec);
}

// Lock files of npm 7 and later (lockfileVersion 2 and 3) list packages by path; npm works out an older one again.
function lockOf(
  files: SourceFiles,
  dependencies: Specs,
  tools: readonly string[],
): object | undefined {
  const text = LOCK_FILES.map((name) => files[name]).find((found) => found !== undefined);
  if (text === undefined) return undefined;
  let lock: { lockfileVersion?: unknown; packages?: unknown };
  try {
    lock = Object(parseJsonFile(text));
  } catch {
    throw new FabricError('CHAINCODE_BUILD_FAILED', 'the lock file of the package is no JSON');
  }
  if (typeof lock.packages !== 'object' || lock.packages === null) return undefined;
  const packages: Record<string, unknown> = { '': { dependencies } };
  for (const [path, entry] of Object.entries(lock.packages)) {
    if (path === '') continue;
    const { resolved: _address, link, ...kept } = Object(entry);
    if (link === true || !path.startsWith('node_modules/') || path.split('/').includes('..'))
      throw new FabricError('CHAINCODE_BUILD_FAILED', `the lock file links ${path} to a folder`);
    const name = path.replace(/^.*node_modules\//, '');
    if (kept.name !== undefined && tools.includes(name)) delete kept.name;
    packages[path] = { ...kept, version: checked(name, kept.version) };
  }
  return { lockfileVersion: 3, requires: true, packages };
}
