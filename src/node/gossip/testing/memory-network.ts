// SPDX-License-Identifier: Apache-2.0
// A network in memory on a fake clock, for tests: gossip that spreads from neighbour to neighbour and service calls between nodes, with loss, delay,
// splits and nodes that freeze. Counts what each node sends, as gossipsub would with all neighbours in its mesh.
import { sha256 } from '@noble/hashes/sha2.js';
import { concat, toHex, utf8 } from '../../../common/runtime/bytes.ts';
import type { Clock } from '../../../common/runtime/clock.ts';
import { TypedEventTarget } from '../../../common/runtime/typed-events.ts';
import {
  GrpcStatus,
  type RemoteParty,
  type ServiceClient,
  ServiceError,
  type ServiceTable,
} from '../../../common/wire/service.ts';
import type { Binding, BindingEvents } from '../../comm/bindings.ts';
import type { Pubsub, TopicReceiver, Verdict } from '../pubsub.ts';
import { PING_METHOD } from '../services.ts';

/** One node's place on the network. */
export interface MemoryNode {
  readonly binding: Binding;
  readonly pubsub: Pubsub;
  readonly bindings: {
    readonly events: TypedEventTarget<BindingEvents>;
    get(peerId: string): Binding | undefined;
    has(peerId: string): boolean;
    all(): Binding[];
  };
  client(peerId: string): ServiceClient;
  services: ServiceTable;
  /** Neither hears nor answers, and its messages are lost. */
  frozen: boolean;
  /** Gossip messages and requests or responses of calls that it sent, and their bytes. */
  readonly sent: { messages: number; bytes: number };
}

export class MemoryNetwork {
  readonly nodes = new Map<string, MemoryNode>();
  /** Whether two nodes have a connection; everybody with everybody unless a test says otherwise. */
  areNeighbours: (a: string, b: string) => boolean = () => true;
  /** Whether one node's packets reach another; calls need both ways. */
  reaches: (from: string, to: string, topic?: string) => boolean = () => true;
  delayMs: () => number = () => 10;
  /** Topic and verdict of every message judged, copies left out. */
  readonly verdicts: { topic: string; by: string; verdict: Verdict }[] = [];
  readonly #clock: Clock;
  readonly #receivers = new Map<string, Map<string, TopicReceiver>>();
  /** Ids of the messages that a node has judged or published. */
  readonly #seen = new Map<string, Set<string>>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  add(binding: Binding): MemoryNode {
    const { peerId } = binding;
    const receivers = new Map<string, TopicReceiver>();
    this.#receivers.set(peerId, receivers);
    this.#seen.set(peerId, new Set());
    const node: MemoryNode = {
      binding,
      services: new Map(),
      frozen: false,
      sent: { messages: 0, bytes: 0 },
      bindings: {
        events: new TypedEventTarget<BindingEvents>(),
        get: (other) => this.#boundTo(peerId, other),
        has: (other) => this.#boundTo(peerId, other) !== undefined,
        all: () => [...this.nodes.keys()].flatMap((other) => this.#boundTo(peerId, other) ?? []),
      },
      client: (other) => ({
        call: (method, requests, { signal }) => this.#call(peerId, other, method, requests, signal),
      }),
      pubsub: {
        publish: async (topic, data) => {
          this.#hasSeen(peerId, topic, data);
          return this.#spread(peerId, topic, data, undefined);
        },
        subscribe: (topic, receive) => void receivers.set(topic, receive),
        unsubscribe: (topic) => void receivers.delete(topic),
      },
    };
    this.nodes.set(peerId, node);
    for (const other of this.#neighbours(peerId)) {
      other.bindings.events.emit('binding:added', binding);
      node.bindings.events.emit('binding:added', other.binding);
    }
    return node;
  }

  /** The node is gone without a word; its neighbours see their connections close. */
  remove(peerId: string): void {
    const node = this.nodes.get(peerId);
    if (!node) return;
    const neighbours = this.#neighbours(peerId);
    this.nodes.delete(peerId);
    this.#receivers.delete(peerId);
    for (const other of neighbours) other.bindings.events.emit('binding:removed', node.binding);
  }

