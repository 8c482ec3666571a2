// SPDX-License-Identifier: Apache-2.0
// Serves a table of methods on libp2p streams, as a gRPC server would (Fabric's internal/pkg/comm/server.go). Only peers that the handshake
// has bound to an identity are answered.
import type { Connection, Libp2p, Stream } from '@libp2p/interface';
import { EMPTY_BYTES } from '../../common/runtime/bytes.ts';
import { raceAbort } from '../../common/runtime/deadline.ts';
import { messageOf } from '../../common/runtime/errors.ts';
import type { Logger } from '../../common/runtime/log.ts';
import {
  type CallContext,
  GrpcStatus,
  ServiceError,
  type ServiceTable,
  serviceErrorOf,
  unaryHandler,
} from '../../common/wire/service.ts';
import type { Binding, Bindings } from './bindings.ts';
import {
  CallStream,
  type CallStreamOptions,
  callFrames,
  DEFAULT_CALL_STREAM_OPTIONS,
} from './call-stream.ts';
import { PING_METHOD, SERVICE_PROTOCOL } from './protocols.ts';
import { ReceiveBudget } from './receive-budget.ts';

export interface StreamServicesComponents {
  readonly node: Pick<Libp2p, 'handle' | 'unhandle'>;
  readonly bindings: Bindings;
  readonly services: ServiceTable;
  /** Bounds what callers make this node hold. */
  readonly budget?: ReceiveBudget;
  readonly log: Logger;
}

export interface StreamServicesOptions extends CallStreamOptions {
  /** Calls that one connection may have open; further streams are reset. */
  readonly maxCallsPerConnection: number;
  /** Calls that a peer may have open while its handshake is under way. */
  readonly maxCallsOfStranger: number;
  /** How long a call waits for a handshake that is still under way. */
  readonly bindingTimeoutMs: number;
}

export const DEFAULT_STREAM_SERVICES_OPTIONS: StreamServicesOptions = Object.freeze({
  ...DEFAULT_CALL_STREAM_OPTIONS,
  maxCallsPerConnection: 128,
  maxCallsOfStranger: 8,
  bindingTimeoutMs: 5_000,
});

const OWN_METHODS: ServiceTable = new Map([[PING_METHOD, unaryHandler(async () => EMPTY_BYTES)]]);

/** Mounts services on a libp2p node. */
export class StreamServices {
  readonly #components: StreamServicesComponents;
  readonly #options: StreamServicesOptions;
  readonly #budget: ReceiveBudget;
  /** Calls of peers that are not bound yet, by peer id. */
  readonly #strange = new Map<string, number>();
  #stop: AbortController | undefined;

  constructor(components: StreamServicesComponents, options: Partial<StreamServicesOptions> = {}) {
    this.#components = components;
    this.#budget = components.budget ?? new ReceiveBudget();
    this.#options = { ...DEFAULT_STREAM_SERVICES_OPTIONS, ...options };
  }

  async start(): Promise<void> {
    if (this.#stop) return;
    this.#stop = new AbortController();
    const { signal } = this.#stop;
    // Connections limited by a circuit are refused by libp2p, since runOnLimitedConnection is not set.
    await this.#components.node.handle(
      SERVICE_PROTOCOL,
      (stream, connection) => this.#accept(stream, connection, signal),
      {
        maxInboundStreams: this.#options.maxCallsPerConnection,
        maxOutboundStreams: this.#options.maxCallsPerConnection,
      },
    );
  }

  async stop(): Promise<void> {
    if (!this.#stop) return;
    this.#stop.abort(new ServiceError(GrpcStatus.UNAVAILABLE, 'the node is stopping'));
    this.#stop = undefined;
    await this.#components.node.unhandle(SERVICE_PROTOCOL);
  }

  // One call after the other, until the caller closes the stream.
  async #accept(stream: Stream, connection: Connection, stopping: AbortSignal): Promise<void> {
    const peerId = connection.remotePeer.toString();
    const strange = this.#strange.get(peerId) ?? 0;
    if (strange >= this.#options.maxCallsOfStranger) {
      stream.abort(new ServiceError(GrpcStatus.UNAUTHENTICATED, 'too many calls of a stranger'));
      return;
    }
    const frames = callFrames(stream, this.#options);
    let call = new CallStream(frames, 'server', this.#options);
    while (await this.#answer(call, peerId, stopping)) {
      const role = call.requestsEnded ? 'server' : 'server-after-unfinished';
      call = new CallStream(frames, role, this.#options);
      if (!frames.open) break;
    }
    await call.close();
  }

  // Whether the stream can carry on after this call.
  async #answer(call: CallStream, peerId: string, stopping: AbortSignal): Promise<boolean> {
    const signal = AbortSignal.any([stopping, call.closed]);
    let method = '';
    try {
      await this.#authenticate(peerId, signal);
      call.admit(this.#budget.account(peerId));
      method = await raceAbort(call.method(), signal);
      // A call may come long after the stream.
      const binding = await this.#authenticate(peerId, signal);
      await this.#serve(call, method, contextOf(binding, signal));
      await call.sendStatus();
      return true;
    } catch (error) {
      if (call.closed.aborted) return false;
      const failure = serviceErrorOf(error);
      this.#components.log.debug(`call ${method} of ${peerId} failed`, {
        status: failure.status,
        reason: failure.message,
      });
      return call.sendStatus(failure).then(
        () => !stopping.aborted,
        (cause) => {
          call.abort(cause);
          return false;
        },
      );
    }
  }

  async #authenticate(peerId: string, signal: AbortSignal): Promise<Binding> {
    const known = this.#components.bindings.get(peerId);
    if (known) return known;
    this.#strange.set(peerId, (this.#strange.get(peerId) ?? 0) + 1);
    try {
      return await this.#components.bindings.waitFor(peerId, {
        timeoutMs: this.#options.bindingTimeoutMs,
        signal,
      });
    } catch (cause) {
      signal.throwIfAborted();
      throw new ServiceError(GrpcStatus.UNAUTHENTICATED, messageOf(cause), { cause });
    } finally {
      const left = (this.#strange.get(peerId) ?? 0) - 1;
      if (left > 0) this.#strange.set(peerId, left);
      else this.#strange.delete(peerId);
    }
  }

  async #serve(call: CallStream, method: string, context: CallContext): Promise<void> {
    const handler = this.#components.services.get(method) ?? OWN_METHODS.get(method);
    if (!handler) throw new ServiceError(GrpcStatus.UNIMPLEMENTED, `there is no method ${method}`);
    const responses = handler(call.messages(), context)[Symbol.asyncIterator]();
    try {
      for (;;) {
        const { done, value } = await raceAbort(responses.next(), context.signal);
        if (done) return;
        await call.send(value);
      }
    } catch (error) {
      // Not awaited: a handler that ignores its signal would hold us here.
      void responses.return?.()?.catch(() => {});
      throw error;
    }
  }
}

function contextOf({ peerId, identity, mspId }: Binding, signal: AbortSignal): CallContext {
  return { remote: { address: peerId, identity, mspId }, signal };
}
