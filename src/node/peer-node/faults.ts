// SPDX-License-Identifier: Apache-2.0
// What is wrong with this tab's peer, for a person to read; by code, each once.
import { FabricError, messageOf } from '../../common/runtime/errors.ts';
import type { NetworkView } from '../api/network-view.ts';

export type Fault = NetworkView['faults'][number];

export class Faults {
  readonly #faults = new Map<string, Fault>();
  readonly #changed: () => void;

  constructor(changed: () => void) {
    this.#changed = changed;
  }

  get all(): readonly Fault[] {
    return [...this.#faults.values()];
  }

  raise(code: string, message: string): void {
    this.#faults.set(code, { code, message });
    this.#changed();
  }

  /** Raises what was thrown under its own code, and gives that. */
  raiseError(thrown: unknown, otherwise: string): string {
    const code = thrown instanceof FabricError ? thrown.code : otherwise;
    this.raise(code, messageOf(thrown));
    return code;
  }

  clear(code: string): void {
    if (this.#faults.delete(code)) this.#changed();
  }
}
