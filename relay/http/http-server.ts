// SPDX-License-Identifier: Apache-2.0
// The relay's one HTTP(S) port. Routes are functions from a request to a reply, asked in order; WebSocket upgrades go to libp2p.
// Limits: heads of 16 KiB, bodies as each route allows, 15 s for a request to arrive. A route that throws costs one reply of 500.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { FabricError, messageOf } from '../../src/common/runtime/errors.ts';
import type { Logger } from '../../src/common/runtime/log.ts';
import { foreignOrigin } from './own-origin.ts';

/** A request whose body is larger than its route takes. */
export class BodyTooLargeError extends FabricError {
  override readonly name: string = 'BodyTooLargeError';
}

export interface HttpRequest {
  readonly method: string;
  /** Decoded path, always beginning with `/`. */
  readonly path: string;
  /** Path and query as they came, for signatures over them. */
  readonly target: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage['headers'];
  readonly remoteAddress: string;
  /** The body, at most `maxBytes`; throws BodyTooLargeError. */
  body(maxBytes: number): Promise<Uint8Array>;
}

export interface HttpReply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

/** Answers a request, or gives undefined to leave it to the next route. */
export type HttpRoute = (
  request: HttpRequest,
) => Promise<HttpReply | undefined> | HttpReply | undefined;

export type UpgradeHandler = (request: IncomingMessage, socket: Duplex, head: Buffer) => void;

export interface HttpServerOptions {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** PEM certificate and key; with them the port speaks HTTPS. */
  readonly tls?: { readonly cert: string; readonly key: string };
  /** Paths at which a WebSocket may be opened. */
  readonly upgradePaths: readonly string[];
  /** Host names by which the relay is known, behind a proxy or by somebody's DNS. */
  readonly ownHosts?: readonly string[];
}

const COMMON_HEADERS = Object.freeze({
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'cross-origin',
});

/** The HTTP port; listens from `start` to `stop`. */
export class HttpServer {
  readonly #routes: HttpRoute[] = [];
  readonly #options: HttpServerOptions;
  readonly #log: Logger;
  readonly #upgraded = new Set<Duplex>();
  #server: Server | undefined;
  #upgrade: UpgradeHandler | undefined;
  #port = 0;

  constructor(components: { log: Logger }, options: HttpServerOptions) {
    this.#log = components.log;
    this.#options = options;
  }

  /** The port that it listens on, once started. */
  get port(): number {
    return this.#port;
  }

  add(route: HttpRoute): void {
    this.#routes.push(route);
  }

  onUpgrade(handler: UpgradeHandler): void {
    this.#upgrade = handler;
  }

  /** Rejects with a FabricError PORT_TAKEN, PORT_FORBIDDEN, BAD_HOST or BAD_CERTIFICATE that says what to do. */
  async start(): Promise<void> {
    if (this.#server) return;
    const server = this.#create();
    server.on('upgrade', (request, socket, head) => this.#onUpgrade(request, socket, head));
    server.on('clientError', (_error, socket) => socket.destroy());
    const { host, port } = this.#options;
    await new Promise<void>((resolve, reject) => {
      server.once('error', (error) => reject(listenError(error, host, port)));
      server.listen({ host, port }, resolve);
    });
    server.on('error', (error) =>
      this.#log.error('HTTP server failed', { message: error.message }),
    );
    this.#port = (server.address() as AddressInfo).port;
    this.#server = server;
  }

  async stop(): Promise<void> {
    const server = this.#server;
    if (!server) return;
    this.#server = undefined;
    await new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
      for (const socket of this.#upgraded) socket.destroy();
    });
  }

  #create(): Server {
    const limits = { maxHeaderSize: 16_384, headersTimeout: 10_000, requestTimeout: 15_000 };
    const listener = (request: IncomingMessage, response: ServerResponse): void => {
      void this.#serve(request, response);
    };
    const { tls } = this.#options;
    if (!tls) return createServer(limits, listener);
    try {
      return createSecureServer({ ...limits, ...tls }, listener);
    } catch (cause) {
      const message = `the certificate or key cannot be used: ${messageOf(cause)}`;
      throw new FabricError('BAD_CERTIFICATE', message, { cause });
    }
  }

