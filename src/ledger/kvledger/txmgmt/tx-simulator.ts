// SPDX-License-Identifier: Apache-2.0
// Simulates a transaction: reads come from the committed state, and are recorded with their versions; writes are only
// recorded, so that a transaction does not read what it writes (txmgr/tx_simulator.go).
//
// Which calls may be mixed follows Fabric: pages and private queries cannot be validated at commit, so they are for
// transactions that write nothing. A chaincode is told so in Fabric's words, misspelt as they are.
import {
  type KVResult,
  LedgerError,
  type PagedResults,
  type ResultsIterator,
  type SimulationResults,
  type TxSimulator,
} from '../../types.ts';
import { type CollectionChecker, checkCollection } from './collection-checker.ts';
import { type QueryComponents, StateQueryExecutor } from './query-executor.ts';
import { RWSetBuilder } from './rwsetutil/rwset-builder.ts';
import { problemOfKeyValue } from './statedb/richquery/key-value-rules.ts';
import type { StateSnapshot } from './statedb/state-db.ts';

const NO_BYTES = new Uint8Array(0);

export class StateTxSimulator implements TxSimulator {
  readonly #txId: string;
  readonly #builder = new RWSetBuilder();
  readonly #queries: StateQueryExecutor;
  readonly #collections: CollectionChecker | undefined;
  readonly #hasKeyValueRules: boolean;
  #writePerformed = false;
  #paginatedQueryPerformed = false;
  #privateQueryPerformed = false;
  #resultsComputed = false;

  /** @param snapshot released at the end of the simulation. */
  constructor(txId: string, snapshot: StateSnapshot, components: QueryComponents = {}) {
    this.#txId = txId;
    this.#collections = components.collections;
    this.#hasKeyValueRules = components.richQueries !== undefined;
    this.#queries = new StateQueryExecutor(snapshot, this.#builder, components);
  }

  getState(namespace: string, key: string): Promise<Uint8Array | undefined> {
    return this.#queries.getState(namespace, key);
  }

  getStateMultipleKeys(
    namespace: string,
    keys: readonly string[],
  ): Promise<(Uint8Array | undefined)[]> {
    return this.#queries.getStateMultipleKeys(namespace, keys);
  }

  getStateRange(
    namespace: string,
    startKey: string,
    endKey: string,
  ): Promise<ResultsIterator<KVResult>> {
    return this.#queries.getStateRange(namespace, startKey, endKey);
  }

  async getStateRangePaged(
    namespace: string,
    startKey: string,
    endKey: string,
    pageSize: number,
  ): Promise<PagedResults<KVResult>> {
    this.#beforePaginatedQuery();
    return this.#queries.getStateRangePaged(namespace, startKey, endKey, pageSize);
  }

  executeQuery(namespace: string, query: string): Promise<ResultsIterator<KVResult>> {
    return this.#queries.executeQuery(namespace, query);
  }

  async executeQueryPaged(
    namespace: string,
    query: string,
    bookmark: string,
    pageSize: number,
  ): Promise<PagedResults<KVResult>> {
    this.#beforePaginatedQuery();
    return this.#queries.executeQueryPaged(namespace, query, bookmark, pageSize);
  }

  getStateMetadata(namespace: string, key: string): Promise<ReadonlyMap<string, Uint8Array>> {
    return this.#queries.getStateMetadata(namespace, key);
  }

  getPrivateData(
    namespace: string,
    collection: string,
    key: string,
  ): Promise<Uint8Array | undefined> {
    return this.#queries.getPrivateData(namespace, collection, key);
  }

  getPrivateDataHash(
    namespace: string,
    collection: string,
    key: string,
  ): Promise<Uint8Array | undefined> {
    return this.#queries.getPrivateDataHash(namespace, collection, key);
  }

  getPrivateDataMetadata(
    namespace: string,
    collection: string,
    key: string,
  ): Promise<ReadonlyMap<string, Uint8Array>> {
    return this.#queries.getPrivateDataMetadata(namespace, collection, key);
  }

  async getPrivateDataRange(
    namespace: string,
    collection: string,
    startKey: string,
    endKey: string,
  ): Promise<ResultsIterator<KVResult>> {
    this.#beforePrivateQuery();
    return this.#queries.getPrivateDataRange(namespace, collection, startKey, endKey);
  }

