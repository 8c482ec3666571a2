// SPDX-License-Identifier: Apache-2.0
// Reads the snapshot that a real peer made of its state (testdata/snapshot), to compare with ours.
import { Reader } from '../../../common/protos/index.ts';
import { fromUtf8, toHex } from '../../../common/runtime/bytes.ts';

/** Reads a file of the snapshot. */
export type ReadFile = (name: string) => Uint8Array;

/** One key of the state, everything in hex. */
export interface StateEntry {
  readonly namespace: string;
  readonly key: string;
  readonly value: string;
  readonly metadata: string;
  readonly version: string;
}

function open(readFile: ReadFile, name: string): Reader {
  const reader = new Reader(readFile(name));
  if (reader.uint32() !== 1) throw new Error(`${name} is of an unknown format`);
  return reader;
}

/** The records of a data file with the namespaces that its metadata file gives them. */
export function readStateSnapshot(readFile: ReadFile, name: string): StateEntry[] {
  const metadata = open(readFile, `${name}.metadata`);
  const data = open(readFile, `${name}.data`);
  const entries: StateEntry[] = [];
  for (let left = metadata.uint32(); left > 0; left--) {
    const namespace = fromUtf8(metadata.bytes());
    for (let keys = metadata.uint32(); keys > 0; keys--) {
      entries.push({ namespace, ...record(data.bytes()) });
    }
  }
  return entries;
}

/** Ids of all transactions, as exported. */
export function readTxIds(readFile: ReadFile): string[] {
  const data = open(readFile, 'txids.data');
  const ids: string[] = [];
  while (data.pos < data.end) ids.push(fromUtf8(data.bytes()));
  return ids;
}

function record(bytes: Uint8Array): Omit<StateEntry, 'namespace'> {
  const fields = ['', '', '', ''];
  const reader = new Reader(bytes);
  while (reader.pos < reader.end) {
    const field = reader.tag() >>> 3;
    fields[field - 1] = toHex(reader.bytes());
  }
  const [key = '', value = '', metadata = '', version = ''] = fields;
  return { key, value, metadata, version };
}
