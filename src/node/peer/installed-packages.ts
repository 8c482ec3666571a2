// SPDX-License-Identifier: Apache-2.0
// The chaincode packages that this peer has, and which of them runs under which name on which channel (Fabric's
// core/chaincode/persistence and the local part of lifecycle). A package is the peer's, its use is a channel's. Packages are kept as
// the exact bytes that were installed: the package id is over them.
import { fromUtf8, utf8 } from '../../common/runtime/bytes.ts';
import type { KVStore } from '../../ledger/kv-store.ts';
import { type ChaincodePackage, readChaincodePackage } from '../chaincode/package.ts';

const packageKey = (packageId: string): Uint8Array => utf8(`package/${packageId}`);
// Neither names of channels nor of chaincodes hold a slash.
const useKey = (use: string): Uint8Array => utf8(`use/${use}`);
const useOf = (channelId: string, chaincode: string): string => `${channelId}/${chaincode}`;
// Written while peers had one channel: counts for every channel that has no row of its own.
const OLD_PREFIX = 'name/';

/** Packages by id, and ids by channel and chaincode name. */
export class InstalledPackages {
  readonly #store: KVStore;
  readonly #packages = new Map<string, Promise<ChaincodePackage | undefined>>();
  readonly #uses = new Map<string, string>();
  readonly #oldNames = new Map<string, string>();

  private constructor(store: KVStore) {
    this.#store = store;
  }

  static async open(store: KVStore): Promise<InstalledPackages> {
    const packages = new InstalledPackages(store);
    for await (const [key, value] of store.range({ gte: useKey(''), lt: utf8('use0') })) {
      packages.#uses.set(fromUtf8(key).slice('use/'.length), fromUtf8(value));
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
    channelId: string,
    chaincode: string,
    bytes: Uint8Array,
  ): Promise<ChaincodePackage> {
    const read = await readChaincodePackage(bytes);
    const use = useOf(channelId, chaincode);
    await this.#store.write(
      [
        { type: 'put', key: packageKey(read.packageId), value: bytes },
        { type: 'put', key: useKey(use), value: utf8(read.packageId) },
      ],
      { durable: true },
    );
    this.#packages.set(read.packageId, Promise.resolve(read));
    this.#uses.set(use, read.packageId);
    return read;
  }

  /** An installed package, read. */
  get(packageId: string): Promise<ChaincodePackage | undefined> {
    const known = this.#packages.get(packageId) ?? this.#read(packageId);
    this.#packages.set(packageId, known);
    return known;
  }

  async #read(packageId: string): Promise<ChaincodePackage | undefined> {
    const bytes = await this.#store.get(packageKey(packageId));
    return bytes && (await readChaincodePackage(bytes));
  }
}
