// SPDX-License-Identifier: Apache-2.0
// The two JSON files of a snapshot (kvledger/snapshot.go). The signable one is what organisations compare; the other names
// its hash, and adds the commit hash from which the chain goes on.
import { sha256 } from '@noble/hashes/sha2.js';
import { concat, fromHex, fromUtf8Strict, toHex, utf8 } from '../../../common/runtime/bytes.ts';
import { messageOf } from '../../../common/runtime/errors.ts';
import { LedgerError } from '../../ledger-error.ts';
import type { SnapshotReader, SnapshotWriter } from './snapshot-files.ts';

export const SIGNABLE_METADATA = '_snapshot_signable_metadata.json';
export const ADDITIONAL_METADATA = '_snapshot_additional_metadata.json';

/** Fabric's name of what we keep; snapshots of CouchDB peers cannot be joined from, nor theirs from ours. */
export const STATE_DB_TYPE = 'SimpleKeyValueDB';

/** What a snapshot says of itself; hashes in hex. */
export interface SnapshotMetadata {
  readonly channelName: string;
  readonly lastBlockNumber: number;
  readonly lastBlockHash: string;
  readonly previousBlockHash: string;
  /** SHA-256 of each file, by name. */
  readonly filesHashes: ReadonlyMap<string, string>;
  readonly stateDbType: string;
  /** SHA-256 of the signable metadata. */
  readonly snapshotHash: string;
  /** Empty when the ledger has no commit hashes. */
  readonly lastBlockCommitHash: string;
}

const MAX_JSON_BYTES = 1024 * 1024;
const HEX_HASH = /^[0-9a-f]{64}$/;

export async function writeSnapshotMetadata(
  out: SnapshotWriter,
  metadata: Omit<SnapshotMetadata, 'snapshotHash'>,
): Promise<SnapshotMetadata> {
  const sorted = [...metadata.filesHashes].sort(([a], [b]) => (a < b ? -1 : 1));
  const signable = jsonBytes({
    channel_name: metadata.channelName,
    last_block_number: metadata.lastBlockNumber,
    last_block_hash: metadata.lastBlockHash,
    previous_block_hash: metadata.previousBlockHash,
    snapshot_files_raw_hashes: Object.fromEntries(sorted),
    state_db_type: metadata.stateDbType,
  });
  const snapshotHash = toHex(sha256(signable));
  const additional = jsonBytes({
    snapshot_hash: snapshotHash,
    last_block_commit_hash: metadata.lastBlockCommitHash,
  });
  await writeAll(out, SIGNABLE_METADATA, signable);
  await writeAll(out, ADDITIONAL_METADATA, additional);
  return { ...metadata, snapshotHash };
}

/** Reads and checks both files. Throws LedgerError SNAPSHOT_INVALID. */
export async function readSnapshotMetadata(files: SnapshotReader): Promise<SnapshotMetadata> {
  const signable = await readAll(files, SIGNABLE_METADATA);
  const additional = parse(ADDITIONAL_METADATA, await readAll(files, ADDITIONAL_METADATA));
  const snapshotHash = toHex(sha256(signable));
  if (additional.snapshot_hash !== snapshotHash) {
    const text = `${SIGNABLE_METADATA} has hash ${snapshotHash}, not the one that ${ADDITIONAL_METADATA} names`;
    throw new LedgerError('SNAPSHOT_INVALID', text);
  }
  const found = parse(SIGNABLE_METADATA, signable);
  return {
    channelName: textOf(found, 'channel_name'),
    lastBlockNumber: blockNumberOf(found),
    lastBlockHash: hashOf(found, 'last_block_hash'),
    previousBlockHash: hashOf(found, 'previous_block_hash', true),
    filesHashes: filesHashesOf(found),
    stateDbType: textOf(found, 'state_db_type'),
    snapshotHash,
    lastBlockCommitHash: hashOf(additional, 'last_block_commit_hash', true),
  };
}

type Fields = Readonly<Record<string, unknown>>;

function blockNumberOf({ last_block_number: number }: Fields): number {
  if (typeof number === 'number' && Number.isSafeInteger(number) && number >= 0) return number;
  return invalid('names no last block');
}

function filesHashesOf({ snapshot_files_raw_hashes: hashes }: Fields): Map<string, string> {
  if (!isFields(hashes)) return invalid('names no files');
  return new Map(Object.keys(hashes).map((name) => [name, hashOf(hashes, name)]));
}

function textOf(fields: Fields, name: string): string {
  const value = fields[name];
  return typeof value === 'string' ? value : invalid(`has no ${name}`);
}

function hashOf(fields: Fields, name: string, mayBeEmpty = false): string {
  const text = textOf(fields, name);
  if (HEX_HASH.test(text) || (mayBeEmpty && text === '')) return text;
  return invalid(`has no hash for ${name}`);
}

function invalid(what: string): never {
  throw new LedgerError('SNAPSHOT_INVALID', `the metadata of the snapshot ${what}`);
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function parse(name: string, bytes: Uint8Array): Fields {
  try {
    const value: unknown = JSON.parse(fromUtf8Strict(bytes));
    if (isFields(value)) return value;
  } catch (cause) {
    const text = `snapshot file ${name} is no JSON: ${messageOf(cause)}`;
    throw new LedgerError('SNAPSHOT_INVALID', text, { cause });
  }
  return invalid(`in ${name} is no object`);
}

function jsonBytes(value: unknown): Uint8Array {
  return utf8(JSON.stringify(value, null, 4));
}

async function writeAll(out: SnapshotWriter, name: string, bytes: Uint8Array): Promise<void> {
  const sink = out.write(name);
  await sink.write(bytes);
  await sink.close();
}

async function readAll(files: SnapshotReader, name: string): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of files.read(name)) {
    length += chunk.length;
    if (length > MAX_JSON_BYTES) invalid(`in ${name} is longer than ${MAX_JSON_BYTES} bytes`);
    parts.push(chunk.slice());
  }
  return concat(...parts);
}

/** The bytes of a hash of the metadata. */
export function hashBytes(hex: string): Uint8Array {
  return fromHex(hex);
}
