// SPDX-License-Identifier: Apache-2.0
// The chaincode packages that this peer has, and which of them runs under which name (Fabric's core/chaincode/persistence
// and the local part of lifecycle). Kept as the exact bytes that were installed: the package id is over them.
import { fromUtf8, utf8 } from '../../common/runtime/bytes.ts';
import type { KVStore } from '../../ledger/kv-store.ts';
import { type ChaincodePackage, readChaincodePackage } from '../chaincode/package.ts';

const packageKey = (packageId: string): Uint8Array => utf8(`package/${packageId}`);
const nameKey = (chaincode: string): Uint8Array => utf8(`name/${chaincode}`);

/** Packages by id, and ids by chaincode name. */
export class InstalledPackages {
  readonly #store: KVStore;
  readonly #packages = new Map<string, Promise<ChaincodePackage | undefined>>();
  readonly #names = new Map<string, string>();

  private constructor(store: KVStore) {
    this.#store = store;
  }

  static async open(store: KVStore): Promise<InstalledPackages> {
    const packages = new InstalledPackages(store);
    for await (const [key, value] of store.range({ gte: nameKey(''), lt: utf8('name0') })) {
      packages.#names.set(fromUtf8(key).slice('name/'.length), fromUtf8(value));
    }
    return packages;
  }

  /** Names of the chaincodes that have a package. */
  chaincodes(): string[] {
    return [...this.#names.keys()];
  }

  /** The id of the package that runs as `chaincode`, if one was installed. */
  packageIdOf(chaincode: string): string | undefined {
    return this.#names.get(chaincode);
  }

  /** Keeps a package to run as `chaincode`. Throws when the bytes are not a chaincode package. */
  async install(chaincode: string, bytes: Uint8Array): Promise<ChaincodePackage> {
    const read = await readChaincodePackage(bytes);
    await this.#store.write(
      [
        { type: 'put', key: packageKey(read.packageId), value: bytes },
        { type: 'put', key: nameKey(chaincode), value: utf8(read.packageId) },
      ],
      { durable: true },
    );
    this.#packages.set(read.packageId, Promise.resolve(read));
    this.#names.set(chaincode, read.packageId);
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
