// SPDX-License-Identifier: Apache-2.0
// Hands blocks from the buffer to the committer, one after another (deliverPayloads of Fabric's gossip/state/state.go). Fabric panics when a block
// cannot be committed; a tab tries again later with what it then gets.
import type { Clock } from '../../../common/runtime/clock.ts';
import { messageOf } from '../../../common/runtime/errors.ts';
import type { Logger } from '../../../common/runtime/log.ts';
import type { TraceBus } from '../../../common/runtime/trace.ts';
import type { PayloadsBuffer } from './payloads-buffer.ts';

export interface CommitLoopComponents {
  readonly channel: string;
  readonly peer: string;
  readonly buffer: PayloadsBuffer;
  /** Number of the next block that the ledger needs. */
  readonly height: () => number;
  /** Validates and commits; resolves when the block is in the ledger. */
  readonly commit: (block: Uint8Array, seqNum: number) => Promise<void>;
  readonly clock: Clock;
  readonly trace: Pick<TraceBus, 'emit'>;
  readonly log: Logger;
}

const FIRST_PAUSE_MS = 500;
const MAX_PAUSE_MS = 30_000;

/** Runs until the signal is aborted. `failed` is called with what went wrong each time a block was not committed. */
export async function runCommitLoop(
  components: CommitLoopComponents,
  failed: (error: unknown) => void,
  { signal }: { signal: AbortSignal },
): Promise<void> {
  const { buffer, height, commit, clock, log } = components;
  let failures = 0;
  while (!signal.aborted) {
    try {
      await buffer.waitReady({ signal });
    } catch {
      return;
    }
    const payload = buffer.pop();
    if (!payload) continue;
    traceRelease(components, payload.seqNum, payload.from, clock.now() - payload.at);
    try {
      await commit(payload.block, payload.seqNum);
      failures = 0;
    } catch (error) {
      if (signal.aborted) return;
      log.error(`block ${payload.seqNum} was not committed`, { reason: messageOf(error) });
      failed(error);
      // The bytes may be gone to another thread, or be the fault: the block is fetched again.
      buffer.reset(height());
      await clock
        .sleep(Math.min(MAX_PAUSE_MS, FIRST_PAUSE_MS * 2 ** failures++), { signal })
        .catch(() => {});
    }
  }
}

function traceRelease(
  { channel, peer, clock, trace }: CommitLoopComponents,
  block: number,
  from: string,
  ms: number,
): void {
  trace.emit({ at: clock.now(), peer, stage: 'buffer', channel, block, from, ms });
}
