// SPDX-License-Identifier: Apache-2.0
// The orderer's four stages of a transaction's life, as trace events: order, cut, write, deliver.
import type { common } from '../common/protos/index.ts';
import { channelHeaderFromEnvelope } from '../common/protoutil/index.ts';
import type { Clock } from '../common/runtime/clock.ts';
import type { TraceBus } from '../common/runtime/trace.ts';
import type { RemoteParty } from '../common/wire/service.ts';

export interface OrdererTracerComponents {
  readonly clock: Clock;
  /** Without a bus nothing is traced, nor any header decoded for it. */
  readonly trace?: TraceBus | undefined;
}

export class OrdererTracer {
  readonly #clock: Clock;
  readonly #trace: TraceBus | undefined;
  readonly #name: string;
  // Blocks that were cut and are not written yet: at most one or two a channel.
  readonly #cutAt = new Map<string, { at: number; txIds: readonly string[] }>();

  /** @param name what the orderer is called in events. */
  constructor({ clock, trace }: OrdererTracerComponents, name: string) {
    this.#clock = clock;
    this.#trace = trace;
    this.#name = name;
  }

  /** A message was accepted for ordering. */
  ordered(header: common.ChannelHeader, from: RemoteParty, startedAt: number): void {
    if (!this.#trace) return;
    const at = this.#clock.now();
    this.#trace.emit({
      at,
      peer: this.#name,
      stage: 'order',
      channel: header.channel_id,
      ...(header.tx_id ? { txId: header.tx_id } : {}),
      from: from.address,
      ms: at - startedAt,
    });
  }

  /** A block was made of waiting messages. */
  cut(channel: string, block: number, batch: readonly common.Envelope[]): void {
    if (!this.#trace) return;
    const at = this.#clock.now();
    const txIds = batch.map(txIdOf);
    this.#cutAt.set(`${channel} ${block}`, { at, txIds });
    this.#trace.emit({ at, peer: this.#name, stage: 'cut', channel, block, data: { txIds } });
  }

  /** A block is durable. */
  written(channel: string, block: number, count: number): void {
    if (!this.#trace) return;
    const key = `${channel} ${block}`;
    const at = this.#clock.now();
    const cut = this.#cutAt.get(key);
    this.#cutAt.delete(key);
    this.#trace.emit({
      at,
      peer: this.#name,
      stage: 'write',
      channel,
      block,
      ...(cut ? { ms: at - cut.at } : {}),
      data: { count, txIds: cut?.txIds ?? [] },
    });
  }

  /** A block was handed to the stream of one reader. */
  delivered(channel: string, block: number, to: RemoteParty): void {
    this.#trace?.emit({
      at: this.#clock.now(),
      peer: this.#name,
      stage: 'deliver',
      channel,
      block,
      data: { to: to.address, ...(to.mspId ? { mspId: to.mspId } : {}) },
    });
  }
}

// Config messages have none.
function txIdOf(envelope: common.Envelope): string {
  try {
    return channelHeaderFromEnvelope(envelope).tx_id;
  } catch {
    return '';
  }
}
