// SPDX-License-Identifier: Apache-2.0
// The leader's deliver client: keeps pulling blocks from the ordering service, whatever happens on the way
// (common/deliverclient/blocksprovider/deliverer.go, core/deliverservice). The thresholds are much shorter than Fabric's hour: a tab that
// cannot reach the relay should let another lead before anybody notices.
import type { Clock } from '../../common/runtime/clock.ts';
import { messageOf } from '../../common/runtime/errors.ts';
import type { Logger } from '../../common/runtime/log.ts';
import type { BlocksRequester, ReceivedBlock } from './blocks-requester.ts';

export interface DeliverClientComponents {
  readonly requester: Pick<BlocksRequester, 'follow' | 'channel'>;
  /** Number of the next block that the ledger needs. */
  readonly height: () => number;
  /** Verifies and keeps a block; waits while the buffer is full. Rejects when the block is not good. */
  readonly receive: (block: ReceivedBlock) => Promise<void>;
  /** The orderer could not be reached for too long: somebody else should lead. Not called for a static leader. */
  readonly giveUp: () => void;
  readonly clock: Clock;
  readonly log: Logger;
}

export interface DeliverClientOptions {
  readonly firstBackoffMs: number;
  readonly backoffFactor: number;
  /** Fabric's reConnectBackoffThreshold: the longest pause. */
  readonly maxBackoffMs: number;
  /** Fabric's reconnectTotalTimeThreshold: pauses without a block between them, in all. */
  readonly totalBackoffMs: number;
  /** A static leader never gives up. */
  readonly isStaticLeader: boolean;
}

export const DEFAULT_DELIVER_CLIENT_OPTIONS: DeliverClientOptions = Object.freeze({
  firstBackoffMs: 100,
  backoffFactor: 1.2,
  maxBackoffMs: 5_000,
  totalBackoffMs: 15_000,
  isStaticLeader: false,
});

export class DeliverClient {
  readonly #components: DeliverClientComponents;
  readonly #options: DeliverClientOptions;
  #stop: AbortController | undefined;
  #retry: (() => void) | undefined;

  constructor(components: DeliverClientComponents, options: Partial<DeliverClientOptions> = {}) {
    this.#components = components;
    this.#options = { ...DEFAULT_DELIVER_CLIENT_OPTIONS, ...options };
  }

  get running(): boolean {
    return this.#stop !== undefined;
  }

  start(): void {
    if (this.#stop) return;
    this.#stop = new AbortController();
    void this.#run(this.#stop.signal);
  }

  stop(): void {
    this.#stop?.abort(new Error('the deliver client stops'));
    this.#stop = undefined;
  }

  /** The orderer can be reached again: the present pause is over, and failures before count no more. */
  retryNow(): void {
    this.#retry?.();
  }

  async #run(signal: AbortSignal): Promise<void> {
    const { log, giveUp } = this.#components;
    const { firstBackoffMs, backoffFactor, maxBackoffMs, totalBackoffMs, isStaticLeader } =
      this.#options;
    let failures = 0;
    let slept = 0;
    while (!signal.aborted) {
      const { received, reason } = await this.#pull(signal);
      if (signal.aborted) return;
      if (received > 0) {
        failures = 0;
        slept = 0;
      }
      failures++;
      const pause = Math.min(maxBackoffMs, firstBackoffMs * backoffFactor ** (failures - 1));
      slept += pause;
      log.warn('deliver: the stream of blocks broke; connecting again', {
        failures,
        pause: Math.round(pause),
        reason,
      });
      if (slept > totalBackoffMs && !isStaticLeader) {
        this.stop();
        return giveUp();
      }
      if (await this.#pause(pause, signal)) continue;
      failures = 0;
      slept = 0;
    }
  }

  /** True when the time is over, false when it was cut short. */
  async #pause(ms: number, signal: AbortSignal): Promise<boolean> {
    const cut = new AbortController();
    this.#retry = () => cut.abort();
    const either = AbortSignal.any([signal, cut.signal]);
    await this.#components.clock.sleep(ms, { signal: either }).catch(() => {});
    this.#retry = undefined;
    return !cut.signal.aborted;
  }

  async #pull(signal: AbortSignal): Promise<{ received: number; reason: string }> {
    const { requester, height, receive } = this.#components;
    let received = 0;
    try {
      for await (const block of requester.follow(height(), { signal })) {
        await receive(block);
        received++;
      }
      return { received, reason: 'it ended' };
    } catch (error) {
      return { received, reason: messageOf(error) };
    }
  }
}
