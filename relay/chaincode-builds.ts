// SPDX-License-Identifier: Apache-2.0
// Builds of chaincode packages for the peers of this relay: one at a time, a few may wait, and what was built is kept in the data directory, so
// that a package without a lock file is the same program for every peer, today and after a restart.
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { FabricError } from '../src/common/runtime/errors.ts';
import type { Logger } from '../src/common/runtime/log.ts';
import { BUILD_UNAVAILABLE, type BuiltChaincode } from '../src/node/chaincode/build-service.ts';
import { readChaincodePackage } from '../src/node/chaincode/package.ts';
import { tar } from '../src/node/chaincode/tar/tar-writer.ts';
import {
  type BuildOptions,
  buildChaincode,
} from '../src/node/headless/chaincode-build/chaincode-builder.ts';
import { Serial } from './data/records.ts';

export interface ChaincodeBuildOptions extends Omit<BuildOptions, 'cache'> {
  /** Of npm; one in the data directory when absent. */
  readonly cache?: string;
}

export const DEFAULT_BUILD_TIMEOUT_MS = 120_000;
/** Packages that may be waiting or in the making. */
const MAX_WAITING = 16;
/** The programs used last stay. */
const MAX_KEPT = 100;

/** Programs by the hash of their packages. */
export class ChaincodeBuilds {
  readonly #folder: string;
  readonly #options: ChaincodeBuildOptions | undefined;
  readonly #log: Logger;
  readonly #serial = new Serial();
  readonly #making = new Map<string, Promise<BuiltChaincode>>();
  readonly #stop = new AbortController();

  /** @param options undefined when this relay does not build. */
  constructor(
    { folder, log }: { readonly folder: string; readonly log: Logger },
    options: ChaincodeBuildOptions | undefined,
  ) {
    this.#folder = folder;
    this.#options = options;
    this.#log = log;
  }

  /** The program of a package. Rejects with FabricError CHAINCODE_BUILD_UNAVAILABLE, CHAINCODE_BUILD_FAILED, or that of the package's fault. */
  async build(bytes: Uint8Array): Promise<BuiltChaincode> {
    const options = this.#options;
    if (!options)
      throw new FabricError(
        BUILD_UNAVAILABLE,
        'this relay does not build chaincode (--no-chaincode-build)',
      );
    const { packageId } = await readChaincodePackage(bytes);
    const making = this.#making.get(packageId);
    if (making) return making;
    if (this.#making.size >= MAX_WAITING)
      throw new FabricError(BUILD_UNAVAILABLE, 'too many packages wait for their build');
    const built = this.#serial
      .run(() =>
        this.#kept(packageId).then((kept) => kept ?? this.#make(packageId, bytes, options)),
      )
      .finally(() => this.#making.delete(packageId));
    this.#making.set(packageId, built);
    return built;
  }

  stop(): void {
    this.#stop.abort(new FabricError('STOPPED', 'the relay stops'));
  }

  async #make(
    packageId: string,
    bytes: Uint8Array,
    options: ChaincodeBuildOptions,
  ): Promise<BuiltChaincode> {
    const cache = options.cache ?? join(this.#folder, 'npm-cache');
    const emptyCache = options.cache === undefined;
    const { files, log } = await buildChaincode(
      bytes,
      { ...options, cache, emptyCache },
      this.#stop.signal,
    );
    const program = gzipSync(tar(files));
    const built = { packageId, sha256: sha256(program), log, program };
    this.#log.info(`chaincode ${packageId} was built`, { bytes: program.length });
    await this.#keep(built);
    return built;
  }

  async #kept(packageId: string): Promise<BuiltChaincode | undefined> {
    const file = this.#fileOf(packageId);
    try {
      const program = await readFile(`${file}.tar.gz`);
      const report = JSON.parse(await readFile(`${file}.json`, 'utf8'));
      if (report.packageId !== packageId || report.sha256 !== sha256(program)) return undefined;
      await utimes(`${file}.json`, new Date(), new Date());
      return { packageId, sha256: report.sha256, log: String(report.log), program };
    } catch {
      // Not built yet, or only in part.
      return undefined;
    }
  }

  // The report comes last: with it the build is whole.
  async #keep({ program, ...report }: BuiltChaincode): Promise<void> {
    const file = this.#fileOf(report.packageId);
    await mkdir(this.#folder, { recursive: true });
    for (const [name, content] of [
      [`${file}.tar.gz`, program],
      [`${file}.json`, JSON.stringify(report)],
    ] as const) {
      await writeFile(`${name}.new`, content);
      await rename(`${name}.new`, name);
    }
    await this.#forgetOldest();
  }

  async #forgetOldest(): Promise<void> {
    const names = (await readdir(this.#folder)).filter((name) => name.endsWith('.json'));
    if (names.length <= MAX_KEPT) return;
    const files = names.map((name) => join(this.#folder, name));
    const aged = await Promise.all(
      files.map(async (file) => ({ file, usedAt: (await stat(file)).mtimeMs })),
    );
    aged.sort((a, b) => b.usedAt - a.usedAt);
    for (const { file } of aged.slice(MAX_KEPT)) {
      await rm(file);
      await rm(file.replace(/\.json$/, '.tar.gz'), { force: true });
    }
  }

  #fileOf(packageId: string): string {
    return join(this.#folder, sha256(Buffer.from(packageId)));
  }
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
