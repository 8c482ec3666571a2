// SPDX-License-Identifier: Apache-2.0
// What members say of their ledgers: height and chaincodes (StateInfo of Fabric's gossip/gossip/channel/channel.go). Published when it changes, at most
// once an interval, and now and then anyway, in the place of Fabric's pull of state-info snapshots.
import { sha256 } from '@noble/hashes/sha2.js';
import { type MSPManager, pkiIdOf, type SigningIdentity } from '../../../common/msp/index.ts';
import { gossip } from '../../../common/protos/index.ts';
import { toNumber } from '../../../common/protoutil/index.ts';
import { concat, equalBytes, toHex } from '../../../common/runtime/bytes.ts';
import type { Clock } from '../../../common/runtime/clock.ts';
import { messageOf } from '../../../common/runtime/errors.ts';
import type { Logger } from '../../../common/runtime/log.ts';
import { TypedEventTarget } from '../../../common/runtime/typed-events.ts';
import { compareTimes, type MemberTime, memberTime } from '../discovery/membership.ts';
import { openEnvelope, type ReceivedMessage, signMessage } from '../message.ts';
import { PeerClock } from '../peer-clock.ts';
import type { Pubsub, Verdict } from '../pubsub.ts';
import { verifySender } from '../verify.ts';

export interface InstalledChaincode {
  readonly name: string;
  readonly version: string;
}

/** A member's ledger, as it says. */
export interface LedgerState {
  readonly height: number;
  readonly chaincodes: readonly InstalledChaincode[];
  readonly time: MemberTime;
  readonly envelope: Uint8Array;
}

export interface StateInfoComponents {
  /** The channel's name in bytes. */
  readonly channel: Uint8Array;
  readonly pubsub: Pubsub;
  readonly signer: SigningIdentity;
  readonly mspManager: () => MSPManager;
  /** A known member by hex PKI-ID: only these are listened to. */
  readonly member: (
    pkiId: string,
  ) => { readonly identity: Uint8Array; readonly mspId: string } | undefined;
  readonly height: () => number;
  readonly chaincodes: () => readonly InstalledChaincode[];
  readonly clock: Clock;
  readonly log: Logger;
}

export interface StateInfoOptions {
  readonly publishStateInfoIntervalMs: number;
}

export interface StateInfoEvents {
  'state:changed': { readonly pkiId: string; readonly height: number };
}

/** Unchanged, it is repeated every so many intervals. */
const REPEAT_FACTOR = 5;
const MAX_CHAINCODES = 200;

export class StateInfoChannel {
  readonly events = new TypedEventTarget<StateInfoEvents>();
  readonly #components: StateInfoComponents;
  readonly #options: StateInfoOptions;
  readonly #states = new Map<string, LedgerState>();
  #topics: ReadonlyMap<string, string> = new Map();
  #peerClock: PeerClock | undefined;
  #stop: AbortController | undefined;
  #published = { at: Number.NEGATIVE_INFINITY, text: '' };
  #own: Uint8Array | undefined;
  #due = false;

  constructor(components: StateInfoComponents, options: StateInfoOptions) {
    this.#components = components;
    this.#options = options;
  }

  /** A member's newest state. */
  get(pkiId: string): LedgerState | undefined {
    return this.#states.get(pkiId);
  }

