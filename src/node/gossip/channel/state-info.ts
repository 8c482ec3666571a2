// SPDX-License-Identifier: Apache-2.0
// What members of a channel say of their ledgers: height and chaincodes (StateInfo of Fabric's gossip/gossip/channel/channel.go). Published when it
// changes and now and then anyway, in the rhythm of pace.ts; newcomers get all of them in one exchange (discovery/members-exchange.ts).
import { sha256 } from '@noble/hashes/sha2.js';
import {
  decodeSerializedIdentity,
  type MSPManager,
  pkiIdOf,
  type SigningIdentity,
} from '../../../common/msp/index.ts';
import { gossip } from '../../../common/protos/index.ts';
import { toNumber } from '../../../common/protoutil/index.ts';
import { concat, EMPTY_BYTES, equalBytes, toHex } from '../../../common/runtime/bytes.ts';
import type { Clock } from '../../../common/runtime/clock.ts';
import { messageOf } from '../../../common/runtime/errors.ts';
import type { Logger } from '../../../common/runtime/log.ts';
import { TypedEventTarget } from '../../../common/runtime/typed-events.ts';
import { compareTimes, type MemberTime, memberTime } from '../discovery/membership.ts';
import type { IdentityStore } from '../identity/identity-store.ts';
import { openEnvelope, type ReceivedMessage, signMessage } from '../message.ts';
import type { Pace } from '../pace.ts';
import { PeerClock } from '../peer-clock.ts';
import type { Pubsub, Verdict } from '../pubsub.ts';
import type { MayHear } from '../topic-guard.ts';
import { verifySender } from '../verify.ts';

export interface InstalledChaincode {
  readonly name: string;
  readonly version: string;
}

/** A member's ledger, as it says. */
export interface LedgerState {
  readonly height: number;
  /** Hex commit hash of the block below the height; empty when it is not told. */
  readonly commitHash: string;
  readonly chaincodes: readonly InstalledChaincode[];
  readonly time: MemberTime;
  readonly envelope: Uint8Array;
}

export interface StateInfoComponents {
  /** The channel's name in bytes. */
  readonly channel: Uint8Array;
  readonly pubsub: Pubsub;
  readonly mayHear: MayHear;
  readonly signer: SigningIdentity;
  readonly mspManager: () => MSPManager;
  readonly identities: Pick<IdentityStore, 'require'>;
  readonly pace: () => Pick<Pace, 'stateChangeMs' | 'stateRepeatMs'>;
  /** Told of every verified message's author. */
  readonly heardFrom: (pkiId: string) => void;
  readonly height: () => number;
  /** Commit hash of the block below a height of this peer's; empty when it is not known. */
  readonly commitHash: (height: number) => Uint8Array;
  readonly chaincodes: () => readonly InstalledChaincode[];
  readonly clock: Clock;
  /** Between 0 and 1. */
  readonly random: () => number;
  readonly log: Logger;
}

export interface StateInfoEvents {
  'state:changed': { readonly pkiId: string; readonly height: number };
}

const MAX_CHAINCODES = 200;
const MAX_HASH_BYTES = 64;
/** States kept; a channel of tabs has dozens. */
const MAX_STATES = 2_000;
const MAX_NAP_MS = 10_000;

export class StateInfoChannel {
  readonly events = new TypedEventTarget<StateInfoEvents>();
  readonly #components: StateInfoComponents;
  readonly #states = new Map<string, LedgerState>();
  readonly #id: string;
  #topics: ReadonlyMap<string, string> = new Map();
  #peerClock: PeerClock | undefined;
  #stop: AbortController | undefined;
  #published = { at: Number.NEGATIVE_INFINITY, text: '' };
  #own: Uint8Array | undefined;
  #due = false;

