// SPDX-License-Identifier: Apache-2.0
// libp2p's WebSocket transport behind the relay's HTTP(S) port. @libp2p/websockets opens a port of its own and cannot be given a server, so
// its listener is kept on a free port of the loopback interface, and upgrades that reach the HTTP server are handed to it directly: no proxy,
// the address of the remote stays known, and TLS has already been dealt with.
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { CreateListenerOptions, Listener, Transport } from '@libp2p/interface';
import { type WebSocketsComponents, webSockets } from '@libp2p/websockets';
import { FabricError } from '../../src/common/runtime/errors.ts';

/** What the listener listens on; nobody is told. */
export const INTERNAL_LISTEN_ADDRESS = '/ip4/127.0.0.1/tcp/0/ws';

/** A laptop that was closed sends no FIN; the system finds out by probing. */
const KEEP_ALIVE_MS = 20_000;

interface UpgradingListener extends Listener {
  onUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
}

/** The transport, and what the HTTP server calls with each upgrade. */
export class SharedWebSockets {
  #listener: UpgradingListener | undefined;

  /** For libp2p's `transports`. */
  readonly transport = (components: WebSocketsComponents): Transport => {
    const transport = webSockets()(components);
    const createListener = transport.createListener.bind(transport);
    transport.createListener = (options: CreateListenerOptions): Listener => {
      const listener = createListener(options);
      if (!isUpgrading(listener)) {
        const message =
          'this version of @libp2p/websockets does not take upgrades from an HTTP server';
        throw new FabricError('WEBSOCKETS_INCOMPATIBLE', message);
      }
      this.#listener = listener;
      return listener;
    };
    return transport;
  };

  readonly upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    if (!this.#listener) {
      socket.end(
        'HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nContent-Length: 0\r\n\r\n',
      );
      return;
    }
    (socket as Partial<Socket>).setKeepAlive?.(true, KEEP_ALIVE_MS);
    this.#listener.onUpgrade(request, socket, head);
  };
}

function isUpgrading(listener: Listener): listener is UpgradingListener {
  return 'onUpgrade' in listener && typeof listener.onUpgrade === 'function';
}
