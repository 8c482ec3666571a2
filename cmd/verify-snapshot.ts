// SPDX-License-Identifier: Apache-2.0
// Whether the files of a snapshot are what its metadata promises, and what is in them. Each is hashed before anything of
// it is believed, and nothing is held in memory.
import { createHash } from 'node:crypto';
import { Reader } from '../src/common/protos/index.ts';
import { fromUtf8 } from '../src/common/runtime/bytes.ts';
import { FabricError, messageOf } from '../src/common/runtime/errors.ts';
import { SnapshotFileReader } from '../src/ledger/kvledger/snapshot/snapshot-files.ts';
import {
  ADDITIONAL_METADATA,
  readSnapshotMetadata,
  SIGNABLE_METADATA,
  type SnapshotMetadata,
  STATE_DB_TYPE,
} from '../src/ledger/kvledger/snapshot/snapshot-metadata.ts';
import { versionOf } from '../src/ledger/kvledger/txmgmt/statedb/state-record.ts';
import type { SnapshotFolder } from './snapshot-folder.ts';

/** Plain data, fit for JSON. */
export interface SnapshotReport extends Omit<SnapshotMetadata, 'filesHashes'> {
  readonly files: readonly { readonly name: string; readonly bytes: number }[];
  /** Keys of the public state, by namespace. */
  readonly publicState: Readonly<Record<string, number>>;
  /** Hashes of private keys, by namespace and collection. */
  readonly privateStateHashes: Readonly<Record<string, number>>;
  readonly txIds: number;
  readonly collectionConfigs: number;
  readonly problems: readonly SnapshotProblem[];
  /** What is no fault of the snapshot, but good to know. */
  readonly notes: readonly string[];
}

export interface SnapshotProblem {
  readonly file: string;
  readonly message: string;
}

/** Throws LedgerError SNAPSHOT_INVALID when the metadata itself is wrong, and FabricError FILE_UNREADABLE. */
export async function verifySnapshot(folder: SnapshotFolder): Promise<SnapshotReport> {
  const { filesHashes, ...metadata } = await readSnapshotMetadata(folder);
  const verifier = new SnapshotVerifier(folder, filesHashes, metadata.lastBlockNumber);
  await verifier.checkHashes();
  const publicState = await verifier.countState('public_state');
  const privateStateHashes = await verifier.countState('private_state_hashes');
  const txIds = await verifier.countRecords('txids', async (data) => {
    await data.bytes();
  });
  const collectionConfigs = await verifier.countRecords('confighistory', async (data) => {
    await data.bytes();
    await data.bytes();
  });
  const names = [...filesHashes.keys()].filter((name) => folder.sizes.has(name)).sort();
  return {
    ...metadata,
    files: names.map((name) => ({ name, bytes: folder.sizes.get(name) ?? 0 })),
    publicState,
    privateStateHashes,
    txIds,
    collectionConfigs,
    problems: verifier.problems,
    notes: notesOn(folder, filesHashes, metadata.stateDbType),
  };
}

class SnapshotVerifier {
  readonly problems: SnapshotProblem[] = [];
  readonly #folder: SnapshotFolder;
  readonly #hashes: ReadonlyMap<string, string>;
  readonly #lastBlock: number;
  readonly #good = new Set<string>();

  constructor(folder: SnapshotFolder, hashes: ReadonlyMap<string, string>, lastBlock: number) {
    this.#folder = folder;
    this.#hashes = hashes;
    this.#lastBlock = lastBlock;
  }

