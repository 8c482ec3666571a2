// SPDX-License-Identifier: Apache-2.0
// Finds connections whose other end is gone. A laptop that was closed says no goodbye, and TCP takes a quarter of an hour to notice while
// something is on its way to it. Who talks is not asked; who was silent is asked, several times, since a page that is busy or hidden answers
// late.
import type { Clock } from '../../src/common/runtime/clock.ts';
import type { Logger } from '../../src/common/runtime/log.ts';
import { PeriodicTask } from '../../src/common/runtime/periodic-task.ts';

/** A connection to a peer that can be asked. */
export interface Heard {
  readonly peerId: string;
  /** On the clock given; when it was opened, as long as nothing came. */
  readonly heardAt: number;
  /** Rejects when no answer comes in time. */
  ask(signal: AbortSignal): Promise<unknown>;
  close(): void;
}

export interface SilentPeersOptions {
  readonly silenceMs: number;
  /** Between two questions to the same peer, and the time to answer one. */
  readonly everyMs: number;
  readonly questions: number;
}

export const DEFAULT_SILENT_PEERS_OPTIONS: SilentPeersOptions = Object.freeze({
  silenceMs: 60_000,
  everyMs: 20_000,
  questions: 3,
});

export interface SilentPeersComponents {
  readonly connections: () => readonly Heard[];
  readonly clock: Clock;
  readonly log: Logger;
}

/** Asks the silent, and closes the connections of those that stay so. */
export class SilentPeers {
  readonly #components: SilentPeersComponents;
  readonly #options: SilentPeersOptions;
  /** Questions without an answer by peer id, and what was last heard when the first was asked. */
  readonly #asked = new Map<string, { heardAt: number; times: number }>();
  readonly #task: PeriodicTask;

  constructor(components: SilentPeersComponents, options: Partial<SilentPeersOptions> = {}) {
    this.#components = components;
    this.#options = { ...DEFAULT_SILENT_PEERS_OPTIONS, ...options };
    const { clock, connections, log } = components;
    const { everyMs } = this.#options;
    this.#task = new PeriodicTask({
      name: 'silent peers',
      everyMs,
      clock,
      log,
      run: (signal) => this.#sweep(connections(), signal),
    });
  }

  start(): void {
    this.#task.start();
  }

  stop(): void {
    this.#task.stop();
  }

  #sweep(connections: readonly Heard[], signal: AbortSignal): void {
    const { clock, log } = this.#components;
    const { silenceMs, questions } = this.#options;
    const silent = connections.filter(({ heardAt }) => clock.now() - heardAt >= silenceMs);
    const before = new Map(this.#asked);
    this.#asked.clear();
    for (const connection of silent) {
      const { peerId, heardAt } = connection;
      const last = before.get(peerId);
      const times = last?.heardAt === heardAt ? last.times : 0;
      if (times >= questions) {
        log.info('a peer does not answer; its connection is closed', { peerId });
        connection.close();
        continue;
      }
      this.#asked.set(peerId, { heardAt, times: times + 1 });
      // Any answer counts as something heard, an error too.
      connection.ask(signal).catch(() => {});
    }
  }
}
