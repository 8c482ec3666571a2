// SPDX-License-Identifier: Apache-2.0
// What the valid transactions of a block change, one entry a key (statedb.UpdateBatch and
// privacyenabledstate.UpdateBatch of Fabric). Private data is there by its hashes.
import type { Version, VersionedValue } from '../../../types.ts';
import { SortedMap } from '../../../util/sorted-map.ts';
import { hashedDataNs, stateKeyOfBinary } from './state-key.ts';

/** A write, or a deletion when there is no value. */
export interface Update {
  readonly value: Uint8Array | undefined;
  readonly metadata: Uint8Array;
  readonly version: Version;
}

/** Public keys stand under the collection `''`. Keys are binary strings. */
export class UpdateBatch {
  readonly #namespaces = new Map<string, Map<string, SortedMap<Update>>>();

  put(namespace: string, collection: string, key: string, update: Update): void {
    let collections = this.#namespaces.get(namespace);
    if (!collections) {
      collections = new Map();
      this.#namespaces.set(namespace, collections);
    }
    let updates = collections.get(collection);
    if (!updates) {
      updates = new SortedMap();
      collections.set(collection, updates);
    }
    updates.set(key, update);
  }

  get(namespace: string, collection: string, key: string): Update | undefined {
    return this.#namespaces.get(namespace)?.get(collection)?.get(key);
  }

  /** Updates of a collection, or of the public keys of a namespace. */
  updates(namespace: string, collection: string): SortedMap<Update> | undefined {
    return this.#namespaces.get(namespace)?.get(collection);
  }

  namespaces(): string[] {
    return [...this.#namespaces.keys()];
  }

  collections(namespace: string): string[] {
    return [...(this.#namespaces.get(namespace)?.keys() ?? [])];
  }

  /** All updates by state key. */
  *stateUpdates(): Generator<readonly [stateKey: string, namespace: string, update: Update]> {
    for (const [namespace, collections] of this.#namespaces) {
      for (const [collection, updates] of collections) {
        const ns = collection === '' ? namespace : hashedDataNs(namespace, collection);
        for (const [key, update] of updates.entries()) {
          yield [stateKeyOfBinary(ns, key), namespace, update];
        }
      }
    }
  }
}

/** The value that an update leaves; undefined after a deletion. */
export function versionedValueOf({ value, ...rest }: Update): VersionedValue | undefined {
  return value && { value, ...rest };
}
