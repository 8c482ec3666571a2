// SPDX-License-Identifier: Apache-2.0
// The port to dissemination by topic, and its implementation over gossipsub, which takes the place of Fabric's push and pull
// (gossip/gossip/batcher.go, gossip/gossip/algo/pull.go). Fabric sends to 3 random peers; gossipsub to a mesh of 4 to 8.
//
// Messages carry no libp2p signature: what counts is signed by an MSP identity, or is a block. A message's id is the hash of its bytes, so
// that one block published by several peers, or a message that comes around again, is one message; and so that nobody can occupy
// the id of a genuine block with altered bytes.
import { type GossipSub, type GossipsubOpts, TopicValidatorResult } from '@libp2p/gossipsub';
import { sha256 } from '@noble/hashes/sha2.js';
import { concat, utf8 } from '../../common/runtime/bytes.ts';
import { messageOf } from '../../common/runtime/errors.ts';
import type { Logger } from '../../common/runtime/log.ts';
import type { Binding, Bindings } from '../comm/bindings.ts';
import type { NeighbourScores } from './neighbour-scores.ts';
import { type MayHear, TopicGuard } from './topic-guard.ts';

/** `accept`: forward it. `ignore`: drop it, the sender may be honest. `reject`: drop it and score the sender down. */
export type Verdict = 'accept' | 'ignore' | 'reject';

/** Judges a message and acts on it; `from` is the neighbour that passed it on, not its author. Throwing is `ignore`. */
export type TopicReceiver = (data: Uint8Array, from: Binding) => Promise<Verdict>;

export interface Pubsub {
  /** Sends to the topic's mesh; resolves to the number of neighbours it went to. No promise of delivery. */
  publish(topic: string, data: Uint8Array): Promise<number>;
  /** @param mayHear who is told what is said on the topic; every neighbour that has shaken hands when absent. */
  subscribe(topic: string, receive: TopicReceiver, mayHear?: MayHear): void;
  unsubscribe(topic: string): void;
}

/**
 * Larger messages are not pushed: gossipsub drops frames above 4 MiB without a word, and holds heartbeats up behind large ones.
 * Peers fetch larger blocks by state transfer.
 */
export const MAX_PUSH_BYTES = 1024 * 1024;

/** Degrees of gossipsub's mesh. */
export interface MeshDegrees {
  readonly D: number;
  readonly Dlo: number;
  readonly Dhi: number;
  readonly Dout: number;
  readonly Dscore: number;
  /** Neighbours outside the mesh that are told by IHAVE what was heard. */
  readonly Dlazy: number;
}

/**
 * As many as a peer dials (see connectivity.ts), so that messages go along most connections once. What is lost nevertheless comes by the
 * exchange of members and by state transfer, so that one neighbour told by IHAVE is enough.
 */
export const PEER_MESH: MeshDegrees = Object.freeze({
  D: 3,
  Dlo: 2,
  Dhi: 12,
  Dout: 1,
  Dscore: 3,
  Dlazy: 1,
});

/** The relay is the only neighbour of peers without WebRTC, which would otherwise get nothing but IHAVE from it: all of them. */
export const RELAY_MESH: MeshDegrees = Object.freeze({
  D: 256,
  Dlo: 128,
  Dhi: 2_000,
  Dout: 1,
  Dscore: 3,
  Dlazy: 6,
});

// Below gossipsub's publish threshold of -50, so that an unbound peer is sent nothing and has no place in a mesh; above its graylist
// threshold of -80, so that its subscriptions are noted for when it is bound.
const UNBOUND_SCORE = -60;

/** What gossipsub is told of neighbours. */
export interface NeighboursView {
  readonly isBound: (peerId: string) => boolean;
  /** 0 or less. */
  readonly scoreOf: (peerId: string) => number;
}

/** Options of gossipsub, the same for tabs and the relay. */
export function gossipsubOptions(
  { isBound, scoreOf }: NeighboursView,
  mesh: MeshDegrees = PEER_MESH,
): Partial<GossipsubOpts> {
  return {
    ...mesh,
    globalSignaturePolicy: 'StrictNoSign',
    msgIdFn: ({ topic, data }) => messageId(topic, data),
    allowPublishToZeroTopicPeers: true,
    ignoreDuplicatePublishError: true,
    fallbackToFloodsub: false,
    floodPublish: false,
    doPX: false,
    // A peer that grafts us a moment before our side is bound is pruned; a minute of backoff would be too long.
    pruneBackoff: 5_000,
    // Saying so to every neighbour costs a message each; it is worth that for large blocks only.
    idontwantMinDataSize: 16 * 1024,
    maxInboundDataLength: MAX_PUSH_BYTES + 64 * 1024,
    maxOutboundBufferSize: 16 * 1024 * 1024,
    scoreParams: {
      // Every tab of a class, and every test, comes from one address.
      IPColocationFactorWeight: 0,
      appSpecificScore: (peerId) => (isBound(peerId) ? scoreOf(peerId) : UNBOUND_SCORE),
      appSpecificWeight: 1,
    },
    // Never on connections that a circuit limits: the stream would stay there and die at 128 KiB.
    runOnLimitedConnection: false,
  };
}

