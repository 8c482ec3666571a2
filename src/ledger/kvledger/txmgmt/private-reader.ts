// SPDX-License-Identifier: Apache-2.0
// Reads of private data (the private half of txmgr/query_executor.go). The clear text counts only while it is of the
// version that the hash has: a peer may lack what a later transaction wrote.
import { sha256 } from '@noble/hashes/sha2.js';
import { utf8 } from '../../../common/runtime/bytes.ts';
import {
  type KVResult,
  LedgerError,
  type ResultsIterator,
  type Version,
  type VersionedValue,
} from '../../types.ts';
import { toBinary } from '../../util/binary-string.ts';
import { type CollectionChecker, checkCollection } from './collection-checker.ts';
import { RangeResults } from './range-results.ts';
import type { RWSetBuilder } from './rwsetutil/rwset-builder.ts';
import { deserializeMetadata } from './rwsetutil/state-metadata.ts';
import type { StateSnapshot } from './statedb/state-db.ts';
import {
  hashedDataNs,
  pvtDataNs,
  stateKey,
  stateKeyOfBinary,
  stateRange,
} from './statedb/state-key.ts';

export class PrivateReader {
  readonly #snapshot: StateSnapshot;
  readonly #builder: RWSetBuilder | undefined;
  readonly #collections: CollectionChecker | undefined;
  readonly #ranges: RangeResults[] = [];
  // By namespace, the collections of which values were read.
  readonly #reads = new Map<string, Set<string>>();

  constructor(
    snapshot: StateSnapshot,
    builder: RWSetBuilder | undefined,
    collections: CollectionChecker | undefined,
  ) {
    this.#snapshot = snapshot;
    this.#builder = builder;
    this.#collections = collections;
  }

  async getPrivateData(
    namespace: string,
    collection: string,
    key: string,
  ): Promise<Uint8Array | undefined> {
    checkCollection(this.#collections, namespace, collection);
    const [clear, hashed] = await this.#snapshot.getMany([
      stateKey(pvtDataNs(namespace, collection), key),
      hashKey(namespace, collection, key),
    ]);
    if (!sameVersion(clear?.version, hashed?.version)) {
      const text = `private data matching public hash version is not available. Public hash version = ${shown(hashed?.version)}, Private data version = ${shown(clear?.version)}`;
      throw new LedgerError('PRIVATE_DATA_MISSING', text);
    }
    this.#builder?.collection(namespace, collection).addRead(key, clear?.version);
    const reads = this.#reads.get(namespace) ?? new Set();
    this.#reads.set(namespace, reads.add(collection));
    return clear?.value.slice();
  }

  /** The collections of which values were read, which only their members' peers can do (Fabric's PrivateReads). */
  privateReads(): { namespace: string; collection: string }[] {
    return [...this.#reads].flatMap(([namespace, collections]) =>
      [...collections].map((collection) => ({ namespace, collection })),
    );
  }

  async getPrivateDataHash(
    namespace: string,
    collection: string,
    key: string,
  ): Promise<Uint8Array | undefined> {
    return (await this.#readHash(namespace, collection, key))?.value.slice();
  }

  async getPrivateDataMetadata(
    namespace: string,
    collection: string,
    key: string,
  ): Promise<ReadonlyMap<string, Uint8Array>> {
    const found = await this.#readHash(namespace, collection, key);
    return deserializeMetadata(found?.metadata.slice() ?? new Uint8Array());
  }

  /** Nothing is recorded of it, which is why only a transaction without writes may ask. */
  getPrivateDataRange(
    namespace: string,
    collection: string,
    startKey: string,
    endKey: string,
  ): ResultsIterator<KVResult> {
    checkCollection(this.#collections, namespace, collection);
    const range = stateRange(pvtDataNs(namespace, collection), startKey, endKey);
    const query = { namespace, startKey, endKey, pageSize: 0 };
    const results = new RangeResults(query, this.#snapshot.range(range), false);
    this.#ranges.push(results);
    return results;
  }

  close(): void {
    for (const range of this.#ranges) range.close();
  }

  async #readHash(
    namespace: string,
    collection: string,
    key: string,
  ): Promise<VersionedValue | undefined> {
    checkCollection(this.#collections, namespace, collection);
    const found = await this.#snapshot.get(hashKey(namespace, collection, key));
    this.#builder?.collection(namespace, collection).addRead(key, found?.version);
    return found;
  }
}

function hashKey(namespace: string, collection: string, key: string): string {
  return stateKeyOfBinary(hashedDataNs(namespace, collection), toBinary(sha256(utf8(key))));
}

function sameVersion(a: Version | undefined, b: Version | undefined): boolean {
  return a?.blockNum === b?.blockNum && a?.txNum === b?.txNum;
}

// As Fabric prints a height.
function shown(version: Version | undefined): string {
  return version ? `{BlockNum: ${version.blockNum}, TxNum: ${version.txNum}}` : '<nil>';
}
