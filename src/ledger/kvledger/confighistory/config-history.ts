// SPDX-License-Identifier: Apache-2.0
// Which private collections each chaincode had, block by block (core/ledger/confighistory/mgr.go and db_helper.go). The rows
// have Fabric's keys and values, so that a snapshot holds them as they are. There are few, all kept in memory.
//
// Every committed definition leaves one row, the block's number counted down from the largest, so that the newest of
// a chaincode comes first. The namespace `lscc` in the key is history: definitions live in `_lifecycle` now, and those that do live in
// `lscc` count until one is committed there. A definition without collections leaves no row; it is known from the block that
// commits it, and later from the state.
import { lifecycle } from '../../../common/protos/index.ts';
import { concat, fromUtf8, utf8 } from '../../../common/runtime/bytes.ts';
import { messageOf } from '../../../common/runtime/errors.ts';
import {
  type CollectionInfo,
  type CollectionInfoSource,
  collectionsOf,
  implicitCollection,
} from '../../collection-info.ts';
import type { KVEntry, KVOperation, KVStore } from '../../kv-store.ts';
import { LedgerError } from '../../types.ts';
import { binaryToUtf8, utf8ToBinary } from '../../util/binary-string.ts';
import type { CollectionChecker } from '../txmgmt/collection-checker.ts';
import type { StateSnapshot } from '../txmgmt/statedb/state-db.ts';
import { splitStateKey, stateKey, stateRange } from '../txmgmt/statedb/state-key.ts';
import type { UpdateBatch } from '../txmgmt/statedb/update-batch.ts';
import { legacyPackage, legacyUpdates, legacyVersions } from './legacy-collections.ts';

const PREFIX = utf8('slscc\0');
const SUFFIX = '~collection';
const MAX_UINT64 = 0xffff_ffff_ffff_ffffn;

const LIFECYCLE = '_lifecycle';
const FIELDS = 'namespaces/fields/';
const AFTER_FIELDS = 'namespaces/fields0';
const SEQUENCE = /^namespaces\/fields\/([^/]+)\/Sequence$/;

const NO_COLLECTIONS: ReadonlyMap<string, CollectionInfo> = new Map();

interface Definition {
  readonly blockNum: number;
  readonly collections: ReadonlyMap<string, CollectionInfo>;
}

/** Rows that a block adds; `apply` once they are stored. */
export interface ConfigHistoryUpdate {
  readonly operations: KVOperation[];
  apply(): void;
}

export class ConfigHistory {
  readonly #store: KVStore;
  readonly #source: CollectionInfoSource | undefined;
  // By chaincode, newest first.
  readonly #definitions = new Map<string, Definition[]>();

  private constructor(store: KVStore, source: CollectionInfoSource | undefined) {
    this.#store = store;
    this.#source = source;
  }

  /**
   * @param source tells of collections of chaincodes that the chain does not define.
   * @param state holds the definitions without collections, which have no rows.
   */
  static async open(
    store: KVStore,
    source?: CollectionInfoSource,
    state?: StateSnapshot,
  ): Promise<ConfigHistory> {
    const history = new ConfigHistory(store, source);
    for await (const entry of store.range({})) history.#remember(...parseRow(entry));
    if (state) await history.#rememberDefined(state);
    return history;
  }

  /** The collection as it was when a block was to be validated, that is, after the blocks before. */
  collectionInfo(
    chaincode: string,
    collection: string,
    blockNum: number,
  ): CollectionInfo | undefined {
    const implicit = implicitCollection(collection);
    if (implicit) return implicit;
    const defined = this.#definitionBelow(chaincode, blockNum);
    if (defined) return defined.collections.get(collection);
    return this.#source?.collectionInfo(chaincode, collection);
  }

  /**
   * Which collections a simulation on the state after block `asOf` may use. Of a chaincode that neither the history nor a
   * source describes, any.
   */
  checkerAt(asOf: number): CollectionChecker {
    return {
      has: (chaincode, collection) => {
        if (this.collectionInfo(chaincode, collection, asOf + 1)) return true;
        return !this.#source && !this.#definitionBelow(chaincode, asOf + 1);
      },
    };
  }

  /** The rows for the definitions that a block commits. */
  async updateOf(
    blockNum: number,
    batch: UpdateBatch,
    state: StateSnapshot,
  ): Promise<ConfigHistoryUpdate> {
    const rows: KVEntry[] = [];
    const bare: string[] = [];
    for (const key of batch.updates(LIFECYCLE, '')?.keys() ?? []) {
      const [, chaincode] = SEQUENCE.exec(binaryToUtf8(key)) ?? [];
      if (chaincode === undefined) continue;
      const bytes = await collectionPackage(chaincode, batch, state);
      if (bytes.length > 0) rows.push([rowKey(chaincode, blockNum), bytes]);
      else bare.push(chaincode);
    }
    for (const chaincode of legacyUpdates(batch)) {
      if (await isDefined(chaincode, batch, state)) continue;
      const bytes = await legacyPackage(chaincode, batch, state);
      if (bytes.length > 0) rows.push([rowKey(chaincode, blockNum), bytes]);
      else bare.push(chaincode);
    }
    return {
      operations: rows.map(([key, value]) => ({ type: 'put', key, value })),
      apply: () => {
        for (const row of rows) this.#remember(...parseRow(row));
        for (const name of bare) this.#remember(name, { blockNum, collections: NO_COLLECTIONS });
      },
    };
  }

