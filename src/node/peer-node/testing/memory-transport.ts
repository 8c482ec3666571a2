// SPDX-License-Identifier: Apache-2.0
// A PeerTransport on a network in memory, whose connections a test cuts and mends.
import { FabricError } from '../../../common/runtime/errors.ts';
import { TypedEventTarget } from '../../../common/runtime/typed-events.ts';
import type { ServiceClient, ServiceHandler, ServiceTable } from '../../../common/wire/service.ts';
import type { ConnectivityEvents, ConnectivityStatus } from '../../comm/connectivity.ts';
import type { PeerLink } from '../../comm/links.ts';
import type { Connections, PeerTransport } from '../../comm/peer-transport.ts';
import type { MemoryNode } from '../../gossip/testing/memory-network.ts';

export class MemoryTransport implements PeerTransport {
  readonly webrtc = true;
  readonly relay: ServiceClient;
  readonly connections: Connections;
  readonly events = new TypedEventTarget<ConnectivityEvents>();
  /** How often identities were checked again. */
  rechecks = 0;
  retries = 0;
  /** Peers that this one holds for gone. */
  readonly dropped: string[] = [];
  stopped = false;
  readonly #node: MemoryNode;
  readonly #relayPeerId: string;
  readonly #mounted = new Map<string, ServiceHandler>();

  constructor(node: MemoryNode, relayPeerId: string) {
    this.#node = node;
    this.#relayPeerId = relayPeerId;
    this.relay = node.client(relayPeerId);
    node.services = this.#mounted;
    const status = (): ConnectivityStatus => this.#status();
    this.connections = {
      events: this.events,
      get status() {
        return status();
      },
      link: (peerId) => this.#link(peerId),
      neighbours: () => node.bindings.all().map(({ peerId }) => peerId),
      retryNow: () => void this.retries++,
    };
  }

  get peerId(): string {
    return this.#node.binding.peerId;
  }

  get pubsub() {
    return this.#node.pubsub;
  }

  get bindings() {
    return this.#node.bindings;
  }

  client(peerId: string): ServiceClient {
    return this.#node.client(peerId);
  }

  reach(peerId: string): ServiceClient {
    return this.client(peerId);
  }

  mount(services: ServiceTable): () => void {
    for (const [method, handler] of services) {
      if (this.#mounted.has(method)) throw new FabricError('METHOD_TAKEN', method);
      this.#mounted.set(method, handler);
    }
    return () => {
      for (const method of services.keys()) this.#mounted.delete(method);
    };
  }

  async start(): Promise<void> {}

  async relayReady(): Promise<void> {
    if (this.#node.bindings.has(this.#relayPeerId)) return;
    throw new FabricError('UNBOUND_PEER', 'the relay is not connected');
  }

  /** The relay is connected again. */
  reconnect(): void {
    this.events.emit('relay:connected', { peerId: this.#relayPeerId });
  }

  async recheck(): Promise<void> {
    this.rechecks++;
  }

  drop(peerId: string): void {
    this.dropped.push(peerId);
  }

  metrics(): Readonly<Record<string, number>> {
    return { messages: this.#node.sent.messages, bytes: this.#node.sent.bytes };
  }

  async stop(): Promise<void> {
    this.stopped = true;
  }

  #link(peerId: string): PeerLink {
    if (peerId === this.peerId) return 'self';
    if (!this.#node.bindings.has(peerId)) return 'none';
    return peerId === this.#relayPeerId ? 'relay' : 'webrtc';
  }

  #status(): ConnectivityStatus {
    const relayConnected = this.#node.bindings.has(this.#relayPeerId);
    const directPeers = this.#node.bindings.all().length - (relayConnected ? 1 : 0);
    return { state: relayConnected ? 'online' : 'reconnecting', directPeers, relayConnected };
  }
}
