// SPDX-License-Identifier: Apache-2.0
// Tabs of one browser and two organisations, joined one after the other.
import type { BrowserContext } from 'playwright';
import { Tab } from '../../src/playwright/tab.ts';
import type { TestNetwork } from '../../src/playwright/test-network.ts';

/** How long the slowest of many tabs may take on a small machine. */
const READY_TIMEOUT_MS = 180_000;
const ORGANISATIONS = ['Org1MSP', 'Org2MSP'] as const;

export interface JoinedTab {
  readonly tab: Tab;
  /** From navigation until `tabric.ready`. */
  readonly readyMs: number;
}

/** MSP ids of so many tabs, in turn. */
export function organisationsOf(count: number): string[] {
  return Array.from({ length: count }, (_, i) => ORGANISATIONS[i % 2] ?? ORGANISATIONS[0]);
}

/** How many of so many peers each organisation has. */
export function splitByOrganisation(count: number): [mspId: string, count: number][] {
  const all = organisationsOf(count);
  return ORGANISATIONS.map((mspId): [string, number] => [
    mspId,
    all.filter((one) => one === mspId).length,
  ]).filter(([, members]) => members > 0);
}

export async function joinTab(context: BrowserContext, link: string): Promise<JoinedTab> {
  const tab = new Tab(await context.newPage());
  const began = performance.now();
  await tab.page.goto(link);
  await tab.page.waitForFunction(() => window.tabric !== undefined, undefined, {
    timeout: READY_TIMEOUT_MS,
    // Faster than a person sees, and slow enough to take no time from what is measured.
    polling: 50,
  });
  await tab.page.evaluate(() => window.tabric.ready);
  return { tab, readyMs: performance.now() - began };
}

/** Joins so many tabs, half of each organisation, and waits until all know of all. */
export async function joinTabs(
  context: BrowserContext,
  relay: TestNetwork,
  count: number,
): Promise<Tab[]> {
  const tabs: Tab[] = [];
  for (const mspId of organisationsOf(count)) {
    tabs.push((await joinTab(context, relay.join(mspId))).tab);
  }
  for (const { page } of tabs) {
    // A page that is not in front draws no frames, by which Playwright would ask again; to others its peer is asleep.
    await page.waitForFunction(
      (least) =>
        window.tabric
          .peers()
          .filter(({ role, status }) => role === 'peer' && ['alive', 'asleep'].includes(status))
          .length >= least,
      count,
      { timeout: READY_TIMEOUT_MS, polling: 200 },
    );
  }
  return tabs;
}