  /** The greatest height that any member claims. */
  maxHeight(): number {
    let max = 0;
    for (const { height } of this.#states.values()) max = Math.max(max, height);
    return max;
  }

  /** Newest messages of all members, and the own one. */
  snapshot(): Uint8Array[] {
    return [
      ...(this.#own ? [this.#own] : []),
      ...[...this.#states.values()].map((state) => state.envelope),
    ];
  }

  /** @param topics state-info topic by MSP id. */
  start(topics: ReadonlyMap<string, string>): void {
    if (this.#stop) return;
    this.#stop = new AbortController();
    this.#peerClock = new PeerClock(this.#components.clock.now());
    this.setTopics(topics);
    void this.#repeat(this.#stop.signal);
  }

  stop(): void {
    if (!this.#stop) return;
    this.#stop.abort();
    this.#stop = undefined;
    this.setTopics(new Map());
    this.#states.clear();
  }

  /** Follows the organisations of the channel as they are now. */
  setTopics(topics: ReadonlyMap<string, string>): void {
    const { pubsub } = this.#components;
    for (const [mspId, topic] of this.#topics) if (!topics.has(mspId)) pubsub.unsubscribe(topic);
    for (const [mspId, topic] of topics) {
      if (!this.#topics.has(mspId)) pubsub.subscribe(topic, (data) => this.receive(data, mspId));
    }
    this.#topics = topics;
  }

  forget(pkiId: string): void {
    this.#states.delete(pkiId);
  }

  /** Height or chaincodes changed: publishes now, or when the interval is over. */
  changed(): void {
    if (this.#due || !this.#stop) return;
    const { clock } = this.#components;
    const wait = Math.max(
      0,
      this.#published.at + this.#options.publishStateInfoIntervalMs - clock.now(),
    );
    this.#due = true;
    clock.setTimer(() => {
      this.#due = false;
      void this.#publish(false);
    }, wait);
  }

  /** Judges a message and takes it in. */
  async receive(data: Uint8Array, mspId: string): Promise<Verdict> {
    let received: ReceivedMessage;
    try {
      received = openEnvelope(data);
    } catch {
      return 'reject';
    }
    const { state_info, tag } = received.message;
    if (!state_info?.properties || tag !== gossip.GossipMessage.Tag.CHAN_OR_ORG) return 'reject';
    const { pki_id, channel_MAC, properties } = state_info;
    if (!equalBytes(channel_MAC, channelMac(pki_id, this.#components.channel))) return 'reject';
    const id = toHex(pki_id);
    const member = this.#components.member(id);
    const time = memberTime(state_info.timestamp);
    if (!member || !this.#isNews(id, time)) return 'ignore';
    try {
      await verifySender(this.#components.mspManager(), received, {
        identity: member.identity,
        pkiId: pki_id,
        mspId,
      });
    } catch (error) {
      this.#components.log.debug('state-info refused', { id, reason: messageOf(error) });
      return 'reject';
    }
    if (!this.#isNews(id, time)) return 'ignore';
    this.#take(id, properties, time, data);
    return 'accept';
  }

  #isNews(id: string, time: MemberTime): boolean {
    const known = this.#states.get(id);
    return !known || compareTimes(time, known.time) > 0;
  }

  #take(id: string, properties: gossip.Properties, time: MemberTime, envelope: Uint8Array): void {
    if (properties.left_channel) this.#states.delete(id);
    else {
      const chaincodes = properties.chaincodes
        .slice(0, MAX_CHAINCODES)
        .map(({ name, version }) => ({ name, version }));
      this.#states.set(id, {
        height: toNumber(properties.ledger_height),
        chaincodes,
        time,
        envelope,
      });
    }
    this.events.emit('state:changed', { pkiId: id, height: this.#states.get(id)?.height ?? 0 });
  }

  async #repeat(signal: AbortSignal): Promise<void> {
    const { clock } = this.#components;
    while (!signal.aborted) {
      await this.#publish(true);
      await clock
        .sleep(REPEAT_FACTOR * this.#options.publishStateInfoIntervalMs, { signal })
        .catch(() => {});
    }
  }

  async #publish(anyway: boolean): Promise<void> {
    const { signer, channel, height, chaincodes, clock, pubsub, log } = this.#components;
    const topic = this.#topics.get(signer.mspId);
    const properties = {
      ledger_height: height(),
      left_channel: false,
      chaincodes: [...chaincodes()],
    };
    const text = JSON.stringify(properties);
    if (
      !this.#stop ||
      !this.#peerClock ||
      topic === undefined ||
      (!anyway && text === this.#published.text)
    )
      return;
    this.#published = { at: clock.now(), text };
    try {
      const pki_id = pkiIdOf(signer.serialize());
      const state_info = {
        timestamp: this.#peerClock.next(),
        pki_id,
        channel_MAC: channelMac(pki_id, channel),
        properties,
      };
      this.#own = await signMessage(
        { tag: gossip.GossipMessage.Tag.CHAN_OR_ORG, state_info },
        signer,
      );
      await pubsub.publish(topic, this.#own);
    } catch (error) {
      log.debug('state-info not published', { reason: messageOf(error) });
    }
  }
}

// Tells members of the channel that its sender is one of them, and others nothing.
function channelMac(pkiId: Uint8Array, channel: Uint8Array): Uint8Array {
  return sha256(concat(pkiId, channel));
}
