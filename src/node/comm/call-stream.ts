// SPDX-License-Identifier: Apache-2.0
// One service call on a libp2p stream: messages each way in chunks, with credit so that a slow reader holds the writer
// back (neither WebRTC nor gossip does), then a status. Does for tabs what HTTP/2 and gRPC framing do for Fabric.
//
//   caller  -> METHOD name, { CHUNK* LAST }*, END     requests
//   server  -> { CHUNK* LAST }*, STATUS status        responses; a google.rpc.Status ends the call, empty when all is well
//   either  -> CREDIT n                               n more bytes may be sent
//   either     resets the stream                      the call is cancelled
//
// A stream carries one call after the other, since opening one costs about ten messages (a data channel, multistream-select both ways, the
// closing of both halves). The next call may begin once the caller has sent END and has read STATUS: from then on neither side sends
// anything that belongs to the last one. A caller that reads STATUS before it has sent END closes the stream instead; until then, or
// until END comes after all, the server drops what arrives. Credit that reaches the server between two calls belonged to the first.
//
// Bounds of what one call can hold at the receiver: one message being assembled (`maxMessageBytes`), and as many finished ones as
// fit into `windowBytes`. Credit is returned at once while nothing finished waits to be read, since then somebody wants what is
// being assembled, and otherwise only when the reader has caught up. A server gives none before it knows who calls, takes no more than its
// account has room for, and gives up a message that comes too slowly.
import type { Stream } from '@libp2p/interface';
import { concat, EMPTY_BYTES, fromUtf8, utf8 } from '../../common/runtime/bytes.ts';
import { GrpcStatus, ServiceError } from '../../common/wire/service.ts';
import { decodeStatus, encodeStatus, MAX_STATUS_BYTES } from '../../common/wire/status.ts';
import { type Frame, FrameError, FrameStream } from './frames.ts';
import type { ReceiveAccount } from './receive-budget.ts';

const FRAME = Object.freeze({
  METHOD: 1,
  CHUNK: 2,
  LAST: 3,
  CREDIT: 4,
  END: 5,
  STATUS: 6,
} as const);

// What a frame costs besides its body, so that empty messages cannot be sent without end.
const FRAME_COST_BYTES = 32;
const MAX_METHOD_BYTES = 4096;

export interface CallStreamOptions {
  /** Largest message accepted or sent. */
  readonly maxMessageBytes: number;
  /** Bytes that may be on their way before the receiver has taken any; the same at both ends, part of the protocol. */
  readonly windowBytes: number;
  /** Largest body of a frame; a message is cut into such chunks. At most a quarter of the window. */
  readonly chunkBytes: number;
  /** Time to say farewell in good order before the stream is reset. */
  readonly closeTimeoutMs: number;
  /** A message of several chunks must grow by a window's worth in this time, or be complete. */
  readonly assemblyTimeoutMs: number;
}

/** A block is at most AbsoluteMaxBytes = 99 MB; the window covers 100 ms at 10 MB/s. */
export const DEFAULT_CALL_STREAM_OPTIONS: CallStreamOptions = Object.freeze({
  maxMessageBytes: 100 * 1024 * 1024,
  windowBytes: 1024 * 1024,
  chunkBytes: 64 * 1024,
  closeTimeoutMs: 10_000,
  // 35 kB/s.
  assemblyTimeoutMs: 30_000,
});

/** What a server takes of a caller that it does not know yet. */
const MAX_STRANGE_BYTES = 256 * 1024;

// The end of a call that went well; an error of its own would cost a stack trace each.
const OVER = new ServiceError(GrpcStatus.OK, 'the call is over');

const IDLE = Object.freeze({
  frame: () => {
    throw new FrameError('NO_CALL', 'a frame outside of a call');
  },
  end: () => {},
  closed: () => {},
});

/** The frames of a stream, before its first call. */
export function callFrames(stream: Stream, { chunkBytes }: CallStreamOptions): FrameStream {
  return new FrameStream(stream, Math.max(chunkBytes, MAX_STATUS_BYTES), IDLE);
}

