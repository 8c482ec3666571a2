// SPDX-License-Identifier: Apache-2.0
// Who may hear a topic. To gossipsub, whoever subscribes to a topic or grafts itself into its mesh is sent what is said there; but a channel is for
// its members. gossipsub has no such question, so its two ends are watched: what a neighbour asks for, and what it would be sent.
import type { Binding, Bindings } from '../comm/bindings.ts';

/** Whether a neighbour may hear what is said on a topic. */
export type MayHear = (neighbour: Binding) => boolean;

interface TopicOf {
  readonly topic?: string;
  readonly topicID?: string;
}

interface Rpc {
  subscriptions?: (TopicOf & { readonly subscribe?: boolean })[];
  messages?: TopicOf[];
  control?: { graft?: TopicOf[]; ihave?: TopicOf[] } | null;
}

/** What is used of gossipsub that is not part of its interface. */
interface Internals {
  handleReceivedRpc(from: { toString(): string }, rpc: Rpc): Promise<void>;
  handleReceivedSubscription(from: { toString(): string }, topic: string, is: boolean): unknown;
  sendRpc(to: string, rpc: Rpc): boolean;
  readonly topics: ReadonlyMap<string, ReadonlySet<string>>;
  readonly peers: ReadonlyMap<string, { toString(): string }>;
}

export class TopicGuard {
  readonly #rules = new Map<string, MayHear>();
  readonly #bindings: Pick<Bindings, 'get' | 'events'>;
  readonly #gossipsub: Internals;

  /** Throws when this version of gossipsub cannot be watched. */
  constructor(gossipsub: object, bindings: Pick<Bindings, 'get' | 'events'>) {
    this.#bindings = bindings;
    this.#gossipsub = gossipsub as Internals;
    this.#watch();
    // Who subscribed before its handshake was over: nothing was sent to it until then.
    bindings.events.on('binding:added', (neighbour) => this.#dropSubscriptions(neighbour));
  }

  /** From now on only those whom the rule lets are told of this topic. */
  set(topic: string, rule: MayHear): void {
    this.#rules.set(topic, rule);
  }

  delete(topic: string): void {
    this.#rules.delete(topic);
  }

  #watch(): void {
    const gossipsub = this.#gossipsub;
    const { handleReceivedRpc, sendRpc } = gossipsub;
    if (typeof handleReceivedRpc !== 'function' || typeof sendRpc !== 'function')
      throw new Error('this version of gossipsub cannot be guarded');
    gossipsub.handleReceivedRpc = (from, rpc) => {
      const may = this.#judge(from.toString(), false);
      if (rpc.subscriptions)
        rpc.subscriptions = rpc.subscriptions.filter((one) => !one.subscribe || may(one.topic));
      if (rpc.control?.graft) rpc.control.graft = ofThose(rpc.control.graft, may);
      return handleReceivedRpc.call(gossipsub, from, rpc);
    };
    gossipsub.sendRpc = (to, rpc) => {
      const may = this.#judge(to, true);
      if (rpc.messages) rpc.messages = ofThose(rpc.messages, may);
      if (rpc.control?.ihave) rpc.control.ihave = ofThose(rpc.control.ihave, may);
      return sendRpc.call(gossipsub, to, rpc);
    };
  }

  // A stranger may ask before its handshake, but is told nothing.
  #judge(peerId: string, isSending: boolean): (topic: string | undefined) => boolean {
    const neighbour = this.#bindings.get(peerId);
    return (topic) => {
      const rule = topic === undefined ? undefined : this.#rules.get(topic);
      if (!rule) return true;
      return neighbour ? rule(neighbour) : !isSending;
    };
  }

  #dropSubscriptions(neighbour: Binding): void {
    const { topics, peers } = this.#gossipsub;
    const peer = peers.get(neighbour.peerId);
    if (!peer) return;
    for (const [topic, rule] of this.#rules) {
      if (topics.get(topic)?.has(neighbour.peerId) && !rule(neighbour))
        this.#gossipsub.handleReceivedSubscription(peer, topic, false);
    }
  }
}

// The same list when nothing is taken out of it, which is nearly always.
function ofThose(list: TopicOf[], may: (topic: string | undefined) => boolean): TopicOf[] {
  const isAllowed = (one: TopicOf): boolean => may(one.topic ?? one.topicID);
  return list.every(isAllowed) ? list : list.filter(isAllowed);
}
