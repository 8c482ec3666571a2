// SPDX-License-Identifier: Apache-2.0
// Builds the read-write sets of a simulation, byte for byte as rwsetutil/rwset_builder.go does: namespaces,
// reads, writes and metadata sorted by the UTF-8 bytes of their keys, range queries in order of execution.
// What is private stands twice: in clear in a set of its own, and as hashes, in the order of the clear keys, in the public one.
import { kvrwset, rwset } from '../../../../common/protos/index.ts';
import { compareUtf8 } from '../../../../common/runtime/bytes.ts';
import type { Version } from '../../../types.ts';
import { CollectionBuilder } from './collection-builder.ts';
import { kvRead } from './range-query-results-helper.ts';

interface NsBuilder {
  readonly reads: Map<string, kvrwset.IKVRead>;
  readonly writes: Map<string, kvrwset.IKVWrite>;
  readonly metadataWrites: Map<string, kvrwset.IKVMetadataWrite>;
  readonly rangeQueries: Map<string, kvrwset.IRangeQueryInfo>;
  readonly collections: Map<string, CollectionBuilder>;
}

export class RWSetBuilder {
  readonly #namespaces = new Map<string, NsBuilder>();

  addToReadSet(namespace: string, key: string, version: Version | undefined): void {
    this.#ns(namespace).reads.set(key, kvRead(key, version));
  }

  addToWriteSet(namespace: string, key: string, value: Uint8Array): void {
    this.#ns(namespace).writes.set(key, { key, is_delete: value.length === 0, value });
  }

  addToMetadataWriteSet(
    namespace: string,
    key: string,
    metadata: ReadonlyMap<string, Uint8Array>,
  ): void {
    const entries = sorted(metadata).map(([name, value]) => ({ name, value }));
    this.#ns(namespace).metadataWrites.set(key, { key, entries });
  }

  /** A query that was made before over the same keys, with the same end, counts once. */
  addToRangeQuerySet(namespace: string, info: kvrwset.IRangeQueryInfo): void {
    const id = JSON.stringify([info.start_key, info.end_key, info.itr_exhausted]);
    const { rangeQueries } = this.#ns(namespace);
    if (!rangeQueries.has(id)) rangeQueries.set(id, info);
  }

  /** What is read and written of a private collection. */
  collection(namespace: string, collection: string): CollectionBuilder {
    const { collections } = this.#ns(namespace);
    const known = collections.get(collection);
    if (known) return known;
    const fresh = new CollectionBuilder();
    collections.set(collection, fresh);
    return fresh;
  }

  /** Namespaces with a write of any kind, sorted. */
  writtenNamespaces(): string[] {
    return sorted(this.#namespaces)
      .filter(([, ns]) => {
        const isPrivate = values(ns.collections).some((collection) => collection.hasWrites);
        return isPrivate || ns.writes.size + ns.metadataWrites.size > 0;
      })
      .map(([namespace]) => namespace);
  }

  /** Serialized rwset.TxPvtReadWriteSet; undefined without private writes. */
  buildPrivate(): Uint8Array | undefined {
    const ns_pvt_rwset = sorted(this.#namespaces).flatMap(([namespace, ns]) => {
      const collection_pvt_rwset = sorted(ns.collections).flatMap(([collection_name, builder]) => {
        const bytes = builder.buildPrivate();
        return bytes ? [{ collection_name, rwset: bytes }] : [];
      });
      return collection_pvt_rwset.length > 0 ? [{ namespace, collection_pvt_rwset }] : [];
    });
    if (ns_pvt_rwset.length === 0) return undefined;
    return rwset.TxPvtReadWriteSet.encode({ ns_pvt_rwset }).finish();
  }

  /** Serialized rwset.TxReadWriteSet. */
  build(): Uint8Array {
    const ns_rwset = sorted(this.#namespaces).map(([namespace, ns]) => ({
      namespace,
      rwset: kvrwset.KVRWSet.encode({
        reads: values(ns.reads),
        range_queries_info: [...ns.rangeQueries.values()],
        writes: values(ns.writes),
        metadata_writes: values(ns.metadataWrites),
      }).finish(),
      collection_hashed_rwset: sorted(ns.collections).map(([collection_name, builder]) => ({
        collection_name,
        ...builder.buildHashed(),
      })),
    }));
    return rwset.TxReadWriteSet.encode({ ns_rwset }).finish();
  }

  #ns(namespace: string): NsBuilder {
    const known = this.#namespaces.get(namespace);
    if (known) return known;
    const fresh: NsBuilder = {
      reads: new Map(),
      writes: new Map(),
      metadataWrites: new Map(),
      rangeQueries: new Map(),
      collections: new Map(),
    };
    this.#namespaces.set(namespace, fresh);
    return fresh;
  }
}

function sorted<V>(map: ReadonlyMap<string, V>): [string, V][] {
  return [...map].sort(([a], [b]) => compareUtf8(a, b));
}

function values<V>(map: ReadonlyMap<string, V>): V[] {
  return sorted(map).map(([, value]) => value);
}
