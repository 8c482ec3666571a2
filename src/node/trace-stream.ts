// SPDX-License-Identifier: Apache-2.0
// A node's trace events as a service, so that a tab can show what happened to its transaction at the orderer. One JSON
// text an event. A reader that is too slow loses the stream, not the node its memory.
import { AsyncQueue } from '../common/runtime/async-queue.ts';
import { fromUtf8Strict, utf8 } from '../common/runtime/bytes.ts';
import { TRACE_STAGES, type TraceBus, type TraceEvent } from '../common/runtime/trace.ts';
import type { ServiceClient, ServiceHandler } from '../common/wire/service.ts';

export const TRACE_WATCH = '/tabric.Trace/Watch';
const MAX_WAITING = 2_000;
const MAX_EVENT_BYTES = 512 * 1024;

/** Handler of {@link TRACE_WATCH}: every event from now on, until the caller leaves. */
export function serveTrace(trace: TraceBus): ServiceHandler {
  return async function* (_requests, { signal }) {
    const queue = new AsyncQueue<TraceEvent>(MAX_WAITING);
    const stop = trace.on((event) => queue.push(event));
    const end = (): void => queue.end();
    signal.addEventListener('abort', end, { once: true });
    try {
      for await (const event of queue) yield utf8(JSON.stringify(event));
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
    const event = parseEvent(bytes);
    if (event) onEvent(event);
  }
}

function parseEvent(bytes: Uint8Array): TraceEvent | undefined {
  if (bytes.length > MAX_EVENT_BYTES) return undefined;
  try {
    const event = JSON.parse(fromUtf8Strict(bytes)) as Partial<TraceEvent> | null;
    const sound =
      typeof event?.at === 'number' &&
      typeof event.peer === 'string' &&
      TRACE_STAGES.some((stage) => stage === event.stage);
    return sound ? (event as TraceEvent) : undefined;
  } catch {
    return undefined;
  }
}
