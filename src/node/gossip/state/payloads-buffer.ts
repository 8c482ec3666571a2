// SPDX-License-Identifier: Apache-2.0
// Blocks on their way to the ledger, in order (Fabric's gossip/state/payloads_buffer.go): equal to the next: ready; lower: dropped; higher:
// held until the ones before have come. Bounded: what is too far ahead is not taken, and is fetched again when its turn comes.
import { GossipError } from '../message.ts';

/** How a block came. */
export type BlockSource = 'push' | 'deliver' | 'state-transfer' | 'catch-up';

export interface BufferedPayload {
  readonly seqNum: number;
  /** Serialized common.Block, verified. */
  readonly block: Uint8Array;
  readonly source: BlockSource;
  /** Name of the neighbour that it came from. */
  readonly from: string;
  /** When it was put here, milliseconds. */
  readonly at: number;
}

export type PushResult = 'added' | 'stale' | 'duplicate' | 'full';

/** Bytes held beyond the next block; a block of any size is taken when it is the next one. */
const MAX_HELD_BYTES = 128 * 1024 * 1024;

export class PayloadsBuffer {
  readonly #limit: number;
  readonly #held = new Map<number, BufferedPayload>();
  #heldBytes = 0;
  #next: number;
  #changed: (() => void)[] = [];

  /**
   * @param next number of the block that the ledger needs.
   * @param limit numbers from `next` on that may be held (blockBufferSize).
   */
  constructor(next: number, limit: number) {
    this.#next = next;
    this.#limit = limit;
  }

  /** Number of the next block to come out. */
  get next(): number {
    return this.#next;
  }

  get size(): number {
    return this.#held.size;
  }

  /** Whether the next block is here. */
  get ready(): boolean {
    return this.#held.has(this.#next);
  }

  has(seqNum: number): boolean {
    return this.#held.has(seqNum);
  }

  /** Numbers held back because an earlier one is missing, ascending. */
  heldNumbers(): number[] {
    return this.ready ? [] : [...this.#held.keys()].sort((a, b) => a - b);
  }

  push(payload: BufferedPayload): PushResult {
    const { seqNum, block } = payload;
    if (seqNum < this.#next) return 'stale';
    if (this.#held.has(seqNum)) return 'duplicate';
    if (!this.#fits(seqNum, block.length)) return 'full';
    this.#held.set(seqNum, payload);
    this.#heldBytes += block.length;
    this.#tell();
    return 'added';
  }

  /** Pushes, and waits for room as long as there is none: for sources that can be held back. */
  async pushBlocking(
    payload: BufferedPayload,
    options: { signal: AbortSignal },
  ): Promise<PushResult> {
    for (;;) {
      const result = this.push(payload);
      if (result !== 'full') return result;
      await this.#change(options.signal);
    }
  }

  /** Takes the next block out; undefined while it is missing. */
  pop(): BufferedPayload | undefined {
    const payload = this.#held.get(this.#next);
    if (!payload) return undefined;
    this.#remove(payload);
    this.#next++;
    this.#tell();
    return payload;
  }

  /** Resolves when the next block is here. */
  async waitReady(options: { signal: AbortSignal }): Promise<void> {
    while (!this.ready) await this.#change(options.signal);
  }

  /** Moves to what the ledger needs now, up or down: blocks may have been committed, or refused, elsewhere. */
  reset(next: number): void {
    this.#next = next;
    for (const payload of this.#held.values()) if (payload.seqNum < next) this.#remove(payload);
    this.#tell();
  }

  #fits(seqNum: number, bytes: number): boolean {
    if (seqNum === this.#next) return true;
    return seqNum - this.#next < this.#limit && this.#heldBytes + bytes <= MAX_HELD_BYTES;
  }

  #remove(payload: BufferedPayload): void {
    this.#held.delete(payload.seqNum);
    this.#heldBytes -= payload.block.length;
  }

  #tell(): void {
    const waiting = this.#changed;
    this.#changed = [];
    for (const wake of waiting) wake();
  }

  #change(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(stopped(signal));
      const abort = (): void => reject(stopped(signal));
      signal.addEventListener('abort', abort, { once: true });
      this.#changed.push(() => {
        signal.removeEventListener('abort', abort);
        resolve();
      });
    });
  }
}

function stopped(signal: AbortSignal): GossipError {
  return new GossipError('STOPPED', 'no longer waiting for blocks', { cause: signal.reason });
}
