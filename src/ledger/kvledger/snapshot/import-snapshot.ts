// SPDX-License-Identifier: Apache-2.0
// Fills the empty stores of a ledger from a snapshot (CreateFromSnapshot of kvledger/snapshot.go). Files are read once, and each
// one's hash is checked at its end; whoever calls must throw the stores away when this fails.
import { Reader } from '../../../common/protos/index.ts';
import { fromUtf8, fromUtf8Strict } from '../../../common/runtime/bytes.ts';
import { messageOf } from '../../../common/runtime/errors.ts';
import { silentLogger } from '../../../common/runtime/log.ts';
import { bootstrapBlockStore } from '../../blkstorage/bootstrap.ts';
import type { KVEntry } from '../../kv-store.ts';
import type { PostingIndexOptions } from '../../postings/posting-index.ts';
import { MAX_KEY_HASH_BYTES } from '../../pvtdatastorage/pvt-keys.ts';
import { LedgerError, type VersionedValue } from '../../types.ts';
import { toBinary } from '../../util/binary-string.ts';
import type { LedgerStores } from '../ledger-files.ts';
import { PrivatePart, type PrivatePartOptions } from '../private-part.ts';
import { StateImporter } from '../txmgmt/statedb/state-import.ts';
import { versionOf } from '../txmgmt/statedb/state-record.ts';
import { SnapshotFileReader, type SnapshotReader } from './snapshot-files.ts';
import { hashBytes, type SnapshotMetadata, STATE_DB_TYPE } from './snapshot-metadata.ts';

export interface ImportOptions {
  readonly private?: PrivatePartOptions;
  readonly txIdIndex?: Partial<PostingIndexOptions>;
}

const KNOWN_FILES = new Set(
  ['public_state', 'private_state_hashes', 'txids', 'confighistory'].flatMap((name) => [
    `${name}.data`,
    `${name}.metadata`,
  ]),
);

/** Imports everything. Throws LedgerError SNAPSHOT_INVALID. */
export async function importSnapshot(
  files: SnapshotReader,
  metadata: SnapshotMetadata,
  stores: LedgerStores,
  options: ImportOptions = {},
): Promise<void> {
  checkSupported(metadata);
  const pvt = await PrivatePart.open(stores.pvtdata, options.private ?? {}, silentLogger);
  const rows = await collect(recordsOf(files, metadata, 'confighistory', readRow));
  await pvt.configHistory.importRows(rows);
  await importTxIds(files, metadata, stores, options);
  const state = new StateImporter(stores.state);
  for await (const [namespace, key, value] of stateOf(files, metadata, 'public_state')) {
    if (namespace.includes('$$')) invalid(`public state has a namespace ${namespace}`);
    await state.add(namespace, key, value);
  }
  const hashes = pvt.pvtData.importer(metadata.lastBlockNumber);
  for await (const [namespace, key, value] of stateOf(files, metadata, 'private_state_hashes')) {
    const [chaincode = '', collection] = namespace.split('$$h');
    if (collection === undefined || key.length > MAX_KEY_HASH_BYTES)
      invalid(`${namespace} is no private state`);
    await state.add(namespace, key, value);
    await hashes.add(chaincode, collection ?? '', key, value.version);
  }
  await hashes.done();
  await state.done(metadata.lastBlockNumber);
}

function checkSupported({ stateDbType, filesHashes }: SnapshotMetadata): void {
  if (stateDbType !== STATE_DB_TYPE) {
    invalid(`its state is of a ${stateDbType}, but here it is a ${STATE_DB_TYPE}`);
  }
  for (const name of filesHashes.keys()) {
    if (!KNOWN_FILES.has(name)) invalid(`it has a file ${name.slice(0, 80)}, which is not known`);
  }
}

async function importTxIds(
  files: SnapshotReader,
  metadata: SnapshotMetadata,
  stores: LedgerStores,
  { txIdIndex }: ImportOptions,
): Promise<void> {
  const head = await openPart(files, metadata, 'txids');
  if (!head) invalid('it has no ids of transactions');
  const info = {
    lastBlockNumber: metadata.lastBlockNumber,
    lastBlockHash: hashBytes(metadata.lastBlockHash),
    previousBlockHash: hashBytes(metadata.previousBlockHash),
    lastBlockCommitHash: hashBytes(metadata.lastBlockCommitHash),
  };
  const read = async (data: SnapshotFileReader): Promise<string> => fromUtf8(await data.bytes());
  const count = await head.uvarint();
  await finishMetadata(head, metadata, 'txids');
  const ids = dataOf(files, metadata, 'txids', count, read);
  await bootstrapBlockStore(stores.blocks, metadata.channelName, info, { count, ids }, txIdIndex);
  // What the index did not take is too much, and the hash is checked behind the last.
  for await (const _ of ids) invalid('it has more ids of transactions than it says');
}

