// SPDX-License-Identifier: Apache-2.0
// Calls services of one remote peer over libp2p streams.
import type { Connection, Libp2p } from '@libp2p/interface';
import { raceAbort } from '../../common/runtime/deadline.ts';
import { messageOf } from '../../common/runtime/errors.ts';
import { GrpcStatus, type ServiceClient, ServiceError } from '../../common/wire/service.ts';
import type { Bindings } from './bindings.ts';
import { CallStream, type CallStreamOptions, callFrames } from './call-stream.ts';
import type { FrameStream } from './frames.ts';
import { keepIdle, takeIdle } from './idle-streams.ts';
import { isDirect, SERVICE_PROTOCOL } from './protocols.ts';
import { DEFAULT_STREAM_SERVICES_OPTIONS } from './stream-services.ts';

export interface ServiceClientComponents {
  readonly node: Pick<Libp2p, 'getConnections'>;
  readonly bindings: Bindings;
}

export interface ServiceClientOptions extends CallStreamOptions {
  /** Calls open at once; more wait for their turn. Half of what the other side accepts, since both may call. */
  readonly maxConcurrentCalls: number;
  readonly bindingTimeoutMs: number;
}

export const DEFAULT_SERVICE_CLIENT_OPTIONS: ServiceClientOptions = Object.freeze({
  ...DEFAULT_STREAM_SERVICES_OPTIONS,
  maxConcurrentCalls: 64,
});

/** A ServiceClient for the peer with a given libp2p peer id, over whatever direct connection there is at the time of a call. */
export class StreamServiceClient implements ServiceClient {
  readonly peerId: string;
  readonly #components: ServiceClientComponents;
  readonly #options: ServiceClientOptions;
  #open = 0;
  readonly #waiting: (() => void)[] = [];

  constructor(
    components: ServiceClientComponents,
    peerId: string,
    options: Partial<ServiceClientOptions> = {},
  ) {
    this.#components = components;
    this.peerId = peerId;
    this.#options = { ...DEFAULT_SERVICE_CLIENT_OPTIONS, ...options };
  }

  async *call(
    method: string,
    requests: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
    { signal }: { signal: AbortSignal },
  ): AsyncGenerator<Uint8Array, void, undefined> {
    await this.#takeTurn(signal);
    let call: CallStream | undefined;
    const abort = (): void => call?.abort(cancelled(signal));
    let release = (): void => {};
    try {
      const connection = this.#connection();
      await this.#authenticated(signal);
      const frames = takeIdle(connection) ?? (await this.#newStream(connection, signal));
      call = new CallStream(frames, 'caller', this.#options);
      release = () => keepIdle(connection, frames);
      signal.addEventListener('abort', abort, { once: true });
      if (signal.aborted) abort();
      void pump(call, method, requests);
      yield* call.messages();
    } finally {
      signal.removeEventListener('abort', abort);
      // The consumer may have lost interest before the end.
      if (call && !call.closed.aborted)
        call.abort(new ServiceError(GrpcStatus.CANCELLED, 'the caller stopped reading'));
      else if (call?.reusable) release();
      else void call?.close();
      this.#endTurn();
    }
  }

  async #authenticated(signal: AbortSignal): Promise<void> {
    try {
      await this.#components.bindings.waitFor(this.peerId, {
        timeoutMs: this.#options.bindingTimeoutMs,
        signal,
      });
    } catch (cause) {
      if (signal.aborted) throw cancelled(signal);
      throw new ServiceError(GrpcStatus.UNAUTHENTICATED, messageOf(cause), { cause });
    }
  }

  async #newStream(connection: Connection, signal: AbortSignal): Promise<FrameStream> {
    try {
      const maxOutboundStreams = this.#options.maxConcurrentCalls * 2;
      const stream = await raceAbort(
        connection.newStream(SERVICE_PROTOCOL, { signal, maxOutboundStreams }),
        signal,
      );
      return callFrames(stream, this.#options);
    } catch (cause) {
      if (signal.aborted) throw cancelled(signal);
      throw new ServiceError(
        GrpcStatus.UNAVAILABLE,
        `no stream to ${this.peerId}: ${messageOf(cause)}`,
        { cause },
      );
    }
  }

  #connection(): Connection {
    // The newest: of a tab that was reloaded, an older one may still seem to be open.
    const connection = this.#components.node
      .getConnections()
      .findLast((c) => c.remotePeer.toString() === this.peerId && isDirect(c));
    if (!connection)
      throw new ServiceError(GrpcStatus.UNAVAILABLE, `no direct connection to ${this.peerId}`);
    return connection;
  }

  async #takeTurn(signal: AbortSignal): Promise<void> {
    while (this.#open >= this.#options.maxConcurrentCalls) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#waiting.push(resolve);
      await raceAbort(promise, signal).catch(() => {
        const index = this.#waiting.indexOf(resolve);
        if (index < 0) this.#waiting.shift()?.();
        else this.#waiting.splice(index, 1);
        throw cancelled(signal);
      });
    }
    if (signal.aborted) throw cancelled(signal);
    this.#open++;
  }

  #endTurn(): void {
    this.#open--;
    this.#waiting.shift()?.();
  }
}

// Sends the requests as they come. Its own failure cancels the call; a call that is over needs no more requests.
async function pump(
  call: CallStream,
  method: string,
  requests: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
): Promise<void> {
  try {
    await call.sendMethod(method);
    for await (const request of requests) await call.send(request);
    await call.sendEnd();
  } catch (error) {
    if (call.closed.aborted) return;
    call.abort(
      error instanceof ServiceError
        ? error
        : new ServiceError(GrpcStatus.CANCELLED, messageOf(error), { cause: error }),
    );
  }
}

function cancelled(signal: AbortSignal): ServiceError {
  const { reason } = signal;
  return reason instanceof ServiceError
    ? reason
    : new ServiceError(GrpcStatus.CANCELLED, messageOf(reason), { cause: reason });
}
