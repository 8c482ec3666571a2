// SPDX-License-Identifier: Apache-2.0
// What the relay passes on (Fabric's gossip/gossip/gossip_impl.go validateMsg, mcs.go). Whoever forwards rubbish is scored down by those who
// get it, and the relay forwards for everybody; so it checks as a peer would. For blocks it can do better: it has the chain.
//
//   blocks       the block of that number on the orderer's chain, header, data and orderer's signatures alike
//   alive        signed by the member of the topic's organisation whose identity it carries, or is known; or the word that a member whose newest
//                message is the one in it does not answer
//   leadership   signed by a member whose identity is known, from the handshake or from an alive message
//   state-info   likewise
import type { MSPManager } from '../../src/common/msp/types.ts';
import { common, gossip, Reader } from '../../src/common/protos/index.ts';
import { concat, equalBytes, toHex, utf8 } from '../../src/common/runtime/bytes.ts';
import type { Binding } from '../../src/node/comm/bindings.ts';
import { channelMac } from '../../src/node/gossip/channel/state-info.ts';
import type { MemberRecords } from '../../src/node/gossip/discovery/member-records.ts';
import type { IdentityStore } from '../../src/node/gossip/identity/identity-store.ts';
import { MAX_CONTROL_MESSAGE_BYTES, openEnvelope } from '../../src/node/gossip/message.ts';
import { MAX_PUSH_BYTES, type Verdict } from '../../src/node/gossip/pubsub.ts';
import type { TopicKind, TopicParts } from '../../src/node/gossip/topics.ts';
import { verifySender } from '../../src/node/gossip/verify.ts';

export interface TopicFilterComponents {
  readonly identities: Pick<IdentityStore, 'require' | 'put'>;
  readonly records: Pick<MemberRecords, 'alive'>;
  /** Of the channels of which `mspId` is an organisation. */
  readonly mspManagers: (mspId: string) => readonly MSPManager[];
  readonly mspManager: (channel: string) => MSPManager | undefined;
  /** Serialized block of the orderer's chain; undefined when there is none of that number. */
  readonly block: (channel: string, number: number) => Promise<Uint8Array | undefined>;
}

/** Judges messages on the topics of the relay's channels. */
export class TopicFilter {
  readonly #components: TopicFilterComponents;

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
    const stored = await this.#components.block(channel, Number(payload.seq_num));
    if (!stored) return 'reject';
    return sameBytes(stored, payload.data) || isSameBlock(stored, payload.data)
      ? 'accept'
      : 'reject';
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
    return 'accept';
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

// A peer may have written its own metadata slots; all else, the orderer's slot included, must be the bytes of the chain.
function isSameBlock(stored: Uint8Array, given: Uint8Array): boolean {
  try {
    const [a, b] = [splitMetadata(stored), splitMetadata(given)];
    return sameBytes(a.content, b.content) && sameBytes(a.signatures, b.signatures);
  } catch {
    return false;
  }
}

function splitMetadata(block: Uint8Array): { content: Uint8Array; signatures: Uint8Array } {
  const reader = new Reader(block);
  const content: Uint8Array[] = [];
  let signatures = new Uint8Array();
  while (reader.pos < reader.end) {
    const start = reader.pos;
    const tag = reader.tag();
    if (tag === METADATA_TAG) {
      const { metadata } = common.BlockMetadata.decode(reader.bytes());
      signatures = Uint8Array.from(metadata[common.BlockMetadataIndex.SIGNATURES] ?? []);
    } else {
      reader.skip(tag);
      content.push(reader.since(start));
    }
  }
  return { content: concat(...content), signatures };
}

/** Field 3 of common.Block, length-delimited. */
const METADATA_TAG = (3 << 3) | 2;

// A block may have a megabyte: Node's own comparison.
function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}