  /** What all nodes have sent so far, by peer id. */
  traffic(): Map<string, { messages: number; bytes: number }> {
    return new Map([...this.nodes].map(([peerId, { sent }]) => [peerId, { ...sent }]));
  }

  #neighbours(peerId: string): MemoryNode[] {
    return [...this.nodes]
      .filter(([other]) => other !== peerId && this.areNeighbours(peerId, other))
      .map(([, node]) => node);
  }

  #connected(a: string, b: string): boolean {
    const up = [a, b].every((peerId) => this.nodes.get(peerId)?.frozen === false);
    return up && this.areNeighbours(a, b) && this.reaches(a, b) && this.reaches(b, a);
  }

  // A frozen node's connections look open for a while.
  #boundTo(own: string, other: string): Binding | undefined {
    const isNeighbour = own !== other && this.areNeighbours(own, other);
    return isNeighbour && this.reaches(own, other) ? this.nodes.get(other)?.binding : undefined;
  }

  #count(from: string, bytes: number): void {
    const sent = this.nodes.get(from)?.sent;
    if (!sent) return;
    sent.messages++;
    sent.bytes += bytes;
  }

  // True the second time.
  #hasSeen(peerId: string, topic: string, data: Uint8Array): boolean {
    const seen = this.#seen.get(peerId);
    const id = toHex(sha256(concat(utf8(topic), data)));
    if (!seen || seen.has(id)) return true;
    seen.add(id);
    return false;
  }

  #spread(from: string, topic: string, data: Uint8Array, except: string | undefined): number {
    const sender = this.nodes.get(from);
    if (!sender || sender.frozen) return 0;
    let sent = 0;
    for (const { binding } of this.#neighbours(from)) {
      const to = binding.peerId;
      const isSubscribed = this.#receivers.get(to)?.has(topic) ?? false;
      if (to === except || !isSubscribed || !this.reaches(from, to, topic)) continue;
      sent++;
      this.#count(from, data.length);
      // Every receiver gets its own bytes, as from a real network.
      this.#clock.setTimer(
        () => void this.#receive(to, topic, data.slice(), sender.binding),
        this.delayMs(),
      );
    }
    return sent;
  }

  async #receive(to: string, topic: string, data: Uint8Array, from: Binding): Promise<void> {
    const receive = this.#receivers.get(to)?.get(topic);
    if (!receive || this.nodes.get(to)?.frozen || this.#hasSeen(to, topic, data)) return;
    const verdict = await receive(data, from).catch((): Verdict => 'ignore');
    this.verdicts.push({ topic, by: to, verdict });
    if (verdict === 'accept') this.#spread(to, topic, data, from.peerId);
  }

  async *#call(
    from: string,
    to: string,
    method: string,
    requests: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
    signal: AbortSignal,
  ): AsyncGenerator<Uint8Array> {
    await this.#clock.sleep(this.delayMs(), { signal });
    if (!this.nodes.has(to) || !this.areNeighbours(from, to) || !this.reaches(from, to))
      throw new ServiceError(GrpcStatus.UNAVAILABLE, `no direct connection to ${to}`);
    // Frozen, it just does not answer.
    if (!this.#connected(from, to)) await this.#clock.sleep(1e12, { signal });
    const caller = this.nodes.get(from)?.binding;
    // Every node that serves anything answers it.
    if (method === PING_METHOD) return yield new Uint8Array();
    const handler = this.nodes.get(to)?.services.get(method);
    if (!handler || !caller)
      throw new ServiceError(GrpcStatus.UNIMPLEMENTED, `there is no method ${method}`);
    const remote: RemoteParty = { address: from, identity: caller.identity, mspId: caller.mspId };
    const asked = counted(requests, (bytes) => this.#count(from, bytes));
    for await (const response of handler(asked, { remote, signal })) {
      this.#count(to, response.length);
      await this.#clock.sleep(this.delayMs(), { signal });
      if (!this.#connected(from, to))
        throw new ServiceError(GrpcStatus.CANCELLED, 'the stream was reset');
      yield response.slice();
    }
  }
}

async function* counted(
  requests: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  count: (bytes: number) => void,
): AsyncGenerator<Uint8Array> {
  for await (const request of requests) {
    count(request.length);
    yield request;
  }
}
