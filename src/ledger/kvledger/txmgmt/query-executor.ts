// SPDX-License-Identifier: Apache-2.0
// Queries over the state as of one block (txmgr/query_executor.go). Fabric holds off commits while one is open; here it
// reads a snapshot. Values are copies: who gets them may change or transfer them.
import {
  type KVResult,
  LedgerError,
  type PagedResults,
  type QueryExecutor,
  type ResultsIterator,
  type VersionedValue,
} from '../../types.ts';
import { type CollectionChecker, checkCollection } from './collection-checker.ts';
import { PrivateReader } from './private-reader.ts';
import { RangeResults } from './range-results.ts';
import type { RWSetBuilder } from './rwsetutil/rwset-builder.ts';
import { deserializeMetadata } from './rwsetutil/state-metadata.ts';
import { problemOfKey } from './statedb/richquery/key-value-rules.ts';
import type { RichQueries } from './statedb/richquery/rich-queries.ts';
import { RichResults } from './statedb/richquery/rich-results.ts';
import type { StateSnapshot } from './statedb/state-db.ts';
import { pvtDataNs, stateKey, stateRange } from './statedb/state-key.ts';

/** What simulations and queries need beside a snapshot. */
export interface QueryComponents {
  /** Which private collections there are; any, when absent. */
  readonly collections?: CollectionChecker | undefined;
  /** Absent when the state database is a plain key-value one. */
  readonly richQueries?: RichQueries | undefined;
}

/** A QueryExecutor; with a builder, it records what it reads. */
export class StateQueryExecutor implements QueryExecutor {
  readonly #snapshot: StateSnapshot;
  readonly #builder: RWSetBuilder | undefined;
  readonly #private: PrivateReader;
  readonly #collections: CollectionChecker | undefined;
  readonly #richQueries: RichQueries | undefined;
  readonly #ranges: RangeResults[] = [];
  readonly #richResults: RichResults[] = [];
  #ended = false;

  /** @param snapshot released by `done()`. */
  constructor(
    snapshot: StateSnapshot,
    builder?: RWSetBuilder,
    { collections, richQueries }: QueryComponents = {},
  ) {
    this.#collections = collections;
    this.#richQueries = richQueries;
    this.#snapshot = snapshot;
    this.#builder = builder;
    this.#private = new PrivateReader(snapshot, builder, collections);
  }

  async getState(namespace: string, key: string): Promise<Uint8Array | undefined> {
    const found = await this.#read(namespace, key);
    return found?.value.slice();
  }

  async getStateMultipleKeys(
    namespace: string,
    keys: readonly string[],
  ): Promise<(Uint8Array | undefined)[]> {
    this.checkLive();
    for (const key of keys) this.#checkKey(key);
    const found = await this.#snapshot.getMany(keys.map((key) => stateKey(namespace, key)));
    keys.forEach((key, i) => {
      this.#builder?.addToReadSet(namespace, key, found[i]?.version);
    });
    return found.map((value) => value?.value.slice());
  }

  async getStateRange(
    namespace: string,
    startKey: string,
    endKey: string,
  ): Promise<ResultsIterator<KVResult>> {
    return this.getStateRangePaged(namespace, startKey, endKey, 0);
  }

