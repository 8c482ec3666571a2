// SPDX-License-Identifier: Apache-2.0
// libp2p's WebSocket transport behind the relay's HTTP(S) port. @libp2p/websockets opens a port of its own and cannot be given a server, so
// its listener is kept on a free port of the loopback interface, and upgrades that reach the HTTP server are handed to it directly: no proxy,
// the address of the remote stays known, and TLS has already been dealt with. Its WebSockets are made stricter on the way: messages are
// small, a malformed frame costs its socket and nothing else, and a socket that is given up is destroyed instead of asked.
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { CreateListenerOptions, Listener, Transport } from '@libp2p/interface';
import { type WebSocketsComponents, webSockets } from '@libp2p/websockets';
import type { Clock } from '../../src/common/runtime/clock.ts';
import { FabricError } from '../../src/common/runtime/errors.ts';
import { Strangers } from './strangers.ts';

/** What the listener listens on; nobody is told. */
export const INTERNAL_LISTEN_ADDRESS = '/ip4/127.0.0.1/tcp/0/ws';

/** A laptop that was closed sends no FIN; the system finds out by probing. */
const KEEP_ALIVE_MS = 20_000;

/**
 * Tabs write up to 128 KiB at once (gathered-writes.ts), and Noise adds little. By itself `ws` takes 100 MiB, and holds a message until it is
 * complete.
 */
const MAX_MESSAGE_BYTES = 1024 * 1024;

/** What this file needs of `ws`. */
interface ServerSocket {
  on(name: 'error', listener: () => void): void;
  close(code?: number, reason?: string): void;
  terminate(): void;
}

/** Of RFC 6455 7.4.1: says that no close frame came, and is never sent. */
const ABNORMAL_CLOSURE = 1006;

interface UpgradingListener extends Listener {
  readonly wsServer: {
    readonly options: { maxPayload: number };
    handleUpgrade(
      request: IncomingMessage,
      socket: Duplex,
      head: Buffer,
      done: (webSocket: ServerSocket, request: IncomingMessage) => void,
    ): void;
  };
  onWsServerConnection(webSocket: ServerSocket, request: IncomingMessage): void;
}

/** The transport, and what the HTTP server calls with each upgrade. */
export class SharedWebSockets {
  readonly strangers: Strangers;
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
      listener.wsServer.options.maxPayload = MAX_MESSAGE_BYTES;
      this.#listener = listener;
      return listener;
    };
    return transport;
  };

  constructor(components: { readonly clock: Clock }) {
    this.strangers = new Strangers(components);
  }

  readonly upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    if (!this.#listener) {
      socket.end(
        'HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nContent-Length: 0\r\n\r\n',
      );
      return;
    }
    const { remoteAddress = '', remotePort = 0 } = request.socket;
    request.socket.setKeepAlive(true, KEEP_ALIVE_MS);
    this.strangers.add({
      address: remoteAddress,
      port: remotePort,
      destroy: () => socket.destroy(),
    });
    socket.once('close', () => this.strangers.remove(remoteAddress, remotePort));
    const listener = this.#listener;
    listener.wsServer.handleUpgrade(request, socket, head, (webSocket, accepted) => {
      listener.onWsServerConnection(strict(webSocket), accepted);
    });
  };
}

// A malformed frame is an 'error', which would be nobody's. libp2p resets by closing with a code that `ws` does not take, and takes its leave from a
// socket that may not read any more.
function strict(webSocket: ServerSocket): ServerSocket {
  const close = webSocket.close.bind(webSocket);
  webSocket.on('error', () => webSocket.terminate());
  webSocket.close = (code, reason) => {
    if (code === ABNORMAL_CLOSURE) webSocket.terminate();
    else close(code, reason);
  };
  return webSocket;
}

function isUpgrading(listener: Listener): listener is UpgradingListener {
  const { wsServer, onWsServerConnection } = listener as Partial<UpgradingListener>;
  return (
    typeof onWsServerConnection === 'function' &&
    typeof wsServer?.handleUpgrade === 'function' &&
    typeof wsServer.options.maxPayload === 'number'
  );
}
