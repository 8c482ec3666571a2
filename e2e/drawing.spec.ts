// SPDX-License-Identifier: Apache-2.0
// What the page draws: nothing when nothing happens, a few times a second under load, nothing while nobody sees it. Counted by the
// browser itself, in style recalculations and layouts; no timings.
import type { CDPSession, Page } from '@playwright/test';
import type { Tab } from '../src/playwright/tab.ts';
import type { TestNetwork } from '../src/playwright/test-network.ts';
import { expect, relayFor, test } from './support/test.ts';

const relays = relayFor();
let relay: TestNetwork;

test.beforeAll(async () => {
  relay = await relays.start();
});
test.afterAll(() => relays.stop());

const WINDOW_MS = 6000;
/** Ages are told in minutes: in one of so many windows none of them changes. */
const WINDOWS = 4;
const IN_FLIGHT = 12;

interface Drawn {
  readonly styles: number;
  readonly layouts: number;
}

/** Counts what a page draws. */
class DrawingCounter {
  readonly #session: CDPSession;

  private constructor(session: CDPSession) {
    this.#session = session;
  }

  static async of(page: Page): Promise<DrawingCounter> {
    const session = await page.context().newCDPSession(page);
    await session.send('Performance.enable');
    return new DrawingCounter(session);
  }

  async during(ms: number): Promise<Drawn> {
    const before = await this.#counts();
    await new Promise((resolve) => setTimeout(resolve, ms));
    const after = await this.#counts();
    return { styles: after.styles - before.styles, layouts: after.layouts - before.layouts };
  }

  async #counts(): Promise<Drawn> {
    const { metrics } = await this.#session.send('Performance.getMetrics');
    const countOf = (name: string): number => {
      const metric = metrics.find((candidate) => candidate.name === name);
      if (!metric) throw new Error(`the browser counts no ${name}`);
      return metric.value;
    };
    return { styles: countOf('RecalcStyleCount'), layouts: countOf('LayoutCount') };
  }
}

/** Submits without a pause, until the result is called. */
async function startLoad(tab: Tab): Promise<() => Promise<void>> {
  await tab.page.evaluate((lanes) => {
    const load = { on: true };
    Object.assign(window, { load });
    const lane = async (name: string): Promise<void> => {
      for (let i = 0; load.on; i++)
        await window.tabric
          .submit('basic', 'CreateAsset', `${name}-${i}-${Date.now()}`, 'c', '1', 'o', '1')
          .catch(() => undefined);
    };
    const ended = Promise.all(Array.from({ length: lanes }, (_, number) => lane(`l${number}`)));
    Object.assign(load, { ended });
  }, IN_FLIGHT);
  return () =>
    tab.page.evaluate(async () => {
      const { load } = window as unknown as { load: { on: boolean; ended: Promise<unknown> } };
      load.on = false;
      await load.ended;
    });
}

// A headless page is never out of sight; this is what the document says when it is.
async function setHidden(page: Page, hidden: boolean): Promise<void> {
  await page.evaluate((value) => {
    Object.defineProperty(document, 'hidden', { value, configurable: true });
    document.dispatchEvent(new Event('visibilitychange'));
  }, hidden);
}

test('pages on which nothing happens draw nothing at all', async ({ tabs }) => {
  const { page } = await tabs.open(relay, 'Org1MSP');
  const other = await tabs.open(relay, 'Org2MSP');
  await other.waitForPeers(2);
  const counter = await DrawingCounter.of(page);
  for (const path of ['/', '/network', '/blocks']) {
    await page.goto(`${relay.url}/#${path}`);
    await expect(page.getByTestId('connection-state')).toHaveAttribute('data-state', 'online');
    const seen: Drawn[] = [];
    for (let i = 0; i < WINDOWS; i++) {
      const drawn = await counter.during(WINDOW_MS);
      if (drawn.styles + drawn.layouts === 0) break;
      seen.push(drawn);
    }
    expect(seen.length, `drawn at ${path}: ${JSON.stringify(seen)}`).toBeLessThan(WINDOWS);
    expect(await page.evaluate(() => document.getAnimations().length)).toBe(0);
  }
});

test('under load the page follows a few times a second, and nothing moves by itself', async ({
  tabs,
}) => {
  const tab = await tabs.open(relay, 'Org1MSP');
  const { page } = tab;
  const counter = await DrawingCounter.of(page);
  const stop = await startLoad(tab);
  await expect(page.locator('html[data-busy]')).toBeAttached();
  const { styles, layouts } = await counter.during(WINDOW_MS);
  const perSecond = (count: number): number => count / (WINDOW_MS / 1000);
  // An update of this page takes two turns: the numbers, then the rows of the blocks that were read for them.
  expect(perSecond(styles)).toBeLessThan(16);
  expect(perSecond(layouts)).toBeLessThan(16);
  expect(layouts).toBeGreaterThan(0);
  await stop();
  await expect(page.locator('html:not([data-busy])')).toBeAttached();
  const height = await tab.height();
  await expect(page.getByTestId('peer-height')).toHaveAttribute('data-height', String(height));
});

test('a page that nobody sees draws nothing under load, and is up to date when it is seen', async ({
  tabs,
}) => {
  const tab = await tabs.open(relay, 'Org1MSP');
  const { page } = tab;
  const counter = await DrawingCounter.of(page);
  await setHidden(page, true);
  await page.waitForFunction(() => document.getAnimations().length === 0);
  const before = await tab.height();
  const stop = await startLoad(tab);
  const drawn = await counter.during(WINDOW_MS);
  await stop();
  const after = await tab.height();
  expect(after).toBeGreaterThan(before);
  expect(drawn).toEqual({ styles: 0, layouts: 0 });
  await setHidden(page, false);
  await expect(page.getByTestId('peer-height')).toHaveAttribute('data-height', String(after));
});
