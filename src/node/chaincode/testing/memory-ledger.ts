// SPDX-License-Identifier: Apache-2.0
// A ledger of one channel in a few maps, for tests of chaincode and endorser: reads what was committed, records what a
// transaction reads and writes, and commits writes at once. Blocks and MVCC are the real ledger's business.
import { sha256 } from '@noble/hashes/sha2.js';
import { kvrwset, rwset } from '../../../common/protos/index.ts';
import { compareUtf8, EMPTY_BYTES } from '../../../common/runtime/bytes.ts';
import { FabricError } from '../../../common/runtime/errors.ts';
import type {
  KeyModification,
  KVResult,
  PagedResults,
  ResultsIterator,
  TxSimulator,
  VersionedValue,
} from '../../../ledger/types.ts';

type Writes = Map<string, Map<string, Uint8Array | undefined>>;

/** The committed state and history of one channel. */
export class MemoryLedger {
  readonly state = new Map<string, Map<string, VersionedValue>>();
  readonly history = new Map<string, KeyModification[]>();
  readonly txIds = new Set<string>();
  height = 1;

  newTxSimulator(_txId: string): MemorySimulator {
    return new MemorySimulator(this);
  }

  async txIDExists(txId: string): Promise<boolean> {
    return this.txIds.has(txId);
  }

  async getHistoryForKey(
    namespace: string,
    key: string,
  ): Promise<ResultsIterator<KeyModification>> {
    return iterate([...(this.history.get(`${namespace}/${key}`) ?? [])].reverse());
  }

  /** Writes what a transaction wrote, as block `height`. */
  commit(txId: string, simulator: MemorySimulator, timestampMs = 0): void {
    const version = { blockNum: this.height++, txNum: 0 };
    this.txIds.add(txId);
    for (const [namespace, entries] of simulator.writes) {
      const values = this.state.get(namespace) ?? new Map<string, VersionedValue>();
      this.state.set(namespace, values);
      for (const [key, value] of entries) {
        if (value === undefined) values.delete(key);
        else values.set(key, { value, version, metadata: EMPTY_BYTES });
        const changes = this.history.get(`${namespace}/${key}`) ?? [];
        this.history.set(`${namespace}/${key}`, changes);
        const isDelete = value === undefined;
        changes.push({ txId, value: value ?? EMPTY_BYTES, timestampMs, isDelete, ...version });
      }
    }
  }

  rows(namespace: string, startKey: string, endKey: string): KVResult[] {
    return [...(this.state.get(namespace) ?? [])]
      .filter(([key]) => compareUtf8(key, startKey) >= 0)
      .filter(([key]) => endKey === '' || compareUtf8(key, endKey) < 0)
      .sort(([a], [b]) => compareUtf8(a, b))
      .map(([key, { value, version }]) => ({ namespace, key, value, version }));
  }
}

function iterate<T>(rows: readonly T[]): ResultsIterator<T> {
  let at = 0;
  return { next: async () => rows[at++], close: () => {} };
}

function unsupported(): never {
  throw new FabricError('UNSUPPORTED', 'not supported by the memory ledger');
}

/** Simulates one transaction. */
export class MemorySimulator implements TxSimulator {
  readonly #ledger: MemoryLedger;
  readonly writes: Writes = new Map();
  readonly reads: Writes = new Map();
  readonly metadata = new Map<string, ReadonlyMap<string, Uint8Array>>();

  constructor(ledger: MemoryLedger) {
    this.#ledger = ledger;
  }

