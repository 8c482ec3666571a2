// SPDX-License-Identifier: Apache-2.0
// Streams of a connection between two calls. The last one used is taken first, so that what a burst of calls opened is not kept in use.
import type { Connection } from '@libp2p/interface';
import { FrameError, type FrameStream } from './frames.ts';

/** Further streams are closed after their call. */
const MAX_IDLE = 4;
const CLOSE_TIMEOUT_MS = 10_000;

const idle = new WeakMap<Connection, Set<FrameStream>>();

/** A stream that is ready for a call, if there is one. */
export function takeIdle(connection: Connection): FrameStream | undefined {
  const streams = idle.get(connection);
  const last = [...(streams ?? [])].at(-1);
  if (last) streams?.delete(last);
  return last;
}

/** Keeps a stream whose call is over, or closes it when there are enough. */
export function keepIdle(connection: Connection, frames: FrameStream): void {
  const streams = idle.get(connection) ?? new Set();
  idle.set(connection, streams);
  const close = (): void => {
    streams.delete(frames);
    frames
      .close({ signal: AbortSignal.timeout(CLOSE_TIMEOUT_MS) })
      .catch(() => frames.abort(new FrameError('CLOSE', 'the stream did not close in time')));
  };
  if (streams.size >= MAX_IDLE) {
    close();
    return;
  }
  streams.add(frames);
  frames.attach({
    frame: () => {
      streams.delete(frames);
      throw new FrameError('NO_CALL', 'a frame outside of a call');
    },
    end: close,
    closed: () => streams.delete(frames),
  });
}
