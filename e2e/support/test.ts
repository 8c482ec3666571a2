// SPDX-License-Identifier: Apache-2.0
// The test object of every spec: a relay for the whole file, and tabs that are closed after each test.
import { type Browser, type BrowserContext, test as base } from '@playwright/test';
import { type RelayOptions, TestRelay } from './relay.ts';
import { openTab, openTabIn, type Tab } from './tabs.ts';

export { expect } from '@playwright/test';

interface Tabs {
  /** A tab in a profile of its own, joined to the organisation. */
  open(relay: TestRelay, mspId: string): Promise<Tab>;
  /** One more tab of a profile. */
  openIn(context: BrowserContext, link: string): Promise<Tab>;
  readonly browser: Browser;
}

/** Quick blocks, so that tests wait for the network and not for the batch timer. */
const QUICK: readonly string[] = ['--batch-timeout', '200ms'];

/** Starts relays for one spec file; call in `beforeAll` and `afterAll`. */
export function relayFor(options: RelayOptions = {}): {
  start(): Promise<TestRelay>;
  stop(): Promise<void>;
} {
  let relay: TestRelay | undefined;
  return {
    start: async () => {
      relay = await TestRelay.start({ ...options, args: [...QUICK, ...(options.args ?? [])] });
      return relay;
    },
    stop: async () => relay?.dispose(),
  };
}

export const test = base.extend<{ tabs: Tabs }>({
  tabs: async ({ browser }, use) => {
    const contexts = new Set<BrowserContext>();
    await use({
      browser,
      open: async (relay, mspId) => {
        const tab = await openTab(browser, relay.join(mspId));
        contexts.add(tab.page.context());
        return tab;
      },
      openIn: (context, link) => {
        contexts.add(context);
        return openTabIn(context, link);
      },
    });
    for (const context of contexts) await context.close();
  },
});
