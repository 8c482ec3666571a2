// SPDX-License-Identifier: Apache-2.0
// Services across a MessagePort: between a page and its worker, or two threads of Node. The same ServiceTable as on libp2p streams, with the
// caller's identity and cancellation, so that a handler need not know in which thread it runs.
//
//   caller -> call id method remote [last]     a unary call carries its request along: two messages in all
//   caller -> data id bytes, end id            further requests
//   server -> data id bytes
//   server -> status id code [last]            the response of a unary call comes with its status
//   caller -> cancel id                        the caller left
//   either -> more id n                        the reader has taken n messages
//
// Threads of one program trust each other: nothing is checked but the order. A writer waits when the reader is WINDOW messages behind.
import { AsyncQueue } from '../runtime/async-queue.ts';
import { messageOf } from '../runtime/errors.ts';
import { localClient } from './local-client.ts';
import {
  type DelegatingClient,
  GrpcStatus,
  type RemoteParty,
  type ServiceClient,
  ServiceError,
  type ServiceTable,
  serviceErrorOf,
} from './service.ts';
import { decodeStatus, encodeStatus } from './status.ts';

/** What is needed of a MessagePort, or of a Worker. */
export interface WirePort {
  postMessage(message: unknown, transfer: Transferable[]): void;
  addEventListener(type: 'message', listener: (event: { readonly data: unknown }) => void): void;
  removeEventListener(type: 'message', listener: (event: { readonly data: unknown }) => void): void;
  /** A MessagePort holds messages back until then. */
  start?(): void;
}

type Message =
  | {
      readonly kind: 'call';
      readonly id: number;
      readonly method: string;
      readonly remote: RemoteParty;
      readonly only?: Uint8Array;
    }
  | { readonly kind: 'data'; readonly id: number; readonly bytes: Uint8Array }
  | { readonly kind: 'end' | 'cancel'; readonly id: number }
  | { readonly kind: 'more'; readonly id: number; readonly count: number }
  | {
      readonly kind: 'status';
      readonly id: number;
      /** As encodeStatus gives it; absent when the call went well. */
      readonly failure?: Uint8Array;
      readonly only?: Uint8Array;
    };

/** Messages that may be on their way to a reader that has not taken any. */
const WINDOW = 32;
/** A copy of fewer bytes costs less than the transfer of their buffer. */
const MIN_TRANSFER_BYTES = 4 * 1024;

/** One direction of a call, as the writer sees it. */
class Credit {
  #left = WINDOW;
  #wake: (() => void) | undefined;
  #isOver = false;

  /** False when the call is over. */
  async take(): Promise<boolean> {
    while (this.#left === 0 && !this.#isOver) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    this.#left--;
    return !this.#isOver;
  }

  give(count: number): void {
    this.#left += count;
    this.#wake?.();
  }

  end(): void {
    this.#isOver = true;
    this.#wake?.();
  }
}

/** Offers services at a port, until the result is called. Responses that are large are transferred: a handler does not use again what it yields. */
export function serveOnPort(port: WirePort, services: ServiceTable): () => void {
  const calls = new Map<
    number,
    { requests: AsyncQueue<Uint8Array>; credit: Credit; stop: AbortController }
  >();
  const receive = ({ data }: { readonly data: unknown }): void => {
    if (!isMessage(data)) return;
    const call = calls.get(data.id);
    if (data.kind === 'call') void answer(data);
    else if (data.kind === 'data') call?.requests.push(data.bytes);
    else if (data.kind === 'end') call?.requests.end();
    else if (data.kind === 'more') call?.credit.give(data.count);
    else if (data.kind === 'cancel') {
      call?.stop.abort(new ServiceError(GrpcStatus.CANCELLED, 'the caller left'));
      call?.credit.end();
      call?.requests.end();
    }
  };
  const answer = async ({
    id,
    method,
    remote,
    only,
  }: Message & { kind: 'call' }): Promise<void> => {
    const requests = new AsyncQueue<Uint8Array>();
    const credit = new Credit();
    const stop = new AbortController();
    calls.set(id, { requests, credit, stop });
    if (only) {
      requests.push(only);
      requests.end();
    }
    const read = only
      ? requests
      : counted(requests, (count) => send(port, { kind: 'more', id, count }));
    try {
      const last = await respond(
        localClient(services, remote).call(method, read, stop),
        async (bytes) => {
          if (!(await credit.take())) throw stop.signal.reason;
          send(port, { kind: 'data', id, bytes }, bytes);
        },
      );
      send(port, { kind: 'status', id, ...(last && { only: last }) }, last);
    } catch (error) {
      const failure = encodeStatus(serviceErrorOf(error));
      if (!stop.signal.aborted) send(port, { kind: 'status', id, failure });
    } finally {
      calls.delete(id);
      requests.end();
    }
  };
  port.addEventListener('message', receive);
  port.start?.();
  return () => {
    port.removeEventListener('message', receive);
    for (const { stop, requests, credit } of calls.values()) {
      stop.abort(new ServiceError(GrpcStatus.UNAVAILABLE, 'the services are no longer offered'));
      credit.end();
      requests.end();
    }
  };
}

// Sends every response but the last one, which is given back for the status to carry.
async function respond(
  responses: AsyncIterable<Uint8Array>,
  write: (bytes: Uint8Array) => Promise<void>,
): Promise<Uint8Array | undefined> {
  let held: Uint8Array | undefined;
  for await (const bytes of responses) {
    if (held) await write(held);
    held = bytes;
  }
  return held;
}

interface OpenCall {
  readonly responses: AsyncQueue<Uint8Array>;
  readonly credit: Credit;
}

/** Calls services that the other side of a port offers with {@link serveOnPort}. */
export class PortServices implements DelegatingClient {
  readonly #port: WirePort;
  readonly #calls = new Map<number, OpenCall>();
  #next = 0;
  #closed: ServiceError | undefined;

