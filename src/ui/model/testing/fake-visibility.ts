// SPDX-License-Identifier: Apache-2.0
// A page that is seen until a test says otherwise.
import type { Visibility } from '../updates.ts';

export class FakeVisibility implements Visibility {
  #hidden = false;
  readonly #listeners = new Set<() => void>();

  isHidden(): boolean {
    return this.#hidden;
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  set(hidden: boolean): void {
    this.#hidden = hidden;
    for (const listener of this.#listeners) listener();
  }
}