  /** All rows up to a block, in the order of their keys. */
  async *rows(lastBlock: number): AsyncGenerator<KVEntry> {
    for await (const entry of this.#store.range({})) {
      if (parseRow(entry)[1].blockNum <= lastBlock) yield entry;
    }
  }

  /** Adds rows of a snapshot. Throws LedgerError SNAPSHOT_INVALID. */
  async importRows(rows: readonly KVEntry[]): Promise<void> {
    const parsed = rows.map(parseRow);
    await this.#store.write(rows.map(([key, value]) => ({ type: 'put', key, value })));
    for (const row of parsed) this.#remember(...row);
  }

  // The newest definitions alone: of an older one without collections, nothing is left.
  async #rememberDefined(state: StateSnapshot): Promise<void> {
    for await (const [key, { version }] of state.range(
      stateRange(LIFECYCLE, FIELDS, AFTER_FIELDS),
    )) {
      const [, chaincode] = SEQUENCE.exec(binaryToUtf8(splitStateKey(key).binaryKey)) ?? [];
      if (chaincode !== undefined) this.#rememberBare(chaincode, version.blockNum);
    }
    for await (const [chaincode, blockNum] of legacyVersions(state)) {
      this.#rememberBare(chaincode, blockNum);
    }
  }

  #rememberBare(chaincode: string, blockNum: number): void {
    const newest = this.#definitions.get(chaincode)?.[0];
    if (newest && newest.blockNum >= blockNum) return;
    this.#remember(chaincode, { blockNum, collections: NO_COLLECTIONS });
  }

  #definitionBelow(chaincode: string, blockNum: number): Definition | undefined {
    return this.#definitions.get(chaincode)?.find((found) => found.blockNum < blockNum);
  }

  #remember(chaincode: string, definition: Definition): void {
    const others = (this.#definitions.get(chaincode) ?? []).filter(
      ({ blockNum }) => blockNum !== definition.blockNum,
    );
    const all = [...others, definition].sort((a, b) => b.blockNum - a.blockNum);
    this.#definitions.set(chaincode, all);
  }
}

function rowKey(chaincode: string, blockNum: number): Uint8Array {
  const number = new Uint8Array(8);
  new DataView(number.buffer).setBigUint64(0, MAX_UINT64 - BigInt(blockNum));
  return concat(PREFIX, utf8(chaincode + SUFFIX), number);
}

function parseRow([key, value]: KVEntry): [chaincode: string, definition: Definition] {
  try {
    const name = fromUtf8(key.subarray(PREFIX.length, -8));
    const number = new DataView(key.buffer, key.byteOffset + key.length - 8, 8).getBigUint64(0);
    const isRow = fromUtf8(key.subarray(0, PREFIX.length)) === fromUtf8(PREFIX);
    if (!isRow || !name.endsWith(SUFFIX)) throw new RangeError('not a row of a chaincode');
    const definition = {
      blockNum: Number(MAX_UINT64 - number),
      collections: collectionsOf(value),
    };
    return [name.slice(0, -SUFFIX.length), definition];
  } catch (cause) {
    const text = `malformed history of collection configurations: ${messageOf(cause)}`;
    throw new LedgerError('SNAPSHOT_INVALID', text, { cause });
  }
}

// Whether `_lifecycle` defines it after the block.
async function isDefined(
  chaincode: string,
  batch: UpdateBatch,
  state: StateSnapshot,
): Promise<boolean> {
  const key = `${FIELDS}${chaincode}/Sequence`;
  const update = batch.get(LIFECYCLE, '', utf8ToBinary(key));
  return update !== undefined || (await state.get(stateKey(LIFECYCLE, key))) !== undefined;
}

// What the definition says after the block: as the block writes it, else as it was.
async function collectionPackage(
  chaincode: string,
  batch: UpdateBatch,
  state: StateSnapshot,
): Promise<Uint8Array> {
  const key = `namespaces/fields/${chaincode}/Collections`;
  const update = batch.get(LIFECYCLE, '', utf8ToBinary(key));
  const { value } = update ?? (await state.get(stateKey(LIFECYCLE, key))) ?? {};
  try {
    const bytes = lifecycle.StateData.decode(value ?? new Uint8Array()).Bytes?.slice();
    if (!bytes || collectionsOf(bytes).size === 0) return new Uint8Array();
    return bytes;
  } catch {
    // A definition that cannot be read defines nothing, and must not stop the channel.
    return new Uint8Array();
  }
}
