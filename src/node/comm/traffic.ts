// SPDX-License-Identifier: Apache-2.0
// Counts what this node sends and receives: by transport, by protocol, and what gossipsub says by kind; and remembers when each connection was
// last heard, so that only the silent ones need be asked whether they are there. It is libp2p's `metrics` component, and takes no part in the
// traffic: it counts at the calls themselves, since a listener for messages would take those that wait for somebody else.
//
// Nothing here names a channel, an organisation or a peer: topics are told apart by their kind only.
import type {
  Connection,
  MessageStream,
  Metrics,
  MultiaddrConnection,
  Stream,
} from '@libp2p/interface';
import { TOPIC_KINDS } from '../gossip/topics.ts';

export type TrafficLevel =
  /** Messages of a socket or a data channel: what the browser or the system is asked to send. */
  | 'connection'
  /** Writes of a protocol, before multiplexing and encryption. */
  | 'stream'
  /** What gossipsub says: messages by kind of topic, and the parts of its control messages. */
  | 'gossip';

export interface TrafficCount {
  readonly level: TrafficLevel;
  /** A transport, a protocol, or a kind of topic or control message. */
  readonly of: string;
  readonly direction: 'in' | 'out';
  messages: number;
  bytes: number;
}

type Count = (bytes: number) => void;

const NOTHING = Object.freeze({
  update: () => {},
  increment: () => {},
  decrement: () => {},
  reset: () => {},
  observe: () => {},
  timer: () => () => {},
});
const register = (): typeof NOTHING => NOTHING;

/** Counts from the start of a node; give it to libp2p as `metrics`, and `watchGossip` the gossipsub. */
export class TrafficMetrics implements Metrics {
  readonly registerMetric = register;
  readonly registerMetricGroup = register;
  readonly registerCounter = register;
  readonly registerCounterGroup = register;
  readonly registerHistogram = register;
  readonly registerHistogramGroup = register;
  readonly registerSummary = register;
  readonly registerSummaryGroup = register;
  readonly #now: () => number;
  readonly #counts = new Map<string, { readonly total: TrafficCount; readonly add: Count }>();
  // By the timeline, the only thing that a Connection shares with the socket below it.
  readonly #heard = new WeakMap<object, number>();

  constructor(now: () => number) {
    this.#now = now;
  }

  traceFunction<F>(_name: string, traced: F): F {
    return traced;
  }

  createTrace(): undefined {}

  /** For libp2p. */
  trackMultiaddrConnection(raw: MultiaddrConnection): void {
    const transport = transportOf(raw.remoteAddr.toString());
    // Data goes through the data channels, which are streams.
    if (transport !== 'webrtc') this.#tap(raw, this.#both('connection', transport));
  }

  /** For libp2p. */
  trackProtocolStream(stream: Stream): void {
    this.#tap(stream, this.#both('stream', stream.protocol));
    if ('channel' in stream) this.#tap(stream, this.#both('connection', 'webrtc'));
  }

  /** Counts what gossipsub sends and receives, where this version of it can be watched. */
  watchGossip(gossipsub: object): void {
    const sent = (of: string): Count => this.#counter('gossip', of, 'out');
    const received = (of: string): Count => this.#counter('gossip', of, 'in');
    watch(gossipsub, 'sendRpc', ([, rpc], done) => {
      if (done === true) countRpc(rpc, sent, 1);
    });
    watch(gossipsub, 'sendRpcInBatch', ([to, rpc]) => {
      if (to instanceof Set) countRpc(rpc, sent, to.size);
    });
    watch(gossipsub, 'handleReceivedRpc', ([, rpc]) => countRpc(rpc, received, 1));
  }

  /** When something last came on this connection, on the clock given; undefined when nothing was seen yet. */
  lastHeard(connection: Pick<Connection, 'timeline' | 'streams'>): number | undefined {
    const times = [connection, ...connection.streams].flatMap(
      ({ timeline }) => this.#heard.get(timeline) ?? [],
    );
    return times.length > 0 ? Math.max(...times) : undefined;
  }

  counts(): readonly TrafficCount[] {
    return Array.from(this.#counts.values(), ({ total }) => total);
  }

  /** All counts as `level.what.direction.messages` and `….bytes`. */
  snapshot(): Record<string, number> {
    const entries = this.counts().flatMap(({ level, of, direction, messages, bytes }) => [
      [`${level}.${of}.${direction}.messages`, messages] as const,
      [`${level}.${of}.${direction}.bytes`, bytes] as const,
    ]);
    return Object.fromEntries(entries);
  }

  #both(level: TrafficLevel, of: string): { out: Count; in: Count } {
    return { out: this.#counter(level, of, 'out'), in: this.#counter(level, of, 'in') };
  }

  #counter(level: TrafficLevel, of: string, direction: 'in' | 'out'): Count {
    const key = `${level} ${of} ${direction}`;
    const known = this.#counts.get(key);
    if (known) return known.add;
    const total = { level, of, direction, messages: 0, bytes: 0 };
    const add = (bytes: number): void => {
      total.messages++;
      total.bytes += bytes;
    };
    this.#counts.set(key, { total, add });
    return add;
  }

  #tap(stream: MessageStream, count: { out: Count; in: Count }): void {
    const { timeline } = stream;
    watch(stream, 'send', ([data]) => count.out(lengthOf(data)));
    watch(stream, 'onData', ([data]) => {
      count.in(lengthOf(data));
      this.#heard.set(timeline, this.#now());
    });
  }
}

function transportOf(address: string): string {
  if (address.includes('/webrtc')) return 'webrtc';
  return address.includes('/p2p-circuit') ? 'circuit' : 'websocket';
}

// Calls `after` with the arguments and the result of each call of a method, if there is one of that name.
function watch(
  target: object,
  method: string,
  after: (args: readonly unknown[], result: unknown) => void,
): void {
  const call: unknown = Reflect.get(target, method);
  if (typeof call !== 'function') return;
  Reflect.set(target, method, (...args: unknown[]): unknown => {
    const result: unknown = Reflect.apply(call, target, args);
    after(args, result);
    return result;
  });
}

function lengthOf(data: unknown): number {
  const { byteLength } = (data ?? {}) as { byteLength?: unknown };
  return typeof byteLength === 'number' ? byteLength : 0;
}

const CONTROL_KINDS = ['ihave', 'iwant', 'graft', 'prune', 'idontwant'] as const;

/** Bytes of a control message are those of the message ids in it. */
function countRpc(rpc: unknown, countOf: (of: string) => Count, times: number): void {
  const count = (of: string, bytes: number): void => {
    for (let i = 0; i < times; i++) countOf(of)(bytes);
  };
  const { messages, control } = (rpc ?? {}) as Readonly<Record<string, unknown>>;
  for (const message of listOf(messages)) {
    const kind = TOPIC_KINDS.find((known) => String(message.topic).endsWith(`/${known}`));
    count(kind ?? 'other', lengthOf(message.data));
  }
  if (!control) return;
  for (const kind of CONTROL_KINDS) {
    for (const part of listOf((control as Readonly<Record<string, unknown>>)[kind])) {
      const ids = Array.isArray(part.messageIDs) ? part.messageIDs : [];
      count(
        kind,
        ids.reduce((sum: number, id) => sum + lengthOf(id), 0),
      );
    }
  }
}

function listOf(value: unknown): readonly Readonly<Record<string, unknown>>[] {
  return Array.isArray(value) ? value : [];
}
