// SPDX-License-Identifier: Apache-2.0
// `tabric chaincode package`: a package from a folder of sources, without the `peer` binary, that brings along what a peer would have to make:
// its npm packages, and the program that TypeScript compiles to. Fabric's own peers take it as well.
import { writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import { compareUtf8, fromUtf8 } from '../src/common/runtime/bytes.ts';
import { FabricError, messageOf } from '../src/common/runtime/errors.ts';
import { readDescription } from '../src/node/chaincode/missing-parts.ts';
import { readChaincodePackage } from '../src/node/chaincode/package.ts';
import type { TarEntry } from '../src/node/chaincode/tar/tar-writer.ts';
import { buildChaincode } from '../src/node/headless/chaincode-build/chaincode-builder.ts';
import { DEFAULT_REGISTRY } from '../src/node/headless/chaincode-build/npm-install.ts';
import { packFiles, readSources } from '../src/node/headless/chaincode-build/package-folder.ts';
import type { CommandContext } from './command-context.ts';
import { print, rows, sizeText, warn } from './command-output.ts';

interface PackageFlags {
  readonly label?: string;
  readonly output?: string;
  readonly build: boolean;
  readonly npmRegistry: string;
  readonly npmOffline: boolean;
  readonly scripts: boolean;
  readonly json: boolean;
}

const BUILD_TIMEOUT_MS = 300_000;
const LABEL = /^[A-Za-z0-9][A-Za-z0-9_.+-]*$/;

export function chaincodePackageCommand({ signal, finish }: CommandContext): Command {
  return new Command('package')
    .description(
      'packs a folder of Node chaincode (JavaScript or TypeScript) as a peer installs it, with its npm packages and compiled',
    )
    .argument('<folder>', 'where its package.json is')
    .option(
      '--label <label>',
      'label of the package (default: name and version of package.json)',
      label,
    )
    .option('--output <file>', 'file to write (default: <label>.tar.gz)')
    .option('--no-build', 'pack the sources alone, as `peer lifecycle chaincode package` does')
    .addOption(
      new Option('--npm-registry <url>', 'where npm packages come from')
        .env('npm_config_registry')
        .default(DEFAULT_REGISTRY),
    )
    .option('--npm-offline', "take npm packages from npm's cache only", false)
    .option('--scripts', 'run install scripts of npm packages', false)
    .option('--json', 'one line of JSON', false)
    .addHelpText(
      'after',
      '\nExamples:\n  $ tabric chaincode package ./mine\n  $ tabric chaincode package ./mine --label mine_2.0 --output mine.tar.gz',
    )
    .action(async (folder: string, flags: PackageFlags) => {
      await run(folder, flags, signal);
      finish(0);
    });
}

async function run(folder: string, flags: PackageFlags, signal: AbortSignal): Promise<void> {
  const sources = await readSources(folder).catch((cause: unknown) => {
    throw new FabricError('BAD_FOLDER', `cannot read ${folder}: ${messageOf(cause)}`, { cause });
  });
  const name = flags.label ?? labelOf(sources);
  const path = basename(resolve(folder));
  const packed = packFiles(sources, name, path);
  const { missing } = await readChaincodePackage(packed);
  const bytes =
    missing && flags.build
      ? packFiles(await built(sources, packed, flags, signal), name, path)
      : packed;
  const { packageId } = await readChaincodePackage(bytes);
  const file = flags.output ?? `${name}.tar.gz`;
  await writeFile(file, bytes);
  if (flags.json)
    return print(JSON.stringify({ file, label: name, packageId, bytes: bytes.length }));
  print(
    rows([
      ['package', file],
      ['package id', packageId],
      ['size', sizeText(bytes.length)],
    ]),
  );
}

/** The sources, with everything that the build added. */
async function built(
  sources: readonly TarEntry[],
  packed: Uint8Array,
  { npmRegistry, npmOffline, scripts, json }: PackageFlags,
  signal: AbortSignal,
): Promise<TarEntry[]> {
  const { files, log } = await buildChaincode(
    packed,
    {
      registry: npmRegistry,
      cache: process.env.npm_config_cache ?? join(homedir(), '.npm'),
      offline: npmOffline,
      allowScripts: scripts,
      timeoutMs: BUILD_TIMEOUT_MS,
    },
    signal,
  );
  if (!json && log !== '') warn(log);
  const all = new Map([...sources, ...files].map((entry) => [entry.name, entry]));
  return [...all.values()].sort((a, b) => compareUtf8(a.name, b.name));
}

function labelOf(sources: readonly TarEntry[]): string {
  const found = sources.find(({ name }) => name === 'package.json');
  const { name, version } = readDescription(found ? { 'package.json': fromUtf8(found.bytes) } : {});
  const text = `${String(name ?? 'chaincode').replace(/^@[^/]*\//, '')}_${String(version ?? '1.0')}`;
  return LABEL.test(text) ? text : 'chaincode_1.0';
}

function label(text: string): string {
  if (LABEL.test(text)) return text;
  throw new InvalidArgumentError(`It must match ${LABEL.source}.`);
}
