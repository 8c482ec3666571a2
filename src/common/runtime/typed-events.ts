// SPDX-License-Identifier: Apache-2.0
// Typed events over the EventTarget that tabs and Node share.

/** Listens to named events with typed, plain-data details. */
export class TypedEventTarget<Events extends object> {
  readonly #target = new EventTarget();

  /** Calls `listener` on each event; the result stops it. A listener that throws does not stop others. */
  on<Name extends keyof Events & string>(
    name: Name,
    listener: (detail: Events[Name]) => void,
    options: { signal?: AbortSignal | undefined; once?: boolean } = {},
  ): () => void {
    const handler = (event: Event): void => listener((event as CustomEvent<Events[Name]>).detail);
    const { signal, once = false } = options;
    this.#target.addEventListener(name, handler, signal ? { signal, once } : { once });
    return () => this.#target.removeEventListener(name, handler);
  }

  emit<Name extends keyof Events & string>(name: Name, detail: Events[Name]): void {
    this.#target.dispatchEvent(new CustomEvent(name, { detail }));
  }
}
