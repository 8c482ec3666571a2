// SPDX-License-Identifier: Apache-2.0
// Carries the election's messages: signed LeadershipMessages on the organisation's leadership topic
// (Fabric's gossip/election/adapter.go, and its choice of static or dynamic leader in gossip/service/gossip_service.go).
import { type MSPManager, pkiIdOf, type SigningIdentity } from '../../../common/msp/index.ts';
import type { GossipSettings } from '../../../common/network/types.ts';
import { gossip } from '../../../common/protos/index.ts';
import { equalBytes, toHex } from '../../../common/runtime/bytes.ts';
import type { Clock } from '../../../common/runtime/clock.ts';
import { messageOf } from '../../../common/runtime/errors.ts';
import type { Logger } from '../../../common/runtime/log.ts';
import { compareTimes, type Member, type MemberTime, memberTime } from '../discovery/membership.ts';
import type { IdentityStore } from '../identity/identity-store.ts';
import { GossipError, openEnvelope, type ReceivedMessage, signMessage } from '../message.ts';
import { PeerClock } from '../peer-clock.ts';
import type { Pubsub, Verdict } from '../pubsub.ts';
import type { MayHear } from '../topic-guard.ts';
import { verifySender } from '../verify.ts';
import { LeaderElection } from './election.ts';

export interface LeadershipComponents {
  /** The channel's name in bytes. */
  readonly channel: Uint8Array;
  readonly topic: string;
  readonly pubsub: Pubsub;
  readonly mayHear: MayHear;
  readonly signer: SigningIdentity;
  readonly mspManager: () => MSPManager;
  readonly identities: Pick<IdentityStore, 'get'>;
  /** A member by hex PKI-ID. */
  readonly member: (pkiId: string) => Member | undefined;
  /** Members that are not dead. */
  readonly aliveMembers: () => readonly Member[];
  readonly leadershipChanged: (isLeader: boolean) => void;
  readonly leaderChanged: (leader: string | undefined) => void;
  readonly clock: Clock;
  readonly log: Logger;
}

type LeadershipSettings = Pick<GossipSettings, 'useLeaderElection' | 'orgLeader' | 'election'>;

export class Leadership {
  readonly #components: LeadershipComponents;
  readonly #settings: LeadershipSettings;
  readonly #pkiId: Uint8Array;
  readonly #seen = new Map<string, MemberTime>();
  #election: LeaderElection | undefined;
  #peerClock: PeerClock | undefined;
  #isStaticLeader = false;

  /** Throws GossipError SETTINGS when both static and dynamic leadership are asked for. */
  constructor(components: LeadershipComponents, settings: LeadershipSettings) {
    if (settings.orgLeader && settings.useLeaderElection) {
      throw new GossipError(
        'SETTINGS',
        'peer.gossip.orgLeader and useLeaderElection are both true: choose one',
      );
    }
    this.#components = components;
    this.#settings = settings;
    this.#pkiId = pkiIdOf(components.signer.serialize());
  }

  get isLeader(): boolean {
    return this.#isStaticLeader || (this.#election?.isLeader ?? false);
  }

  /** Hex PKI-ID of the organisation's leader, when one is known. */
  get leader(): string | undefined {
    return this.#isStaticLeader ? toHex(this.#pkiId) : this.#election?.leader;
  }

  start(): void {
    const { topic, pubsub, mayHear, clock, leadershipChanged, leaderChanged } = this.#components;
    if (this.#peerClock) return;
    this.#peerClock = new PeerClock(clock.now());
    if (this.#settings.orgLeader) {
      this.#isStaticLeader = true;
      leaderChanged(toHex(this.#pkiId));
      leadershipChanged(true);
    } else if (this.#settings.useLeaderElection) {
      this.#election = this.#newElection();
      pubsub.subscribe(topic, (data) => this.#receive(data), mayHear);
      this.#election.start();
    }
  }

  stop(): void {
    if (!this.#peerClock) return;
    this.#peerClock = undefined;
    this.#seen.clear();
    if (this.#isStaticLeader) {
      this.#isStaticLeader = false;
      this.#components.leadershipChanged(false);
    }
    if (this.#election) this.#components.pubsub.unsubscribe(this.#components.topic);
    this.#election?.stop();
    this.#election = undefined;
  }

  /** The orderer cannot be reached from here: another should lead. Does nothing for a static leader. */
  yield(): void {
    this.#election?.yield();
  }

  /** The orderer can be reached again. */
  ordererBack(): void {
    this.#election?.ordererBack();
  }

  /** A member is dead or gone. */
  memberLost(pkiId: string): void {
    this.#seen.delete(pkiId);
    this.#election?.leaderLost(pkiId);
  }

  #newElection(): LeaderElection {
    const { aliveMembers, leadershipChanged, leaderChanged, clock, log, signer } = this.#components;
    const memberCount = (): number =>
      aliveMembers().filter(({ mspId }) => mspId === signer.mspId).length;
    return new LeaderElection(
      {
        pkiId: this.#pkiId,
        gossip: (isDeclaration) => void this.#send(isDeclaration),
        memberCount,
        leadershipChanged,
        leaderChanged,
        clock,
        log,
      },
      this.#settings.election,
    );
  }

  async #send(isDeclaration: boolean): Promise<void> {
    const { channel, signer, pubsub, topic, log } = this.#components;
    if (!this.#peerClock) return;
    const leadership_msg = {
      pki_id: this.#pkiId,
      timestamp: this.#peerClock.next(),
      is_declaration: isDeclaration,
    };
    try {
      const message = { channel, tag: gossip.GossipMessage.Tag.CHAN_AND_ORG, leadership_msg };
      await pubsub.publish(topic, await signMessage(message, signer));
    } catch (error) {
      log.debug('leadership message not published', { reason: messageOf(error) });
    }
  }

  async #receive(data: Uint8Array): Promise<Verdict> {
    const { channel, member, mspManager, signer, identities } = this.#components;
    let received: ReceivedMessage;
    try {
      received = openEnvelope(data);
    } catch {
      return 'reject';
    }
    const { leadership_msg, tag } = received.message;
    if (!leadership_msg || tag !== gossip.GossipMessage.Tag.CHAN_AND_ORG) return 'reject';
    if (!equalBytes(received.message.channel, channel)) return 'reject';
    const { pki_id, is_declaration } = leadership_msg;
    const id = toHex(pki_id);
    const sender = member(id);
    const time = memberTime(leadership_msg.timestamp);
    const identity = identities.get(id);
    if (!sender || !identity || sender.status === 'dead' || !this.#isNews(id, time))
      return 'ignore';
    try {
      const author = { identity, pkiId: pki_id, mspId: signer.mspId };
      await verifySender([mspManager()], received, author);
    } catch (error) {
      this.#components.log.debug('leadership message refused', { id, reason: messageOf(error) });
      return 'reject';
    }
    if (!this.#isNews(id, time)) return 'ignore';
    this.#seen.set(id, time);
    this.#election?.handleMessage({ pkiId: pki_id, isDeclaration: is_declaration });
    return 'accept';
  }

  #isNews(id: string, time: MemberTime): boolean {
    const seen = this.#seen.get(id);
    return !seen || compareTimes(time, seen) > 0;
  }
}
