// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { FakeClock } from '../../common/runtime/clock.ts';
import { FakeVisibility } from './testing/fake-visibility.ts';
import { DEFAULT_UPDATES_OPTIONS, Updates } from './updates.ts';

const { intervalMs, busyIntervalMs, busyUpdates, calmMs } = DEFAULT_UPDATES_OPTIONS;

/** A part of a page that follows a number of the peer's, and counts how often it is drawn. */
class Page {
  readonly clock = new FakeClock();
  readonly visibility = new FakeVisibility();
  readonly updates = new Updates(this);
  peer = 0;
  shown = 0;
  runs = 0;
  draws = 0;

  readonly #update = (): boolean => {
    this.runs += 1;
    if (this.shown === this.peer) return false;
    this.shown = this.peer;
    this.draws += 1;
    return true;
  };

  /** The peer tells of something. */
  event(changes = true): void {
    if (changes) this.peer += 1;
    this.updates.request(this.#update);
  }

  /** One event each `everyMs`, `count` times. */
  async load(count: number, everyMs: number): Promise<void> {
    for (let i = 0; i < count; i++) {
      this.event();
      await this.clock.advance(everyMs);
    }
  }
}

describe('updates of the page', () => {
  it('shows a single event at once, and what comes with it in the same go', async () => {
    const page = new Page();
    page.event();
    page.event();
    page.event();
    await page.clock.advance(0);
    expect(page.draws).toBe(1);
    expect(page.shown).toBe(3);
  });

  it('draws a few times a second for a hundred events a second, and ends with the newest', async () => {
    const page = new Page();
    await page.load(1000, 10);
    await page.clock.advance(busyIntervalMs);
    expect(page.draws).toBeGreaterThan(10_000 / busyIntervalMs);
    expect(page.draws).toBeLessThan(10_000 / busyIntervalMs + busyUpdates);
    expect(page.shown).toBe(1000);
  });

  it('draws and wakes up never while hidden, and once when shown again', async () => {
    const page = new Page();
    page.visibility.set(true);
    await page.load(1000, 10);
    await page.clock.advance(60_000);
    expect(page.runs).toBe(0);
    page.visibility.set(false);
    await page.clock.advance(0);
    expect(page.runs).toBe(1);
    expect(page.shown).toBe(1000);
  });

  it('drops an update that was due when the page is hidden, and makes up for it', async () => {
    const page = new Page();
    await page.load(2, 1);
    expect(page.draws).toBe(1);
    page.visibility.set(true);
    await page.clock.advance(10 * intervalMs);
    expect(page.draws).toBe(1);
    page.visibility.set(false);
    await page.clock.advance(0);
    expect(page.shown).toBe(2);
  });

  it('does nothing when nothing happens', async () => {
    const page = new Page();
    await page.load(3, 10);
    await page.clock.advance(intervalMs);
    const { runs } = page;
    await page.clock.advance(60_000);
    page.visibility.set(true);
    page.visibility.set(false);
    await page.clock.advance(60_000);
    expect(page.runs).toBe(runs);
  });

  it('is busy under load, not for one transaction, and calm again soon after', async () => {
    const page = new Page();
    await page.load(6, 100);
    expect(page.updates.busy.value).toBe(false);
    await page.clock.advance(5000);
    await page.load((busyUpdates + 2) * 5, intervalMs / 5);
    expect(page.updates.busy.value).toBe(true);
    await page.clock.advance(calmMs + busyIntervalMs);
    expect(page.updates.busy.value).toBe(false);
  });

  it('forgets the load when it is hidden, and does not wake up to do so', async () => {
    const page = new Page();
    await page.load((busyUpdates + 2) * 5, intervalMs / 5);
    const busy: boolean[] = [];
    page.updates.busy.subscribe((value) => busy.push(value));
    page.visibility.set(true);
    expect(busy).toEqual([true, false]);
    await page.clock.advance(60_000);
    expect(busy).toEqual([true, false]);
  });

  it('is not busy for events that change nothing on the page', async () => {
    const page = new Page();
    for (let i = 0; i < 500; i++) {
      page.event(false);
      await page.clock.advance(20);
    }
    expect(page.runs).toBeGreaterThan(10);
    expect(page.draws).toBe(0);
    expect(page.updates.busy.value).toBe(false);
  });
});
