// SPDX-License-Identifier: Apache-2.0
// What a package leaves to the peer that it is installed at. `peer lifecycle chaincode package` never packs node_modules, since Fabric's peer
// runs `npm install` (core/chaincode/platforms/node/platform.go); and sources in TypeScript name a program that is yet to be compiled.
import { FabricError, messageOf } from '../../common/runtime/errors.ts';
import { PROVIDED_PACKAGES } from './provided-modules.ts';
import type { SourceFiles } from './runtime/control-messages.ts';
import { parseJsonFile } from './runtime/json-text.ts';

export interface MissingParts {
  /** Names of npm packages. */
  readonly dependencies: readonly string[];
  /** The program, where it is to be compiled from TypeScript. */
  readonly compiled?: string;
}

/** What of package.json matters here. Everything may be of any kind: it is a stranger's. */
export interface PackageDescription {
  readonly main?: unknown;
  readonly dependencies?: unknown;
  readonly [field: string]: unknown;
}

/** Throws FabricError INVALID_PACKAGE when there is no package.json, or it is malformed. */
export function readDescription(files: SourceFiles): PackageDescription {
  const text = files['package.json'];
  if (text === undefined) throw invalid('package has no src/package.json');
  try {
    return Object(parseJsonFile(text));
  } catch (error) {
    throw invalid(`src/package.json is malformed: ${messageOf(error)}`);
  }
}

/**
 * What must be made before the program can run; undefined when it can as it is. Throws FabricError INVALID_PACKAGE when the program is
 * missing and nothing says how to make it.
 */
export function missingParts(files: SourceFiles): MissingParts | undefined {
  const { main, dependencies } = readDescription(files);
  const lacking = Object.keys(Object(dependencies)).filter(
    (name) =>
      !PROVIDED_PACKAGES.includes(name) &&
      !Object.hasOwn(files, `node_modules/${name}/package.json`),
  );
  const isThere =
    typeof main !== 'string' || candidatesOf(main).some(Object.hasOwn.bind(null, files));
  if (isThere) return lacking.length === 0 ? undefined : { dependencies: lacking };
  if (!Object.keys(files).some((path) => /\.[cm]?ts$/.test(path)))
    throw invalid(`${main}, the 'main' of src/package.json, is not in the package`);
  return { dependencies: lacking, compiled: main };
}

/** In words, for whoever installs the package. */
export function describeMissing({ dependencies, compiled }: MissingParts): string {
  const parts = [
    ...(compiled === undefined ? [] : [`${compiled} is to be compiled from TypeScript`]),
    ...(dependencies.length === 0
      ? []
      : [`it does not bring the npm packages that it needs (${dependencies.join(', ')})`]),
  ];
  return parts.join(', and ');
}

function candidatesOf(main: string): string[] {
  const entry = main.replace(/^\.\//, '').replace(/\/$/, '');
  return [entry, `${entry}.js`, `${entry}.cjs`, `${entry}.json`, `${entry}/index.js`];
}

function invalid(message: string): FabricError {
  return new FabricError('INVALID_PACKAGE', message);
}
