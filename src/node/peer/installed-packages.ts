// SPDX-License-Identifier: Apache-2.0
// The chaincode packages that this peer has, and which of them runs under which name on which channel (Fabric's
// core/chaincode/persistence and the local part of lifecycle). A package is the peer's, its use is a channel's. Packages are kept as
// the exact bytes that were installed: the package id is over them.
import { fromUtf8, utf8 } from '../../common/runtime/bytes.ts';
import { FabricError } from '../../common/runtime/errors.ts';
import type { KVStore } from '../../ledger/kv-store.ts';
import { type ChaincodePackage, readChaincodePackage, readProgram } from '../chaincode/package.ts';

const packageKey = (packageId: string): Uint8Array => utf8(`package/${packageId}`);
// Neither names of channels nor of chaincodes hold a slash.
const useKey = (use: string): Uint8Array => utf8(`use/${use}`);
const useOf = (channelId: string, chaincode: string): string => `${channelId}/${chaincode}`;
// Written while peers had one channel: counts for every channel that has no row of its own.
const OLD_PREFIX = 'name/';
const programKey = (packageId: string): Uint8Array => utf8(`program/${packageId}`);
/** The package that the network gave for a use: later ones of the network follow it, unless somebody installed another. */
const networkKey = (use: string): Uint8Array => utf8(`network/${use}`);

/** What a package runs as. */
export interface ChaincodeUse {
  readonly channel: string;
  readonly chaincode: string;
}

export interface InstallRequest extends ChaincodeUse {
  /** The network names this package: it gives way to the next that the network names. */
  readonly fromNetwork?: boolean;
}

/** Packages by id, and ids by channel and chaincode name. */
export class InstalledPackages {
  readonly #store: KVStore;
  readonly #packages = new Map<string, Promise<ChaincodePackage | undefined>>();
  readonly #uses = new Map<string, string>();
  readonly #oldNames = new Map<string, string>();
  readonly #fromNetwork = new Map<string, string>();

  private constructor(store: KVStore) {
    this.#store = store;
  }

  static async open(store: KVStore): Promise<InstalledPackages> {
    const packages = new InstalledPackages(store);
    for await (const [key, value] of store.range({ gte: useKey(''), lt: utf8('use0') })) {
      packages.#uses.set(fromUtf8(key).slice('use/'.length), fromUtf8(value));
    }
    for await (const [key, value] of store.range({ gte: networkKey(''), lt: utf8('network0') })) {
      packages.#fromNetwork.set(fromUtf8(key).slice('network/'.length), fromUtf8(value));
    }
    for await (const [key, value] of store.range({ gte: utf8(OLD_PREFIX), lt: utf8('name0') })) {
      packages.#oldNames.set(fromUtf8(key).slice(OLD_PREFIX.length), fromUtf8(value));
    }
    return packages;
  }

  /** The id of the package that runs as `chaincode` on a channel, if one was installed. */
  packageIdOf(channelId: string, chaincode: string): string | undefined {
    return this.#uses.get(useOf(channelId, chaincode)) ?? this.#oldNames.get(chaincode);
  }

  /** Whether a package may still run as something. */
  isUsed(packageId: string): boolean {
    return [...this.#uses.values(), ...this.#oldNames.values()].includes(packageId);
  }

  /** Keeps a package, to run as `chaincode` on a channel. Throws when the bytes are not a chaincode package. */
  async install(
    { channel, chaincode, fromNetwork = false }: InstallRequest,
    bytes: Uint8Array,
  ): Promise<ChaincodePackage> {
    const read = await readChaincodePackage(bytes);
    const { packageId } = read;
    const use = useOf(channel, chaincode);
    await this.#store.write(
      [
        { type: 'put', key: packageKey(packageId), value: bytes },
        { type: 'put', key: useKey(use), value: utf8(packageId) },
        fromNetwork
          ? { type: 'put', key: networkKey(use), value: utf8(packageId) }
          : { type: 'delete', key: networkKey(use) },
      ],
      { durable: true },
    );
    this.#packages.delete(packageId);
    this.#uses.set(use, packageId);
    if (fromNetwork) this.#fromNetwork.set(use, packageId);
    else this.#fromNetwork.delete(use);
    return read;
  }

  /** Whether what runs as `chaincode` on a channel is what the network gave. */
  isFromNetwork(channelId: string, chaincode: string): boolean {
    const packageId = this.#fromNetwork.get(useOf(channelId, chaincode));
    return packageId !== undefined && packageId === this.packageIdOf(channelId, chaincode);
  }

  /** Keeps the program that was built from an installed package. Throws FabricError INVALID_PACKAGE. */
  async addProgram(packageId: string, program: Uint8Array): Promise<void> {
    await readProgram(program);
    if (!(await this.#store.get(packageKey(packageId)))) {
      const text = `${packageId} is not installed`;
      throw new FabricError('CHAINCODE_NOT_INSTALLED', text);
    }
    const row = { type: 'put', key: programKey(packageId), value: program } as const;
    await this.#store.write([row], { durable: true });
    this.#packages.delete(packageId);
  }

  /** An installed package, read; its files are those of its program where one was built. */
  get(packageId: string): Promise<ChaincodePackage | undefined> {
    const known = this.#packages.get(packageId) ?? this.#read(packageId);
    this.#packages.set(packageId, known);
    return known;
  }

  async #read(packageId: string): Promise<ChaincodePackage | undefined> {
    const bytes = await this.#store.get(packageKey(packageId));
    if (!bytes) return undefined;
    const read = await readChaincodePackage(bytes);
    const program = read.missing && (await this.#store.get(programKey(packageId)));
    if (!program) return read;
    const { missing: _made, ...whole } = read;
    return { ...whole, files: await readProgram(program) };
  }
}
