// SPDX-License-Identifier: Apache-2.0
// Every way into the payloads buffer leads through here: blocks pushed by neighbours, delivered by the orderer, fetched from peers. Each is
// verified before it is kept or passed on (the validators of Fabric's gossip/gossip/channel and gossip/state/state.go addPayload).
import { equalBytes } from '../../../common/runtime/bytes.ts';
import type { Clock } from '../../../common/runtime/clock.ts';
import type { TraceBus } from '../../../common/runtime/trace.ts';
import { TypedEventTarget } from '../../../common/runtime/typed-events.ts';
import type { Verdict } from '../pubsub.ts';
import type { BlockSource, PayloadsBuffer } from './payloads-buffer.ts';

export interface BlockIntakeComponents {
  readonly channel: string;
  /** Name of this peer, for traces. */
  readonly peer: string;
  readonly buffer: PayloadsBuffer;
  /** Rejects unless these are the bytes of block `seqNum` of the channel, signed by its orderers. */
  readonly verifyBlock: (seqNum: number, block: Uint8Array) => Promise<void>;
  /** The platform's: a block can be megabytes, and this runs on the page's thread. */
  readonly sha256: (bytes: Uint8Array) => Promise<Uint8Array>;
  readonly clock: Clock;
  readonly trace: Pick<TraceBus, 'emit'>;
}

export interface ReceivedPayload {
  readonly seqNum: number;
  readonly block: Uint8Array;
  readonly source: BlockSource;
  /** Name of the neighbour it came from; `orderer`. */
  readonly from: string;
}

export interface BlockIntakeEvents {
  /** A verified block was put into the buffer. */
  'block:received': Omit<ReceivedPayload, 'block'> & { readonly bytes: number };
  /** Verified, but too far ahead to be kept, or an earlier one is missing. */
  'gap:seen': { readonly seqNum: number };
}

/** Hashes kept of the newest verified blocks, to know their copies by. */
const REMEMBERED = 32;

export class BlockIntake {
  readonly events = new TypedEventTarget<BlockIntakeEvents>();
  readonly #components: BlockIntakeComponents;
  readonly #verified = new Map<number, Uint8Array>();
  readonly #verifying = new Set<number>();

  constructor(components: BlockIntakeComponents) {
    this.#components = components;
  }

  /** A block pushed by a neighbour. Copies of verified ones are passed on for those behind us. */
  async pushed(payload: ReceivedPayload): Promise<Verdict> {
    const { buffer } = this.#components;
    const { seqNum, block } = payload;
    const known = this.#verified.get(seqNum);
    if (known) return equalBytes(known, await this.#components.sha256(block)) ? 'accept' : 'ignore';
    // One at a time for each number: while one is being verified, others would only cost.
    if (seqNum < buffer.next || this.#verifying.has(seqNum)) return 'ignore';
    this.#verifying.add(seqNum);
    try {
      await this.#verify(payload);
    } catch {
      // Ahead of us there may be a configuration that we do not have yet.
      return seqNum > buffer.next ? 'ignore' : 'reject';
    } finally {
      this.#verifying.delete(seqNum);
    }
    if (buffer.push({ ...payload, at: this.#components.clock.now() }) === 'added')
      this.#received(payload);
    if (seqNum > buffer.next) this.events.emit('gap:seen', { seqNum });
    return 'accept';
  }

  /**
   * A block from a source that can be held back; resolves when it was verified and there was room. `verified` is called between the two, unless the
   * block is here already. Rejects when it is not good.
   */
  async fetched(
    payload: ReceivedPayload,
    options: { signal: AbortSignal },
    verified?: () => void,
  ): Promise<void> {
    const { buffer, clock } = this.#components;
    if (payload.seqNum < buffer.next || buffer.has(payload.seqNum)) return;
    await this.#verify(payload);
    verified?.();
    const entry = { ...payload, at: clock.now() };
    if ((await buffer.pushBlocking(entry, options)) === 'added') this.#received(payload);
  }

  async #verify({ seqNum, block }: ReceivedPayload): Promise<void> {
    // The bytes may be handed to another thread; hashed first.
    const hash = await this.#components.sha256(block);
    await this.#components.verifyBlock(seqNum, block);
    this.#verified.set(seqNum, hash);
    if (this.#verified.size > REMEMBERED) this.#verified.delete(Math.min(...this.#verified.keys()));
  }

  #received({ seqNum, source, from, block }: ReceivedPayload): void {
    const { channel, peer, clock, trace, buffer } = this.#components;
    const about = { at: clock.now(), peer, channel, block: seqNum, from };
    const stage = source === 'deliver' || source === 'catch-up' ? 'deliver' : 'gossip';
    trace.emit({ ...about, stage, data: { source, bytes: block.length } });
    if (!buffer.ready)
      trace.emit({ ...about, stage: 'buffer', data: { held: true, next: buffer.next } });
    this.events.emit('block:received', { seqNum, source, from, bytes: block.length });
  }
}
