// SPDX-License-Identifier: Apache-2.0
// Fills holes: when a peer says that it is higher, or a block came whose predecessors did not, the missing range is fetched from a peer of the own
// organisation that has it, and when none can be asked, from the orderer (antiEntropy of Fabric's gossip/state/state.go, which knows peers only).
import { toNumber } from '../../../common/protoutil/index.ts';
import type { Clock } from '../../../common/runtime/clock.ts';
import { withDeadline } from '../../../common/runtime/deadline.ts';
import { FabricError, messageOf } from '../../../common/runtime/errors.ts';
import type { Logger } from '../../../common/runtime/log.ts';
import type { ServiceClient } from '../../../common/wire/service.ts';
import type { BlocksRequester } from '../../deliverclient/blocks-requester.ts';
import { openEnvelope } from '../message.ts';
import { STATE_METHOD } from '../services.ts';
import type { BlockIntake } from './block-intake.ts';
import type { PayloadsBuffer } from './payloads-buffer.ts';
import { stateRequest } from './state-service.ts';

/** A peer of this peer's organisation that can be asked for blocks. */
export interface BlockHolder {
  readonly name: string;
  /** Its ledger's height, as it says. */
  readonly height: number;
  readonly client: ServiceClient;
}

export interface AntiEntropyComponents {
  readonly channel: Uint8Array;
  readonly buffer: PayloadsBuffer;
  readonly intake: BlockIntake;
  /** Peers of this peer's organisation with a direct connection. */
  readonly holders: () => readonly BlockHolder[];
  /** The greatest height that any member of the channel says to have. */
  readonly maxHeight: () => number;
  /** Heights that members claim now; the function that it returns corrects those that are above the orderer's. */
  readonly claims: () => (ordererHeight: number) => void;
  readonly requester: Pick<BlocksRequester, 'upToNewest'>;
  readonly clock: Clock;
  /** Between 0 and 1. */
  readonly random: () => number;
  readonly log: Logger;
}

export interface AntiEntropyOptions {
  readonly checkIntervalMs: number;
  readonly responseTimeoutMs: number;
  readonly batchSize: number;
  readonly maxRetries: number;
}

/** A gap is given this long to close by itself: pushes overtake each other. */
const GAP_PATIENCE_MS = 250;
/** Blocks are large; a batch may take this many response timeouts as long as blocks keep coming. */
const MAX_BATCH_FACTOR = 20;
const MAX_RESPONSE_BYTES = 100 * 1024 * 1024;

export class AntiEntropy {
  readonly #components: AntiEntropyComponents;
  readonly #options: AntiEntropyOptions;
  #stop: AbortController | undefined;
  #wake: (() => void) | undefined;
  #poked = false;
  #orderer = { at: Number.NEGATIVE_INFINITY, gave: true };

  constructor(components: AntiEntropyComponents, options: AntiEntropyOptions) {
    this.#components = components;
    this.#options = options;
  }

