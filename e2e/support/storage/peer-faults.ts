// SPDX-License-Identifier: Apache-2.0
// What can be seen of a peer whose storage fails.
import { expect, type Page } from '@playwright/test';
import type { Tab } from '../../../src/playwright/tab.ts';

/** The databases of the only peer of a browser. */
export async function ledgerDatabases(page: Page): Promise<string[]> {
  const names = await page.evaluate(() => storage.page.list(''));
  const found = names.filter((name) => name.includes('/Org1MSP/0/'));
  expect(found.length).toBeGreaterThan(3);
  return found;
}

/** Its ledger is gone: a person is told, and nobody gets an answer that could be taken for a peer's. */
export async function expectStopped(tab: Tab, other: Tab, why: RegExp): Promise<void> {
  await expect(tab.page.getByTestId('fault-STORE_LOST')).toContainText('Reload this tab');
  const faults = await tab.page.evaluate(() => window.tabric.network.faults);
  expect(faults).toEqual([
    { code: 'STORE_LOST', message: expect.stringMatching(why) as unknown as string },
  ]);
  const submitted = await tab.trySubmit('basic', 'CreateAsset', 'lost', 'c', '1', 'o', '1');
  expect(submitted).toMatchObject({ ok: false, code: 'STORE_LOST' });
  const read = tab.page.evaluate(() =>
    window.tabric.state('basic', 'lost').catch(({ code }: { code?: string }) => code),
  );
  expect(await read).toBe('STORE_LOST');
  const { name } = await tab.me();
  await other.page.waitForFunction(
    (gone) => !window.tabric.peers().some((p) => p.name === gone && p.status === 'alive'),
    name,
  );
}

/** The codes of what a tab says is wrong. */
export function faultsOf(tab: Tab): Promise<string[]> {
  return tab.page.evaluate(() => window.tabric.network.faults.map(({ code }) => code));
}

export async function waitForFault(tab: Tab, fault: string): Promise<void> {
  await tab.page.waitForFunction(
    (wanted) => window.tabric.network.faults.some(({ code }) => code === wanted),
    fault,
  );
}