  async getStateRangePaged(
    namespace: string,
    startKey: string,
    endKey: string,
    pageSize: number,
  ): Promise<PagedResults<KVResult>> {
    this.checkLive();
    const rows = this.#snapshot.range(stateRange(namespace, startKey, endKey));
    const query = { namespace, startKey, endKey, pageSize };
    const results = new RangeResults(query, rows, this.#builder !== undefined);
    this.#ranges.push(results);
    return results;
  }

  async executeQuery(namespace: string, query: string): Promise<ResultsIterator<KVResult>> {
    this.checkLive();
    if (!this.#richQueries) throw richQueryUnsupported('ExecuteQuery');
    return this.executeQueryPaged(namespace, query, '', 0);
  }

  async executeQueryPaged(
    namespace: string,
    query: string,
    bookmark: string,
    pageSize: number,
  ): Promise<PagedResults<KVResult>> {
    this.checkLive();
    if (!this.#richQueries) throw richQueryUnsupported('ExecuteQueryWithPagination');
    const rows = await this.#richQueries.execute(namespace, query, bookmark, this.#snapshot);
    const results = new RichResults(rows, pageSize, this.#builder);
    this.#richResults.push(results);
    return results;
  }

  async getStateMetadata(namespace: string, key: string): Promise<ReadonlyMap<string, Uint8Array>> {
    const found = await this.#read(namespace, key);
    return deserializeMetadata(found?.metadata.slice() ?? new Uint8Array());
  }

  async getPrivateData(
    namespace: string,
    collection: string,
    key: string,
  ): Promise<Uint8Array | undefined> {
    this.checkLive();
    return this.#private.getPrivateData(namespace, collection, key);
  }

  async getPrivateDataHash(
    namespace: string,
    collection: string,
    key: string,
  ): Promise<Uint8Array | undefined> {
    this.checkLive();
    return this.#private.getPrivateDataHash(namespace, collection, key);
  }

  async getPrivateDataMetadata(
    namespace: string,
    collection: string,
    key: string,
  ): Promise<ReadonlyMap<string, Uint8Array>> {
    this.checkLive();
    return this.#private.getPrivateDataMetadata(namespace, collection, key);
  }

  async getPrivateDataRange(
    namespace: string,
    collection: string,
    startKey: string,
    endKey: string,
  ): Promise<ResultsIterator<KVResult>> {
    this.checkLive();
    return this.#private.getPrivateDataRange(namespace, collection, startKey, endKey);
  }

  /** Nothing is recorded of it; see getPrivateDataRange. */
  async executeQueryOnPrivateData(
    namespace: string,
    collection: string,
    query: string,
  ): Promise<ResultsIterator<KVResult>> {
    checkCollection(this.#collections, namespace, collection);
    this.checkLive();
    if (!this.#richQueries) throw richQueryUnsupported('ExecuteQuery');
    const where = pvtDataNs(namespace, collection);
    const rows = await this.#richQueries.execute(where, query, '', this.#snapshot);
    const results = new RichResults(rows, 0, undefined);
    this.#richResults.push(results);
    return {
      next: async () => {
        const row = await results.next();
        return row && { ...row, namespace };
      },
      close: () => results.close(),
    };
  }

  /** The collections of which values were read. */
  privateReads(): { namespace: string; collection: string }[] {
    return this.#private.privateReads();
  }

  /** Adds the range queries to the builder, in the order they were made. */
  recordRangeQueries(): void {
    for (const range of this.#ranges) {
      this.#builder?.addToRangeQuerySet(range.query.namespace, range.rangeQueryInfo());
    }
  }

  /** Throws LedgerError EXECUTOR_DONE after `done()`. */
  checkLive(): void {
    if (!this.#ended) return;
    throw new LedgerError('EXECUTOR_DONE', 'this instance should not be used after calling Done()');
  }

  done(): void {
    this.#ended = true;
    for (const results of [...this.#ranges, ...this.#richResults]) results.close();
    this.#private.close();
    this.#snapshot.release();
  }

  async #read(namespace: string, key: string): Promise<VersionedValue | undefined> {
    this.checkLive();
    this.#checkKey(key);
    const found = await this.#snapshot.get(stateKey(namespace, key));
    this.#builder?.addToReadSet(namespace, key, found?.version);
    return found;
  }

  #checkKey(key: string): void {
    const problem = this.#richQueries && problemOfKey(key);
    if (problem !== undefined) throw new LedgerError('WRITE_INVALID', problem);
  }
}

function richQueryUnsupported(call: string): LedgerError {
  return new LedgerError('RICH_QUERY_UNSUPPORTED', `${call} not supported for leveldb`);
}
