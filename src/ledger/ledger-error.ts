// SPDX-License-Identifier: Apache-2.0
// What can go wrong in a ledger.
import { FabricError, type FabricErrorOptions } from '../common/runtime/errors.ts';

/**
 * Of a store:
 * - QUOTA_EXCEEDED: the disk or the origin's quota is full; nothing was written
 * - STORAGE_REFUSED: the platform gives no storage here (a private window, blocked site data)
 * - STORE_CLOSED: used after close, or the platform closed it
 * - STORE_LOCKED: another process or tab holds it
 * - STORE_UNREADABLE: it is damaged, or not ours
 * - STORE_FAILED: any other failure of the platform's storage
 *
 * Of blocks:
 * - BLOCK_MALFORMED: bytes that are no block
 * - BLOCK_OUT_OF_ORDER: not the next number
 * - HASH_MISMATCH: the previous hash is not the hash of the last header
 * - FLAGS_MISMATCH: not one validation code a transaction, or a transaction left unvalidated
 * - CONFIG_INVALID: a config transaction, called valid, that holds no config
 *
 * Of ledgers:
 * - LEDGER_EXISTS, LEDGER_NOT_FOUND, LEDGER_OPEN, LEDGER_CLOSED
 * - LEDGER_FAILED: a commit failed after the block was stored; open the ledger again to recover
 * - LEDGER_CORRUPT: the databases contradict each other, e.g. state is ahead of the blocks
 * - LEDGER_NAME_INVALID: not a channel name
 * - LEDGER_PAUSED: it is INACTIVE; resume it to open it
 * - LEDGER_FROM_SNAPSHOT: it has no blocks from which its databases could be made again
 * - ROLLBACK_INVALID: the block to roll back to is not below the last one
 * - SNAPSHOT_INVALID: files that are no snapshot, or not the one that their hashes promise
 * - SNAPSHOT_REQUEST_INVALID: for a block that is behind, or was asked for already, or cannot be taken back
 * - SNAPSHOTS_DISABLED: nothing is set up to keep snapshots that are asked for
 * - BLOCK_BEFORE_SNAPSHOT: the ledger was made from a snapshot, and has no blocks before it
 *
 * Of queries and simulation:
 * - EXECUTOR_DONE: used after done()
 * - SNAPSHOT_EXPIRED: ran so long that its height had to be given up; simulate again
 * - SIMULATION_ORDER: a write after a paginated or private query, or the reverse
 * - COLLECTION_UNKNOWN: the chaincode has no such private collection
 * - PRIVATE_DATA_MISSING: the hash of a private value is here, but not the value
 * - TRANSIENT_STORE_FULL: too much private data was endorsed that was never submitted
 * - QUERY_INVALID: a rich query that is none; the message says why, in CouchDB's words
 * - WRITE_INVALID: a key or a value that this kind of state database does not take
 * - RICH_QUERY_UNSUPPORTED, HISTORY_DISABLED
 */
export type LedgerErrorCode =
  | 'QUOTA_EXCEEDED'
  | 'STORAGE_REFUSED'
  | 'STORE_CLOSED'
  | 'STORE_LOCKED'
  | 'STORE_UNREADABLE'
  | 'STORE_FAILED'
  | 'BLOCK_MALFORMED'
  | 'BLOCK_OUT_OF_ORDER'
  | 'HASH_MISMATCH'
  | 'FLAGS_MISMATCH'
  | 'CONFIG_INVALID'
  | 'LEDGER_EXISTS'
  | 'LEDGER_NOT_FOUND'
  | 'LEDGER_OPEN'
  | 'LEDGER_CLOSED'
  | 'LEDGER_FAILED'
  | 'LEDGER_CORRUPT'
  | 'LEDGER_NAME_INVALID'
  | 'LEDGER_PAUSED'
  | 'LEDGER_FROM_SNAPSHOT'
  | 'ROLLBACK_INVALID'
  | 'EXECUTOR_DONE'
  | 'SNAPSHOT_EXPIRED'
  | 'SIMULATION_ORDER'
  | 'COLLECTION_UNKNOWN'
  | 'PRIVATE_DATA_MISSING'
  | 'TRANSIENT_STORE_FULL'
  | 'SNAPSHOT_INVALID'
  | 'SNAPSHOT_REQUEST_INVALID'
  | 'SNAPSHOTS_DISABLED'
  | 'BLOCK_BEFORE_SNAPSHOT'
  | 'QUERY_INVALID'
  | 'WRITE_INVALID'
  | 'RICH_QUERY_UNSUPPORTED'
  | 'HISTORY_DISABLED';

/** A failure of the ledger; `code` says which kind. */
export class LedgerError extends FabricError {
  override readonly name: string = 'LedgerError';
  constructor(code: LedgerErrorCode, message: string, options?: FabricErrorOptions) {
    super(code, message, options);
  }
}