/** Who takes part in a call, and what may still arrive of the one before. */
export type CallRole =
  | 'caller'
  | 'server'
  /** A server that sent STATUS before END came. */
  | 'server-after-unfinished';

interface Incoming {
  readonly bytes: Uint8Array;
  readonly cost: number;
}

/** Either end of a call. */
export class CallStream {
  readonly #frames: FrameStream;
  readonly #options: CallStreamOptions;
  readonly #closed = new AbortController();
  // Receiving.
  #chunks: Uint8Array[] = [];
  #assembledBytes = 0;
  #assembledCost = 0;
  #finished: Incoming[] = [];
  #outstanding = 0;
  #withheld = 0;
  #ended = false;
  #skipping: boolean;
  #unnamed: boolean;
  #wakeReader: (() => void) | undefined;
  #account: ReceiveAccount | undefined;
  #strange: boolean;
  #charged = 0;
  // Sending.
  #credit: number;
  #wakeWriter: (() => void) | undefined;
  #sending: Promise<void> = Promise.resolve();
  #endSent = false;
  #statusRead = false;
  readonly #method = Promise.withResolvers<string>();

  constructor(
    frames: FrameStream,
    role: CallRole,
    options: CallStreamOptions = DEFAULT_CALL_STREAM_OPTIONS,
  ) {
    this.#options = options;
    this.#credit = options.windowBytes;
    this.#unnamed = role !== 'caller';
    this.#strange = role !== 'caller';
    this.#skipping = role === 'server-after-unfinished';
    this.#method.promise.catch(() => {});
    this.#frames = frames;
    frames.attach({
      frame: (frame) => this.#receive(frame),
      end: () =>
        this.#finish(
          new ServiceError(GrpcStatus.UNAVAILABLE, 'the call was cut off without a status'),
        ),
      closed: (error) => this.#finish(resetError(error)),
    });
  }

  /** Aborted when the stream is gone or the final status came; the reason is a ServiceError. */
  get closed(): AbortSignal {
    return this.#closed.signal;
  }

  /** Caller: the call is over and its stream can carry another one. */
  get reusable(): boolean {
    return this.#endSent && this.#statusRead && this.#frames.open;
  }

  /** Server: the caller has sent all its requests. */
  get requestsEnded(): boolean {
    return this.#ended;
  }

  /** Server: from now on it is known who calls, and what it sends is charged to `account`. Throws FrameError when that has no room. */
  admit(account: ReceiveAccount): void {
    this.#account = account;
    this.#strange = false;
    this.#charge(
      this.#assembledBytes + this.#finished.reduce((sum, { bytes }) => sum + bytes.length, 0),
    );
    if (this.#finished.length === 0) this.#returnCredit();
  }

  /** The method that the caller named first. */
  method(): Promise<string> {
    return this.#method.promise;
  }

  sendMethod(name: string): Promise<void> {
    return this.#enqueue(() => this.#frames.send(FRAME.METHOD, utf8(name)));
  }

  /** Sends one message; resolves when the last chunk was handed to the transport. One at a time, in order of calls. */
  send(message: Uint8Array): Promise<void> {
    const { maxMessageBytes } = this.#options;
    if (message.length > maxMessageBytes) {
      const text = `a message of ${message.length} bytes, at most ${maxMessageBytes} are allowed`;
      return Promise.reject(new ServiceError(GrpcStatus.RESOURCE_EXHAUSTED, text));
    }
    return this.#enqueue(() => this.#sendChunks(message));
  }

  /** Tells the server that there are no more requests. */
  sendEnd(): Promise<void> {
    return this.#enqueue(() => {
      this.#endSent = true;
      return this.#frames.send(FRAME.END);
    });
  }

  /** Ends the call, well unless there is an error; the stream may carry another one. */
  async sendStatus(error?: ServiceError): Promise<void> {
    const status = error ? encodeStatus(error) : EMPTY_BYTES;
    await this.#enqueue(() => this.#frames.send(FRAME.STATUS, status));
    this.#finish(error ?? OVER);
  }

  /** Messages of the other side until it ends; throws a ServiceError when the call fails. One reader. */
  async *messages(): AsyncGenerator<Uint8Array, void, undefined> {
    for (;;) {
      const next = this.#finished.shift();
      if (next) {
        this.#withheld += next.cost;
        this.#release(next.bytes.length);
        if (this.#finished.length === 0) this.#returnCredit();
        yield next.bytes;
      } else if (this.#ended) return;
      else if (this.closed.aborted) throw this.closed.reason;
      else await new Promise<void>((resolve) => (this.#wakeReader = resolve));
    }
  }

  /** Cancels the call: both sides drop what they hold. */
  abort(error: Error): void {
    this.#finish(error);
    this.#frames.abort(error);
  }

  /** Closes this side's half; resets the stream when that takes too long. */
  async close(): Promise<void> {
    try {
      await this.#frames.close({ signal: AbortSignal.timeout(this.#options.closeTimeoutMs) });
    } catch (error) {
      this.#frames.abort(error instanceof Error ? error : new FrameError('CLOSE', String(error)));
    }
  }

  // Writers take turns, so that chunks of two messages never mix.
  #enqueue(write: () => Promise<void>): Promise<void> {
    const turn = this.#sending.then(() => {
      this.closed.throwIfAborted();
      return write();
    });
    this.#sending = turn.catch(() => {});
    return turn;
  }

  async #sendChunks(message: Uint8Array): Promise<void> {
    const { chunkBytes } = this.#options;
    let offset = 0;
    do {
      const chunk = message.subarray(offset, offset + chunkBytes);
      offset += chunk.length;
      const cost = chunk.length + FRAME_COST_BYTES;
      while (this.#credit < cost) {
        this.closed.throwIfAborted();
        await new Promise<void>((resolve) => (this.#wakeWriter = resolve));
      }
      this.closed.throwIfAborted();
      this.#credit -= cost;
      await this.#frames.send(offset < message.length ? FRAME.CHUNK : FRAME.LAST, chunk);
    } while (offset < message.length);
  }

  // Throwing resets the stream.
  #receive({ type, body }: Frame): void {
    if (this.#skipping) this.#skip(type, body);
    else if (type === FRAME.CHUNK || type === FRAME.LAST)
      this.#receiveChunk(body, type === FRAME.LAST);
    else if (type === FRAME.CREDIT) this.#receiveCredit(body);
    else if (type === FRAME.METHOD) this.#receiveMethod(body);
    else if (type === FRAME.END) this.#receiveEnd();
    else if (type === FRAME.STATUS) this.#receiveStatus(body);
    else throw new FrameError('FRAME_TYPE', `frame of unknown type ${type}`);
  }

  #skip(type: number, body: Uint8Array): void {
    if (type === FRAME.END) {
      this.#skipping = false;
      this.#outstanding = 0;
    } else if (type === FRAME.CHUNK || type === FRAME.LAST) this.#takeCredit(body);
    else if (type !== FRAME.CREDIT)
      throw new FrameError('FRAME_TYPE', `frame of type ${type} after the status`);
  }

  #receiveMethod(body: Uint8Array): void {
    if (!this.#unnamed) throw new FrameError('FRAME_TYPE', 'a second method in one call');
    this.#unnamed = false;
    if (body.length > MAX_METHOD_BYTES) {
      throw new FrameError('FRAME_SIZE', 'the name of the method is too long');
    }
    this.#method.resolve(fromUtf8(body));
  }

  #receiveEnd(): void {
    this.#ended = true;
    this.#wakeReader?.();
  }

  #receiveChunk(body: Uint8Array, last: boolean): void {
    const cost = this.#takeCredit(body);
    if (this.#ended) throw new FrameError('AFTER_END', 'a message after the end');
    this.#assembledBytes += body.length;
    if (this.#assembledBytes > this.#options.maxMessageBytes) {
      throw new FrameError(
        'MESSAGE_SIZE',
        `a message above ${this.#options.maxMessageBytes} bytes`,
      );
    }
    this.#charge(body.length);
    this.#chunks.push(body);
    this.#assembledCost += cost;
    if (!last && this.#chunks.length === 1) this.#watchAssembly(this.#chunks);
    if (last) {
      const only = this.#chunks.length === 1 ? this.#chunks[0] : undefined;
      this.#finished.push({ bytes: only ?? concat(...this.#chunks), cost: this.#assembledCost });
      this.#chunks = [];
      this.#assembledBytes = 0;
      this.#assembledCost = 0;
      this.#wakeReader?.();
    } else if (this.#finished.length === 0) {
      this.#withheld += this.#assembledCost;
      this.#assembledCost = 0;
      this.#returnCredit();
    }
  }

  #takeCredit(body: Uint8Array): number {
    const cost = body.length + FRAME_COST_BYTES;
    this.#outstanding += cost;
    if (this.#outstanding > this.#options.windowBytes)
      throw new FrameError('NO_CREDIT', 'more bytes than credit was given for');
    if (this.#strange && this.#outstanding > MAX_STRANGE_BYTES)
      throw new FrameError('STRANGER', 'too many bytes before an identity was proven');
    return cost;
  }

  #charge(bytes: number): void {
    if (!this.#account || bytes === 0) return;
    if (!this.#account.take(bytes))
      throw new FrameError('NO_ROOM', 'too many bytes of unread requests');
    this.#charged += bytes;
  }

  #release(bytes: number): void {
    if (!this.#account) return;
    const given = Math.min(bytes, this.#charged);
    this.#charged -= given;
    this.#account.give(given);
  }

  // `chunks` are those of one message.
  #watchAssembly(chunks: readonly Uint8Array[]): void {
    const { assemblyTimeoutMs, windowBytes } = this.#options;
    const before = this.#assembledBytes;
    const check = (): void => {
      if (this.#chunks !== chunks || this.closed.aborted) return;
      // Nobody reads: it is not the sender who is slow.
      const isHeldBack = this.#finished.length > 0;
      if (isHeldBack || this.#assembledBytes - before >= windowBytes) this.#watchAssembly(chunks);
      else this.abort(new ServiceError(GrpcStatus.DEADLINE_EXCEEDED, 'a message came too slowly'));
    };
    AbortSignal.timeout(assemblyTimeoutMs).addEventListener('abort', check, { once: true });
  }

  #returnCredit(): void {
    // While a message is being assembled nothing else can be waited for; otherwise small returns are gathered.
    this.#withheld += this.#assembledCost;
    this.#assembledCost = 0;
    if (this.#strange || this.#withheld < this.#options.windowBytes / 4 || this.closed.aborted)
      return;
    const credit = new Uint8Array(4);
    new DataView(credit.buffer).setUint32(0, this.#withheld);
    this.#outstanding -= this.#withheld;
    this.#withheld = 0;
    this.#frames.send(FRAME.CREDIT, credit).catch(() => {});
  }

  #receiveCredit(body: Uint8Array): void {
    if (this.#unnamed) return;
    if (body.length !== 4) throw new FrameError('FRAME_SIZE', 'credit is four bytes');
    this.#credit += new DataView(body.buffer, body.byteOffset).getUint32(0);
    if (this.#credit > this.#options.windowBytes)
      throw new FrameError('NO_CREDIT', 'more credit than was used');
    this.#wakeWriter?.();
  }

  #receiveStatus(body: Uint8Array): void {
    if (body.length > MAX_STATUS_BYTES)
      throw new FrameError('FRAME_SIZE', 'the status is too long');
    const status = decodeStatus(body);
    this.#statusRead = true;
    if (status.status === GrpcStatus.OK) {
      this.#ended = true;
      this.#finish(OVER);
      return;
    }
    this.#finish(status);
  }

  #finish(reason: Error): void {
    if (this.closed.aborted) return;
    this.#closed.abort(reason);
    this.#release(this.#charged);
    this.#method.reject(reason);
    this.#wakeReader?.();
    this.#wakeWriter?.();
  }
}

// What this side found wrong with the frames, or else a reset by the other side or the transport.
function resetError(cause: Error | undefined): ServiceError {
  if (cause instanceof FrameError)
    return new ServiceError(GrpcStatus.INTERNAL, cause.message, { cause });
  return new ServiceError(GrpcStatus.CANCELLED, 'the stream was reset', { cause });
}
