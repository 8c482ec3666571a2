// SPDX-License-Identifier: Apache-2.0
// gossipsub opens its stream to a peer once, when the connection is made; a stream that dies later (a burst that overflows its buffer aborts it)
// leaves that peer without gossip for as long as the connection lasts. So a connection that has lost its stream is closed, and whoever keeps
// connections makes it again. A client that never had one is left alone.
import type { Connection, Libp2p } from '@libp2p/interface';
import type { Clock } from '../../common/runtime/clock.ts';
import type { Logger } from '../../common/runtime/log.ts';
import { PeriodicTask } from '../../common/runtime/periodic-task.ts';
import { closeConnection, isDirect } from './protocols.ts';

export interface GossipStreamsComponents {
  readonly node: Pick<Libp2p, 'getConnections'>;
  /** Gossip is with these only. */
  readonly isBound: (peerId: string) => boolean;
  readonly clock: Clock;
  readonly log: Logger;
}

export interface GossipStreamsOptions {
  readonly everyMs: number;
  /** So often in a row a stream must be missing: one that is being opened may be so for a while. */
  readonly checks: number;
}

export const DEFAULT_GOSSIP_STREAMS_OPTIONS: GossipStreamsOptions = Object.freeze({
  everyMs: 5_000,
  checks: 3,
});

const GOSSIP_PROTOCOL = /^\/(meshsub|floodsub)\//;

/** Closes connections whose gossip has died. */
export class GossipStreams {
  readonly #components: GossipStreamsComponents;
  readonly #options: GossipStreamsOptions;
  /** Times in a row that a peer was without one which it had before. */
  #missing = new Map<string, number>();
  readonly #task: PeriodicTask;

  constructor(components: GossipStreamsComponents, options: Partial<GossipStreamsOptions> = {}) {
    this.#components = components;
    this.#options = { ...DEFAULT_GOSSIP_STREAMS_OPTIONS, ...options };
    const { clock, log } = components;
    const { everyMs } = this.#options;
    this.#task = new PeriodicTask({
      name: 'gossip streams',
      everyMs,
      clock,
      log,
      run: () => this.#check(),
    });
  }

  start(): void {
    this.#task.start();
  }

  stop(): void {
    this.#task.stop();
  }

  #check(): void {
    const { node, isBound, log } = this.#components;
    const byPeer = new Map<string, Connection[]>();
    for (const connection of node.getConnections().filter(isDirect)) {
      const peerId = connection.remotePeer.toString();
      if (isBound(peerId)) byPeer.set(peerId, [...(byPeer.get(peerId) ?? []), connection]);
    }
    const missing = new Map<string, number>();
    for (const [peerId, connections] of byPeer) {
      const before = this.#missing.get(peerId);
      if (connections.some(hasGossip)) missing.set(peerId, 0);
      if (before === undefined || missing.has(peerId)) continue;
      const times = before + 1;
      missing.set(peerId, times);
      if (times < this.#options.checks) continue;
      missing.delete(peerId);
      log.info('a connection without gossip is closed', { peerId });
      for (const connection of connections)
        void closeConnection(connection, new Error('its gossip stream has died'));
    }
    this.#missing = missing;
  }
}

function hasGossip({ streams }: Connection): boolean {
  return streams.some(
    ({ protocol, direction, status }) =>
      direction === 'outbound' && status === 'open' && GOSSIP_PROTOCOL.test(protocol),
  );
}
