// SPDX-License-Identifier: Apache-2.0
// Who is on the network (Fabric's gossip/discovery/discovery_impl.go): signed alive messages on the alive topics of the organisations that this
// node shares a channel with. One for a node, whatever channels it has joined.
//
// A member speaks in the rhythm of pace.ts, which slows down as members become more. Liveness does not wait for it:
// - who is connected to a member sees it go; it asks whether the member still answers, and says so when it does not;
// - whoever is told so waits a moment, since a member that is there contradicts with a newer message, and then asks for itself: a peer
//   believes no other peer that somebody is dead;
// - a member that was not heard of for five intervals is asked, as in Fabric, and only one that does not answer is dead: a hidden tab is
//   slow, not gone;
// - a tab that closes says goodbye, with a message signed beforehand, since a closing page has no time to sign.
// An alive message carries the certificate only at first (Fabric's peer.gossip.publishCertPeriod); who lacks it asks for it. What gossip
// has lost is repaired by an exchange with a neighbour now and then: see members-exchange.ts.
import type Long from 'long';
import {
  decodeSerializedIdentity,
  type MSPManager,
  pkiIdOf,
  type SigningIdentity,
} from '../../../common/msp/index.ts';
import { gossip } from '../../../common/protos/index.ts';
import { equalBytes, toHex } from '../../../common/runtime/bytes.ts';
import type { Clock } from '../../../common/runtime/clock.ts';
import { FabricError, messageOf } from '../../../common/runtime/errors.ts';
import type { Logger } from '../../../common/runtime/log.ts';
import { TypedEventTarget } from '../../../common/runtime/typed-events.ts';
import { nameOfIdentity } from '../../comm/identity-check.ts';
import type { IdentityStore } from '../identity/identity-store.ts';
import {
  GossipError,
  noopSign,
  openEnvelope,
  type ReceivedMessage,
  signMessage,
} from '../message.ts';
import { type Pace, type PaceSettings, paceOf } from '../pace.ts';
import { PeerClock } from '../peer-clock.ts';
import type { Pubsub, Verdict } from '../pubsub.ts';
import { verifySender } from '../verify.ts';
import { type Member, Membership, memberTime } from './membership.ts';
import { decodeMetadata, encodeMetadata, type PeerMetadata } from './peer-metadata.ts';

/** What this peer says of itself, besides who it is. */
export type SelfDescription = Pick<
  PeerMetadata,
  'peerId' | 'webrtc' | 'neighbours' | 'leads' | 'displayName'
>;

export interface DiscoveryComponents {
  readonly signer: SigningIdentity;
  readonly describe: () => SelfDescription;
  readonly pubsub: Pubsub;
  readonly mspManagers: () => readonly MSPManager[];
  readonly identities: IdentityStore;
  /** Resolves when the peer answers, directly or through the relay; rejects when it does not. */
  readonly probe: (member: Member, options: { signal: AbortSignal }) => Promise<void>;
  readonly clock: Clock;
  /** Between 0 and 1. */
  readonly random: () => number;
  readonly log: Logger;
}

export interface DiscoveryEvents {
  /** Somebody came, went, changed status or description. */
  'members:changed': Record<string, never>;
  /** Dead or gone. */
  'member:lost': Member;
  /** Another tab speaks with this identity. */
  'identity:conflict': { readonly pkiId: string };
}

/** Members are forgotten after so many expirations (Fabric's msgExpirationFactor). */
const EXPIRATION_FACTOR = 20;
/** Between two alive messages of this peer; what changes sooner is said in the next one. */
const MIN_INTERVAL_MS = 250;
/** Faster alive messages of one member are ignored, unless they say that it hid, was shown or goes. Less, since messages catch up on the way. */
const MIN_HEARD_INTERVAL_MS = 50;
/** What is not urgent (neighbours came or went) is said together with what else changes within this time. */
const GATHER_MS = 2_000;
/** How long an alive message carries the certificate after the start (Fabric's publishCertPeriod). */
const PUBLISH_CERT_PERIOD_MS = 10_000;
/** A connection that is lost may come back; a member that is called dead may contradict. */
const SUSPICION_MS = 1_500;
/** Of one member at most one word that it is dead is passed on in this time. */
const MIN_SUSPICION_INTERVAL_MS = 10_000;
const MIN_CHECK_MS = 250;
const MAX_CHECK_MS = 5_000;

