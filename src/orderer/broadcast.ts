// SPDX-License-Identifier: Apache-2.0
// `/orderer.AtomicBroadcast/Broadcast` (orderer/common/broadcast/broadcast.go @ v2.5): one answer an envelope, in order.
// SUCCESS means that the consenter has taken the message; a block that holds it means that it is committed. Any other
// status ends the stream, as in Fabric.
import { common, orderer } from '../common/protos/index.ts';
import { unmarshalEnvelope } from '../common/protoutil/index.ts';
import type { Clock } from '../common/runtime/clock.ts';
import { FabricError, messageOf } from '../common/runtime/errors.ts';
import type { Logger } from '../common/runtime/log.ts';
import type { CallContext, RemoteParty } from '../common/wire/service.ts';
import { classifyError } from './errors.ts';
import type { Metrics } from './metrics.ts';
import type { BroadcastTarget, Registrar } from './multichannel/registrar.ts';
import type { OrdererTracer } from './orderer-tracer.ts';
import type { StreamLimiter } from './stream-limiter.ts';

export interface BroadcastComponents {
  readonly registrar: Pick<Registrar, 'broadcastChannelSupport'>;
  readonly limiter: StreamLimiter;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly tracer: OrdererTracer;
}

export interface BroadcastResult {
  readonly status: common.Status;
  readonly info: string;
}

const { SUCCESS, BAD_REQUEST } = common.Status;

export class BroadcastHandler {
  readonly #components: BroadcastComponents;

  constructor(components: BroadcastComponents) {
    this.#components = components;
  }

  /** The stream handler. The next envelope is read only after the answer to the last one was taken. */
  async *handle(
    requests: AsyncIterable<Uint8Array>,
    { remote }: Pick<CallContext, 'remote'>,
  ): AsyncIterable<Uint8Array> {
    const release = this.#components.limiter.acquire(remote);
    try {
      for await (const request of requests) {
        const result = await this.processMessage(request, remote);
        yield orderer.BroadcastResponse.encode(result).finish();
        if (result.status !== SUCCESS) return;
      }
    } finally {
      release();
    }
  }

  /** Checks one serialized envelope and has it ordered. Never rejects. */
  async processMessage(request: Uint8Array, remote: RemoteParty): Promise<BroadcastResult> {
    const { clock, metrics, tracer } = this.#components;
    const startedAt = clock.now();
    const { target, result } = await this.#process(request, remote);
    const channel = target?.support.channelId ?? '';
    const type = target ? headerTypeName(target.channelHeader.type) : '';
    const status = common.Status[result.status] ?? '';
    metrics.add('broadcast_processed_count', { channel, type, status });
    if (target && result.status === SUCCESS) {
      tracer.ordered(target.channelHeader, remote, startedAt);
    } else {
      const data = { channel, status, remote: remote.address, info: result.info };
      this.#components.log.warn('rejected broadcast message', data);
    }
    return result;
  }

  async #process(
    request: Uint8Array,
    remote: RemoteParty,
  ): Promise<{ target?: BroadcastTarget; result: BroadcastResult }> {
    let message: common.Envelope;
    let target: BroadcastTarget;
    try {
      // No more than these two: unknown fields would be stored without counting for any limit.
      const { payload, signature } = unmarshalEnvelope(request);
      message = { payload, signature };
      target = this.#components.registrar.broadcastChannelSupport(message);
    } catch (error) {
      // Unknown channels too, where ClassifyError alone would say NOT_FOUND.
      const status = error instanceof FabricError ? BAD_REQUEST : classifyError(error);
      return { result: this.#refusal(status, error, remote) };
    }
    try {
      await this.#order(message, target);
      return { target, result: { status: SUCCESS, info: '' } };
    } catch (error) {
      return { target, result: this.#refusal(classifyError(error), error, remote) };
    }
  }

  async #order(
    message: common.Envelope,
    { support, classification, channelHeader }: BroadcastTarget,
  ): Promise<void> {
    const { clock, metrics } = this.#components;
    const labels = { channel: support.channelId, type: headerTypeName(channelHeader.type) };
    const validatingAt = clock.now();
    const checked =
      classification === 'config-update'
        ? await support.processConfigUpdateMsg(message)
        : await support.processNormalMsg(message);
    const enqueuingAt = clock.now();
    metrics.observe('broadcast_validate_duration', labels, enqueuingAt - validatingAt);
    await support.waitReady();
    if (typeof checked === 'number') await support.order(message, checked);
    else await support.configure(checked.config, checked.configSeq);
    metrics.observe('broadcast_enqueue_duration', labels, clock.now() - enqueuingAt);
  }

  #refusal(status: common.Status, error: unknown, remote: RemoteParty): BroadcastResult {
    if (error instanceof FabricError) return { status, info: error.message };
    // A defect of ours: its text is for the log, not for strangers.
    this.#components.log.error(`broadcast failed: ${messageOf(error)}`, {
      error,
      remote: remote.address,
    });
    return { status, info: 'internal error' };
  }
}

// A label of a metric: remotes choose the number, so what has no name is one.
function headerTypeName(type: number): string {
  return common.HeaderType[type] ?? 'UNKNOWN';
}
