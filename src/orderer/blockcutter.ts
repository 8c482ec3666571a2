// SPDX-License-Identifier: Apache-2.0
// Groups envelopes into batches by count and size (orderer/common/blockcutter/blockcutter.go @ v2.5). The batch timer
// belongs to the consenter; the cutter knows no time and does no I/O.
import type { BatchSize } from '../common/channelconfig/types.ts';
import type { common } from '../common/protos/index.ts';

/** What ordering one envelope led to. */
export interface OrderedResult {
  /** Full batches, oldest first: none, one or two. */
  readonly batches: readonly (readonly common.Envelope[])[];
  /** True when envelopes wait for more, or for the batch timer. */
  readonly pending: boolean;
}

/** Bytes that an envelope counts for in batch limits and in the size filter. */
export function messageSizeBytes(envelope: common.Envelope): number {
  return envelope.payload.length + envelope.signature.length;
}

/**
 * Cuts the stream of ordered envelopes of one channel into batches. Not for concurrent use: one loop owns it.
 * `batchSize` is read on every call, so a config block takes effect with the next envelope.
 */
export class BlockCutter {
  readonly #batchSize: () => BatchSize;
  #pending: common.Envelope[] = [];
  #pendingBytes = 0;

  constructor(batchSize: () => BatchSize) {
    this.#batchSize = batchSize;
  }

  /** Envelopes that wait to be cut. */
  get pendingCount(): number {
    return this.#pending.length;
  }

  /**
   * Takes the next envelope. `before` = something was pending, `big` = the envelope alone exceeds PreferredMaxBytes,
   * `over` = pending bytes and the envelope together do, `full` = with it the count reaches MaxMessageCount.
   *
   * | before | big | over | full         | batches                     | pending |
   * |--------|-----|------|--------------|-----------------------------|---------|
   * | no     | no  | -    | no           | none                        | yes     |
   * | no     | no  | -    | yes (max 1)  | [envelope]                  | no      |
   * | no     | yes | -    | -            | [envelope]                  | no      |
   * | yes    | no  | no   | no           | none                        | yes     |
   * | yes    | no  | no   | yes          | [pending + envelope]        | no      |
   * | yes    | no  | yes  | no           | [pending]                   | yes     |
   * | yes    | no  | yes  | yes (max 1)  | [pending], [envelope]       | no      |
   * | yes    | yes | -    | -            | [pending], [envelope]       | no      |
   *
   * "none" with nothing pending cannot happen, nor can two batches that leave something pending. The seventh row
   * needs MaxMessageCount to have been lowered to 1 by a config block while envelopes waited.
   */
  ordered(envelope: common.Envelope): OrderedResult {
    const { maxMessageCount, preferredMaxBytes } = this.#batchSize();
    const size = messageSizeBytes(envelope);
    const batches: common.Envelope[][] = [];
    if (size > preferredMaxBytes) {
      if (this.#pending.length > 0) batches.push(this.cut());
      batches.push([envelope]);
      return { batches, pending: false };
    }
    if (this.#pending.length > 0 && this.#pendingBytes + size > preferredMaxBytes) {
      batches.push(this.cut());
    }
    this.#pending.push(envelope);
    this.#pendingBytes += size;
    if (this.#pending.length >= maxMessageCount) batches.push(this.cut());
    return { batches, pending: this.#pending.length > 0 };
  }

  /** Everything that waits, which then waits no more; empty when there is nothing. */
  cut(): common.Envelope[] {
    const batch = this.#pending;
    this.#pending = [];
    this.#pendingBytes = 0;
    return batch;
  }
}