export class Discovery {
  readonly events = new TypedEventTarget<DiscoveryEvents>();
  readonly #components: DiscoveryComponents;
  readonly #settings: PaceSettings;
  readonly #membership = new Membership();
  readonly #probing = new Set<string>();
  readonly #suspected = new Map<string, number>();
  readonly #self: {
    readonly identity: Uint8Array;
    readonly pkiId: Uint8Array;
    readonly id: string;
  };
  #topics: ReadonlyMap<string, string> = new Map();
  #stop: AbortController | undefined;
  #peerClock: PeerClock | undefined;
  #startedAt = 0;
  #goodbye: Uint8Array | undefined;
  #lastAlive: Uint8Array | undefined;
  #hidden = false;
  #announcedAt = Number.NEGATIVE_INFINITY;
  #cancelGathering: (() => void) | undefined;
  #checkedAt = 0;

  constructor(components: DiscoveryComponents, settings: PaceSettings) {
    this.#components = components;
    this.#settings = settings;
    const identity = components.signer.serialize();
    const pkiId = pkiIdOf(identity);
    this.#self = { identity, pkiId, id: toHex(pkiId) };
  }

  /** Members except this peer. */
  members(): readonly Member[] {
    return this.#membership.all();
  }

  /** Members that are not dead. */
  aliveMembers(): readonly Member[] {
    return this.members().filter((member) => member.status !== 'dead');
  }

  member(id: string): Member | undefined {
    return this.#membership.get(id);
  }

  /** The rhythm of a network of this size. */
  get pace(): Pace {
    return paceOf(this.#settings, this.aliveMembers().length + 1);
  }

  /** This peer's newest alive message, once there was one. */
  get lastAlive(): Uint8Array | undefined {
    return this.#lastAlive;
  }

  /** @param topics alive topic by MSP id. */
  async start(topics: ReadonlyMap<string, string>): Promise<void> {
    if (this.#stop) return;
    this.#stop = new AbortController();
    const { signal } = this.#stop;
    const { clock, identities } = this.#components;
    identities.put(this.#self.identity);
    this.#peerClock = new PeerClock(clock.now());
    this.#startedAt = clock.now();
    this.#checkedAt = clock.now();
    this.setTopics(topics);
    this.#goodbye = await this.#sign({ leaving: true });
    await this.announce();
    void this.#speak(signal);
    void this.#watch(signal);
  }

  /** Says goodbye. */
  async stop(): Promise<void> {
    if (!this.#stop) return;
    await this.sayGoodbye().catch(() => {});
    this.#stop.abort();
    this.#stop = undefined;
    this.#cancelGathering?.();
    this.#cancelGathering = undefined;
    this.setTopics(new Map());
    this.#membership.clear();
  }

  /** Follows the organisations of the channels as they are now. */
  setTopics(topics: ReadonlyMap<string, string>): void {
    const { pubsub } = this.#components;
    for (const [mspId, topic] of this.#topics) if (!topics.has(mspId)) pubsub.unsubscribe(topic);
    for (const [mspId, topic] of topics) {
      if (!this.#topics.has(mspId))
        pubsub.subscribe(topic, (data, from) => this.#receive(data, mspId, from.peerId));
    }
    this.#topics = topics;
  }

  /** Publishes an alive message now, or in a moment when there has just been one. */
  async announce(): Promise<void> {
    const { pubsub, clock, log, signer } = this.#components;
    if (!this.#stop) return;
    this.#cancelGathering?.();
    this.#cancelGathering = undefined;
    const wait = this.#announcedAt + MIN_INTERVAL_MS - clock.now();
    if (wait > 0) return this.#announceIn(wait);
    this.#announcedAt = clock.now();
    const topic = this.#topics.get(signer.mspId);
    if (topic === undefined) return;
    try {
      this.#lastAlive = await this.#sign({ leaving: false });
      await pubsub.publish(topic, this.#lastAlive);
    } catch (error) {
      log.debug('alive message not published', { reason: messageOf(error) });
    }
  }

  /** Something that the alive message says has changed and is not urgent. */
  changed(): void {
    if (!this.#cancelGathering && this.#stop) this.#announceIn(GATHER_MS);
  }

  /** The tab was hidden or shown again; others are told at once. */
  setHidden(hidden: boolean): void {
    if (this.#hidden === hidden) return;
    this.#hidden = hidden;
    void this.announce();
  }

  /** For `pagehide`: the message was signed when this started, so that it leaves while the page still runs. */
  async sayGoodbye(): Promise<void> {
    const { signer, pubsub } = this.#components;
    const topic = this.#topics.get(signer.mspId);
    if (this.#goodbye && topic !== undefined) await pubsub.publish(topic, this.#goodbye);
  }

  /** Takes in alive messages that somebody who knows the members handed over; bad ones are skipped. */
  async introduce(envelopes: readonly Uint8Array[], from: string): Promise<void> {
    for (const envelope of envelopes) {
      try {
        const mspId = await this.#organisationOf(envelope, from);
        if (this.#topics.has(mspId)) await this.#receive(envelope, mspId, from);
      } catch (error) {
        this.#components.log.debug('introduction skipped', { reason: messageOf(error) });
      }
    }
  }

  /** The last connection to a peer is gone. Whoever was reached through it may be reached otherwise. */
  connectionLost(peerId: string): void {
    const member = this.#membership.byPeerId(peerId);
    if (member && member.status !== 'dead') this.#suspect(member);
  }

  /** A verified message of a member other than an alive message. */
  heardFrom(id: string): void {
    if (this.#membership.get(id)?.status === 'dead') return;
    this.#membership.heard(id, this.#components.clock.now());
  }

  #announceIn(ms: number): void {
    this.#cancelGathering = this.#components.clock.setTimer(() => {
      this.#cancelGathering = undefined;
      void this.announce();
    }, ms);
  }

  async #organisationOf(envelope: Uint8Array, from: string): Promise<string> {
    const { alive_msg } = openEnvelope(envelope).message;
    if (!alive_msg?.membership) throw new GossipError('MALFORMED', 'not an alive message');
    const identity = await this.#identityOf(alive_msg, from);
    return decodeSerializedIdentity(identity).mspid;
  }

  // Not kept before the message is verified.
  #identityOf(alive: gossip.IAliveMessage, from: string): Promise<Uint8Array> {
    const { identity, membership } = alive;
    if (identity && identity.length > 0) return Promise.resolve(identity);
    return this.#components.identities.require(membership?.pki_id ?? new Uint8Array(), from);
  }

  async #sign({ leaving }: { leaving: boolean }): Promise<Uint8Array> {
    const { signer, describe, clock } = this.#components;
    if (!this.#peerClock) throw new FabricError('NOT_STARTED', 'discovery has not started');
    const { identity, pkiId } = this.#self;
    const metadata = encodeMetadata({ ...describe(), hidden: this.#hidden, leaving });
    const membership = { endpoint: nameOfIdentity(identity), metadata, pki_id: pkiId };
    const timestamp = leaving ? this.#peerClock.last() : this.#peerClock.next();
    const isNew = clock.now() - this.#startedAt < PUBLISH_CERT_PERIOD_MS;
    const alive_msg = { membership, timestamp, ...(isNew && !leaving && { identity }) };
    return signMessage({ tag: gossip.GossipMessage.Tag.EMPTY, alive_msg }, signer);
  }

  async #receive(data: Uint8Array, mspId: string, from: string): Promise<Verdict> {
    let received: ReceivedMessage;
    try {
      received = openEnvelope(data);
    } catch {
      return 'reject';
    }
    const { alive_msg, mem_res, tag } = received.message;
    if (tag !== gossip.GossipMessage.Tag.EMPTY) return 'reject';
    if (alive_msg) return this.#receiveAlive(received, alive_msg, mspId, from);
    return mem_res ? this.#receiveDead(mem_res) : 'reject';
  }

  async #receiveAlive(
    received: ReceivedMessage,
    alive: gossip.IAliveMessage,
    mspId: string,
    from: string,
  ): Promise<Verdict> {
    const { mspManagers, clock, identities, log } = this.#components;
    const metadata =
      alive.membership && decodeMetadata(alive.membership.metadata ?? new Uint8Array());
    const pkiId = alive.membership?.pki_id;
    if (!metadata || !pkiId) return 'reject';
    const id = toHex(pkiId);
    const time = memberTime(alive.timestamp ?? null);
    if (id === this.#self.id) return this.#ownMessage(received, mspId, time.incNum);
    const known = this.#membership.get(id);
    if (!this.#membership.isNews(id, time)) return 'ignore';
    const tooFast =
      known && !metadata.leaving && clock.now() - known.lastSeen < MIN_HEARD_INTERVAL_MS;
    if (tooFast && known.metadata.hidden === metadata.hidden) return 'ignore';
    let identity: Uint8Array;
    try {
      identity = await this.#identityOf(alive, from);
    } catch (error) {
      log.debug('alive message of a stranger', { id, reason: messageOf(error) });
      return 'ignore';
    }
    try {
      await verifySender(mspManagers(), received, { identity, pkiId, mspId });
    } catch (error) {
      log.debug('alive message refused', { id, reason: messageOf(error) });
      return 'reject';
    }
    identities.put(identity);
    // Another message of this member may have been taken in meanwhile.
    if (!this.#membership.isNews(id, time)) return 'ignore';
    // The name is that of the certificate; the endpoint is only a claim.
    const endpoint = nameOfIdentity(identity);
    const { envelope } = received;
    const before = this.#membership.get(id);
    const member = this.#membership.update(
      { pkiId, mspId, endpoint, metadata, time, envelope },
      clock.now(),
    );
    this.#tell(before, member);
    return 'accept';
  }

  // Somebody else's message with our identity, unless it is of an earlier start of this tab. Anybody can claim an identity; its key signs.
  async #ownMessage(received: ReceivedMessage, mspId: string, incNum: Long): Promise<Verdict> {
    if (!this.#peerClock || !incNum.gt(this.#peerClock.incNum)) return 'ignore';
    const { id, ...self } = this.#self;
    try {
      await verifySender(this.#components.mspManagers(), received, { ...self, mspId });
    } catch (error) {
      this.#components.log.debug('not our alive message', { reason: messageOf(error) });
      return 'reject';
    }
    this.events.emit('identity:conflict', { pkiId: id });
    return 'ignore';
  }

  // Somebody says that the member whose newest message this is does not answer.
  #receiveDead({ dead }: gossip.MembershipResponse): Verdict {
    const [claim] = dead;
    if (!claim || dead.length > 1) return 'reject';
    const envelope = gossip.Envelope.encode(claim).finish();
    if (this.#lastAlive && equalBytes(envelope, this.#lastAlive)) {
      void this.announce();
      return 'accept';
    }
    const pkiId = openEnvelope(envelope).message.alive_msg?.membership?.pki_id;
    const member = pkiId && this.#membership.get(toHex(pkiId));
    if (!member || !equalBytes(member.envelope, envelope)) return 'ignore';
    if (member.status === 'dead') return 'accept';
    return this.#suspect(member) ? 'accept' : 'ignore';
  }

  #tell(before: Member | undefined, after: Member | undefined): void {
    if (before && !after && before.status !== 'dead') this.events.emit('member:lost', before);
    const same =
      before &&
      after &&
      before.status === after.status &&
      sameDescription(before.metadata, after.metadata);
    if (!same && (before || after)) this.events.emit('members:changed', {});
  }

  // False when that was done a short time ago.
  #suspect(member: Member): boolean {
    const { clock } = this.#components;
    const signal = this.#stop?.signal;
    const last = this.#suspected.get(member.id) ?? Number.NEGATIVE_INFINITY;
    if (!signal || clock.now() - last < MIN_SUSPICION_INTERVAL_MS) return false;
    this.#suspected.set(member.id, clock.now());
    clock.setTimer(() => {
      const now = this.#membership.get(member.id);
      if (!signal.aborted && now?.time === member.time && now.status !== 'dead')
        void this.#probe(now, signal);
    }, SUSPICION_MS);
    return true;
  }

  // Who was silent is asked; but after a sleep of this tab itself, everybody gets a new chance to speak first.
  #check(signal: AbortSignal): void {
    const { clock } = this.#components;
    const { expirationMs } = this.pace;
    const now = clock.now();
    const slept = now - this.#checkedAt > Math.max(expirationMs / 2, 2 * MAX_CHECK_MS);
    this.#checkedAt = now;
    for (const [id, at] of this.#suspected)
      if (now - at > MIN_SUSPICION_INTERVAL_MS) this.#suspected.delete(id);
    if (slept) {
      for (const { id } of this.aliveMembers()) this.#membership.heard(id, now);
      return;
    }
    if (this.#membership.forget(now - EXPIRATION_FACTOR * expirationMs))
      this.events.emit('members:changed', {});
    for (const member of this.#membership.silent(now - expirationMs))
      void this.#probe(member, signal);
  }

  async #probe(member: Member, signal: AbortSignal): Promise<void> {
    if (this.#probing.has(member.id)) return;
    this.#probing.add(member.id);
    const { clock, log, probe } = this.#components;
    try {
      await probe(member, { signal });
      this.#membership.heard(member.id, clock.now());
    } catch (error) {
      if (signal.aborted || this.#membership.get(member.id)?.time !== member.time) return;
      log.info(`${member.endpoint} is dead`, { reason: messageOf(error) });
      this.#membership.died(member.id);
      this.events.emit('member:lost', member);
      this.events.emit('members:changed', {});
      this.#sayDead(member);
    } finally {
      this.#probing.delete(member.id);
    }
  }

  // The same bytes whoever says it, so that gossip carries it once.
  #sayDead({ mspId, envelope }: Member): void {
    const { pubsub, log } = this.#components;
    const topic = this.#topics.get(mspId);
    if (topic === undefined) return;
    pubsub.publish(topic, deadMessage(envelope)).catch((error: unknown) => {
      log.debug('a death was not passed on', { reason: messageOf(error) });
    });
  }

  async #speak(signal: AbortSignal): Promise<void> {
    const { clock, random } = this.#components;
    while (!signal.aborted) {
      // Not all at the same moment, and not for the whole of an interval that has become shorter.
      const due = (): number => this.#announcedAt + this.pace.aliveMs * (0.9 + 0.2 * jitter);
      const jitter = random();
      while (!signal.aborted && clock.now() < due())
        await clock.sleep(Math.min(due() - clock.now(), 10_000), { signal }).catch(() => {});
      if (!signal.aborted) await this.announce();
    }
  }

  async #watch(signal: AbortSignal): Promise<void> {
    const { clock, log } = this.#components;
    for (;;) {
      const ms = Math.min(MAX_CHECK_MS, Math.max(MIN_CHECK_MS, this.pace.expirationMs / 10));
      await clock.sleep(ms, { signal }).catch(() => {});
      if (signal.aborted) return;
      try {
        this.#check(signal);
      } catch (error) {
        log.error('discovery', { reason: messageOf(error) });
      }
    }
  }
}

/** Says that the member whose newest alive message this is does not answer. Always the same bytes. */
export function deadMessage(alive: Uint8Array): Uint8Array {
  const mem_res = { alive: [], dead: [gossip.Envelope.decode(alive)] };
  return noopSign({ tag: gossip.GossipMessage.Tag.EMPTY, mem_res });
}

function sameDescription(a: PeerMetadata, b: PeerMetadata): boolean {
  return (
    a.hidden === b.hidden &&
    a.peerId === b.peerId &&
    a.displayName === b.displayName &&
    a.leads.join() === b.leads.join() &&
    a.neighbours.join() === b.neighbours.join()
  );
}