  async #serve(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    let reply: HttpReply;
    try {
      reply = await this.#reply(incoming);
    } catch (error) {
      if (error instanceof BodyTooLargeError) {
        reply = { status: 413, body: 'request body too large\n', headers: { connection: 'close' } };
      } else {
        this.#log.error(`${incoming.method} ${incoming.url} failed`, { message: messageOf(error) });
        reply = { status: 500, body: 'internal error\n' };
      }
    }
    send(incoming, response, reply);
  }

  async #reply(incoming: IncomingMessage): Promise<HttpReply> {
    const request = parse(incoming);
    if (!request) return { status: 400, body: 'malformed request target\n' };
    const foreign = isRead(request.method) ? undefined : this.#foreign(incoming);
    if (foreign !== undefined) return refusal(foreign);
    for (const route of this.#routes) {
      const reply = await route(request);
      if (reply) return reply;
    }
    return { status: 404, body: 'not found\n' };
  }

  #foreign({ headers }: IncomingMessage): string | undefined {
    return foreignOrigin(headers, this.#options.ownHosts ?? []);
  }

  #onUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const path = (request.url ?? '/').split('?')[0] ?? '/';
    const wanted = request.headers.upgrade?.toLowerCase() === 'websocket';
    if (!wanted || !this.#options.upgradePaths.includes(path) || !this.#upgrade) {
      socket.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
      return;
    }
    if (this.#foreign(request) !== undefined) {
      socket.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
      return;
    }
    this.#upgraded.add(socket);
    socket.once('close', () => this.#upgraded.delete(socket));
    socket.on('error', () => socket.destroy());
    // A stream of small frames: waiting to fill packets would only add delay.
    (socket as Socket).setNoDelay?.(true);
    this.#upgrade(request, socket, head);
  }
}

function isRead(method: string): boolean {
  return method === 'GET' || method === 'HEAD';
}

// In the form of Fabric CA's replies, which all that is posted to answers in.
function refusal(reason: string): HttpReply {
  const errors = [{ code: 0, message: `ORIGIN_REFUSED: ${reason}` }];
  return json(403, { result: '', errors, messages: [], success: false });
}

function parse(incoming: IncomingMessage): HttpRequest | undefined {
  const target = incoming.url ?? '/';
  let url: URL;
  let path: string;
  try {
    url = new URL(target, 'http://relay');
    path = decodeURIComponent(url.pathname);
  } catch {
    return undefined;
  }
  if (!target.startsWith('/') || path.includes('\0')) return undefined;
  return {
    method: incoming.method ?? 'GET',
    path,
    target,
    query: url.searchParams,
    headers: incoming.headers,
    remoteAddress: incoming.socket.remoteAddress ?? '',
    body: (maxBytes) => readBody(incoming, maxBytes),
  };
}

async function readBody(incoming: IncomingMessage, maxBytes: number): Promise<Uint8Array> {
  const parts: Buffer[] = [];
  let length = 0;
  for await (const part of incoming as AsyncIterable<Buffer>) {
    length += part.length;
    if (length > maxBytes) {
      throw new BodyTooLargeError('BODY_TOO_LARGE', `the body is larger than ${maxBytes} bytes`);
    }
    parts.push(part);
  }
  return Buffer.concat(parts);
}

function send(incoming: IncomingMessage, response: ServerResponse, reply: HttpReply): void {
  const body = typeof reply.body === 'string' ? Buffer.from(reply.body) : reply.body;
  response.writeHead(reply.status, {
    ...COMMON_HEADERS,
    ...(typeof reply.body === 'string' ? { 'content-type': 'text/plain; charset=utf-8' } : {}),
    ...reply.headers,
    ...(reply.status === 304 ? {} : { 'content-length': String(body?.length ?? 0) }),
  });
  response.end(incoming.method === 'HEAD' ? undefined : body);
}

/** A JSON reply that no cache keeps. */
export function json(status: number, value: unknown): HttpReply {
  const headers = { 'content-type': 'application/json', 'cache-control': 'no-store' };
  return { status, headers, body: `${JSON.stringify(value)}\n` };
}

function listenError(error: NodeJS.ErrnoException, host: string, port: number): FabricError {
  const options = { cause: error };
  switch (error.code) {
    case 'EADDRINUSE':
      return new FabricError(
        'PORT_TAKEN',
        `port ${port} is taken by another program; choose one with --port`,
        options,
      );
    case 'EACCES':
      return new FabricError(
        'PORT_FORBIDDEN',
        `port ${port} needs more rights; choose one above 1023 with --port`,
        options,
      );
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return new FabricError(
        'BAD_HOST',
        `${host} is no address of this machine; use --host 0.0.0.0 for all of them`,
        options,
      );
    default:
      return new FabricError(
        'LISTEN_FAILED',
        `cannot listen on ${host}:${port}: ${error.message}`,
        options,
      );
  }
}
