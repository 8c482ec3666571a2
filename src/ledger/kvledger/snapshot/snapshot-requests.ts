// SPDX-License-Identifier: Apache-2.0
// Snapshots asked for before their block is there (kvledger/snapshot_mgmt.go). A request is stored until its block was committed
// and the snapshot was made, well or not; the next block waits for it. Fabric looks at the least request only, which one that
// cannot be deleted blocks for good; here all are looked at.
import { concat } from '../../../common/runtime/bytes.ts';
import { messageOf } from '../../../common/runtime/errors.ts';
import type { Logger } from '../../../common/runtime/log.ts';
import type { KVStore } from '../../kv-store.ts';
import { LedgerError } from '../../types.ts';
import { readUint64, uint64Bytes } from '../../util/codec.ts';
import { deleteRange } from '../../util/delete-range.ts';
import { Mutex } from '../../util/mutex.ts';
import type { SnapshotWriter } from './snapshot-files.ts';

/** A snapshot that is being written, and ends in one of two ways. */
export interface NewSnapshot extends SnapshotWriter {
  /** Makes all files durable under the snapshot's own name. */
  complete(): Promise<void>;
  /** Deletes what was written. */
  discard(): Promise<void>;
}

/** Where snapshots that were asked for go; Fabric's ledger.snapshots.rootDir. */
export interface SnapshotsRoot {
  /** Whether there is a complete one. */
  has(ledgerId: string, blockNum: number): Promise<boolean>;
  make(ledgerId: string, blockNum: number): Promise<NewSnapshot>;
}

/** What requests need of their ledger. */
export interface RequestedLedger {
  readonly ledgerId: string;
  /** -1 when there is none. */
  readonly lastBlock: number;
  /** The store of private data, whose keys begin otherwise. */
  readonly store: KVStore;
  /** Absent when no snapshots can be asked for. */
  readonly root: SnapshotsRoot | undefined;
  readonly logger: Logger;
  /** Writes a snapshot of the ledger as it is now; no block is committed meanwhile. */
  generate(out: SnapshotWriter): Promise<unknown>;
}

const REQUEST = Uint8Array.of(0x73); // s; see private-part and pvt-keys for the others
const AFTER_REQUESTS = Uint8Array.of(0x74);

/** Blocks asked for that are stored in a ledger. */
export async function storedRequests(store: KVStore): Promise<number[]> {
  const found: number[] = [];
  for await (const [key] of store.range({ gte: REQUEST, lt: AFTER_REQUESTS })) {
    found.push(readUint64(key, REQUEST.length));
  }
  return found;
}

/** Forgets the requests of a closed ledger, as Fabric does when it drops databases. */
export function dropRequests(store: KVStore): Promise<void> {
  return deleteRange(store, { gte: REQUEST, lt: AFTER_REQUESTS });
}

export class SnapshotRequests {
  readonly #ledger: RequestedLedger;
  readonly #pending: Set<number>;
  // Commits, requests and cancellations change what the others are decided by, one at a time.
  readonly #events = new Mutex();
  #lastBlock: number;
  #isCommitting = false;
  #isStopped = false;
  #generating: Promise<void> | undefined;

  /** @param stored blocks asked for already. */
  constructor(ledger: RequestedLedger, stored: readonly number[]) {
    this.#ledger = ledger;
    this.#lastBlock = ledger.lastBlock;
    this.#pending = new Set(stored);
  }

  /** Begins the snapshot of the last block if it was asked for and not made, as when the power went. */
  regenerateMissed(): void {
    if (this.#ledger.root) this.#generateIfDue();
  }

  /** Block numbers, in order. */
  pending(): number[] {
    return [...this.#pending].sort((a, b) => a - b);
  }

  submit(blockNum: number): Promise<void> {
    return this.#events.run(() => this.#submit(blockNum));
  }

  cancel(blockNum: number): Promise<void> {
    return this.#events.run(async () => {
      if (this.#generating && blockNum === this.#lastBlock) {
        refuse('cannot cancel the snapshot request because it is under processing');
      }
      await this.#delete(blockNum);
    });
  }

