// SPDX-License-Identifier: Apache-2.0
// Makes a snapshot of a ledger (kvledger/snapshot.go, privacyenabledstate/snapshot.go, blkstorage/blockindex.go,
// confighistory/mgr.go), byte for byte as a Fabric peer with a LevelDB state does.
import { Writer } from '../../../common/protos/index.ts';
import { toHex, utf8 } from '../../../common/runtime/bytes.ts';
import type { BlockStore } from '../../blkstorage/block-store.ts';
import type { BlockchainInfo, VersionedValue } from '../../types.ts';
import { fromBinary } from '../../util/binary-string.ts';
import { byCode } from '../../util/sorted-map.ts';
import type { ConfigHistory } from '../confighistory/config-history.ts';
import type { LedgerDBs } from '../ledger-dbs.ts';
import type { StateSnapshot } from '../txmgmt/statedb/state-db.ts';
import { splitStateKey } from '../txmgmt/statedb/state-key.ts';
import { versionBytes } from '../txmgmt/statedb/state-record.ts';
import { SnapshotFile, type SnapshotWriter } from './snapshot-files.ts';
import {
  type SnapshotMetadata,
  STATE_DB_TYPE,
  writeSnapshotMetadata,
} from './snapshot-metadata.ts';

/** A ledger to which nothing is committed meanwhile. */
export interface ExportedLedger {
  readonly blockStore: BlockStore;
  readonly dbs: LedgerDBs;
  /** Of the last block. */
  readonly commitHash: Uint8Array;
}

/** What a snapshot is made of, all at the same height. */
interface SnapshotParts {
  readonly ledgerId: string;
  readonly info: BlockchainInfo;
  readonly commitHash: Uint8Array;
  readonly state: StateSnapshot;
  /** Ids of all transactions as binary strings, in any order, again at every call. */
  readonly txIds: () => AsyncIterable<string>;
  readonly configHistory: ConfigHistory;
}

export interface ExportOptions {
  /** Ids of transactions are sorted so many at a time, each time in a walk over all. */
  readonly txIdsAtOnce?: number;
}

type Hashes = Map<string, string>;

export async function exportLedger(
  { blockStore, dbs, commitHash }: ExportedLedger,
  out: SnapshotWriter,
  options?: ExportOptions,
): Promise<SnapshotMetadata> {
  const state = dbs.state.snapshot();
  try {
    const { ledgerId } = blockStore;
    const info = blockStore.getBlockchainInfo();
    const { configHistory } = dbs.private;
    const txIds = () => blockStore.txIds();
    return await exportSnapshot(
      { ledgerId, info, commitHash, state, txIds, configHistory },
      out,
      options,
    );
  } finally {
    state.release();
  }
}

async function exportSnapshot(
  parts: SnapshotParts,
  out: SnapshotWriter,
  { txIdsAtOnce = 100_000 }: ExportOptions = {},
): Promise<SnapshotMetadata> {
  const filesHashes: Hashes = new Map();
  await exportState(parts.state, out, filesHashes);
  await exportTxIds(parts.txIds, out, filesHashes, txIdsAtOnce);
  await exportConfigHistory(parts, out, filesHashes);
  return writeSnapshotMetadata(out, {
    channelName: parts.ledgerId,
    lastBlockNumber: parts.info.height - 1,
    lastBlockHash: toHex(parts.info.currentBlockHash),
    previousBlockHash: toHex(parts.info.previousBlockHash),
    filesHashes,
    stateDbType: STATE_DB_TYPE,
    lastBlockCommitHash: toHex(parts.commitHash),
  });
}

// One walk over the state fills both files. Clear private data stays at home.
async function exportState(
  state: StateSnapshot,
  out: SnapshotWriter,
  hashes: Hashes,
): Promise<void> {
  const publicState = new NamespacedFile(out, 'public_state');
  const privateHashes = new NamespacedFile(out, 'private_state_hashes');
  for await (const [key, value] of state.range({})) {
    const { namespace, binaryKey } = splitStateKey(key);
    if (namespace.includes('$$p')) continue;
    const file = namespace.includes('$$h') ? privateHashes : publicState;
    await file.add(namespace, recordBytes(binaryKey, value));
  }
  await publicState.done(hashes);
  await privateHashes.done(hashes);
}

