// SPDX-License-Identifier: Apache-2.0
// The table of members (membership and deadMembership of Fabric's gossip/discovery/discovery_impl.go). Pure: no clock, no network.
//
// Where it differs: silence does not make a member dead, only suspect; whoever keeps the table probes it. A member that said goodbye
// goes at once, and a tombstone keeps its older messages from bringing it back.
import Long from 'long';
import type { gossip } from '../../../common/protos/index.ts';
import { toHex } from '../../../common/runtime/bytes.ts';
import type { PeerMetadata } from './peer-metadata.ts';
import type { PeerStatus } from './peer-status.ts';

/** Members kept; a channel of tabs has dozens. */
export const MAX_MEMBERS = 2_000;

/** inc_num of a start and seq_num within it; later is greater, lexicographically. */
export interface MemberTime {
  readonly incNum: Long;
  readonly seqNum: Long;
}

export interface Member {
  readonly pkiId: Uint8Array;
  /** Hex of `pkiId`. */
  readonly id: string;
  readonly mspId: string;
  /** Name, e.g. `peer0.org1.example.com`. */
  readonly endpoint: string;
  readonly metadata: PeerMetadata;
  readonly time: MemberTime;
  readonly status: PeerStatus;
  /** When it last spoke or answered, milliseconds. */
  readonly lastSeen: number;
  /** Its alive message, for introductions. */
  readonly envelope: Uint8Array;
}

export type NewMember = Omit<Member, 'status' | 'lastSeen' | 'id'>;

interface Tombstone {
  readonly time: MemberTime;
  readonly at: number;
}

export class Membership {
  readonly #members = new Map<string, Member>();
  readonly #tombstones = new Map<string, Tombstone>();

  all(): Member[] {
    return [...this.#members.values()];
  }

  get(id: string): Member | undefined {
    return this.#members.get(id);
  }

  byPeerId(peerId: string): Member | undefined {
    return this.all().find((member) => member.metadata.peerId === peerId);
  }

  /** Whether a message of this time says something new of the member; false as well when there is no room for it. */
  isNews(id: string, time: MemberTime): boolean {
    const known = this.#members.get(id)?.time ?? this.#tombstones.get(id)?.time;
    return known ? compareTimes(time, known) > 0 : this.#members.size < MAX_MEMBERS;
  }

  /** Takes in a verified alive message that is news. Returns the member, or undefined when it said goodbye. */
  update(alive: NewMember, now: number): Member | undefined {
    const id = toHex(alive.pkiId);
    this.#tombstones.delete(id);
    if (alive.metadata.leaving) {
      this.#members.delete(id);
      this.#tombstones.set(id, { time: alive.time, at: now });
      return undefined;
    }
    const status = alive.metadata.hidden ? 'asleep' : 'alive';
    const member: Member = { ...alive, id, status, lastSeen: now };
    this.#members.set(id, member);
    return member;
  }

  /** It answered a probe, or was heard otherwise. */
  heard(id: string, now: number): void {
    const member = this.#members.get(id);
    if (!member) return;
    const status = member.metadata.hidden ? 'asleep' : 'alive';
    this.#members.set(id, { ...member, status, lastSeen: now });
  }

  /** It did not answer. Only a newer message, or an answer, brings it back. */
  died(id: string): void {
    const member = this.#members.get(id);
    if (member) this.#members.set(id, { ...member, status: 'dead' });
  }

  /** Members, not dead, that were last seen before `since`. */
  silent(since: number): Member[] {
    return this.all().filter((member) => member.status !== 'dead' && member.lastSeen < since);
  }

  /** Forgets the dead and the tombstones from before `since`. Returns whether any member went. */
  forget(since: number): boolean {
    const size = this.#members.size;
    for (const [id, member] of this.#members) {
      if (member.status === 'dead' && member.lastSeen < since) this.#members.delete(id);
    }
    for (const [id, { at }] of this.#tombstones) if (at < since) this.#tombstones.delete(id);
    return this.#members.size !== size;
  }

  clear(): void {
    this.#members.clear();
    this.#tombstones.clear();
  }
}

/** Order of two times of one member. */
export function compareTimes(a: MemberTime, b: MemberTime): number {
  return a.incNum.compare(b.incNum) || a.seqNum.compare(b.seqNum);
}

/** Time fields of a gossip message; absent ones are zero. */
export function memberTime(time: gossip.IPeerTime | null): MemberTime {
  return {
    incNum: Long.fromValue(time?.inc_num ?? 0, true).toUnsigned(),
    seqNum: Long.fromValue(time?.seq_num ?? 0, true).toUnsigned(),
  };
}