  async checkHashes(): Promise<void> {
    for (const [name, promised] of this.#hashes) {
      if (!this.#folder.sizes.has(name)) {
        this.#problem(name, 'is missing');
        continue;
      }
      const hash = createHash('sha256');
      for await (const chunk of this.#folder.read(name)) hash.update(chunk);
      const found = hash.digest('hex');
      if (found === promised) this.#good.add(name);
      else this.#problem(name, `has hash ${found}, but ${promised} was promised`);
    }
  }

  /** Keys by namespace. */
  async countState(part: string): Promise<Record<string, number>> {
    const namespaces = await this.#head(part, readNamespaces);
    const total = namespaces?.reduce((sum, { count }) => sum + count, 0);
    await this.#records(part, total, async (data) => this.#checkState(await data.bytes()));
    return Object.fromEntries((namespaces ?? []).map(({ namespace, count }) => [namespace, count]));
  }

  async countRecords(
    part: string,
    read: (data: SnapshotFileReader) => Promise<void>,
  ): Promise<number> {
    const count = await this.#head(part, (head) => head.uvarint());
    await this.#records(part, count, read);
    return count ?? 0;
  }

  // What the metadata file of a part says; undefined when there is none that is good.
  async #head<T>(
    part: string,
    read: (head: SnapshotFileReader) => Promise<T>,
  ): Promise<T | undefined> {
    const name = `${part}.metadata`;
    if (this.#hashes.has(name) !== this.#hashes.has(`${part}.data`)) {
      this.#problem(name, `and ${part}.data go together, but only one is promised`);
    }
    return this.#read(name, read);
  }

  async #records(
    part: string,
    count: number | undefined,
    read: (data: SnapshotFileReader) => Promise<void>,
  ): Promise<void> {
    if (count === undefined) return;
    await this.#read(`${part}.data`, async (data) => {
      for (let left = count; left > 0; left--) await read(data);
    });
  }

  async #read<T>(
    name: string,
    read: (file: SnapshotFileReader) => Promise<T>,
  ): Promise<T | undefined> {
    const hash = this.#hashes.get(name);
    if (hash === undefined || !this.#good.has(name)) return undefined;
    try {
      const file = await SnapshotFileReader.open(this.#folder, name);
      try {
        const found = await read(file);
        await file.done(hash);
        return found;
      } finally {
        await file.close();
      }
    } catch (error) {
      if (!(error instanceof FabricError) || error.code === 'FILE_UNREADABLE') throw error;
      this.#problem(name, messageOf(error).replace(`snapshot file ${name} `, ''));
      return undefined;
    }
  }

  // privacyenabledstate.SnapshotRecord
  #checkState(record: Uint8Array): void {
    let blockNum: number;
    try {
      blockNum = versionOf(versionIn(record)).blockNum;
    } catch (cause) {
      throw new FabricError('SNAPSHOT_INVALID', `holds a malformed record: ${messageOf(cause)}`);
    }
    if (blockNum > this.#lastBlock) {
      throw new FabricError(
        'SNAPSHOT_INVALID',
        `holds a key that was written in block ${blockNum}`,
      );
    }
  }

  #problem(file: string, message: string): void {
    this.problems.push({ file, message });
  }
}

async function readNamespaces(
  head: SnapshotFileReader,
): Promise<{ namespace: string; count: number }[]> {
  const namespaces: { namespace: string; count: number }[] = [];
  for (let left = await head.uvarint(); left > 0; left--) {
    const namespace = fromUtf8(await head.bytes());
    namespaces.push({ namespace, count: await head.uvarint() });
  }
  return namespaces;
}

function versionIn(record: Uint8Array): Uint8Array {
  const reader = new Reader(record);
  let version: Uint8Array = new Uint8Array();
  while (reader.pos < reader.end) {
    const tag = reader.tag();
    if (tag === 0x22) version = reader.bytes();
    else reader.skip(tag);
  }
  return version;
}

function notesOn(
  folder: SnapshotFolder,
  hashes: ReadonlyMap<string, string>,
  stateDbType: string,
): string[] {
  const strangers = [...folder.sizes.keys()].filter(
    (name) => !hashes.has(name) && name !== SIGNABLE_METADATA && name !== ADDITIONAL_METADATA,
  );
  const notes = strangers.map((name) => `${name} does not belong to the snapshot`);
  if (stateDbType !== STATE_DB_TYPE) {
    notes.push(`its state is of a ${stateDbType}: only such peers can join from it`);
  }
  return notes;
}