class NamespacedFile {
  readonly #data: SnapshotFile;
  readonly #metadata: SnapshotFile;
  readonly #counts: { namespace: string; count: number }[] = [];

  constructor(out: SnapshotWriter, name: string) {
    this.#data = new SnapshotFile(out, `${name}.data`);
    this.#metadata = new SnapshotFile(out, `${name}.metadata`);
  }

  async add(namespace: string, record: Uint8Array): Promise<void> {
    const last = this.#counts.at(-1);
    if (last?.namespace === namespace) last.count++;
    else this.#counts.push({ namespace, count: 1 });
    await this.#data.bytes(record);
  }

  async done(hashes: Hashes): Promise<void> {
    if (this.#counts.length > 0) {
      await this.#metadata.uvarint(this.#counts.length);
      for (const { namespace, count } of this.#counts) {
        await this.#metadata.bytes(utf8(namespace));
        await this.#metadata.uvarint(count);
      }
    }
    await finish(hashes, this.#data, this.#metadata);
  }
}

// privacyenabledstate.SnapshotRecord
function recordBytes(binaryKey: string, { value, metadata, version }: VersionedValue): Uint8Array {
  const writer = new Writer();
  const fields = [fromBinary(binaryKey), value, metadata, versionBytes(version)];
  fields.forEach((bytes, i) => {
    if (bytes.length > 0) writer.uint32(((i + 1) << 3) | 2).bytes(bytes);
  });
  return writer.finish();
}

async function exportTxIds(
  txIds: () => AsyncIterable<string>,
  out: SnapshotWriter,
  hashes: Hashes,
  atOnce: number,
): Promise<void> {
  const data = new SnapshotFile(out, 'txids.data');
  const metadata = new SnapshotFile(out, 'txids.metadata');
  let count = 0;
  for (let last: string | undefined; ; ) {
    const next = await leastAfter(txIds(), last, atOnce);
    for (const id of next) await data.bytes(fromBinary(id));
    count += next.length;
    if (next.length < atOnce) break;
    last = next.at(-1);
  }
  if (count > 0) await metadata.uvarint(count);
  await finish(hashes, data, metadata);
}

// The least ids after `last`, sorted, without repetition; at most twice as many are in memory.
async function leastAfter(
  ids: AsyncIterable<string>,
  last: string | undefined,
  count: number,
): Promise<string[]> {
  let found = new Set<string>();
  const least = (): string[] => [...found].sort(byLength).slice(0, count);
  for await (const id of ids) {
    if (last !== undefined && byLength(id, last) <= 0) continue;
    found.add(id);
    if (found.size >= 2 * count) found = new Set(least());
  }
  return least();
}

// Shorter ones first, as Fabric's index keeps them.
function byLength(a: string, b: string): number {
  return a.length - b.length || byCode(a, b);
}

async function exportConfigHistory(
  { configHistory, info }: SnapshotParts,
  out: SnapshotWriter,
  hashes: Hashes,
): Promise<void> {
  const data = new SnapshotFile(out, 'confighistory.data');
  const metadata = new SnapshotFile(out, 'confighistory.metadata');
  let count = 0;
  for await (const [key, value] of configHistory.rows(info.height - 1)) {
    await data.bytes(key);
    await data.bytes(value);
    count++;
  }
  if (count > 0) await metadata.uvarint(count);
  await finish(hashes, data, metadata);
}

async function finish(hashes: Hashes, ...files: readonly SnapshotFile[]): Promise<void> {
  for (const file of files) {
    const hash = await file.done();
    if (hash !== undefined) hashes.set(file.name, hash);
  }
}
