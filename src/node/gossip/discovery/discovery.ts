// SPDX-License-Identifier: Apache-2.0
// Who is on the channel (Fabric's gossip/discovery/discovery_impl.go): signed alive messages on the alive topics of all its organisations.
//
// Where it differs:
// - an alive message always carries the sender's identity and addresses, so that nothing need be pulled before it is understood;
// - silence leads to a probe, and only a probe that is not answered makes a member dead: a hidden tab is slow, not gone;
// - a tab that closes says goodbye, with a message signed beforehand, since a closing page has no time to sign;
// - members are introduced by asking one that knows them (MEMBERS_METHOD), usually the relay, as Fabric asks bootstrap and anchor peers.
import type Long from 'long';
import {
  decodeSerializedIdentity,
  type MSPManager,
  pkiIdOf,
  type SigningIdentity,
} from '../../../common/msp/index.ts';
import { gossip } from '../../../common/protos/index.ts';
import { EMPTY_BYTES, toHex } from '../../../common/runtime/bytes.ts';
import type { Clock } from '../../../common/runtime/clock.ts';
import { FabricError, messageOf } from '../../../common/runtime/errors.ts';
import type { Logger } from '../../../common/runtime/log.ts';
import { TypedEventTarget } from '../../../common/runtime/typed-events.ts';
import { nameOfIdentity } from '../../comm/identity-check.ts';
import { GossipError, openEnvelope, signMessage } from '../message.ts';
import { PeerClock } from '../peer-clock.ts';
import type { Pubsub, Verdict } from '../pubsub.ts';
import { verifySender } from '../verify.ts';
import { type Member, Membership, memberTime } from './membership.ts';
import { decodeMetadata, encodeMetadata, type PeerMetadata } from './peer-metadata.ts';

/** What this tab says of itself, besides who it is. */
export type SelfDescription = Pick<
  PeerMetadata,
  'peerId' | 'addresses' | 'webrtc' | 'neighbours' | 'leader'
>;

export interface DiscoveryComponents {
  readonly pubsub: Pubsub;
  readonly mspManager: () => MSPManager;
  /** Resolves when the peer answers, directly or through the relay; rejects when it does not. */
  readonly probe: (member: Member, options: { signal: AbortSignal }) => Promise<void>;
  readonly clock: Clock;
  readonly log: Logger;
  /** Absent at the relay, which watches without being a member. */
  readonly self?: { readonly signer: SigningIdentity; readonly describe: () => SelfDescription };
}

export interface DiscoveryOptions {
  readonly aliveTimeIntervalMs: number;
  readonly aliveExpirationTimeoutMs: number;
}

export interface DiscoveryEvents {
  /** Somebody came, went, changed status or description. */
  'members:changed': Record<string, never>;
  'member:added': Member;
  /** Dead or gone. */
  'member:lost': Member;
  /** Another tab speaks with this identity. */
  'identity:conflict': { readonly pkiId: string };
}

/** Members are forgotten after so many expirations (Fabric's msgExpirationFactor). */
const EXPIRATION_FACTOR = 20;
/** Faster alive messages of one member are ignored; a goodbye never is. */
const MIN_INTERVAL_MS = 100;

export class Discovery {
  readonly events = new TypedEventTarget<DiscoveryEvents>();
  readonly #components: DiscoveryComponents;
  readonly #options: DiscoveryOptions;
  readonly #membership = new Membership();
  readonly #probing = new Set<string>();
  #topics: ReadonlyMap<string, string> = new Map();
  #stop: AbortController | undefined;
  #peerClock: PeerClock | undefined;
  #goodbye: Uint8Array | undefined;
  #lastAlive: Uint8Array | undefined;
  #hidden = false;
  #announced = Number.NEGATIVE_INFINITY;
  #checkedAt = 0;

  constructor(components: DiscoveryComponents, options: DiscoveryOptions) {
    this.#components = components;
    this.#options = options;
  }

  /** Members except this tab. */
  members(): readonly Member[] {
    return this.#membership.all();
  }

  /** Members that are not dead. */
  aliveMembers(): readonly Member[] {
    return this.members().filter((member) => member.status !== 'dead');
  }

  member(pkiIdHex: string): Member | undefined {
    return this.#membership.get(pkiIdHex);
  }

  byPeerId(peerId: string): Member | undefined {
    return this.#membership.byPeerId(peerId);
  }

  /** Own alive message, once there was one. */
  get lastAlive(): Uint8Array | undefined {
    return this.#lastAlive;
  }