  async executeQueryOnPrivateData(
    namespace: string,
    collection: string,
    query: string,
  ): Promise<ResultsIterator<KVResult>> {
    this.#beforePrivateQuery();
    return this.#queries.executeQueryOnPrivateData(namespace, collection, query);
  }

  /** An empty value deletes the key, as in Fabric. */
  setState(namespace: string, key: string, value: Uint8Array): void {
    this.#beforeWrite(key, value);
    this.#builder.addToWriteSet(namespace, key, value.slice());
  }

  deleteState(namespace: string, key: string): void {
    this.setState(namespace, key, NO_BYTES);
  }

  setStateMetadata(
    namespace: string,
    key: string,
    metadata: ReadonlyMap<string, Uint8Array>,
  ): void {
    this.#beforeWrite(key, NO_BYTES);
    const copy = new Map([...metadata].map(([name, value]) => [name, value.slice()]));
    this.#builder.addToMetadataWriteSet(namespace, key, copy);
  }

  deleteStateMetadata(namespace: string, key: string): void {
    this.setStateMetadata(namespace, key, new Map());
  }

  /** An empty value deletes the key. */
  setPrivateData(namespace: string, collection: string, key: string, value: Uint8Array): void {
    this.#beforePrivateWrite(namespace, collection, key, value);
    this.#builder.collection(namespace, collection).addWrite(key, value.slice());
  }

  deletePrivateData(namespace: string, collection: string, key: string): void {
    this.setPrivateData(namespace, collection, key, NO_BYTES);
  }

  /** Deletes the key, and at commit its history at every peer. */
  purgePrivateData(namespace: string, collection: string, key: string): void {
    this.#beforePrivateWrite(namespace, collection, key, NO_BYTES);
    this.#builder.collection(namespace, collection).addPurge(key);
  }

  setPrivateDataMetadata(
    namespace: string,
    collection: string,
    key: string,
    metadata: ReadonlyMap<string, Uint8Array>,
  ): void {
    this.#beforePrivateWrite(namespace, collection, key, NO_BYTES);
    const copy = new Map([...metadata].map(([name, value]) => [name, value.slice()]));
    this.#builder.collection(namespace, collection).addMetadataWrite(key, copy);
  }

  async getTxSimulationResults(): Promise<SimulationResults> {
    if (this.#resultsComputed) {
      const text = 'this function should only be called once on a transaction simulator instance';
      throw new LedgerError('EXECUTOR_DONE', text);
    }
    this.#queries.checkLive();
    this.#resultsComputed = true;
    this.#queries.recordRangeQueries();
    this.done();
    const privateResults = this.#builder.buildPrivate();
    return {
      publicResults: this.#builder.build(),
      ...(privateResults && { privateResults }),
      writtenNamespaces: this.#builder.writtenNamespaces(),
      privateReads: this.#queries.privateReads(),
    };
  }

  done(): void {
    this.#queries.done();
  }

  // A write that the state database refuses counts as one, as in Fabric.
  #beforeWrite(key: string, value: Uint8Array): void {
    this.#queries.checkLive();
    if (this.#privateQueryPerformed) {
      throw this.#orderError(
        'Transaction has already performed queries on pvt data. Writes are not allowed',
      );
    }
    if (this.#paginatedQueryPerformed) {
      throw this.#orderError(
        'Transaction has already performed a paginated query. Writes are not allowed',
      );
    }
    this.#writePerformed = true;
    const problem = this.#hasKeyValueRules ? problemOfKeyValue(key, value) : undefined;
    if (problem !== undefined) throw new LedgerError('WRITE_INVALID', problem);
  }

  #beforePrivateWrite(namespace: string, collection: string, key: string, value: Uint8Array): void {
    checkCollection(this.#collections, namespace, collection);
    this.#beforeWrite(key, value);
  }

  #beforePaginatedQuery(): void {
    if (this.#writePerformed) {
      throw this.#orderError('Paginated queries are supported only in a read-only transaction');
    }
    this.#paginatedQueryPerformed = true;
  }

  #beforePrivateQuery(): void {
    if (this.#writePerformed) {
      throw this.#orderError('Queries on pvt data is supported only in a read-only transaction');
    }
    this.#privateQueryPerformed = true;
  }

  #orderError(what: string): LedgerError {
    const text = `txid [${this.#txId}]: unsuppored transaction. ${what}`;
    return new LedgerError('SIMULATION_ORDER', text);
  }
}
