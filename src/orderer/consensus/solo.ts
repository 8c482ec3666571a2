// SPDX-License-Identifier: Apache-2.0
// One orderer, no replication (orderer/consensus/solo/consensus.go @ v2.2 and v2.5; gone in v3). One loop per channel
// takes messages and the batch timer one after another:
//
//   normal message   re-check it when the configuration moved on; cutter; a block for each batch;
//                    start the timer when something waits and none runs, clear it when nothing waits
//   config message   re-check it when the configuration moved on; a block of what waits; a block of its own; clear the timer
//   timer            a block of what waits
//
// Two differences. Fabric's loop crashes the process when a block cannot be stored; here the chain stops and says so
// through `errored`. Fabric drops what was taken and not yet cut when it halts; here an orderly halt writes it first.
// A crash loses it in both: Broadcast's SUCCESS means "taken", only a delivered block means "committed".
import type { common } from '../../common/protos/index.ts';
import { EMPTY_BYTES } from '../../common/runtime/bytes.ts';
import type { Clock } from '../../common/runtime/clock.ts';
import { FabricError, messageOf } from '../../common/runtime/errors.ts';
import type { Logger } from '../../common/runtime/log.ts';
import { OrdererError } from '../errors.ts';
import type { Chain, Consenter, ConsenterSupport } from './consenter.ts';
import { MessageQueue } from './message-queue.ts';

export interface SoloComponents {
  readonly clock: Clock;
  readonly log: Logger;
}

export interface SoloOptions {
  /** Messages of one channel that may wait for the loop before `order` itself waits. */
  readonly queueLength: number;
}

export const DEFAULT_SOLO_OPTIONS: SoloOptions = Object.freeze({ queueLength: 256 });

interface Message {
  readonly envelope: common.Envelope;
  readonly configSeq: number;
  readonly isConfig: boolean;
}

/** Makes solo chains. */
export class SoloConsenter implements Consenter {
  readonly #components: SoloComponents;
  readonly #options: SoloOptions;

  constructor(components: SoloComponents, options: Partial<SoloOptions> = {}) {
    this.#components = components;
    this.#options = { ...DEFAULT_SOLO_OPTIONS, ...options };
  }

  handleChain(support: ConsenterSupport): Chain {
    return new SoloChain(support, this.#components, this.#options);
  }
}

class SoloChain implements Chain {
  readonly #support: ConsenterSupport;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #queue: MessageQueue<Message>;
  readonly #errored = new AbortController();
  #main: Promise<void> | undefined;
  #halting = false;
  #wake: (() => void) | undefined;
  #timer: { due: boolean; cancel: () => void } | undefined;
  #writing: Promise<void> = Promise.resolve();

  constructor(support: ConsenterSupport, { clock, log }: SoloComponents, options: SoloOptions) {
    this.#support = support;
    this.#clock = clock;
    this.#log = log.child(support.channelId);
    this.#queue = new MessageQueue(options.queueLength, () => this.#wake?.());
  }

  order(envelope: common.Envelope, configSeq: number): Promise<void> {
    return this.#queue.put({ envelope, configSeq, isConfig: false });
  }

  configure(envelope: common.Envelope, configSeq: number): Promise<void> {
    return this.#queue.put({ envelope, configSeq, isConfig: true });
  }

  async waitReady(): Promise<void> {
    if (this.#errored.signal.aborted) throw this.#errored.signal.reason;
  }

  errored(): AbortSignal {
    return this.#errored.signal;
  }

  start(): void {
    this.#main ??= this.#run();
  }

  async halt(): Promise<void> {
    this.#halting = true;
    this.#queue.close();
    await this.#main;
    this.#errored.abort(new OrdererError('UNAVAILABLE', 'the chain was halted'));
  }

  async #run(): Promise<void> {
    try {
      await this.#loop();
      await this.#writeBatch(this.#support.blockCutter.cut());
      await this.#writing;
    } catch (cause) {
      this.#fail(cause);
    } finally {
      this.#clearTimer();
    }
  }

  async #loop(): Promise<void> {
    for (;;) {
      if (this.#errored.signal.aborted) throw this.#errored.signal.reason;
      if (this.#timer?.due) {
        this.#clearTimer();
        await this.#writeBatch(this.#support.blockCutter.cut());
        continue;
      }
      const message = this.#queue.take();
      if (message) await (message.isConfig ? this.#onConfig(message) : this.#onNormal(message));
      else if (this.#halting) return;
      else await this.#somethingToDo();
    }
  }

  async #onNormal({ envelope, configSeq }: Message): Promise<void> {
    const { blockCutter } = this.#support;
    if (configSeq < this.#support.sequence()) {
      const valid = await this.#recheck('normal', () => this.#support.processNormalMsg(envelope));
      if (valid === undefined) return;
    }
    const { batches, pending } = blockCutter.ordered(envelope);
    for (const batch of batches) await this.#writeBatch(batch);
    if (!pending) this.#clearTimer();
    else this.#startTimer();
  }

  async #onConfig({ envelope, configSeq }: Message): Promise<void> {
    let config: common.Envelope | undefined = envelope;
    if (configSeq < this.#support.sequence()) {
      const check = () => this.#support.processConfigMsg(envelope);
      config = (await this.#recheck('config', check))?.config;
      if (!config) return;
    }
    await this.#writeBatch(this.#support.blockCutter.cut());
    this.#clearTimer();
    await this.#writing;
    const block = this.#support.createNextBlock([config]);
    // The configuration was accepted against this very sequence; should it be refused all the same, losing the update
    // beats losing the channel.
    await this.#recheck('config', () => this.#support.writeConfigBlock(block, EMPTY_BYTES));
  }

  // At most one block is being signed and stored while the next is filled.
  async #writeBatch(batch: readonly common.Envelope[]): Promise<void> {
    if (batch.length === 0) return;
    await this.#writing;
    const block = this.#support.createNextBlock(batch);
    this.#writing = this.#support.writeBlock(block, EMPTY_BYTES);
    this.#writing.catch((cause) => this.#fail(cause));
  }

  // What was valid when it was taken may no longer be: then it is dropped, as nobody is waiting for an answer.
  async #recheck<T>(kind: string, check: () => Promise<T>): Promise<T | undefined> {
    try {
      return await check();
    } catch (error) {
      const refused = error instanceof FabricError && error.code !== 'UNAVAILABLE';
      if (!refused) throw error;
      this.#log.warn(`discarding bad ${kind} message: ${messageOf(error)}`, { code: error.code });
      return undefined;
    }
  }

  #startTimer(): void {
    if (this.#timer) return;
    const timer = { due: false, cancel: () => {} };
    const onDue = (): void => {
      timer.due = true;
      this.#wake?.();
    };
    timer.cancel = this.#clock.setTimer(onDue, this.#support.sharedConfig().batchTimeoutMs);
    this.#timer = timer;
  }

  #clearTimer(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  async #somethingToDo(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
    this.#wake = undefined;
  }

  #fail(cause: unknown): void {
    if (this.#errored.signal.aborted) return;
    const text = `channel ${this.#support.channelId} stopped: ${messageOf(cause)}; restart the orderer when the cause is gone`;
    const reason = new OrdererError('UNAVAILABLE', text, { cause });
    this.#log.error(text, { cause });
    this.#errored.abort(reason);
    this.#queue.close(reason);
  }
}
