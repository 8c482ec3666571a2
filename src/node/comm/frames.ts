// SPDX-License-Identifier: Apache-2.0
// Frames on a libp2p stream, which by itself is a flow of bytes without boundaries:
//   length of the rest (4 bytes, big-endian) | type (1 byte) | body
import type { Stream } from '@libp2p/interface';
import { Uint8ArrayList } from 'uint8arraylist';
import { FabricError } from '../../common/runtime/errors.ts';

const HEADER_BYTES = 4;

/** What a peer sent that no well-behaved peer sends. */
export class FrameError extends FabricError {
  override readonly name: string = 'FrameError';
}

export interface Frame {
  readonly type: number;
  /** Owned by the receiver. */
  readonly body: Uint8Array<ArrayBuffer>;
}

/** Cuts a flow of bytes into frames. */
export class FrameDecoder {
  readonly #maxBodyBytes: number;
  readonly #pending = new Uint8ArrayList();

  constructor(maxBodyBytes: number) {
    this.#maxBodyBytes = maxBodyBytes;
  }

  /** The frames that are complete with these bytes. Throws FrameError FRAME_SIZE when one is empty or above the bound. */
  push(bytes: Uint8Array | Uint8ArrayList): Frame[] {
    this.#pending.append(bytes);
    const frames: Frame[] = [];
    while (this.#pending.length >= HEADER_BYTES) {
      const length = this.#pending.getUint32(0);
      if (length < 1 || length > this.#maxBodyBytes + 1) {
        throw new FrameError(
          'FRAME_SIZE',
          `a frame of ${length} bytes, at most ${this.#maxBodyBytes + 1} are allowed`,
        );
      }
      if (this.#pending.length < HEADER_BYTES + length) break;
      const type = this.#pending.get(HEADER_BYTES);
      const body = this.#pending.slice(HEADER_BYTES + 1, HEADER_BYTES + length);
      this.#pending.consume(HEADER_BYTES + length);
      frames.push({ type, body });
    }
    return frames;
  }
}

/** The bytes of one frame. */
export function encodeFrame(type: number, ...parts: readonly Uint8Array[]): Uint8ArrayList {
  const header = new Uint8Array(HEADER_BYTES + 1);
  const length = parts.reduce((sum, part) => sum + part.length, 1);
  new DataView(header.buffer).setUint32(0, length);
  header[HEADER_BYTES] = type;
  return new Uint8ArrayList(header, ...parts);
}

/** What becomes of a FrameStream; every callback is made at most once, except `frame`. */
export interface FrameSink {
  /** Throwing aborts the stream. */
  frame(frame: Frame): void;
  /** The other side closed its half in good order; no more frames. */
  end(): void;
  /** The stream is gone; with an error unless both sides had closed. */
  closed(error: Error | undefined): void;
}

/**
 * Frames wait for so many microtasks for others of the same turn, and go to the transport together: method, request and end of a call, or
 * its response and status, which the code between them makes within a few promises of each other. No time passes meanwhile.
 */
const GATHER_MICROTASKS = 24;
/** More than this does not wait. */
const MAX_GATHERED_BYTES = 16 * 1024;

/** Frames over one libp2p stream, for one sink after the other. */
export class FrameStream {
  readonly #stream: Stream;
  readonly #decoder: FrameDecoder;
  #sink: FrameSink;
  #waiting = new Uint8ArrayList();

  constructor(stream: Stream, maxBodyBytes: number, sink: FrameSink) {
    this.#stream = stream;
    this.#sink = sink;
    this.#decoder = new FrameDecoder(maxBodyBytes);
    stream.addEventListener('message', ({ data }) => this.#receive(data));
    const end = (): void => {
      // A reset also ends the readable side; its 'close' tells more.
      if (stream.status !== 'aborted' && stream.status !== 'reset') this.#sink.end();
    };
    if (stream.readableEnded) queueMicrotask(end);
    else stream.addEventListener('end', end, { once: true });
    if (stream.status === 'open' || stream.status === 'closing') {
      stream.addEventListener('close', ({ error }) => this.#sink.closed(error), { once: true });
    } else {
      queueMicrotask(() =>
        this.#sink.closed(
          new FrameError('STREAM_CLOSED', 'the stream was closed before it was used'),
        ),
      );
    }
  }

  /** Whether frames can go both ways. */
  get open(): boolean {
    return this.#stream.status === 'open' && !this.#stream.readableEnded;
  }

  /** From now on, another sink. */
  attach(sink: FrameSink): void {
    this.#sink = sink;
  }

  /** Sends a frame; resolves when the transport can take more, rejects when the stream closes first. */
  async send(type: number, ...parts: readonly Uint8Array[]): Promise<void> {
    if (this.#waiting.length === 0) void this.#flushSoon();
    this.#waiting.append(encodeFrame(type, ...parts));
    if (this.#waiting.length < MAX_GATHERED_BYTES && !this.#stream.writableNeedsDrain) return;
    this.#flush();
    while (this.#stream.writableNeedsDrain) await this.#drained();
  }

  /** Closes this side's half once everything sent is on its way. */
  async close(options: { signal: AbortSignal }): Promise<void> {
    this.#tryFlush();
    await this.#stream.close(options);
  }

  /** Drops everything and tells the other side at once. */
  abort(error: Error): void {
    this.#waiting = new Uint8ArrayList();
    this.#stream.abort(error);
  }

  async #flushSoon(): Promise<void> {
    for (let i = 0; i < GATHER_MICROTASKS; i++) await undefined;
    this.#tryFlush();
  }

  #flush(): void {
    if (this.#waiting.length === 0) return;
    const list = this.#waiting;
    this.#waiting = new Uint8ArrayList();
    this.#stream.send(list);
  }

  // A stream that cannot be written to any more closes, and its sink learns it from there.
  #tryFlush(): void {
    try {
      this.#flush();
    } catch (error) {
      this.#stream.abort(error instanceof Error ? error : new FrameError('SEND', String(error)));
    }
  }

  #receive(data: Uint8Array | Uint8ArrayList): void {
    try {
      for (const frame of this.#decoder.push(data)) this.#sink.frame(frame);
    } catch (error) {
      this.abort(error instanceof Error ? error : new FrameError('FRAME', String(error)));
    }
  }

  // Stream.onDrain() of libp2p 3.3 keeps its first promise permanently, so from the second time on it does not wait.
  #drained(): Promise<void> {
    const stream = this.#stream;
    return new Promise((resolve, reject) => {
      const done = (): void => {
        stream.removeEventListener('drain', drained);
        stream.removeEventListener('close', closed);
      };
      const drained = (): void => {
        done();
        // After the stream has sent what it held, which may fill the transport again.
        queueMicrotask(() => queueMicrotask(resolve));
      };
      const closed = (): void => {
        done();
        reject(new FrameError('STREAM_CLOSED', 'the stream closed while it was written to'));
      };
      stream.addEventListener('drain', drained);
      stream.addEventListener('close', closed);
    });
  }
}