  /** Commits a block behind the snapshot of the one before it, if there is to be one. */
  async aroundCommit<T extends { readonly blockNum: number }>(
    commit: () => Promise<T>,
  ): Promise<T> {
    await this.#events.run(async () => {
      this.#isCommitting = true;
    });
    let committed: T | undefined;
    try {
      await this.#generating;
      committed = await commit();
      return committed;
    } finally {
      await this.#events.run(async () => this.#commitDone(committed?.blockNum));
    }
  }

  /** Begins no snapshot any more, and resolves behind the one that is being made. What is asked for stays stored. */
  async stop(): Promise<void> {
    await this.#events.run(async () => {
      this.#isStopped = true;
    });
    await this.#generating;
  }

  #commitDone(blockNum: number | undefined): void {
    this.#isCommitting = false;
    if (blockNum === undefined) return;
    this.#lastBlock = blockNum;
    this.#generateIfDue();
  }

  async #submit(wanted: number): Promise<void> {
    const { ledgerId, root, store } = this.#ledger;
    if (!root) {
      const text = `${ledgerId}: no snapshots can be requested, since nothing is set up to keep them`;
      throw new LedgerError('SNAPSHOTS_DISABLED', text);
    }
    const least = this.#lastBlock + (this.#isCommitting ? 1 : 0);
    const blockNum = wanted === 0 ? least : wanted;
    if (!Number.isSafeInteger(blockNum)) refuse(`${wanted} is no block number`);
    if (blockNum < least) {
      refuse(
        `requested snapshot for block number ${blockNum} cannot be less than the last committed block number ${least}`,
      );
    }
    if (blockNum === this.#lastBlock && (await root.has(ledgerId, blockNum))) {
      refuse(`snapshot already generated for block number ${blockNum}`);
    }
    if (this.#pending.has(blockNum)) {
      refuse(`duplicate snapshot request for block number ${blockNum}`);
    }
    const operation = { type: 'put', key: keyOf(blockNum), value: new Uint8Array() } as const;
    await store.write([operation], { durable: true });
    this.#pending.add(blockNum);
    if (!this.#isCommitting) this.#generateIfDue();
  }

  async #delete(blockNum: number): Promise<void> {
    if (!this.#pending.has(blockNum)) {
      refuse(`no snapshot request exists for block number ${blockNum}`);
    }
    await this.#ledger.store.write([{ type: 'delete', key: keyOf(blockNum) }], { durable: true });
    this.#pending.delete(blockNum);
  }

  #generateIfDue(): void {
    const blockNum = this.#lastBlock;
    if (this.#isStopped || this.#generating || !this.#pending.has(blockNum)) return;
    this.#generating = this.#generate(blockNum);
  }

  // As in Fabric, a request is done with even if its snapshot failed. Never rejects.
  async #generate(blockNum: number): Promise<void> {
    const { ledgerId, logger } = this.#ledger;
    const what = `the snapshot of block ${blockNum}`;
    try {
      await this.#writeSnapshot(blockNum);
      logger.info(`[${ledgerId}] generated ${what}`);
    } catch (error) {
      logger.error(`[${ledgerId}] failed to generate ${what}: ${messageOf(error)}`);
    }
    await this.#events.run(async () => {
      try {
        await this.#delete(blockNum);
      } catch (error) {
        logger.error(`[${ledgerId}] failed to delete the request of ${what}: ${messageOf(error)}`);
      } finally {
        this.#generating = undefined;
      }
    });
  }

  async #writeSnapshot(blockNum: number): Promise<void> {
    const { ledgerId, root, generate } = this.#ledger;
    if (!root) throw new LedgerError('SNAPSHOTS_DISABLED', 'nothing is set up to keep it');
    // It was complete before the power went, but the request was not deleted.
    if (await root.has(ledgerId, blockNum)) return;
    const snapshot = await root.make(ledgerId, blockNum);
    try {
      await generate(snapshot);
      await snapshot.complete();
    } catch (error) {
      await snapshot.discard();
      throw error;
    }
  }
}

function keyOf(blockNum: number): Uint8Array {
  return concat(REQUEST, uint64Bytes(blockNum));
}

function refuse(text: string): never {
  throw new LedgerError('SNAPSHOT_REQUEST_INVALID', text);
}