// Records of a state with the namespaces that the metadata file gives them.
async function* stateOf(
  files: SnapshotReader,
  metadata: SnapshotMetadata,
  name: string,
): AsyncGenerator<[namespace: string, key: string, value: VersionedValue]> {
  const head = await openPart(files, metadata, name);
  if (!head) return;
  const namespaces: { namespace: string; count: number }[] = [];
  for (let left = await head.uvarint(); left > 0; left--) {
    const namespace = textOf(await head.bytes());
    namespaces.push({ namespace, count: await head.uvarint() });
  }
  await finishMetadata(head, metadata, name);
  const total = namespaces.reduce((sum, { count }) => sum + count, 0);
  const records = dataOf(files, metadata, name, total, readState);
  for (const { namespace, count } of namespaces) {
    for (let left = count; left > 0; left--) {
      const { value, done } = await records.next();
      if (done) return;
      yield [namespace, ...value];
    }
  }
  await records.next();
}

// Records of a file whose metadata is just their number.
async function* recordsOf<T>(
  files: SnapshotReader,
  metadata: SnapshotMetadata,
  name: string,
  read: (data: SnapshotFileReader) => Promise<T>,
): AsyncGenerator<T> {
  const head = await openPart(files, metadata, name);
  if (!head) return;
  const count = await head.uvarint();
  await finishMetadata(head, metadata, name);
  yield* dataOf(files, metadata, name, count, read);
}

async function* dataOf<T>(
  files: SnapshotReader,
  metadata: SnapshotMetadata,
  name: string,
  count: number,
  read: (data: SnapshotFileReader) => Promise<T>,
): AsyncGenerator<T> {
  const data = await SnapshotFileReader.open(files, `${name}.data`);
  try {
    for (let left = count; left > 0; left--) yield await read(data);
    await data.done(hashOf(metadata, `${name}.data`));
  } finally {
    await data.close();
  }
}

// The metadata file of a part; undefined when the snapshot has nothing of it.
async function openPart(
  files: SnapshotReader,
  { filesHashes }: SnapshotMetadata,
  name: string,
): Promise<SnapshotFileReader | undefined> {
  const [hasData, hasMetadata] = [`${name}.data`, `${name}.metadata`].map((f) =>
    filesHashes.has(f),
  );
  if (hasData !== hasMetadata) invalid(`it has only one of the files of ${name}`);
  return hasMetadata ? SnapshotFileReader.open(files, `${name}.metadata`) : undefined;
}

async function finishMetadata(
  head: SnapshotFileReader,
  metadata: SnapshotMetadata,
  name: string,
): Promise<void> {
  await head.done(hashOf(metadata, `${name}.metadata`));
  await head.close();
}

function hashOf({ filesHashes }: SnapshotMetadata, name: string): string {
  return filesHashes.get(name) ?? invalid(`it names no hash of ${name}`);
}

async function readRow(data: SnapshotFileReader): Promise<KVEntry> {
  const key = await data.bytes();
  return [key, await data.bytes()];
}

// privacyenabledstate.SnapshotRecord
async function readState(data: SnapshotFileReader): Promise<[key: string, value: VersionedValue]> {
  const fields: Uint8Array[] = [];
  try {
    const reader = new Reader(await data.bytes());
    while (reader.pos < reader.end) {
      const tag = reader.tag();
      if ((tag & 7) === 2) fields[tag >>> 3] = reader.bytes();
      else reader.skip(tag);
    }
    const none = new Uint8Array();
    const [, key = none, value = none, metadata = none, version = none] = fields;
    return [toBinary(key), { value, metadata, version: versionOf(version) }];
  } catch (cause) {
    if (cause instanceof LedgerError) throw cause;
    return invalid(`a record of the state is malformed: ${messageOf(cause)}`);
  }
}

function textOf(bytes: Uint8Array): string {
  try {
    return fromUtf8Strict(bytes);
  } catch {
    return invalid('a namespace is no text');
  }
}

async function collect<T>(records: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const record of records) all.push(record);
  return all;
}

function invalid(what: string): never {
  throw new LedgerError('SNAPSHOT_INVALID', `the snapshot cannot be used: ${what}`);
}