  /** @param topics alive topic by MSP id. */
  async start(topics: ReadonlyMap<string, string>): Promise<void> {
    if (this.#stop) return;
    this.#stop = new AbortController();
    const { signal } = this.#stop;
    const { clock, self } = this.#components;
    this.setTopics(topics);
    this.#checkedAt = clock.now();
    void this.#every(Math.max(100, this.#options.aliveExpirationTimeoutMs / 10), signal, async () =>
      this.#check(signal),
    );
    if (!self) return;
    this.#peerClock = new PeerClock(clock.now());
    this.#goodbye = await this.#sign({ leaving: true });
    await this.announce();
    void this.#every(this.#options.aliveTimeIntervalMs, signal, () => this.announce());
  }

  /** Says goodbye when this tab is a member. */
  async stop(): Promise<void> {
    if (!this.#stop) return;
    await this.sayGoodbye().catch(() => {});
    this.#stop.abort();
    this.#stop = undefined;
    this.setTopics(new Map());
    this.#membership.clear();
  }

  /** Follows the organisations of the channel as they are now. */
  setTopics(topics: ReadonlyMap<string, string>): void {
    const { pubsub } = this.#components;
    for (const [mspId, topic] of this.#topics) if (!topics.has(mspId)) pubsub.unsubscribe(topic);
    for (const [mspId, topic] of topics) {
      if (!this.#topics.has(mspId)) pubsub.subscribe(topic, (data) => this.#receive(data, mspId));
    }
    this.#topics = topics;
  }

  /** Publishes an alive message now; at most one in MIN_INTERVAL_MS, others would be ignored. */
  async announce(): Promise<void> {
    const { self, pubsub, clock, log } = this.#components;
    if (!self || !this.#stop || clock.now() - this.#announced < MIN_INTERVAL_MS) return;
    this.#announced = clock.now();
    try {
      this.#lastAlive = await this.#sign({ leaving: false });
      await pubsub.publish(this.#ownTopic(self.signer.mspId), this.#lastAlive);
    } catch (error) {
      log.debug('alive message not published', { reason: messageOf(error) });
    }
  }

  /** The tab was hidden or shown again; others are told at once. */
  setHidden(hidden: boolean): void {
    if (this.#hidden === hidden) return;
    this.#hidden = hidden;
    void this.announce();
  }

  /** For `pagehide`: the message was signed when this started, so that it leaves while the page still runs. */
  async sayGoodbye(): Promise<void> {
    const { self, pubsub } = this.#components;
    if (self && this.#goodbye)
      await pubsub.publish(this.#ownTopic(self.signer.mspId), this.#goodbye);
  }

  /** Takes in alive messages that somebody who knows the members handed over; bad ones are skipped. */
  async introduce(envelopes: readonly Uint8Array[]): Promise<void> {
    for (const envelope of envelopes) {
      try {
        const { message } = openEnvelope(envelope);
        const { mspid } = decodeSerializedIdentity(message.alive_msg?.identity ?? EMPTY_BYTES);
        if (this.#topics.has(mspid)) await this.#receive(envelope, mspid);
      } catch (error) {
        this.#components.log.debug('introduction skipped', { reason: messageOf(error) });
      }
    }
  }

  /** Alive messages of the members that are not dead, and the own one. */
  introductions(): Uint8Array[] {
    return [
      ...(this.#lastAlive ? [this.#lastAlive] : []),
      ...this.aliveMembers().map((member) => member.envelope),
    ];
  }

  #ownTopic(mspId: string): string {
    const topic = this.#topics.get(mspId);
    if (topic === undefined)
      throw new GossipError('NOT_IN_CHANNEL', `${mspId} is not on this channel`);
    return topic;
  }

  async #sign({ leaving }: { leaving: boolean }): Promise<Uint8Array> {
    const { self } = this.#components;
    if (!self || !this.#peerClock)
      throw new FabricError('NOT_A_MEMBER', 'this node has no alive messages');
    const identity = self.signer.serialize();
    const metadata = encodeMetadata({ ...self.describe(), hidden: this.#hidden, leaving });
    const membership = { endpoint: nameOfIdentity(identity), metadata, pki_id: pkiIdOf(identity) };
    const timestamp = leaving ? this.#peerClock.last() : this.#peerClock.next();
    const alive_msg = { membership, timestamp, identity };
    return signMessage({ tag: gossip.GossipMessage.Tag.EMPTY, alive_msg }, self.signer);
  }

  async #receive(data: Uint8Array, mspId: string): Promise<Verdict> {
    const { mspManager, clock, self } = this.#components;
    let received: ReturnType<typeof openEnvelope>;
    try {
      received = openEnvelope(data);
    } catch {
      return 'reject';
    }
    const { alive_msg, tag } = received.message;
    const metadata = alive_msg?.membership && decodeMetadata(alive_msg.membership.metadata);
    if (!alive_msg?.membership || !metadata || tag !== gossip.GossipMessage.Tag.EMPTY)
      return 'reject';
    const pkiId = alive_msg.membership.pki_id;
    const id = toHex(pkiId);
    const time = memberTime(alive_msg.timestamp);
    if (self && id === toHex(pkiIdOf(self.signer.serialize())))
      return this.#ownMessage(id, time.incNum);
    const known = this.#membership.get(id);
    if (!this.#membership.isNews(id, time)) return 'ignore';
    const tooFast = known && !metadata.leaving && clock.now() - known.lastSeen < MIN_INTERVAL_MS;
    if (tooFast && known.metadata.hidden === metadata.hidden) return 'ignore';
    const { identity } = alive_msg;
    try {
      await verifySender(mspManager(), received, { identity, pkiId, mspId });
    } catch (error) {
      this.#components.log.debug('alive message refused', { id, reason: messageOf(error) });
      return 'reject';
    }
    // Another message of this member may have been taken in meanwhile.
    if (!this.#membership.isNews(id, time)) return 'ignore';
    // The name is that of the certificate; the endpoint is only a claim.
    const member = this.#membership.update(
      {
        pkiId,
        mspId,
        identity,
        endpoint: nameOfIdentity(identity),
        metadata,
        time,
        envelope: data,
      },
      clock.now(),
    );
    this.#changed(known, member);
    return 'accept';
  }

  // Somebody else's message with our identity, unless it is of an earlier start of this tab.
  #ownMessage(pkiId: string, incNum: Long): Verdict {
    if (this.#peerClock && incNum.gt(this.#peerClock.incNum))
      this.events.emit('identity:conflict', { pkiId });
    return 'ignore';
  }

  #changed(before: Member | undefined, after: Member | undefined): void {
    if (after && (!before || before.status === 'dead')) this.events.emit('member:added', after);
    if (before && !after && before.status !== 'dead') this.events.emit('member:lost', before);
    const same =
      before &&
      after &&
      before.status === after.status &&
      sameDescription(before.metadata, after.metadata);
    if (!same) this.events.emit('members:changed', {});
  }

  // Who was silent is probed; but after a sleep of this tab itself, everybody gets a new chance to speak first.
  #check(signal: AbortSignal): void {
    const { clock } = this.#components;
    const { aliveExpirationTimeoutMs } = this.#options;
    const now = clock.now();
    const slept = now - this.#checkedAt > aliveExpirationTimeoutMs / 2;
    this.#checkedAt = now;
    if (slept) {
      for (const { id, status } of this.aliveMembers())
        if (status !== 'dead') this.#membership.answered(id, now);
      return;
    }
    if (this.#membership.forget(now - EXPIRATION_FACTOR * aliveExpirationTimeoutMs))
      this.events.emit('members:changed', {});
    for (const member of this.#membership.silent(now - aliveExpirationTimeoutMs))
      void this.#probe(member, signal);
  }

  async #probe(member: Member, signal: AbortSignal): Promise<void> {
    if (this.#probing.has(member.id)) return;
    this.#probing.add(member.id);
    const { clock, log, probe } = this.#components;
    try {
      await probe(member, { signal });
      this.#membership.answered(member.id, clock.now());
    } catch (error) {
      if (signal.aborted || this.#membership.get(member.id)?.time !== member.time) return;
      log.info(`${member.endpoint} is dead`, { reason: messageOf(error) });
      this.#membership.died(member.id);
      this.events.emit('member:lost', member);
      this.events.emit('members:changed', {});
    } finally {
      this.#probing.delete(member.id);
    }
  }

  async #every(ms: number, signal: AbortSignal, work: () => Promise<void>): Promise<void> {
    const { clock, log } = this.#components;
    for (;;) {
      await clock.sleep(ms, { signal }).catch(() => {});
      if (signal.aborted) return;
      await work().catch((error) => log.error('discovery', { reason: messageOf(error) }));
    }
  }
}

function sameDescription(a: PeerMetadata, b: PeerMetadata): boolean {
  return (
    a.hidden === b.hidden &&
    a.leader === b.leader &&
    a.peerId === b.peerId &&
    a.neighbours.join() === b.neighbours.join()
  );
}
