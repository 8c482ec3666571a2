// SPDX-License-Identifier: Apache-2.0
// Newest alive and state-info messages of each author, at a node that passes messages on without being a member: the relay. Keeps what it is
// given; the messages must have been judged good.
import { EMPTY_BYTES, toHex } from '../../../common/runtime/bytes.ts';
import { GossipError, openEnvelope } from '../message.ts';
import type { TopicParts } from '../topics.ts';
import type { KnownMembers } from './members-exchange.ts';
import { compareTimes, type MemberTime, memberTime } from './membership.ts';
import { decodeMetadata } from './peer-metadata.ts';

interface Kept {
  readonly envelope: Uint8Array;
  readonly mspId: string;
  readonly time: MemberTime;
  /** It said goodbye. */
  readonly isGone: boolean;
}

export class MemberRecords {
  readonly #alive = new Map<string, Kept>();
  /** By channel, then author. */
  readonly #states = new Map<string, Map<string, Kept>>();
  readonly #identityOf: (id: string) => Uint8Array | undefined;

  /** @param identityOf serialized identity by hex PKI-ID, as far as it is known. */
  constructor(identityOf: (id: string) => Uint8Array | undefined) {
    this.#identityOf = identityOf;
  }

  /** Takes note of a message on a topic. False for other kinds, and for messages no newer than what there is. Throws GossipError. */
  record(topic: TopicParts, envelope: Uint8Array): boolean {
    if (topic.kind !== 'alive' && topic.kind !== 'state-info') return false;
    const { alive_msg, state_info, mem_res } = openEnvelope(envelope).message;
    if (mem_res) return false;
    const author = alive_msg?.membership?.pki_id ?? state_info?.pki_id;
    if (!author) {
      throw new GossipError(
        'MALFORMED',
        `a message without author on a topic of kind ${topic.kind}`,
      );
    }
    const id = toHex(author);
    const time = memberTime(alive_msg?.timestamp ?? state_info?.timestamp ?? null);
    const records = topic.kind === 'alive' ? this.#alive : this.#statesOf(topic.channel);
    if (!this.isNews(topic, id, time)) return false;
    const isGone = decodeMetadata(alive_msg?.membership?.metadata ?? EMPTY_BYTES)?.leaving ?? false;
    records.set(id, { envelope, mspId: topic.mspId, time, isGone });
    return true;
  }

  /** Whether a message of an author (hex PKI-ID) at this time is newer than what there is. */
  isNews(topic: TopicParts, id: string, time: MemberTime): boolean {
    if (topic.kind !== 'alive' && topic.kind !== 'state-info') return true;
    const records = topic.kind === 'alive' ? this.#alive : this.#statesOf(topic.channel);
    const known = records.get(id);
    return !known || compareTimes(time, known.time) > 0;
  }

  /** The newest alive message of an author, unless it said goodbye. */
  alive(id: string): { readonly envelope: Uint8Array; readonly mspId: string } | undefined {
    const kept = this.#alive.get(id);
    return kept?.isGone ? undefined : kept;
  }

  /**
   * What members of these organisations and channels may be told of authors for which `isPresent` (hex PKI-ID) holds. Records of others are
   * dropped.
   */
  known(
    mspIds: ReadonlySet<string>,
    channels: readonly string[],
    isPresent: (id: string) => boolean,
  ): KnownMembers {
    const authors = new Map<Uint8Array, string>();
    for (const [id, { envelope, mspId, isGone }] of present(this.#alive, isPresent)) {
      if (mspIds.has(mspId) && !isGone) authors.set(envelope, id);
    }
    const states = channels.map((channel): [string, Uint8Array[]] => [
      channel,
      present(this.#statesOf(channel), isPresent).map(([, { envelope }]) => envelope),
    ]);
    return {
      alive: [...authors.keys()],
      identityOf: (envelope) => this.#identityOf(authors.get(envelope) ?? ''),
      states: new Map(states),
    };
  }

  #statesOf(channel: string): Map<string, Kept> {
    const states = this.#states.get(channel) ?? new Map<string, Kept>();
    this.#states.set(channel, states);
    return states;
  }
}

function present(records: Map<string, Kept>, isPresent: (id: string) => boolean): [string, Kept][] {
  for (const id of records.keys()) if (!isPresent(id)) records.delete(id);
  return [...records];
}
