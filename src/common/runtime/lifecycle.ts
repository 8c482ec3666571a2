// SPDX-License-Identifier: Apache-2.0
// Starts parts in order and stops them in reverse, whatever happens on the way.

export interface Startable {
  start(signal?: AbortSignal): Promise<void> | void;
  stop(): Promise<void> | void;
}

/** A row of parts that live and die together. */
export class Lifecycle {
  readonly #parts: Startable[] = [];
  #started: Startable[] = [];

  add<T extends Startable>(part: T): T {
    this.#parts.push(part);
    return part;
  }

  /** Starts every part in the order added; when one fails, stops those already started and rethrows. */
  async start(signal?: AbortSignal): Promise<void> {
    for (const part of this.#parts) {
      if (this.#started.includes(part)) continue;
      try {
        await part.start(signal);
      } catch (error) {
        await this.stop();
        throw error;
      }
      this.#started.push(part);
    }
  }

  /** Stops in reverse; every part is stopped even when one fails, and the first failure is rethrown. */
  async stop(): Promise<void> {
    const failures: unknown[] = [];
    const started = this.#started.reverse();
    this.#started = [];
    for (const part of started) {
      try {
        await part.stop();
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw failures[0];
  }
}