  async getState(namespace: string, key: string): Promise<Uint8Array | undefined> {
    const value = this.#ledger.state.get(namespace)?.get(key)?.value;
    record(this.reads, namespace, key, value);
    return value;
  }
  getStateMultipleKeys(namespace: string, keys: readonly string[]) {
    return Promise.all(keys.map((key) => this.getState(namespace, key)));
  }
  async getStateRange(namespace: string, startKey: string, endKey: string) {
    return iterate(this.#ledger.rows(namespace, startKey, endKey));
  }
  async getStateRangePaged(
    namespace: string,
    startKey: string,
    endKey: string,
    pageSize: number,
  ): Promise<PagedResults<KVResult>> {
    const rows = this.#ledger.rows(namespace, startKey, endKey);
    const bookmark = rows[pageSize]?.key ?? '';
    return { ...iterate(rows.slice(0, pageSize)), bookmark: () => bookmark };
  }
  async getStateMetadata(namespace: string, key: string) {
    return this.metadata.get(`${namespace}/${key}`) ?? new Map<string, Uint8Array>();
  }
  setState(namespace: string, key: string, value: Uint8Array): void {
    record(this.writes, namespace, key, value);
  }
  deleteState(namespace: string, key: string): void {
    record(this.writes, namespace, key, undefined);
  }
  setStateMetadata(namespace: string, key: string, metadata: ReadonlyMap<string, Uint8Array>) {
    this.metadata.set(`${namespace}/${key}`, metadata);
  }
  deleteStateMetadata(namespace: string, key: string): void {
    this.metadata.delete(`${namespace}/${key}`);
  }
  async getTxSimulationResults() {
    const namespaces = new Set([...this.reads.keys(), ...this.writes.keys()]);
    const ns_rwset = [...namespaces].sort(compareUtf8).map((namespace) => ({
      namespace,
      rwset: this.#encode(namespace),
    }));
    return {
      publicResults: rwset.TxReadWriteSet.encode({ ns_rwset }).finish(),
      writtenNamespaces: [...this.writes.keys()].sort(compareUtf8),
    };
  }
  #encode(namespace: string): Uint8Array {
    const sorted = (of: Writes) =>
      [...(of.get(namespace) ?? [])].sort(([a], [b]) => compareUtf8(a, b));
    return kvrwset.KVRWSet.encode({
      reads: sorted(this.reads).map(([key]) => {
        const version = this.#ledger.state.get(namespace)?.get(key)?.version;
        const { blockNum: block_num, txNum: tx_num } = version ?? {};
        return { key, version: version ? { block_num, tx_num } : null };
      }),
      writes: sorted(this.writes).map(([key, value]) => ({ key, is_delete: !value, value })),
    }).finish();
  }
  // Collections are namespaces here.
  getPrivateData(namespace: string, collection: string, key: string) {
    return this.getState(`${namespace}$${collection}`, key);
  }
  async getPrivateDataHash(namespace: string, collection: string, key: string) {
    const value = await this.getPrivateData(namespace, collection, key);
    return value && sha256(value);
  }
  getPrivateDataRange(namespace: string, collection: string, startKey: string, endKey: string) {
    return this.getStateRange(`${namespace}$${collection}`, startKey, endKey);
  }
  setPrivateData(namespace: string, collection: string, key: string, value: Uint8Array): void {
    this.setState(`${namespace}$${collection}`, key, value);
  }
  deletePrivateData(namespace: string, collection: string, key: string): void {
    this.deleteState(`${namespace}$${collection}`, key);
  }
  purgePrivateData(namespace: string, collection: string, key: string): void {
    this.deletePrivateData(namespace, collection, key);
  }
  getPrivateDataMetadata(namespace: string, collection: string, key: string) {
    return this.getStateMetadata(`${namespace}$${collection}`, key);
  }
  setPrivateDataMetadata(
    namespace: string,
    collection: string,
    key: string,
    metadata: ReadonlyMap<string, Uint8Array>,
  ): void {
    this.setStateMetadata(`${namespace}$${collection}`, key, metadata);
  }
  done(): void {}
  executeQuery = unsupported;
  executeQueryPaged = unsupported;
  executeQueryOnPrivateData = unsupported;
}

function record(of: Writes, namespace: string, key: string, value: Uint8Array | undefined): void {
  const entries = of.get(namespace) ?? new Map<string, Uint8Array | undefined>();
  of.set(namespace, entries.set(key, value));
}
