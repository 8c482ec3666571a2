// SPDX-License-Identifier: Apache-2.0
// What the relay passes on (Fabric's gossip/gossip/gossip_impl.go validateMsg, mcs.go). Whoever forwards rubbish is scored down by those who
// get it, and the relay forwards for everybody; so it checks as a peer would. For blocks it can do better: it has the chain.
//
//   blocks       the very bytes of one of the newest blocks on the orderer's chain
//   alive        newer than what is known, and signed by the member of the topic's organisation whose identity it carries, or is known; or the word that a member whose newest
//                message is the one in it does not answer
//   leadership   newer than what is known, and signed by a member whose identity is known, from the handshake or from an alive message
//   state-info   likewise
import type { MSPManager } from '../../src/common/msp/types.ts';
import { gossip } from '../../src/common/protos/index.ts';
import { equalBytes, toHex, utf8 } from '../../src/common/runtime/bytes.ts';
import type { Binding } from '../../src/node/comm/bindings.ts';
import { channelMac } from '../../src/node/gossip/channel/state-info.ts';
import type { MemberRecords } from '../../src/node/gossip/discovery/member-records.ts';
import {
  compareTimes,
  type MemberTime,
  memberTime,
} from '../../src/node/gossip/discovery/membership.ts';
import type { IdentityStore } from '../../src/node/gossip/identity/identity-store.ts';
import { MAX_CONTROL_MESSAGE_BYTES, openEnvelope } from '../../src/node/gossip/message.ts';
import { MAX_PUSH_BYTES, type Verdict } from '../../src/node/gossip/pubsub.ts';
import type { TopicKind, TopicParts } from '../../src/node/gossip/topics.ts';
import { verifySender } from '../../src/node/gossip/verify.ts';

export interface TopicFilterComponents {
  readonly identities: Pick<IdentityStore, 'require' | 'put'>;
  readonly records: Pick<MemberRecords, 'alive' | 'isNews'>;
  /** Of a channel's chain; 0 when there is none. */
  readonly height: (channel: string) => number;
  /** Of the channels of which `mspId` is an organisation. */
  readonly mspManagers: (mspId: string) => readonly MSPManager[];
  readonly mspManager: (channel: string) => MSPManager | undefined;
  /** Serialized block of the orderer's chain; undefined when there is none of that number. */
  readonly block: (channel: string, number: number) => Promise<Uint8Array | undefined>;
}

/** A leader is at most so far behind when it pushes what it pulls. */
const RECENT_BLOCKS = 100;

/** Judges messages on the topics of the relay's channels. */
export class TopicFilter {
  readonly #components: TopicFilterComponents;
  /** When members last declared to lead, by channel and PKI-ID: of verified messages, so of members only. */
  readonly #declared = new Map<string, MemberTime>();

  constructor(components: TopicFilterComponents) {
    this.#components = components;
  }

  /** Throws GossipError when the message is malformed. `mspIds` are the organisations that share the topic. */
  async judge(
    topic: TopicParts,
    data: Uint8Array,
    from: Binding,
    mspIds: readonly string[],
  ): Promise<Verdict> {
    if (!mspIds.includes(from.mspId)) return 'ignore';
    if (topic.kind === 'blocks') return this.#judgeBlock(topic.channel, data);
    return this.judgeSigned(topic, data, from.peerId);
  }

  async #judgeBlock(channel: string, data: Uint8Array): Promise<Verdict> {
    const payload = openEnvelope(data, MAX_PUSH_BYTES).message.data_msg?.payload;
    if (!payload) return 'reject';
    const number = Number(payload.seq_num);
    const { block, height } = this.#components;
    // Old ones are fetched, not told: whoever sends them would have everybody pass them on again.
    if (number < height(channel) - RECENT_BLOCKS) return 'ignore';
    const stored = await block(channel, number);
    return stored && sameBytes(stored, payload.data) ? 'accept' : 'reject';
  }

  /** Judges a message on a topic other than blocks. @param from peer id of whoever brought it. */
  async judgeSigned(topic: TopicParts, data: Uint8Array, from: string): Promise<Verdict> {
    const { identities } = this.#components;
    const received = openEnvelope(data, MAX_CONTROL_MESSAGE_BYTES);
    const { alive_msg, mem_res } = received.message;
    if (topic.kind === 'alive' && mem_res) return this.#judgeDead(mem_res);
    const pkiId = authorOf(topic.kind, received.message);
    const managers = this.#managersOf(topic);
    if (!pkiId || managers.length === 0) return 'reject';
    const { state_info } = received.message;
    if (!this.#isNews(topic, received.message, toHex(pkiId))) return 'ignore';
    if (topic.kind === 'state-info' && !isOfChannel(state_info, topic.channel)) return 'reject';
    const carried = alive_msg && alive_msg.identity.length > 0 ? alive_msg.identity : undefined;
    // Its author may be known to the peers and not, or not yet, to the relay.
    const identity = carried ?? (await identities.require(pkiId, from).catch(() => undefined));
    if (!identity) return 'ignore';
    try {
      await verifySender(managers, received, { identity, pkiId, mspId: topic.mspId });
    } catch {
      return 'reject';
    }
    if (carried) identities.put(carried);
    const { leadership_msg } = received.message;
    if (leadership_msg && 'channel' in topic)
      this.#declared.set(`${topic.channel} ${toHex(pkiId)}`, memberTime(leadership_msg.timestamp));
    return 'accept';
  }

  // As peers ask before they verify (isNews of discovery and state info): else everything that was ever said could be said again.
  #isNews(topic: TopicParts, message: gossip.GossipMessage, id: string): boolean {
    const { alive_msg, state_info, leadership_msg } = message;
    const timestamp = (alive_msg ?? state_info ?? leadership_msg)?.timestamp ?? null;
    const time = memberTime(timestamp);
    if (topic.kind !== 'leadership') return this.#components.records.isNews(topic, id, time);
    const known = this.#declared.get(`${topic.channel} ${id}`);
    return !known || compareTimes(time, known) > 0;
  }

  // Only of a member that is known by just this message: whoever made it up would need its signature.
  #judgeDead({ dead }: gossip.MembershipResponse): Verdict {
    const [claim] = dead;
    if (!claim || dead.length > 1) return 'reject';
    const envelope = gossip.Envelope.encode(claim).finish();
    const pkiId = openEnvelope(envelope).message.alive_msg?.membership?.pki_id;
    const known = pkiId && this.#components.records.alive(toHex(pkiId));
    return known && equalBytes(known.envelope, envelope) ? 'accept' : 'ignore';
  }

  #managersOf(topic: TopicParts): readonly MSPManager[] {
    const { mspManagers, mspManager } = this.#components;
    if (topic.kind === 'alive') return mspManagers(topic.mspId);
    const manager = mspManager(topic.channel);
    return manager ? [manager] : [];
  }
}

function authorOf(kind: TopicKind, message: gossip.GossipMessage): Uint8Array | undefined {
  switch (kind) {
    case 'alive':
      return message.alive_msg?.membership?.pki_id;
    case 'leadership':
      return message.leadership_msg?.pki_id;
    case 'state-info':
      return message.state_info?.pki_id;
    default:
      return undefined;
  }
}

function isOfChannel(state: gossip.StateInfo | null, channel: string): boolean {
  return state !== null && equalBytes(state.channel_MAC, channelMac(state.pki_id, utf8(channel)));
}

// A block may have a megabyte: Node's own comparison.
function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}