  constructor(port: WirePort) {
    this.#port = port;
    port.addEventListener('message', this.#receive);
    port.start?.();
  }

  for(remote: RemoteParty): ServiceClient {
    return { call: (method, requests, options) => this.#call(remote, method, requests, options) };
  }

  /** The other side is gone: every call fails, now and later. */
  close(reason: string): void {
    this.#closed = new ServiceError(GrpcStatus.UNAVAILABLE, reason);
    this.#port.removeEventListener('message', this.#receive);
    for (const { responses, credit } of this.#calls.values()) {
      responses.fail(this.#closed);
      credit.end();
    }
    this.#calls.clear();
  }

  async *#call(
    remote: RemoteParty,
    method: string,
    requests: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
    { signal }: { signal: AbortSignal },
  ): AsyncGenerator<Uint8Array, void, undefined> {
    if (this.#closed) throw this.#closed;
    if (signal.aborted) throw cancelled(signal);
    const id = this.#next++;
    const responses = new AsyncQueue<Uint8Array>();
    const credit = new Credit();
    this.#calls.set(id, { responses, credit });
    const abort = (): void => responses.fail(cancelled(signal));
    signal.addEventListener('abort', abort, { once: true });
    try {
      const only = Array.isArray(requests) && requests.length === 1 ? requests[0] : undefined;
      const call = { kind: 'call', id, method, remote } as const;
      if (only instanceof Uint8Array) send(this.#port, { ...call, only });
      else {
        send(this.#port, call);
        void this.#pump(id, requests, credit, responses);
      }
      yield* counted(responses, (count) => {
        if (this.#calls.has(id)) send(this.#port, { kind: 'more', id, count });
      });
    } finally {
      signal.removeEventListener('abort', abort);
      credit.end();
      // Not there any more when its status has come.
      if (this.#calls.delete(id)) send(this.#port, { kind: 'cancel', id });
    }
  }

  async #pump(
    id: number,
    requests: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
    credit: Credit,
    responses: AsyncQueue<Uint8Array>,
  ): Promise<void> {
    try {
      for await (const bytes of requests) {
        if (!(await credit.take())) return;
        send(this.#port, { kind: 'data', id, bytes });
      }
      if (this.#calls.has(id)) send(this.#port, { kind: 'end', id });
    } catch (error) {
      responses.fail(error);
    }
  }

  readonly #receive = ({ data }: { readonly data: unknown }): void => {
    if (!isMessage(data)) return;
    const call = this.#calls.get(data.id);
    if (!call) return;
    if (data.kind === 'data') call.responses.push(data.bytes);
    else if (data.kind === 'more') call.credit.give(data.count);
    else if (data.kind === 'status') {
      this.#calls.delete(data.id);
      call.credit.end();
      if (data.only) call.responses.push(data.only);
      if (data.failure) call.responses.fail(decodeStatus(data.failure));
      else call.responses.end();
    }
  };
}

// Tells the writer what was taken, half a window at a time.
async function* counted(
  messages: AsyncIterable<Uint8Array>,
  more: (count: number) => void,
): AsyncGenerator<Uint8Array, void, undefined> {
  let taken = 0;
  for await (const message of messages) {
    yield message;
    if (++taken < WINDOW / 2) continue;
    more(taken);
    taken = 0;
  }
}

// `given` may be taken away from this thread, when it is all of its buffer.
function send(port: WirePort, message: Message, given?: Uint8Array): void {
  const buffer = given?.buffer;
  const isWhole =
    buffer instanceof ArrayBuffer &&
    given &&
    buffer.byteLength === given.byteLength &&
    given.byteLength >= MIN_TRANSFER_BYTES;
  port.postMessage(message, isWhole ? [buffer] : []);
}

function cancelled({ reason }: AbortSignal): ServiceError {
  return reason instanceof ServiceError
    ? reason
    : new ServiceError(GrpcStatus.CANCELLED, messageOf(reason), { cause: reason });
}

function isMessage(value: unknown): value is Message {
  return typeof value === 'object' && value !== null && 'kind' in value && 'id' in value;
}
