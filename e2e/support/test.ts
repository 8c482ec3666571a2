// SPDX-License-Identifier: Apache-2.0
// The test object of every spec: the fixtures that applications get, and a network for a whole file.
import type { Browser, BrowserContext } from '@playwright/test';
import { test as base } from '../../src/playwright/fixtures.ts';
import { openTabIn, type Tab } from '../../src/playwright/tab.ts';
import { type NetworkOptions, TestNetwork } from '../../src/playwright/test-network.ts';

export { expect } from '@playwright/test';

interface Tabs {
  /** A tab in a profile of its own, joined to the organisation. */
  open(relay: TestNetwork, mspId: string): Promise<Tab>;
  /** One more tab of a profile. */
  openIn(context: BrowserContext, link: string): Promise<Tab>;
  readonly browser: Browser;
}

/** Starts a network for one spec file; call in `beforeAll` and `afterAll`. */
export function relayFor(options: NetworkOptions = {}): {
  start(): Promise<TestNetwork>;
  stop(): Promise<void>;
} {
  let relay: TestNetwork | undefined;
  return {
    start: async () => {
      relay = await TestNetwork.start({ batchTimeout: '200ms', ...options });
      return relay;
    },
    stop: async () => relay?.dispose(),
  };
}

export const test = base.extend<{ tabs: Tabs }>({
  tabs: async ({ browser, openPeer }, use) => {
    const contexts = new Set<BrowserContext>();
    await use({
      browser,
      open: (relay, mspId) => openPeer(relay, mspId),
      openIn: (context, link) => {
        contexts.add(context);
        return openTabIn(context, link);
      },
    });
    for (const context of contexts) await context.close();
  },
});
