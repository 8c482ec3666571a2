// SPDX-License-Identifier: Apache-2.0
// The one way on which what happens in the peer reaches the views. A quiet peer is followed at once; a busy one a few times
// a second, however many events it tells; a page that nobody sees not at all until somebody does.
import { batch, type ReadonlySignal, signal } from '@preact/signals';
import type { Clock } from '../../common/runtime/clock.ts';

/** Brings one part of the page up to date; false when it was already. */
export type Update = () => boolean;

/** Whether anybody sees the page. */
export interface Visibility {
  isHidden(): boolean;
  /** Calls `listener` when that changes. */
  onChange(listener: () => void): () => void;
}

export interface UpdatesComponents {
  readonly clock: Pick<Clock, 'now' | 'setTimer'>;
  readonly visibility: Visibility;
}

export interface UpdatesOptions {
  /** From one update to the next. */
  readonly intervalMs: number;
  /** The same under load. */
  readonly busyIntervalMs: number;
  /** So many updates that changed something, within `busyWindowMs`, are a load. A single transaction makes fewer. */
  readonly busyUpdates: number;
  readonly busyWindowMs: number;
  /** Without a change for so long, it is over. */
  readonly calmMs: number;
}

export const DEFAULT_UPDATES_OPTIONS: UpdatesOptions = Object.freeze({
  intervalMs: 250,
  busyIntervalMs: 500,
  busyUpdates: 6,
  busyWindowMs: 2000,
  calmMs: 1500,
});

export class Updates {
  readonly #clock: UpdatesComponents['clock'];
  readonly #visibility: Visibility;
  readonly #options: UpdatesOptions;
  readonly #busy = signal(false);
  readonly #due = new Set<Update>();
  /** When the newest updates changed something, oldest first. */
  #changes: number[] = [];
  #lastAt = Number.NEGATIVE_INFINITY;
  #next: (() => void) | undefined;
  #calm: (() => void) | undefined;

  constructor(
    { clock, visibility }: UpdatesComponents,
    options: UpdatesOptions = DEFAULT_UPDATES_OPTIONS,
  ) {
    this.#clock = clock;
    this.#visibility = visibility;
    this.#options = options;
    visibility.onChange(() => this.#visibilityChanged());
  }

  /** Under load: nothing on the page moves by itself then. */
  get busy(): ReadonlySignal<boolean> {
    return this.#busy;
  }

  get isHidden(): boolean {
    return this.#visibility.isHidden();
  }

  /** Runs `update` with the next ones, once, however often it is asked for until then. */
  request(update: Update): void {
    this.#due.add(update);
    this.#schedule();
  }

  #schedule(): void {
    if (this.#next || this.#visibility.isHidden()) return;
    const { intervalMs, busyIntervalMs } = this.#options;
    const everyMs = this.#busy.peek() ? busyIntervalMs : intervalMs;
    const waitMs = this.#lastAt + everyMs - this.#clock.now();
    if (waitMs > 0) {
      this.#next = this.#clock.setTimer(() => this.#run(), waitMs);
      return;
    }
    // What one message of the peer changes comes in several events.
    let cancelled = false;
    queueMicrotask(() => {
      if (!cancelled) this.#run();
    });
    this.#next = () => {
      cancelled = true;
    };
  }

  #run(): void {
    this.#next = undefined;
    if (this.#visibility.isHidden()) return;
    const due = [...this.#due];
    this.#due.clear();
    this.#lastAt = this.#clock.now();
    let changed = false;
    batch(() => {
      for (const update of due) changed = attempt(update) || changed;
      if (changed) this.#noteChange();
    });
  }

  #noteChange(): void {
    const { busyUpdates, busyWindowMs, calmMs } = this.#options;
    const now = this.#clock.now();
    this.#changes = [...this.#changes, now].slice(-busyUpdates);
    const [oldest = now] = this.#changes;
    if (this.#changes.length === busyUpdates && now - oldest <= busyWindowMs)
      this.#busy.value = true;
    if (!this.#busy.peek()) return;
    this.#calm?.();
    this.#calm = this.#clock.setTimer(() => this.#calmDown(), calmMs);
  }

  #calmDown(): void {
    this.#calm = undefined;
    this.#changes = [];
    this.#busy.value = false;
  }

  #visibilityChanged(): void {
    if (!this.#visibility.isHidden()) {
      if (this.#due.size > 0) this.#schedule();
      return;
    }
    this.#next?.();
    this.#next = undefined;
    this.#calm?.();
    this.#calmDown();
  }
}

// One part that fails leaves the others to be updated.
function attempt(update: Update): boolean {
  try {
    return update();
  } catch (error) {
    reportError(error);
    return false;
  }
}
