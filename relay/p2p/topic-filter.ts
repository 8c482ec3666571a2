// SPDX-License-Identifier: Apache-2.0
// What the relay passes on (Fabric's gossip/gossip/gossip_impl.go validateMsg, mcs.go). Whoever forwards rubbish is scored down by those who
// get it, and the relay forwards for everybody; so it checks as a peer would. For blocks it can do better: it has the chain.
//
//   blocks       the block of that number on the orderer's chain, header, data and orderer's signatures alike
//   alive        signed by the member of the topic's organisation whose identity it carries
//   leadership   signed by a member whose identity is known, from the handshake or from an alive message
//   state-info   likewise
import type { MSPManager } from '../../src/common/msp/types.ts';
import { common, type gossip, Reader } from '../../src/common/protos/index.ts';
import { concat, toHex } from '../../src/common/runtime/bytes.ts';
import type { Binding, Bindings } from '../../src/node/comm/bindings.ts';
import { MAX_CONTROL_MESSAGE_BYTES, openEnvelope } from '../../src/node/gossip/message.ts';
import { MAX_PUSH_BYTES, type Verdict } from '../../src/node/gossip/pubsub.ts';
import type { TopicKind, TopicParts } from '../../src/node/gossip/topics.ts';
import { verifySender } from '../../src/node/gossip/verify.ts';

export interface TopicFilterComponents {
  readonly bindings: Pick<Bindings, 'byPkiId'>;
  readonly mspManager: (channel: string) => MSPManager | undefined;
  /** Serialized block of the orderer's chain; undefined when there is none of that number. */
  readonly block: (channel: string, number: number) => Promise<Uint8Array | undefined>;
}

/** Members whose identities are remembered while they are not connected to the relay. */
const MAX_IDENTITIES = 2_000;

/** Judges messages on the topics of the relay's channels. */
export class TopicFilter {
  readonly #components: TopicFilterComponents;
  /** Identities in alive messages by hex PKI-ID, the newest last. */
  readonly #identities = new Map<string, Uint8Array>();

  constructor(components: TopicFilterComponents) {
    this.#components = components;
  }

  /** Throws GossipError when the message is malformed. `mspIds` are the channel's organisations. */
  async judge(
    topic: TopicParts,
    data: Uint8Array,
    from: Binding,
    mspIds: readonly string[],
  ): Promise<Verdict> {
    if (!mspIds.includes(from.mspId)) return 'ignore';
    if (topic.kind === 'blocks') return this.#judgeBlock(topic.channel, data);
    return this.judgeSigned(topic, data);
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

  /** Judges a message on a topic other than blocks, whoever brought it. */
  async judgeSigned(topic: TopicParts, data: Uint8Array): Promise<Verdict> {
    const received = openEnvelope(data, MAX_CONTROL_MESSAGE_BYTES);
    const pkiId = authorOf(topic.kind, received.message);
    const manager = this.#components.mspManager(topic.channel);
    if (!pkiId || !manager) return 'reject';
    const carried = received.message.alive_msg?.identity;
    const identity = carried ?? this.#identityOf(toHex(pkiId));
    // Its author may be known to the tabs and not, or not yet, to the relay.
    if (!identity) return 'ignore';
    try {
      await verifySender(manager, received, { identity, pkiId, mspId: topic.mspId });
    } catch {
      return 'reject';
    }
    if (carried) this.#remember(toHex(pkiId), carried);
    return 'accept';
  }

  #identityOf(pkiId: string): Uint8Array | undefined {
    return this.#components.bindings.byPkiId(pkiId)?.identity ?? this.#identities.get(pkiId);
  }

  #remember(pkiId: string, identity: Uint8Array): void {
    this.#identities.delete(pkiId);
    this.#identities.set(pkiId, identity);
    const [oldest] = this.#identities.keys();
    if (this.#identities.size > MAX_IDENTITIES && oldest !== undefined)
      this.#identities.delete(oldest);
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