  start(): void {
    if (this.#stop) return;
    this.#stop = new AbortController();
    void this.#run(this.#stop.signal);
  }

  stop(): void {
    this.#stop?.abort(new Error('stopping'));
    this.#stop = undefined;
    this.#wake?.();
  }

  /** Something is missing, or somebody is higher: look soon, not at the next interval. */
  poke(): void {
    if (this.#poked) return;
    this.#poked = true;
    this.#components.clock.setTimer(() => this.#wake?.(), GAP_PATIENCE_MS);
  }

  async #run(signal: AbortSignal): Promise<void> {
    const { clock, log } = this.#components;
    while (!signal.aborted) {
      await new Promise<void>((resolve) => {
        const cancel = clock.setTimer(resolve, this.#options.checkIntervalMs);
        this.#wake = () => {
          cancel();
          resolve();
        };
      });
      this.#wake = undefined;
      this.#poked = false;
      if (signal.aborted) return;
      try {
        await this.#fill(signal);
      } catch (error) {
        if (!signal.aborted) log.debug('anti-entropy', { reason: messageOf(error) });
      }
    }
  }

  // Fetches until nobody is known to have more, or nobody gives more.
  async #fill(signal: AbortSignal): Promise<void> {
    const { buffer, maxHeight } = this.#components;
    while (!signal.aborted && !buffer.ready) {
      const [lowestHeld] = buffer.heldNumbers();
      const target = lowestHeld ?? maxHeight();
      const from = buffer.next;
      if (target <= from) return;
      const fetched =
        (await this.#fromPeers(from, target, signal)) ||
        (await this.#fromOrderer(from, target, signal));
      if (!fetched) return;
      await this.#drained(signal);
    }
  }

  // What was fetched is on its way to the ledger; asking on from there only makes sense afterwards.
  async #drained(signal: AbortSignal): Promise<void> {
    const { clock, buffer } = this.#components;
    while (buffer.ready && !signal.aborted) await clock.sleep(20, { signal }).catch(() => {});
  }

  async #fromPeers(from: number, target: number, signal: AbortSignal): Promise<boolean> {
    const { holders, random, log, buffer } = this.#components;
    const { batchSize, maxRetries } = this.#options;
    const able = holders().filter(({ height }) => height > from);
    for (let attempt = 0; attempt < maxRetries && able.length > 0; attempt++) {
      const [holder] = able.splice(Math.floor(random() * able.length), 1);
      if (!holder) break;
      const end = Math.min(target, holder.height, from + batchSize) - 1;
      try {
        await this.#request(holder, from, end, signal);
      } catch (error) {
        if (signal.aborted) return false;
        log.debug(`blocks ${from} to ${end} not got from ${holder.name}`, {
          reason: messageOf(error),
        });
      }
      if (buffer.next > from || buffer.has(from)) return true;
    }
    return false;
  }

  async #request(
    holder: BlockHolder,
    start: number,
    end: number,
    signal: AbortSignal,
  ): Promise<void> {
    const { clock, intake, channel } = this.#components;
    const { responseTimeoutMs } = this.#options;
    const request = stateRequest(channel, start, end);
    await withDeadline(
      clock,
      responseTimeoutMs * MAX_BATCH_FACTOR,
      'the state transfer',
      async (bounded) => {
        const silence = new AbortController();
        const whole = AbortSignal.any([bounded, silence.signal]);
        const give = (): void =>
          silence.abort(
            new FabricError('TIMEOUT', `${holder.name} sent no block for ${responseTimeoutMs} ms`),
          );
        let cancel = clock.setTimer(give, responseTimeoutMs);
        try {
          let expected = start;
          for await (const response of holder.client.call(STATE_METHOD, [request], {
            signal: whole,
          })) {
            cancel();
            const { seqNum, block } = openResponse(response, expected++, end);
            await intake.fetched(
              { seqNum, block, source: 'state-transfer', from: holder.name },
              { signal: bounded },
            );
            cancel = clock.setTimer(give, responseTimeoutMs);
          }
        } finally {
          cancel();
        }
      },
      { signal },
    );
  }

  async #fromOrderer(from: number, target: number, signal: AbortSignal): Promise<boolean> {
    const { requester, intake, log, buffer, clock, claims } = this.#components;
    // Members may claim heights that nobody has; the orderer is not asked about each claim.
    if (!this.#orderer.gave && clock.now() - this.#orderer.at < this.#options.checkIntervalMs)
      return false;
    const correctClaims = claims();
    let reached = from;
    try {
      for await (const { seqNum, block } of requester.upToNewest(from, { signal })) {
        await intake.fetched({ seqNum, block, source: 'catch-up', from: 'orderer' }, { signal });
        reached = seqNum + 1;
        if (reached >= target) break;
      }
      if (reached < target) correctClaims(reached);
    } catch (error) {
      if (!signal.aborted)
        log.debug(`blocks from ${from} not got from the orderer`, { reason: messageOf(error) });
    }
    const gave = buffer.next > from || buffer.has(from);
    this.#orderer = { at: clock.now(), gave };
    return gave;
  }
}

function openResponse(
  response: Uint8Array,
  expected: number,
  end: number,
): { seqNum: number; block: Uint8Array } {
  const payload = openEnvelope(response, MAX_RESPONSE_BYTES).message.state_response?.payloads[0];
  const seqNum = toNumber(payload?.seq_num);
  if (!payload || seqNum !== expected || seqNum > end) {
    throw new FabricError('UNEXPECTED_BLOCK', `block ${seqNum} where ${expected} was due`);
  }
  return { seqNum, block: payload.data };
}