  constructor(components: StateInfoComponents) {
    this.#components = components;
    this.#id = toHex(pkiIdOf(components.signer.serialize()));
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

  /**
   * What members claim at this moment, to be held against the orderer's height as it is told afterwards: nobody can have had more blocks than the
   * orderer has now, so who claimed more is believed that height, until its next message. Its commit hash is of another block, and is forgotten.
   */
  claims(): (ordererHeight: number) => void {
    const claimed = [...this.#states];
    return (ordererHeight) => {
      for (const [pkiId, state] of claimed) {
        if (state.height <= ordererHeight || this.#states.get(pkiId) !== state) continue;
        this.#states.set(pkiId, { ...state, height: ordererHeight, commitHash: '' });
        this.events.emit('state:changed', { pkiId, height: ordererHeight });
      }
    };
  }

  /** PKI-IDs (hex) of those who are on the channel. */
  members(): string[] {
    return [...this.#states.keys()];
  }

  /** This peer's newest message, once there was one. */
  get own(): Uint8Array | undefined {
    return this.#own;
  }

  /** Newest messages of all members, and this peer's. */
  snapshot(): Uint8Array[] {
    return [
      ...(this.#own ? [this.#own] : []),
      ...[...this.#states.values()].map((state) => state.envelope),
    ];
  }

  /** @param topics state-info topic by MSP id. */
  async start(topics: ReadonlyMap<string, string>): Promise<void> {
    if (this.#stop) return;
    this.#stop = new AbortController();
    this.#peerClock = new PeerClock(this.#components.clock.now());
    const { signal } = this.#stop;
    this.setTopics(topics);
    await this.#publish(true);
    void this.#repeat(signal);
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
    const { pubsub, mayHear } = this.#components;
    for (const [mspId, topic] of this.#topics) if (!topics.has(mspId)) pubsub.unsubscribe(topic);
    for (const [mspId, topic] of topics) {
      if (!this.#topics.has(mspId))
        pubsub.subscribe(topic, (data, from) => this.receive(data, mspId, from.peerId), mayHear);
    }
    this.#topics = topics;
  }

  forget(pkiId: string): void {
    this.#states.delete(pkiId);
  }

  /** Height or chaincodes changed: publishes now, or when the interval is over. */
  changed(): void {
    if (this.#due || !this.#stop) return;
    const { clock, pace } = this.#components;
    const wait = Math.max(0, this.#published.at + pace().stateChangeMs - clock.now());
    this.#due = true;
    clock.setTimer(() => {
      this.#due = false;
      void this.#publish(false);
    }, wait);
  }

  /** Takes in messages that somebody handed over, whichever organisation they are of; bad ones are skipped. */
  async introduce(envelopes: readonly Uint8Array[], from: string): Promise<void> {
    const { identities, log } = this.#components;
    for (const envelope of envelopes) {
      try {
        const pkiId = openEnvelope(envelope).message.state_info?.pki_id ?? EMPTY_BYTES;
        const { mspid } = decodeSerializedIdentity(await identities.require(pkiId, from));
        if (this.#topics.has(mspid)) await this.receive(envelope, mspid, from);
      } catch (error) {
        log.debug('state-info skipped', { reason: messageOf(error) });
      }
    }
  }

  /** Judges a message and takes it in. @param from peer id of the neighbour that passed it on. */
  async receive(data: Uint8Array, mspId: string, from: string): Promise<Verdict> {
    const { channel, identities, mspManager, heardFrom, log } = this.#components;
    let received: ReceivedMessage;
    try {
      received = openEnvelope(data);
    } catch {
      return 'reject';
    }
    const { state_info, tag } = received.message;
    if (!state_info?.properties || tag !== gossip.GossipMessage.Tag.CHAN_OR_ORG) return 'reject';
    const { pki_id, channel_MAC, properties } = state_info;
    if (!equalBytes(channel_MAC, channelMac(pki_id, channel))) return 'reject';
    const id = toHex(pki_id);
    const time = memberTime(state_info.timestamp);
    if (id === this.#id || !this.#isNews(id, time)) return 'ignore';
    let identity: Uint8Array;
    try {
      identity = await identities.require(pki_id, from);
    } catch {
      return 'ignore';
    }
    try {
      await verifySender([mspManager()], received, { identity, pkiId: pki_id, mspId });
    } catch (error) {
      log.debug('state-info refused', { id, reason: messageOf(error) });
      return 'reject';
    }
    if (!this.#isNews(id, time)) return 'ignore';
    heardFrom(id);
    this.#take(id, properties, time, data);
    return 'accept';
  }

  #isNews(id: string, time: MemberTime): boolean {
    const known = this.#states.get(id);
    return known ? compareTimes(time, known.time) > 0 : this.#states.size < MAX_STATES;
  }

  #take(id: string, properties: gossip.Properties, time: MemberTime, envelope: Uint8Array): void {
    if (properties.left_channel) this.#states.delete(id);
    else {
      const chaincodes = properties.chaincodes
        .slice(0, MAX_CHAINCODES)
        .map(({ name, version }) => ({ name, version }));
      this.#states.set(id, {
        height: toNumber(properties.ledger_height),
        commitHash: toHex(properties.commit_hash.subarray(0, MAX_HASH_BYTES)),
        chaincodes,
        time,
        envelope,
      });
    }
    this.events.emit('state:changed', { pkiId: id, height: this.#states.get(id)?.height ?? 0 });
  }

  async #repeat(signal: AbortSignal): Promise<void> {
    const { clock, pace, random } = this.#components;
    while (!signal.aborted) {
      // Not all at the same moment, and not for the whole of an interval that has become shorter.
      const jitter = 0.9 + 0.2 * random();
      const due = (): number => this.#published.at + pace().stateRepeatMs * jitter;
      while (!signal.aborted && clock.now() < due())
        await clock.sleep(Math.min(due() - clock.now(), MAX_NAP_MS), { signal }).catch(() => {});
      if (!signal.aborted) await this.#publish(true);
    }
  }

  async #publish(anyway: boolean): Promise<void> {
    const { signer, channel, height, commitHash, chaincodes, clock, pubsub, log } =
      this.#components;
    const topic = this.#topics.get(signer.mspId);
    const ledger_height = height();
    const properties = {
      ledger_height,
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
        properties: { ...properties, commit_hash: commitHash(ledger_height) },
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

/** Tells members of the channel that its sender is one of them, and others nothing. */
export function channelMac(pkiId: Uint8Array, channel: Uint8Array): Uint8Array {
  return sha256(concat(pkiId, channel));
}
