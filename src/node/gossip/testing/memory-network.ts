// SPDX-License-Identifier: Apache-2.0
// A network in memory on a fake clock, for tests: pubsub and service calls between nodes, with loss, delay, splits and nodes that freeze.
import type { Clock } from '../../../common/runtime/clock.ts';
import {
  GrpcStatus,
  type RemoteParty,
  type ServiceClient,
  ServiceError,
  type ServiceTable,
} from '../../../common/wire/service.ts';
import type { Binding } from '../../comm/bindings.ts';
import type { Pubsub, TopicReceiver, Verdict } from '../pubsub.ts';

/** One node's place on the network. */
export interface MemoryNode {
  readonly binding: Binding;
  readonly pubsub: Pubsub;
  readonly bindings: { get(peerId: string): Binding | undefined; has(peerId: string): boolean };
  client(peerId: string): ServiceClient;
  services: ServiceTable;
  /** Neither hears nor answers, and its messages are lost. */
  frozen: boolean;
}

export class MemoryNetwork {
  readonly nodes = new Map<string, MemoryNode>();
  /** Whether one node's packets reach another; calls need both ways. */
  reaches: (from: string, to: string, topic?: string) => boolean = () => true;
  delayMs: () => number = () => 10;
  /** Topic and verdict of every message judged. */
  readonly verdicts: { topic: string; by: string; verdict: Verdict }[] = [];
  readonly #clock: Clock;
  readonly #receivers = new Map<string, Map<string, TopicReceiver>>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  add(binding: Binding): MemoryNode {
    const { peerId } = binding;
    const receivers = new Map<string, TopicReceiver>();
    this.#receivers.set(peerId, receivers);
    const node: MemoryNode = {
      binding,
      services: new Map(),
      frozen: false,
      bindings: {
        get: (other) => this.#boundTo(peerId, other),
        has: (other) => this.#boundTo(peerId, other) !== undefined,
      },
      client: (other) => ({
        call: (method, requests, { signal }) => this.#call(peerId, other, method, requests, signal),
      }),
      pubsub: {
        publish: async (topic, data) => this.#publish(peerId, topic, data),
        subscribe: (topic, receive) => void receivers.set(topic, receive),
        unsubscribe: (topic) => void receivers.delete(topic),
      },
    };
    this.nodes.set(peerId, node);
    return node;
  }

  remove(peerId: string): void {
    this.nodes.delete(peerId);
    this.#receivers.delete(peerId);
  }

  #connected(a: string, b: string): boolean {
    const up = [a, b].every((peerId) => this.nodes.get(peerId)?.frozen === false);
    return up && this.reaches(a, b) && this.reaches(b, a);
  }

  // A frozen node's connections look open for a while.
  #boundTo(own: string, other: string): Binding | undefined {
    return own !== other && this.reaches(own, other) ? this.nodes.get(other)?.binding : undefined;
  }

  #publish(from: string, topic: string, data: Uint8Array): number {
    const sender = this.nodes.get(from);
    if (!sender || sender.frozen) return 0;
    let sent = 0;
    for (const [to, receivers] of this.#receivers) {
      if (to === from || !receivers.has(topic) || !this.reaches(from, to, topic)) continue;
      sent++;
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
    if (!receive || this.nodes.get(to)?.frozen) return;
    const verdict = await receive(data, from).catch((): Verdict => 'ignore');
    this.verdicts.push({ topic, by: to, verdict });
  }

  async *#call(
    from: string,
    to: string,
    method: string,
    requests: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
    signal: AbortSignal,
  ): AsyncGenerator<Uint8Array> {
    await this.#clock.sleep(this.delayMs(), { signal });
    if (!this.nodes.has(to) || !this.reaches(from, to))
      throw new ServiceError(GrpcStatus.UNAVAILABLE, `no direct connection to ${to}`);
    // Frozen, it just does not answer.
    if (!this.#connected(from, to)) await this.#clock.sleep(1e12, { signal });
    const handler = this.nodes.get(to)?.services.get(method);
    const caller = this.nodes.get(from)?.binding;
    if (!handler || !caller)
      throw new ServiceError(GrpcStatus.UNIMPLEMENTED, `there is no method ${method}`);
    const remote: RemoteParty = { address: from, identity: caller.identity, mspId: caller.mspId };
    for await (const response of handler(stream(requests), { remote, signal })) {
      await this.#clock.sleep(this.delayMs(), { signal });
      if (!this.#connected(from, to))
        throw new ServiceError(GrpcStatus.CANCELLED, 'the stream was reset');
      yield response.slice();
    }
  }
}

async function* stream(
  requests: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  yield* requests;
}
