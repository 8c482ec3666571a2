// SPDX-License-Identifier: Apache-2.0
// Takes the place of libp2p's identify. That one opens a stream each way on each new connection, about twenty messages and a signed record of
// addresses, to learn which protocols the other side speaks; and only then tells gossipsub and the circuit relay's client of it. In this
// network it is known beforehand: everybody speaks gossipsub, and who is reached by a WebSocket is a relay.

import type { PeerStore, Startable, TypedEventTarget } from '@libp2p/interface';
import { type Connection, type Libp2pEvents, serviceCapabilities } from '@libp2p/interface';
import { isDirect } from './protocols.ts';

/** What every node speaks; gossipsub agrees on a version when it opens its stream. */
export const GOSSIP_PROTOCOL = '/meshsub/1.2.0';

export interface KnownProtocolsComponents {
  readonly events: TypedEventTarget<Libp2pEvents>;
  readonly peerStore: PeerStore;
}

/** Tells the parts of a node which protocols the other side of a connection speaks; a libp2p service. */
export class KnownProtocols implements Startable {
  readonly [serviceCapabilities] = ['@libp2p/identify'];
  readonly #components: KnownProtocolsComponents;
  readonly #protocolsOf: (connection: Connection) => readonly string[];
  readonly #opened = (event: CustomEvent<Connection>): void => void this.#tell(event.detail);

  constructor(
    components: KnownProtocolsComponents,
    protocolsOf: (connection: Connection) => readonly string[],
  ) {
    this.#components = components;
    this.#protocolsOf = protocolsOf;
  }

  start(): void {
    this.#components.events.addEventListener('connection:open', this.#opened);
  }

  stop(): void {
    this.#components.events.removeEventListener('connection:open', this.#opened);
  }

  async #tell(connection: Connection): Promise<void> {
    if (!isDirect(connection)) return;
    const { events, peerStore } = this.#components;
    const peerId = connection.remotePeer;
    const protocols = [...this.#protocolsOf(connection)];
    try {
      // What is in the store is told again when the peer has gone.
      await peerStore.merge(peerId, { protocols });
    } catch (error) {
      connection.log.error('protocols not stored', error);
      return;
    }
    const detail = { peerId, protocols, connection, listenAddrs: [] };
    events.safeDispatchEvent('peer:identify', { detail });
  }
}

/** For libp2p's `services`. */
export function knownProtocols(
  protocolsOf: (connection: Connection) => readonly string[] = () => [GOSSIP_PROTOCOL],
): (components: KnownProtocolsComponents) => KnownProtocols {
  return (components) => new KnownProtocols(components, protocolsOf);
}