/** From here on the platform's own hash is quicker than JavaScript's, and does not keep the thread. */
const NATIVE_HASH_FROM_BYTES = 2 * 1024;

/** Identity of a message: SHA-256 over topic and bytes. */
export function messageId(topic: string, data: Uint8Array): Uint8Array | Promise<Uint8Array> {
  const hashed = concat(utf8(topic), Uint8Array.of(0), data);
  // Absent on a page at http:// of a LAN.
  const subtle: SubtleCrypto | undefined = globalThis.crypto?.subtle;
  if (!subtle || hashed.length < NATIVE_HASH_FROM_BYTES) return sha256(hashed);
  return subtle.digest('SHA-256', hashed).then((digest) => new Uint8Array(digest));
}

export interface GossipsubPubsubComponents {
  readonly gossipsub: Pick<GossipSub, 'publish' | 'subscribe' | 'unsubscribe' | 'topicValidators'>;
  readonly bindings: Pick<Bindings, 'get' | 'events'>;
  readonly log: Logger;
  readonly scores: Pick<NeighbourScores, 'rejected' | 'takes'>;
}

const RESULTS: Readonly<Record<Verdict, TopicValidatorResult>> = {
  accept: TopicValidatorResult.Accept,
  ignore: TopicValidatorResult.Ignore,
  reject: TopicValidatorResult.Reject,
};

/** Pubsub over gossipsub. Messages passed on by a peer that has not shaken hands are ignored. */
export class GossipsubPubsub implements Pubsub {
  readonly #components: GossipsubPubsubComponents;
  readonly #guard: TopicGuard;

  constructor(components: GossipsubPubsubComponents) {
    this.#components = components;
    this.#guard = new TopicGuard(components.gossipsub, components.bindings);
    boundRates(components.gossipsub, components.scores);
    components.bindings.events.on('binding:added', ({ peerId }) =>
      forgetScore(components.gossipsub, peerId),
    );
  }

  async publish(topic: string, data: Uint8Array): Promise<number> {
    if (data.length > MAX_PUSH_BYTES) return 0;
    const { recipients } = await this.#components.gossipsub.publish(topic, data);
    return recipients.length;
  }

  subscribe(topic: string, receive: TopicReceiver, mayHear?: MayHear): void {
    const { gossipsub, bindings, scores, log } = this.#components;
    if (mayHear) this.#guard.set(topic, mayHear);
    gossipsub.topicValidators.set(topic, async (peer, message) => {
      const from = bindings.get(peer.toString());
      if (!from) return TopicValidatorResult.Ignore;
      try {
        const verdict = await receive(message.data, from);
        if (verdict === 'reject') {
          log.debug(`rejected a message on ${topic}`, { from: from.name });
          scores.rejected(from.peerId);
        }
        return RESULTS[verdict];
      } catch (error) {
        log.debug(`ignored a message on ${topic}`, { from: from.name, reason: messageOf(error) });
        return TopicValidatorResult.Ignore;
      }
    });
    gossipsub.subscribe(topic);
  }

  unsubscribe(topic: string): void {
    const { gossipsub, log } = this.#components;
    gossipsub.topicValidators.delete(topic);
    this.#guard.delete(topic);
    try {
      gossipsub.unsubscribe(topic);
    } catch (error) {
      // A libp2p node that was stopped first has left all topics.
      log.debug(`not unsubscribed from ${topic}`, { reason: messageOf(error) });
    }
  }
}

// gossipsub keeps a computed score for a heartbeat, and would meanwhile answer the graft of a peer that has just been bound with a prune.
// The cache is not part of its interface: without it, that peer enters the mesh some seconds later.
function forgetScore(gossipsub: object, peerId: string): void {
  const { score } = gossipsub as { score?: { scoreCache?: unknown } };
  if (score?.scoreCache instanceof Map) score.scoreCache.delete(peerId);
}

interface Received {
  handleReceivedRpc?: (
    from: { toString(): string },
    rpc: { messages?: { readonly data?: Uint8Array }[] },
  ) => Promise<void>;
}

// What is above a neighbour's rate is not even hashed. gossipsub bounds subscriptions and requests by itself, messages not.
function boundRates(gossipsub: object, scores: Pick<NeighbourScores, 'takes'>): void {
  const watched = gossipsub as Received;
  const { handleReceivedRpc } = watched;
  if (!handleReceivedRpc) throw new Error('this version of gossipsub cannot be bounded');
  watched.handleReceivedRpc = (from, rpc) => {
    const sizes = rpc.messages?.map(({ data }) => data?.length ?? 0) ?? [];
    const taken = scores.takes(from.toString(), sizes);
    if (rpc.messages && taken < sizes.length) rpc.messages = rpc.messages.slice(0, taken);
    return handleReceivedRpc.call(gossipsub, from, rpc);
  };
}
