// SPDX-License-Identifier: Apache-2.0
// What is written down of a ledger beside the ledger (msgs.LedgerMetadata of kvledger/msgs/ledger_metadata.proto). The status is
// Fabric's field; Fabric keeps the rest in files of its own, or does not need it. One record is one put, so
// that all of it changes at once.
import type { StateDatabase } from '../../common/network/types.ts';
import { Reader, Writer } from '../../common/protos/index.ts';
import { fromUtf8, utf8 } from '../../common/runtime/bytes.ts';
import type { LedgerStatus } from '../types.ts';
import { readUint64, uint64Bytes } from '../util/codec.ts';

/** Maintenance that was begun, and must be done before the ledger is opened. */
export interface PendingDrop {
  /** The state alone, or every database and the index of blocks. */
  readonly databases: 'state' | 'all';
  /** The block that becomes the last one; all blocks stay when absent. */
  readonly lastBlock?: number;
}

export interface LedgerMetadata {
  readonly status: LedgerStatus;
  /** The kind of state database that the state was made for; absent when that was not written down yet. */
  readonly stateDatabase?: StateDatabase;
  /** The height before a reset, until it is had again. */
  readonly preResetHeight?: number;
  readonly pending?: PendingDrop;
}

const STATUSES: readonly LedgerStatus[] = [
  'ACTIVE',
  'INACTIVE',
  'UNDER_CONSTRUCTION',
  'UNDER_DELETION',
];
const KINDS: readonly StateDatabase[] = ['goleveldb', 'CouchDB'];
const DROPS: readonly PendingDrop['databases'][] = ['all', 'state'];

// Field numbers and wire types; ours are far from Fabric's.
const STATUS = (1 << 3) | 0;
const STATE_DATABASE = (101 << 3) | 2;
const PRE_RESET_HEIGHT = (102 << 3) | 2;
const PENDING = (103 << 3) | 0;
const PENDING_LAST_BLOCK = (104 << 3) | 2;

export function encodeLedgerMetadata(metadata: LedgerMetadata): Uint8Array {
  const { stateDatabase, preResetHeight, pending } = metadata;
  const writer = new Writer();
  const status = STATUSES.indexOf(metadata.status);
  if (status > 0) writer.uint32(STATUS).uint32(status);
  if (stateDatabase) writer.uint32(STATE_DATABASE).bytes(utf8(stateDatabase));
  if (preResetHeight !== undefined) {
    writer.uint32(PRE_RESET_HEIGHT).bytes(uint64Bytes(preResetHeight));
  }
  if (pending) writer.uint32(PENDING).uint32(DROPS.indexOf(pending.databases));
  if (pending?.lastBlock !== undefined) {
    writer.uint32(PENDING_LAST_BLOCK).bytes(uint64Bytes(pending.lastBlock));
  }
  return writer.finish();
}

export function decodeLedgerMetadata(bytes: Uint8Array): LedgerMetadata {
  const reader = new Reader(bytes);
  const fields = new Map<number, number | Uint8Array>();
  while (reader.pos < reader.end) {
    const tag = reader.tag();
    if (tag === STATUS || tag === PENDING) fields.set(tag, reader.uint32());
    else if ((tag & 7) === 2) fields.set(tag, reader.bytes());
    else reader.skip(tag);
  }
  const kind = KINDS.find((known) => known === textOf(fields.get(STATE_DATABASE)));
  const preResetHeight = numberOf(fields.get(PRE_RESET_HEIGHT));
  const pending = pendingOf(fields);
  return {
    // An unknown status is one of a ledger that cannot be opened here.
    status: STATUSES[numberOf(fields.get(STATUS)) ?? 0] ?? 'INACTIVE',
    ...(kind && { stateDatabase: kind }),
    ...(preResetHeight !== undefined && { preResetHeight }),
    ...(pending && { pending }),
  };
}

function pendingOf(fields: ReadonlyMap<number, number | Uint8Array>): PendingDrop | undefined {
  const drop = numberOf(fields.get(PENDING));
  if (drop === undefined) return undefined;
  const lastBlock = numberOf(fields.get(PENDING_LAST_BLOCK));
  const databases = DROPS[drop] ?? 'all';
  return lastBlock === undefined ? { databases } : { databases, lastBlock };
}

function numberOf(field: number | Uint8Array | undefined): number | undefined {
  return field instanceof Uint8Array ? readUint64(field) : field;
}

function textOf(field: number | Uint8Array | undefined): string | undefined {
  return field instanceof Uint8Array ? fromUtf8(field) : undefined;
}
