// SPDX-License-Identifier: Apache-2.0
// Reads chaincode packages, the files that `peer lifecycle chaincode package` writes (Fabric's core/chaincode/persistence
// chaincode_package.go). A package holds metadata.json {path, type, label} and code.tar.gz, whose files lie in src/ and META-INF/.
import { sha256 } from '@noble/hashes/sha2.js';
import { toHex } from '../../common/runtime/bytes.ts';
import { FabricError, messageOf } from '../../common/runtime/errors.ts';
import { type MissingParts, missingParts } from './missing-parts.ts';
import type { SourceFiles } from './runtime/control-messages.ts';
import { parseJsonFile } from './runtime/json-text.ts';
import { fileText, gunzip, untar } from './tar/tar-reader.ts';

/** Bytes of a package, packed and unpacked. Fabric's own limit is the 100 MB of a message. */
export const MAX_PACKAGE_BYTES = 16 * 1024 * 1024;
const LIMITS = Object.freeze({ unpackedBytes: 64 * 1024 * 1024, entries: 10_000 });
const MAX_METADATA_BYTES = 64 * 1024;
const LABEL = /^[A-Za-z0-9][A-Za-z0-9_.+-]*$/;

export interface ChaincodePackage {
  /** `label:hash`; what an endorsement policy's organisations agree on is the definition, not this. */
  readonly packageId: string;
  readonly label: string;
  /** Path that it was packaged from, as its maker wrote it. */
  readonly path: string;
  /** Text files of src/, by path below it. */
  readonly files: SourceFiles;
  /** What must be made before it can run: a peer of Fabric would run `npm install`. */
  readonly missing?: MissingParts;
  /** Files of META-INF/, by path below it: indexes of the state database. */
  readonly metaInf: ReadonlyMap<string, Uint8Array>;
}

/** Fabric's package id. The hash is over the package's bytes as they are: never pack again what was given. */
export function packageIdOf(label: string, bytes: Uint8Array): string {
  return `${label}:${toHex(sha256(bytes))}`;
}

/**
 * Reads a package of Node chaincode. Throws FabricError: INVALID_PACKAGE when the bytes are no package or exceed the limits,
 * UNSUPPORTED_CHAINCODE when they are one that cannot run in a tab (Go, Java, a service).
 */
export async function readChaincodePackage(bytes: Uint8Array): Promise<ChaincodePackage> {
  if (bytes.length > MAX_PACKAGE_BYTES) {
    throw invalid(`package of ${bytes.length} bytes is larger than ${MAX_PACKAGE_BYTES} bytes`);
  }
  const outer = untar(await gunzip(bytes, LIMITS.unpackedBytes), LIMITS);
  const { label, type, path } = readMetadata(outer.get('metadata.json'));
  if (type !== 'node') {
    const text = `chaincode of type '${type}' cannot run in a browser tab: only Node chaincode (JavaScript) can`;
    throw new FabricError('UNSUPPORTED_CHAINCODE', text, { data: { type } });
  }
  const packed = outer.get('code.tar.gz');
  if (!packed) throw invalid('package has no code.tar.gz');
  const code = untar(await gunzip(packed, LIMITS.unpackedBytes), LIMITS);
  const files: Record<string, string> = {};
  for (const [name, data] of under(code, 'src/')) {
    const content = fileText(data);
    if (content !== undefined) files[name] = content;
  }
  const missing = missingParts(files);
  return {
    packageId: packageIdOf(label, bytes),
    label,
    path,
    files,
    ...(missing && { missing }),
    metaInf: under(code, 'META-INF/'),
  };
}

/** The files of a program that was built from a package: a packed tar of them. Throws FabricError INVALID_PACKAGE. */
export async function readProgram(bytes: Uint8Array): Promise<SourceFiles> {
  if (bytes.length > MAX_PACKAGE_BYTES)
    throw invalid(`program of ${bytes.length} bytes is larger than ${MAX_PACKAGE_BYTES} bytes`);
  const files: Record<string, string> = {};
  for (const [name, data] of untar(await gunzip(bytes, LIMITS.unpackedBytes), LIMITS)) {
    const content = fileText(data);
    if (content !== undefined) files[name] = content;
  }
  if (missingParts(files)) throw invalid('the program is not complete');
  return files;
}

function readMetadata(bytes: Uint8Array | undefined): {
  label: string;
  type: string;
  path: string;
} {
  if (!bytes) throw invalid('package has no metadata.json');
  if (bytes.length > MAX_METADATA_BYTES) throw invalid('metadata.json of the package is too large');
  let metadata: { label?: unknown; type?: unknown; path?: unknown };
  try {
    metadata = Object(parseJsonFile(fileText(bytes) ?? ''));
  } catch (error) {
    throw invalid(`metadata.json of the package is malformed: ${messageOf(error)}`);
  }
  const { label, type, path } = metadata;
  if (typeof label !== 'string' || !LABEL.test(label)) {
    throw invalid(`invalid label '${label}'. Label must be non-empty, and match ${LABEL.source}`);
  }
  const typeText = typeof type === 'string' ? type.toLowerCase() : '';
  return { label, type: typeText, path: typeof path === 'string' ? path : '' };
}

function under(files: ReadonlyMap<string, Uint8Array>, folder: string): Map<string, Uint8Array> {
  const found = [...files].filter(([path]) => path.startsWith(folder));
  return new Map(found.map(([path, data]) => [path.slice(folder.length), data]));
}

function invalid(message: string): FabricError {
  return new FabricError('INVALID_PACKAGE', message);
}
