// SPDX-License-Identifier: Apache-2.0
// Finds the chaincode in its package and starts it, as `fabric-chaincode-node start` does (fabric-shim's
// lib/contract-spi/bootstrap.js, whose own steps are used except the one that calls Node's `require`).
import contractApi from 'fabric-contract-api';
import Bootstrap from 'fabric-shim/lib/contract-spi/bootstrap.js';
import type { SourceFiles } from './control-messages.ts';
import { parseJsonFile } from './json-text.ts';
import { ModuleLoader } from './module-loader.ts';
import { mountFiles } from './shims/fs.ts';
import { isConnected } from './shims/grpc-js.ts';
import { VENDORED_MODULES } from './vendored-modules.ts';

interface PackageDescription {
  readonly name?: string;
  readonly version?: string;
  readonly main?: string;
  readonly type?: string;
  readonly scripts?: { readonly start?: string };
}

interface Serializers {
  transaction?: string;
  serializers: Record<string, unknown>;
}

/** Runs the package's entry and registers with the peer. Rejects with what a person must know of. */
export async function startChaincode(files: SourceFiles): Promise<void> {
  const description = readDescription(files);
  const loader = new ModuleLoader(files, VENDORED_MODULES);
  mountFiles(files);
  const program = startProgram(description);
  if (program !== undefined) {
    loader.load(program);
    if (!isConnected()) throw new Error(`${program} ran and did not call shim.start`);
    return;
  }
  const main = description.main;
  if (main === undefined) {
    throw new Error("package.json does not contain a 'main' entry for the module");
  }
  if (!loader.has(main)) throw new Error(missingEntry(main, files));
  const exported = loader.load(main) as { contracts?: unknown[]; serializers?: Serializers };
  if (isConnected()) return;
  const metadata = await Bootstrap.getMetadata('/');
  await Bootstrap.register(
    exported.contracts ?? [exported],
    serializersOf(exported.serializers),
    metadata,
    description.name,
    description.version,
  );
}

function readDescription(files: SourceFiles): PackageDescription {
  const text = files['package.json'];
  if (text === undefined) throw new Error('the chaincode has no package.json');
  let description: PackageDescription;
  try {
    description = parseJsonFile(text) as PackageDescription;
  } catch (error) {
    throw new Error(`package.json is malformed: ${error instanceof Error ? error.message : error}`);
  }
  if (description.type === 'module') {
    throw new Error('package.json says "type": "module": chaincode must be CommonJS');
  }
  return description;
}

// Chaincode that uses the stub directly starts itself: its start script is `node file.js`.
function startProgram({ scripts }: PackageDescription): string | undefined {
  return /^node\s+([\w./-]+)$/.exec(scripts?.start?.trim() ?? '')?.[1];
}

function missingEntry(main: string, files: SourceFiles): string {
  const typescript = Object.keys(files).some(
    (path) => path.endsWith('.ts') && !path.includes('node_modules/'),
  );
  return typescript
    ? `${main} is not in the package: TypeScript chaincode must be compiled (npm run build) before it is packaged`
    : `${main}, the 'main' of package.json, is not in the package`;
}

function serializersOf(own: Serializers | undefined): Serializers {
  const standard = { jsonSerializer: contractApi.JSONSerializer };
  if (!own) return { transaction: 'jsonSerializer', serializers: standard };
  if (!own.transaction) {
    throw new Error(
      "There should be a 'transaction' property to define the serializer for use with transactions",
    );
  }
  return { ...own, serializers: { ...own.serializers, ...standard } };
}
