// SPDX-License-Identifier: Apache-2.0
// The PeerTime that a peer stamps its messages with: when it started (nanoseconds) and a counter
// (Fabric's gossip/discovery, gossip/gossip/channel and gossip/election each keep one).
import Long from 'long';
import type { gossip } from '../../common/protos/index.ts';

/** seq_num of a last message: none of the same start is newer. */
export const LAST_SEQ_NUM: Long = Long.MAX_UNSIGNED_VALUE;

export class PeerClock {
  readonly incNum: Long;
  #seqNum = 0;

  /** @param startedAt milliseconds since the Unix epoch. */
  constructor(startedAt: number) {
    this.incNum = Long.fromNumber(startedAt, true).multiply(1_000_000);
  }

  next(): gossip.IPeerTime {
    return { inc_num: this.incNum, seq_num: ++this.#seqNum };
  }

  last(): gossip.IPeerTime {
    return { inc_num: this.incNum, seq_num: LAST_SEQ_NUM };
  }
}
