// SPDX-License-Identifier: Apache-2.0
// The way of blocks into the ledger of one channel: pushed by neighbours, pulled by the leader, fetched to fill holes or to catch up
// (GossipStateProvider of Fabric's gossip/state/state.go, and core/deliverservice).

import type { GossipSettings } from '../../../common/network/types.ts';
import { gossip } from '../../../common/protos/index.ts';
import { toNumber } from '../../../common/protoutil/index.ts';
import { equalBytes } from '../../../common/runtime/bytes.ts';
import type { Clock } from '../../../common/runtime/clock.ts';
import { raceAbort } from '../../../common/runtime/deadline.ts';
import { messageOf } from '../../../common/runtime/errors.ts';
import type { Logger } from '../../../common/runtime/log.ts';
import type { TraceBus } from '../../../common/runtime/trace.ts';
import { TypedEventTarget } from '../../../common/runtime/typed-events.ts';
import type { Binding } from '../../comm/bindings.ts';
import type { BlocksRequester } from '../../deliverclient/blocks-requester.ts';
import { DeliverClient, type DeliverClientOptions } from '../../deliverclient/deliver-client.ts';
import { noopSign, openEnvelope, type ReceivedMessage } from '../message.ts';
import { MAX_PUSH_BYTES, type Pubsub, type Verdict } from '../pubsub.ts';
import type { MayHear } from '../topic-guard.ts';
import { AntiEntropy, type BlockHolder } from './anti-entropy.ts';
import { BlockIntake, type BlockIntakeEvents } from './block-intake.ts';
import { runCommitLoop } from './commit-loop.ts';
import { PayloadsBuffer } from './payloads-buffer.ts';

/** The ledger of the channel, wherever it is. */
export interface GossipLedger {
  /** Number of the next block that it needs. */
  height(): number;
  /** Serialized block; undefined beyond the height. */
  block(seqNum: number): Promise<Uint8Array | undefined>;
  /** Rejects unless these are the bytes of block `seqNum` of the channel, signed by its orderers. */
  verifyBlock(seqNum: number, block: Uint8Array): Promise<void>;
  /** Validates and commits the next block; resolves when `height` counts it. May take the bytes away. */
  commit(block: Uint8Array): Promise<void>;
}

export interface GossipStateComponents {
  /** The channel's name, and in bytes. */
  readonly channel: string;
  readonly channelBytes: Uint8Array;
  /** Name of this peer. */
  readonly peer: string;
  /** The blocks topic of this peer's organisation. */
  readonly topic: string;
  readonly pubsub: Pubsub;
  readonly mayHear: MayHear;
  readonly ledger: GossipLedger;
  readonly requester: BlocksRequester;
  readonly holders: () => readonly BlockHolder[];
  readonly maxHeight: () => number;
  readonly claims: () => (ordererHeight: number) => void;
  /** Whether some member of the organisation may still need block `seqNum`. */
  readonly isNeeded: (seqNum: number) => boolean;
  /** The leader cannot reach the orderer. */
  readonly giveUp: () => void;
  /** Of whole blocks, for which the platform's is ten times faster than JavaScript's. */
  readonly sha256: (bytes: Uint8Array) => Promise<Uint8Array>;
  readonly clock: Clock;
  readonly random: () => number;
  readonly trace: Pick<TraceBus, 'emit'>;
  readonly log: Logger;
}

export interface GossipStateEvents extends BlockIntakeEvents {
  /** A block is in the ledger. */
  'height:changed': { readonly height: number };
  'commit:failed': { readonly error: unknown };
}

export class GossipState {
  readonly events = new TypedEventTarget<GossipStateEvents>();
  readonly #components: GossipStateComponents;
  readonly #settings: GossipSettings['state'];
  readonly #deliverOptions: Partial<DeliverClientOptions>;
  #committed = 0;
  #parts:
    | {
        buffer: PayloadsBuffer;
        intake: BlockIntake;
        antiEntropy: AntiEntropy;
        deliver: DeliverClient;
        stop: AbortController;
      }
    | undefined;

  constructor(
    components: GossipStateComponents,
    settings: GossipSettings['state'],
    deliver: Partial<DeliverClientOptions> = {},
  ) {
    this.#components = components;
    this.#settings = settings;
    this.#deliverOptions = deliver;
  }

