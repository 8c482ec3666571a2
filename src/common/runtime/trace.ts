// SPDX-License-Identifier: Apache-2.0
// Trace events are part of the design, not logging: the page's transaction strip, its network picture and the
// end-to-end tests read only these.

/** The life of a transaction, in order. */
export const TRACE_STAGES = [
  'propose',
  'endorse',
  'submit',
  'order',
  'cut',
  'write',
  'deliver',
  'gossip',
  'buffer',
  'validate',
  'commit',
  'event',
] as const;

export type TraceStage = (typeof TRACE_STAGES)[number];

/** One thing that happened at one node. Plain data. */
export interface TraceEvent {
  /** When it ended, milliseconds since the Unix epoch, of the node's own clock. */
  readonly at: number;
  /** Name of the node that saw it, e.g. `peer0.org1.example.com`. */
  readonly peer: string;
  readonly stage: TraceStage;
  readonly channel?: string;
  readonly txId?: string;
  readonly block?: number;
  /** Where it came from: a peer name, `orderer`, … */
  readonly from?: string;
  /** How long it took, in milliseconds. */
  readonly ms?: number;
  /** Anything else worth showing: the transactions of a block, how a block came (push, deliver, state transfer). */
  readonly data?: Readonly<Record<string, unknown>>;
}

export const TRACE_CAPACITY = 2000;

type TraceListener = (event: TraceEvent) => void;

/** Keeps the newest events and tells listeners of new ones: at a relay as many as there are members, more than an EventTarget of Node takes calmly. */
export class TraceBus {
  readonly #listeners = new Set<{ readonly tell: TraceListener }>();
  #kept: TraceEvent[] = [];

  emit(event: TraceEvent): void {
    this.#kept.push(event);
    if (this.#kept.length > TRACE_CAPACITY * 1.5) this.#kept = this.#kept.slice(-TRACE_CAPACITY);
    for (const { tell } of this.#listeners) {
      try {
        tell(event);
      } catch (error) {
        // As with an EventTarget: the others are told all the same, and the error is reported as one that nobody caught.
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }

  /** Calls `listener` on each event; the result stops it. */
  on(listener: TraceListener): () => void {
    const entry = { tell: listener };
    this.#listeners.add(entry);
    return () => this.#listeners.delete(entry);
  }

  /** The kept events, oldest first, of one transaction or all. */
  events(txId?: string): TraceEvent[] {
    return txId === undefined ? [...this.#kept] : this.#kept.filter((e) => e.txId === txId);
  }
}
