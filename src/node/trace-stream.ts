// SPDX-License-Identifier: Apache-2.0
// A node's trace events as a service, so that a tab can show what happened to its transaction at the orderer. A
// message is a JSON list of events. A reader that is too slow loses the stream, not the node its memory.
import { AsyncQueue } from '../common/runtime/async-queue.ts';
import { fromUtf8Strict, utf8 } from '../common/runtime/bytes.ts';
import type { Clock } from '../common/runtime/clock.ts';
import { TRACE_STAGES, type TraceBus, type TraceEvent } from '../common/runtime/trace.ts';
import type { CallContext, ServiceClient, ServiceHandler } from '../common/wire/service.ts';

export const TRACE_WATCH = '/tabric.Trace/Watch';
const MAX_WAITING = 2_000;
const MAX_MESSAGE_BYTES = 4 * 1024 * 1024;
/** A message costs the relay more than what is in it: those of a moment go together, and under load a few messages a second are enough to see. */
const GATHER_MS = 50;
const BUSY_GATHER_MS = 250;
const MAX_GATHERED = 500;

/**
 * Handler of {@link TRACE_WATCH}: every event from now on, until the caller leaves; those of a moment go together.
 * @param mayWatch whether a caller may know what happens on a channel; asked for each event.
 */
export function serveTrace(
  trace: TraceBus,
  clock: Clock,
  mayWatch: (channel: string, caller: CallContext['remote']) => boolean,
): ServiceHandler {
  return async function* (_requests, { signal, remote }) {
    const queue = new AsyncQueue<TraceEvent>(MAX_WAITING);
    const stop = trace.on((event) => {
      if (event.channel !== undefined && mayWatch(event.channel, remote)) queue.push(event);
    });
    const end = (): void => queue.end();
    signal.addEventListener('abort', end, { once: true });
    let sentAt = Number.NEGATIVE_INFINITY;
    try {
      for await (const event of queue) {
        const dueAt = sentAt + BUSY_GATHER_MS;
        await clock.sleep(Math.max(GATHER_MS, dueAt - clock.now()), { signal });
        sentAt = clock.now();
        yield utf8(JSON.stringify([event, ...queue.drain(MAX_GATHERED - 1)]));
      }
    } finally {
      stop();
      signal.removeEventListener('abort', end);
    }
  };
}

/** Gives another node's events to `onEvent` until the stream ends. Events that make no sense are left out. */
export async function watchTrace(
  client: ServiceClient,
  onEvent: (event: TraceEvent) => void,
  options: { signal: AbortSignal },
): Promise<void> {
  for await (const bytes of client.call(TRACE_WATCH, [new Uint8Array()], options)) {
    for (const event of parseEvents(bytes)) onEvent(event);
  }
}

function parseEvents(bytes: Uint8Array): TraceEvent[] {
  if (bytes.length > MAX_MESSAGE_BYTES) return [];
  try {
    const events: unknown = JSON.parse(fromUtf8Strict(bytes));
    return Array.isArray(events) ? events.slice(0, MAX_GATHERED).filter(isTraceEvent) : [];
  } catch {
    return [];
  }
}

function isTraceEvent(value: unknown): value is TraceEvent {
  const event = (value ?? {}) as Partial<TraceEvent>;
  return (
    typeof event.at === 'number' &&
    typeof event.peer === 'string' &&
    TRACE_STAGES.some((stage) => stage === event.stage)
  );
}