  start(): void {
    if (this.#parts) return;
    const { ledger, pubsub, mayHear, topic, giveUp, requester } = this.#components;
    const buffer = new PayloadsBuffer(this.height, this.#settings.blockBufferSize);
    const { verifyBlock } = ledger;
    const intake = new BlockIntake({
      ...this.#components,
      buffer,
      verifyBlock: verifyBlock.bind(ledger),
    });
    const antiEntropy = new AntiEntropy(
      { ...this.#components, channel: this.#components.channelBytes, buffer, intake },
      this.#settings,
    );
    const stop = new AbortController();
    const { signal } = stop;
    const deliver = new DeliverClient(
      {
        ...this.#components,
        requester,
        height: () => buffer.next,
        giveUp,
        receive: ({ seqNum, block }) => this.#delivered(seqNum, block, signal),
      },
      this.#deliverOptions,
    );
    this.#parts = { buffer, intake, antiEntropy, deliver, stop };
    intake.events.on('block:received', (detail) => this.events.emit('block:received', detail));
    intake.events.on('gap:seen', () => antiEntropy.poke());
    pubsub.subscribe(topic, (data, from) => this.#pushed(intake, data, from), mayHear);
    antiEntropy.start();
    void runCommitLoop(
      {
        ...this.#components,
        buffer,
        height: () => this.height,
        commit: (block, seqNum) => this.#commit(block, seqNum),
      },
      (error) => this.events.emit('commit:failed', { error }),
      { signal },
    );
  }

  stop(): void {
    if (!this.#parts) return;
    const { antiEntropy, deliver, stop } = this.#parts;
    this.#parts = undefined;
    deliver.stop();
    antiEntropy.stop();
    this.#components.pubsub.unsubscribe(this.#components.topic);
    stop.abort(new Error('gossip stops'));
  }

  /** Number of the next block that the ledger needs. A ledger in another thread may tell its height later than the end of its commit. */
  get height(): number {
    return Math.max(this.#committed, this.#components.ledger.height());
  }

  /** Numbers of blocks held back because an earlier one is missing. */
  buffered(): number[] {
    return this.#parts?.buffer.heldNumbers() ?? [];
  }

  /** The orderer can be reached again: a leader pulls at once. */
  ordererBack(): void {
    this.#parts?.deliver.retryNow();
  }

  /** The leader pulls; others do not. */
  lead(isLeader: boolean): void {
    if (isLeader) this.#parts?.deliver.start();
    else this.#parts?.deliver.stop();
  }

  /** Somebody says to be higher: find out soon whether blocks are missing. */
  checkSoon(): void {
    this.#parts?.antiEntropy.poke();
  }

  /**
   * Pulls from the orderer what it has at this moment, leader or not, and resolves when that is in the ledger. Rejects with DeliverError or
   * ServiceError when the orderer cannot be asked, and with the committer's error when a block is not committed.
   */
  async catchUp(
    onProgress: (done: number, total: number) => void,
    options: { signal: AbortSignal },
  ): Promise<void> {
    const parts = this.#parts;
    if (!parts) return;
    const { requester } = this.#components;
    const first = this.height;
    const tip = await requester.newest(options);
    const total = tip + 1 - first;
    const reached = this.#reach(
      tip + 1,
      (height) => onProgress(Math.max(0, height - first), total),
      options,
    );
    reached.catch(() => {});
    for await (const { seqNum, block } of requester.upToNewest(parts.buffer.next, options)) {
      await raceAbort(
        parts.intake.fetched({ seqNum, block, source: 'catch-up', from: 'orderer' }, options),
        options.signal,
      );
    }
    await reached;
  }

  #reach(
    target: number,
    onHeight: (height: number) => void,
    { signal }: { signal: AbortSignal },
  ): Promise<void> {
    return new Promise((resolve, reject) => {
      const done = new AbortController();
      const finish = (settle: () => void): void => {
        done.abort();
        settle();
      };
      if (this.height >= target) return resolve();
      if (signal.aborted) return reject(signal.reason);
      signal.addEventListener('abort', () => finish(() => reject(signal.reason)), {
        signal: done.signal,
      });
      this.events.on(
        'height:changed',
        ({ height }) => {
          onHeight(height);
          if (height >= target) finish(resolve);
        },
        { signal: done.signal },
      );
      this.events.on('commit:failed', ({ error }) => finish(() => reject(error)), {
        signal: done.signal,
      });
    });
  }

  async #commit(block: Uint8Array, seqNum: number): Promise<void> {
    await this.#components.ledger.commit(block);
    this.#committed = seqNum + 1;
    this.events.emit('height:changed', { height: this.height });
  }

  // As the leader: keep it, and pass it to the organisation.
  async #delivered(seqNum: number, block: Uint8Array, signal: AbortSignal): Promise<void> {
    const payload = { seqNum, block, source: 'deliver', from: 'orderer' } as const;
    await this.#parts?.intake.fetched(payload, { signal }, () => this.#push(seqNum, block));
  }

  #push(seqNum: number, data: Uint8Array): void {
    const { isNeeded, channelBytes, channel, peer, pubsub, topic, clock, trace, log } =
      this.#components;
    if (data.length > MAX_PUSH_BYTES || !isNeeded(seqNum)) return;
    const data_msg = { payload: { seq_num: seqNum, data } };
    const envelope = noopSign({
      channel: channelBytes,
      tag: gossip.GossipMessage.Tag.CHAN_AND_ORG,
      data_msg,
    });
    pubsub.publish(topic, envelope).then(
      (to) =>
        trace.emit({
          at: clock.now(),
          peer,
          stage: 'gossip',
          channel,
          block: seqNum,
          data: { sent: to },
        }),
      (error) => log.warn(`block ${seqNum} was not pushed`, { reason: messageOf(error) }),
    );
  }

  async #pushed(intake: BlockIntake, data: Uint8Array, from: Binding): Promise<Verdict> {
    let received: ReceivedMessage;
    let seqNum: number;
    try {
      received = openEnvelope(data, MAX_PUSH_BYTES + 1024);
      seqNum = toNumber(received.message.data_msg?.payload?.seq_num);
    } catch {
      return 'reject';
    }
    const { channel, tag, data_msg } = received.message;
    if (!data_msg?.payload || tag !== gossip.GossipMessage.Tag.CHAN_AND_ORG) return 'reject';
    if (!equalBytes(channel, this.#components.channelBytes)) return 'reject';
    return intake.pushed({ seqNum, block: data_msg.payload.data, source: 'push', from: from.name });
  }
}
