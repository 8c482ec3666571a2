// SPDX-License-Identifier: Apache-2.0
// Every page in both languages, wide or on a phone, light or dark, by the rules of axe-core.
import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import type { TestNetwork } from '../src/playwright/test-network.ts';
import { expect, relayFor, test } from './support/test.ts';

const relays = relayFor();
let relay: TestNetwork;

test.beforeAll(async () => {
  relay = await relays.start();
});
test.afterAll(() => relays.stop());

/** What axe finds, as a person would fix it. */
async function findings(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page })
    // Not part of a standard yet, and the two that were found by hand.
    .options({
      rules: { 'label-content-name-mismatch': { enabled: true }, region: { enabled: true } },
    })
    .analyze();
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html }) => `${id}: ${html.slice(0, 200)}`),
  );
}

const LANGUAGES = ['en', 'zh'] as const;
/** Each language with one theme and one width, which have nothing to do with each other. */
const SHOWN = [
  { language: 'en', colorScheme: 'light', width: 1280 },
  { language: 'zh', colorScheme: 'dark', width: 390 },
] as const;

test('pages of a peer can be used by whoever cannot see them', async ({ tabs }) => {
  test.slow();
  const tab = await tabs.open(relay, 'Org1MSP');
  const { page } = tab;
  const { txId } = await tab.submit('basic', 'CreateAsset', 'a1', 'c', '1', 'o', '1');
  const paths = [
    '/',
    '/network',
    '/class',
    '/blocks',
    '/blocks/1',
    `/tx/${txId}`,
    '/state/basic',
    '/state/basic/a1',
    '/chaincode',
    '/ledger',
    '/nowhere',
  ];
  for (const { language, colorScheme, width } of SHOWN) {
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize({ width, height: 900 });
    for (const path of paths) {
      await page.goto(`${relay.url}/?lang=${language}#${path}`);
      await expect(page.locator('main > *').first(), path).toBeAttached();
      expect.soft(await findings(page), `${path} in ${language}, ${width} px`).toEqual([]);
    }
  }
});

test('so can the page before one has joined, and what went wrong', async ({ tabs }) => {
  const context = await tabs.browser.newContext();
  const page = await context.newPage();
  for (const language of LANGUAGES) {
    await page.goto(`${relay.url}/?lang=${language}`);
    await expect(page.getByTestId('invitation')).toBeVisible();
    expect.soft(await findings(page), `joining in ${language}`).toEqual([]);
    const wrong = relay.join('Org1MSP').replace(/secret=[^&]+/, 'secret=wrong-wrong-wrong');
    await page.goto(wrong);
    await expect(page.getByTestId('fault-JOIN_SECRET_WRONG')).toBeVisible();
    expect.soft(await findings(page), `a fault in ${language}`).toEqual([]);
    await page.goto('about:blank');
  }
  await context.close();
});
